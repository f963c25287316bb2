"""Invented reports. No sentence here was ever sent to a hotline."""

import random
from datetime import UTC, datetime, timedelta

from schemas.documents import Claim, ReportContent, ReportDocument
from schemas.identity import problem_id, report_id
from schemas.problem import Member, Problem
from schemas.words import Channel, Mode, ProblemState, Urgency

START = datetime(2026, 2, 26, 15, 0, tzinfo=UTC)
MATTERS = (
    "路灯整夜不亮", "井盖翻起来了", "楼上漏水滴到床头", "電梯困人", "垃圾堆在门口没人收", "施工到凌晨两点",
    "烧烤摊油烟呛人", "暖气片摸着是冰的", "公交 305 路半小时没来", "ＡＢＣ幼儿园门前没有斑马线", "下水道反味",
    "共享单车堵住盲道", "树枝压着电线", "物业不肯退押金", "自来水发黄", "工资拖了3.5个月", "快递柜收费2元",
)  # fmt: skip
PLACES = ("柳岸小区", "东风路18号", "A3栋二单元", "望湖公园", "第七中学", "老棉纺厂宿舍", "石桥镇下河村", "Metro 5号线口")
WISHES = ("请尽快处理！", "已经反映过两次。", "希望有人来看看……", "谢谢", "到底归谁管？", "急急急!!!", "")
UNITS = ("u01", "u02", "u03", "u1")
CATEGORIES = (
    ("010101", "/01/0101/010101/"),
    ("010102", "/01/0101/010102/"),
    ("0201", "/02/0201/"),
    (None, ""),
)
AREAS = (("a1", "/a/a1/"), ("a2", "/a/a2/"), ("b1", "/b/b1/"), ("a11", "/a/a1/a11/"), (None, ""))


def content(source_id: str, **fields) -> ReportContent:
    return ReportContent(source="hotline-test", source_id=source_id, **fields)


def document(number: int, **fields) -> ReportDocument:
    """A plain report; every field can be given."""
    source_id = f"S-{number:05d}"
    problem = fields.pop("problem", None) or problem_id(1, f"found-{number}")
    defaults = {
        "id": report_id("hotline-test", source_id),
        "version": 1,
        "problem": problem,
        "order_number": f"order-{problem}",
        "slot": 1,
        "channel": Channel.HOTLINE,
        "mode": Mode.LIVE,
        "time": START + timedelta(minutes=number),
        "received": START + timedelta(minutes=number + 5),
        "content": content(source_id, title=f"第{number}件", text="路灯不亮"),
        "state": ProblemState.WAITING,
    }
    return ReportDocument(**(defaults | fields))


def problem(number: int, **fields) -> Problem:
    """The problem of `document(number)`; a later version carries a higher write counter."""
    report = document(number)
    member = Member(
        report=report.id, channel=report.channel, mode=report.mode, time=report.time, received=report.received,
        caller="k1", content=f"{number:032x}",
    )  # fmt: skip
    defaults = {
        "id": report.problem, "slot": 1, "version": 1, "write": fields.get("version", 1),
        "order_number": report.order_number, "members": [member],
    }  # fmt: skip
    return Problem(**(defaults | fields))


def claims(number: int) -> list[Claim]:
    report = document(number)
    return [
        Claim(id=report.id, problem=report.problem, contents=[f"{number:032x}"]),
        Claim(id=report.order_number, problem=report.problem),
    ]


def corpus(count: int, seed: int) -> list[ReportDocument]:
    """Reports with every kind of value in every field, and several of one problem."""
    draw = random.Random(seed)
    return [_drawn(number, draw) for number in range(count)]


def _drawn(number: int, draw: random.Random) -> ReportDocument:
    located = draw.random() < 0.6
    category, category_path = draw.choice(CATEGORIES)
    area, area_path = draw.choice(AREAS)
    units = draw.sample(UNITS, draw.randrange(3))
    time = START + timedelta(minutes=draw.randrange(0, 120 * 1440, 7))
    place = draw.choice(PLACES)
    return document(
        number,
        problem=problem_id(1, f"found-{number // 2 if draw.random() < 0.3 else number}"),
        channel=draw.choice(list(Channel)), mode=draw.choice(list(Mode)), time=time, received=time,
        state=draw.choice(list(ProblemState)), urgency=draw.choice(list(Urgency)), basis=draw.choice(["", "person"]),
        category=category, category_path=category_path, area=area, area_path=area_path,
        units=units, lead=units[0] if units else None, caller=f"k{number % 30}", secret=draw.random() < 0.2,
        content=ReportContent(
            source=draw.choice(["hotline-test", "letters-test"]), source_id=f"S-{number:05d}",
            title=draw.choice(MATTERS) if draw.random() < 0.8 else "",
            text="，".join([place, *draw.sample(MATTERS, draw.randint(1, 3)), draw.choice(WISHES)]),
            address=draw.choice(PLACES) if draw.random() < 0.5 else "",
            places=draw.sample(PLACES, draw.randrange(3)),
            lon=120.0 + draw.randrange(200) / 1000 if located else None,
            lat=30.0 + draw.randrange(200) / 1000 if located else None,
        ),
    )  # fmt: skip
