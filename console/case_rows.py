"""Problems as rows of a list, from their facts alone: no caller and no caller's word stands in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casework.facts import Facts
from city.pack import CityPack
from console.found import area_of, category_of, unit_of
from console.labels import RECHECK, STATE, SUPERVISION
from pool.sqlite.rows import moment
from schemas.words import ProblemState, RecheckOutcome, SupervisionReason

HEADS = ("工单号", "主办单位", "地点", "事项")


def place_row(pack: CityPack, one: Facts) -> list[str]:
    """The columns HEADS."""
    lead, place = unit_of(pack, one.lead) or "未派单", area_of(pack, one.area) or "不明"
    return [one.order_number, lead, place, category_of(pack, one.category)]


def day(pack: CityPack, at: int | None) -> str:
    """Of µs since 1970; "" for none."""
    return pack.calendar.local(moment(at)).strftime("%Y-%m-%d") if at is not None else ""


def days_over(one: Facts, now: datetime) -> str:
    """Whole natural days since its clock of handling first ran out."""
    return str(max(0, (now - moment(one.overdue_at)).days)) if one.overdue_at is not None else ""


def state(one: Facts) -> str:
    return STATE[ProblemState(one.state)]


def reason(one: Facts) -> str:
    return SUPERVISION[SupervisionReason(one.supervision)] if one.supervision else ""


def mended(one: Facts) -> str:
    """What became of what was under supervision (整改), best evidence first."""
    if one.recheck:
        return f"回头看:{RECHECK[RecheckOutcome(one.recheck)]}"
    if one.supervision:
        return "仍在督办"
    if one.closed is None:
        return f"督办已结束,{state(one)}"
    answers = one.solved_yes + one.solved_no
    return f"已办结,{one.solved_yes}/{answers} 名来件人说已解决" if answers else "已办结,尚无来件人回访"


def case_json(pack: CityPack, one: Facts) -> dict[str, Any]:
    """One case as programs get it."""
    return {
        "problem": one.problem,
        "order_number": one.order_number,
        "state": one.state,
        "lead": one.lead,
        "lead_name": unit_of(pack, one.lead),
        "area": one.area,
        "category": one.category,
        "category_name": category_of(pack, one.category),
        "due": _iso(one.due),
        "overdue": one.overdue,
        "overdue_since": _iso(one.overdue_at),
        "returns": one.returns,
        "redo": one.redo,
        "yellow": one.yellow,
        "red": one.red,
        "supervision": one.supervision,
        "supervised_since": _iso(one.supervised_since),
        "supervision_due": _iso(one.supervision_due),
    }


def _iso(at: int | None) -> str | None:
    return moment(at).isoformat() if at is not None else None


def numbered(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[str(place), *row] for place, row in enumerate(rows, 1)]
