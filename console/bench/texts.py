"""Texts for benchmarks: own clauses, put together to the lengths of published citizen messages (median 205, p90 950 characters).

They measure speed, never quality: put-together texts are trivial to classify.
"""

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from city.pack import CityPack
from schemas.words import Channel

MEDIAN, P90, LONGEST = 205, 950, 3688
_SIGMA = math.log(P90 / MEDIAN) / 1.2816

_MATTERS = (
    "楼下饭馆的油烟机对着窗户排,衣服晾出去全是味道",
    "半夜两点还有渣土车进出,喇叭一直响到天亮",
    "门口那条路的井盖松了,车压过去咣当一声",
    "自来水连着三天发黄,放十分钟也不清",
    "电梯一个月坏了四回,老人上下十几层只能靠腿",
    "路灯从街口到桥头整段不亮,晚上伸手不见五指",
    "物业说涨价就涨价,没有开会也没有公示",
    "下水管堵了往回冒,一楼厨房全是脏水",
    "工地围挡外面堆的土没盖,风一吹满街灰",
    "公交改线以后老人看病要倒两趟车",
    "孩子报名被退回来,说材料不齐又讲不清缺哪一样",
    "预付的健身卡还剩两年,店面一夜之间搬空了",
    "干了四个月的活,工钱只给了头一个月",
    "垃圾桶满了没人收,苍蝇多得开不了窗",
    "消防通道天天停满车,救护车上次都没进来",
    "暖气片摸上去是凉的,屋里只有十三度",
    "野狗成群在校门口转,已经有孩子被追",
    "河边的排口一下雨就出黑水",
    "人行道砖翘起来一大片,推婴儿车根本过不去",
    "楼上私自砸墙,我家天花板裂了一道缝",
    "网线被挖断一个星期没人接",
)
_FILLERS = (
    "我们反映过很多次",
    "每次都说会处理",
    "到现在还是老样子",
    "打电话过去让等通知",
    "问了社区说不归他们管",
    "希望有人到现场看一看",
    "请尽快给一个明确的答复",
    "周围邻居都有意见",
    "老人和孩子受影响最大",
    "照片已经发到群里",
    "前年也出过同样的事",
    "开了会也没有下文",
    "不知道该找哪个部门",
    "白天好一点晚上更厉害",
    "下雨天更没法走",
    "我们不是不讲道理",
    "只想有个说法",
    "该交的费用我们一分没少交",
    "来的人看了一眼就走了",
    "说是要打报告等批复",
    "拖一天就多一天危险",
    "别的小区早就弄好了",
    "麻烦领导重视一下",
    "谢谢",
)


def rows(pack: CityPack, seed: int, start: datetime) -> Iterator[tuple[Channel, dict[str, Any]]]:
    """Endless messages as rows of push; the same seed gives the same rows."""
    dice = random.Random(seed)
    places = [place for found in pack.place_names.values() for place in found]
    number = 0
    while True:
        number += 1
        place = dice.choice(places)
        at = start + timedelta(seconds=number * 0.4)
        text = _text(dice, place.name, number)
        row: dict[str, Any] = {"id": f"bench-{seed}-{number}", "title": text[:19], "text": text, "time": at.isoformat()}
        row |= {"user": f"u{seed}-{dice.randrange(50_000)}", "likes": dice.randrange(5)}
        yield Channel.MESSAGE, row


def _text(dice: random.Random, place: str, number: int) -> str:
    length = min(LONGEST, max(12, round(math.exp(dice.gauss(math.log(MEDIAN), _SIGMA)))))
    parts = [f"{place}{dice.randrange(1, 40)}栋{dice.choice(_MATTERS)}"]
    size = len(parts[0])
    while size < length:
        clause = dice.choice(_FILLERS) if dice.random() < 0.75 else dice.choice(_MATTERS)
        if dice.random() < 0.1:
            clause = f"{dice.randrange(1, 13)}月{dice.randrange(1, 29)}日{clause}"
        parts.append(clause)
        size += len(clause) + 1
    return ",".join(parts)[: max(length, len(parts[0]))] + f"。编号{number}"
