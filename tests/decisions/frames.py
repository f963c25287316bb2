"""How a channel words a report round its matter. Of every list dev uses the even lines and held_out the odd ones."""

import re
from random import Random
from typing import Final, TypeVar

from tests.decisions.places import Wording

LineT = TypeVar("LineT")

FULL_WIDTH: Final = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
CHINESE: Final = str.maketrans(",:;!?()", "，：；！？（）")
"""The statements are typed with ASCII marks, most people's input methods give the Chinese ones."""

HOTLINE_HOME: Final = (
    "市民来电反映:其家住{p},{t}",
    "来电人住{p}。{t}",
    "家住{p}的市民称:{t}",
    "【地点】{p} 【内容】{t}",
    "{p}居民来电,{t}",
    "{p},{t}",
)
HOTLINE_SPOT: Final = (
    "市民来电反映,{p}:{t}",
    "来电人称在{p},{t}",
    "地点:{p}。事由:{t}",
    "{p},{t}",
    "{t}(位于{p})",
    "诉求人反映{p}存在如下情况:{t}",
)
HOTLINE_NOWHERE: Final = ("市民来电:{t}", "来电人称:{t}", "{t}", "{t}", "诉求内容:{t}", "市民反映如下:{t}")
MESSAGE_HOME: Final = ("我住{p},{t}", "{p}的住户,{t}", "我是{p}的居民。{t}", "我家在{p},{t}", "{t}(我们是{p}的)", "{p} {t}")
MESSAGE_SPOT: Final = ("{p},{t}", "就在{p},{t}", "{t},地方在{p}", "{p}这里:{t}", "今天路过{p},{t}", "{t}。位置{p}")
OPENINGS: Final = (
    "尊敬的领导您好!",
    "您好,打扰了。",
    "领导,",
    "你好,第一次在这里留言。",
    "各位领导辛苦了,我是一名普通市民,实在没有办法才写这封信,",
    "我平时很少麻烦政府,这回真的忍不住了。",
    "本人常年在外地,家里的事都是听家人讲的,",
    "我是替父母写的,他们不会用手机。",
)
TAILS: Final = (
    "望尽快处理,谢谢!",
    "请职能部门核实处理。",
    "已经反映过三次了,每次都说已转办,然后就没有然后了。",
    "要求相关单位尽快联系处理并回复。",
    "希望能给一个明确的答复,不要再互相推诿,我们老百姓耗不起。",
    "之前打过电话,接线员态度很好,但是一个多月过去没有任何变化。",
    "到底归哪个部门管?我问了一圈,都说不归自己。",
    "如果再没人理,我就发到网上让大家评评理。",
    "来电人请求保密,需回电。",
    "来电人希望五个工作日内得到回复。",
    "邻居们也都有意见,只是没人愿意出头。",
    "有照片和视频为证,可以提供。",
)
HISTORIES: Final = (
    "这件事从去年秋天拖到现在,中间我跑过社区、跑过街道,每次都客客气气地记下来,然后再没有下文,我连经办人姓什么都不知道。",
    "说实话我一开始也没当回事,觉得过几天总会有人处理,没想到一晃两个月过去,反而更严重了,家里人天天为这个拌嘴。",
    "我今年六十七岁,老伴身体不好,儿女都不在身边,字也打得慢,有说得不清楚的地方请多包涵。",
    "我知道你们每天要接很多电话,也不容易,可是对我们来说这就是天大的事,希望能设身处地替老百姓想一想。",
    "隔壁城市同样的事情一个礼拜就解决了,我们这边到底难在哪里,能不能有人站出来解释一句。",
    "上次有个工作人员加了我微信,说当天来看,结果等了一整天也没来,再发消息就不回了,打过去说换岗了。",
    "孩子马上要考试,大人还要上班,为了这点事请了好几次假,单位领导都有意见了。",
    "前几年也发生过类似的情况,当时有个老主任很负责,三天就办好了,后来他退休,就没人接手了。",
)
TITLES: Final = ("求助", "投诉", "反映问题", "市民诉求", "急!!!", "请领导看看", "建议与投诉", "老百姓的心声")
SIGNATURES: Final = ("一位普通市民", "测试甲 电话13800000{n}", "居民 测试乙,联系方式13800000{n}", "盼复")
GRID: Final = ("巡查发现,{t}", "走访中:{t}", "{t},已上报", "{t}", "网格员报:{t}", "今日巡查,{t},请协调")


def of_part(lines: tuple[LineT, ...], part: str) -> tuple[LineT, ...]:
    return lines[0::2] if part == "dev" else lines[1::2]


def hotline(matter: str, place: Wording, part: str, random: Random) -> tuple[str, str]:
    """Title and text as an operator writes them."""
    text = _placed(
        matter, place, of_part(HOTLINE_HOME, part), of_part(HOTLINE_SPOT, part), of_part(HOTLINE_NOWHERE, part), random
    )
    if random.random() < 0.25:
        text = f"{text.rstrip('。')}。{random.choice(of_part(HISTORIES, part))}"
    if random.random() < 0.55:
        text = f"{text.rstrip('。')}。{random.choice(of_part(TAILS, part))}"
    roll = random.random()
    title = "" if roll < 0.25 else random.choice(of_part(TITLES, part)) if roll < 0.45 else _head(matter)
    return (f"{place.words}{title}" if title and roll > 0.85 else title), text


def message(matter: str, place: Wording, part: str, random: Random) -> tuple[str, str]:
    """Title and text as a citizen writes them."""
    text = _placed(matter, place, of_part(MESSAGE_HOME, part), of_part(MESSAGE_SPOT, part), ("{t}",), random)
    if random.random() < 0.5:
        text = random.choice(of_part(OPENINGS, part)) + text
    if random.random() < 0.45:
        history = random.choice(of_part(HISTORIES, part))
        text = f"{history}{text}" if random.random() < 0.3 else f"{text.rstrip('。')}。{history}"
    if random.random() < 0.45:
        text = f"{text.rstrip('。')}。{random.choice(of_part(TAILS, part))}"
    if random.random() < 0.2:
        text = f"{text}\n{random.choice(of_part(SIGNATURES, part)).format(n=f'{random.randrange(1000):03d}')}"
    return (random.choice(of_part(TITLES, part)) if random.random() < 0.3 else _head(matter)), text


def grid(matter: str, place: Wording, part: str, random: Random) -> str:
    text = random.choice(of_part(GRID, part)).format(t=matter)
    return f"{place.words},{text}" if place.words else text


def noisy(text: str, random: Random) -> str:
    """The text as it arrives: full-width digits, lost or repeated punctuation, wrong characters of the same sound."""
    if random.random() < 0.85:
        text = text.translate(CHINESE)
    roll = random.random()
    if roll < 0.08:
        return text.translate(FULL_WIDTH)
    if roll < 0.16:
        return re.sub(r"[。！!]", "！！！", text)
    if roll < 0.23:
        return re.sub(r"[,，。]", " ", text)
    if roll < 0.29:
        return text.replace("反映", "反应").replace("的时候", "得时候")
    return text


def _placed(
    matter: str, place: Wording, home: tuple[str, ...], spot: tuple[str, ...], nowhere: tuple[str, ...], random: Random
) -> str:
    frames = nowhere if not place.words else home if place.home else spot
    return random.choice(frames).format(p=place.words, t=matter)


def _head(matter: str) -> str:
    """The first clause, as title fields are filled from what was said."""
    return re.split(r"[,,。!?;:\n]", matter, maxsplit=1)[0][:22]
