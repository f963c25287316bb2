"""Every step of a unit is a method whose message the pool reads; what the pool would surely refuse is not sent; a retry is one
step."""

import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, get_args

import pytest

from schemas.documents import UnitView
from schemas.errors import ContractError
from schemas.identity import problem_id
from schemas.progress import NEEDED, Progress, ProgressAction, parse_progress
from schemas.words import ExclusionReason, PauseReason, RecheckOutcome, ReturnReason, Way, Wish
from schemas.words import Part as PoolPart
from wentichi import BadReply, Dispatch, Receipt
from wentichi import words as client
from wentichi.dispatch import dispatch_of
from wentichi.steps import Steps

PROBLEM, UNIT, OTHER = problem_id(3, "founding"), "c-chengguan", "j-yunxi"
AT = datetime(2026, 5, 6, 1, tzinfo=UTC)
CLARITY = {"department": "修灯", "grassroots": "看护现场", "support": "两名队员"}
Call = Callable[[Dispatch], Receipt]
A = ProgressAction

STEPS: list[tuple[ProgressAction, Call, dict[str, Any]]] = [
    (A.SIGN, lambda d: d.sign(), {}),
    (A.CONTACT, lambda d: d.contact(True), {"reached": True, "way": Way.PHONE}),
    (A.CONTACT, lambda d: d.contact(False, "无人接听", way="visit"), {"reached": False, "way": Way.VISIT, "text": "无人接听"}),
    (A.REPLY, lambda d: d.reply("已修复", note="下周复查"), {"text": "已修复", "note": "下周复查"}),
    (A.NOTE, lambda d: d.note("等材料"), {"text": "等材料"}),
    (A.RETURN, lambda d: d.give_back("not_our_duty", "归水务"), {"reason": ReturnReason.NOT_OUR_DUTY, "text": "归水务"}),
    (
        A.RETURN,
        lambda d: d.give_back("wrong_place", "在邻区", suggested=OTHER),
        {"reason": ReturnReason.WRONG_PLACE, "text": "在邻区", "suggested": OTHER},
    ),
    (A.OBJECT, lambda d: d.object(), {}),
    (A.OBJECT, lambda d: d.object("不在清单上"), {"text": "不在清单上"}),
    (A.APPLY, lambda d: d.apply_for("extension", "等配件", amount=3), {"wish": Wish.EXTENSION, "amount": 3, "text": "等配件"}),
    (A.APPLY, lambda d: d.apply_for("suspension", "等审批", amount=30), {"wish": Wish.SUSPENSION, "amount": 30}),
    (
        A.APPLY,
        lambda d: d.apply_for("exclusion", "见附件", ground="force_majeure"),
        {"wish": Wish.EXCLUSION, "ground": ExclusionReason.FORCE_MAJEURE, "amount": 0},
    ),
    (A.WAIT, lambda d: d.wait_for_caller("缺门牌号"), {"text": "缺门牌号"}),
    (A.RESUME, lambda d: d.resume(), {}),
    (A.COOPERATE, lambda d: d.cooperate({OTHER: "断电"}), {"notes": {OTHER: "断电"}, "clarity": None}),
    (A.COOPERATE, lambda d: d.cooperate({OTHER: "断电"}, clarity=CLARITY), {"notes": {OTHER: "断电"}}),
    (A.WHISTLE, lambda d: d.whistle(OTHER, "请到现场"), {"to": OTHER, "text": "请到现场"}),
    (A.ANSWER_WHISTLE, lambda d: d.answer_whistle(1, True), {"number": 1, "coming": True}),
    (A.ANSWER_WHISTLE, lambda d: d.answer_whistle(2, False, "无车"), {"number": 2, "coming": False, "text": "无车"}),
    (A.ARRIVE, lambda d: d.arrive(1), {"number": 1}),
    (A.END_WHISTLE, lambda d: d.end_whistle(1, "已断电", 5), {"number": 1, "text": "已断电", "mark": 5}),
    (A.RATE_WHISTLE, lambda d: d.rate_whistle(1, 4), {"number": 1, "mark": 4}),
    (A.RATE, lambda d: d.rate(OTHER, 3), {"to": OTHER, "mark": 3}),
    (A.RECHECK, lambda d: d.recheck("sham"), {"outcome": RecheckOutcome.SHAM}),
    (A.RECHECK, lambda d: d.recheck("rebounded", "又坏了"), {"outcome": RecheckOutcome.REBOUNDED, "text": "又坏了"}),
]
CALLS = [call for _, call, _ in STEPS]
NAMES = [action.value for action, _, _ in STEPS]
WITHOUT_PART = {A.NOTE, A.APPLY, A.ANSWER_WHISTLE, A.ARRIVE, A.END_WHISTLE, A.RATE_WHISTLE, A.RATE, A.RECHECK}
"""What the pool takes of a unit that has no open part (any more), as casework.transitions says."""


class Said:
    """What went to progress.<unit>."""

    def __init__(self) -> None:
        self.steps: list[Progress] = []

    def __call__(self, unit: str, problem: str, value: bytes) -> Receipt:
        assert (unit, problem) == (UNIT, PROBLEM)
        self.steps.append(parse_progress(value))
        return Receipt(problem, f"progress.{unit}", 0, len(self.steps) - 1)

    def ids(self) -> set[str | None]:
        return {step.id for step in self.steps}


@pytest.fixture
def said() -> Said:
    return Said()


def dispatch(said: Said, **changes: Any) -> Dispatch:
    view = UnitView.model_validate(
        {
            "problem": PROBLEM,
            "version": 4,
            "order_number": "260501-003-4820193-6",
            "unit": UNIT,
            "part": "lead",
            "assignment": "signed",
            "state": "in_progress",
            "dispatched": AT,
            "handle_due": AT + timedelta(days=5),
            "asked": "请今天修复",
        }
        | changes
    )
    return dispatch_of(UNIT, PROBLEM, view.model_dump_json().encode(), said)


# what is sent


@pytest.mark.parametrize(("action", "call", "fields"), STEPS, ids=NAMES)
def test_a_step_is_a_message_that_the_pool_reads_as_it_was_meant(
    action: ProgressAction, call: Call, fields: dict[str, Any], said: Said
) -> None:
    receipt = call(dispatch(said))
    (step,) = said.steps
    assert (step.problem, step.action) == (PROBLEM, action)
    assert {name: getattr(step, name) for name in fields if name != "clarity"} == {
        name: value for name, value in fields.items() if name != "clarity"
    }
    assert not step.model_extra, "a field that the pool does not know"
    assert (receipt.key, receipt.topic) == (PROBLEM, f"progress.{UNIT}")


def test_the_three_clarities_arrive(said: Said) -> None:
    dispatch(said).cooperate({OTHER: "断电"}, clarity=CLARITY)
    assert said.steps[0].clarity is not None
    assert said.steps[0].clarity.model_dump() == CLARITY


def test_there_is_one_method_for_every_action() -> None:
    methods = [name for name, _ in inspect.getmembers(Steps, inspect.isfunction) if not name.startswith("_")]
    assert len(methods) == len(ProgressAction)
    assert {action for action, _, _ in STEPS} == set(ProgressAction)


@pytest.mark.parametrize("name", [name for name, _ in inspect.getmembers(Steps, inspect.isfunction) if name[0] != "_"])
def test_every_method_says_what_the_pool_will_check_and_takes_an_id_and_a_name(name: str) -> None:
    method = getattr(Dispatch, name)
    assert "pool" in (inspect.getdoc(method) or "") or name == "note"
    assert {"by", "id"} <= inspect.signature(method).parameters.keys()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (client.Action, ProgressAction),
        (client.Part, PoolPart),
        (client.Paused, PauseReason),
        (client.Way, Way),
        (client.ReturnReason, ReturnReason),
        (client.Wish, Wish),
        (client.Ground, ExclusionReason),
        (client.RecheckOutcome, RecheckOutcome),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_the_closed_sets_are_the_pools(ours: Any, theirs: type[StrEnum]) -> None:
    assert list(get_args(ours)) == [word.value for word in theirs]


def test_the_colours_of_a_card_are_the_pools() -> None:
    assert get_args(client.Card) == get_args(get_args(UnitView.model_fields["card"].annotation)[0])


LIMITS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("text", {"text": "长" * client.MAX_TEXT}, {"text": "长" * (client.MAX_TEXT + 1)}),
    ("suggested", {"suggested": "u" * client.MAX_CODE}, {"suggested": "u" * (client.MAX_CODE + 1)}),
    ("amount", {"amount": client.MAX_AMOUNT}, {"amount": client.MAX_AMOUNT + 1}),
    (
        "notes",
        {"notes": {f"u{n}": "x" for n in range(client.MAX_UNITS)}},
        {"notes": {f"u{n}": "x" for n in range(client.MAX_UNITS + 1)}},
    ),
    (
        "clarity",
        {"clarity": dict.fromkeys(client.CLARITY, "长" * client.MAX_CLARITY)},
        {"clarity": dict.fromkeys(client.CLARITY, "长" * (client.MAX_CLARITY + 1))},
    ),
    ("mark", {"mark": 5}, {"mark": 6}),
    ("number", {"number": 1}, {"number": 0}),
]


@pytest.mark.parametrize(("most", "more"), [(most, more) for _, most, more in LIMITS], ids=[name for name, _, _ in LIMITS])
def test_the_limits_are_the_pools(most: dict[str, Any], more: dict[str, Any]) -> None:
    step = {"problem": PROBLEM, "action": "sign"}
    parse_progress(json.dumps(step | most).encode())
    with pytest.raises(ContractError):
        parse_progress(json.dumps(step | more).encode())


# what is not sent

WRONG: list[tuple[Callable[[Any], Receipt], str]] = [
    (lambda d: d.contact("yes"), "reached须为 True 或 False"),
    (lambda d: d.contact(True, way="fax"), "phone、message、link、visit"),
    (lambda d: d.contact(True, "长" * 20_001), "20001 字,至多 20000"),
    (lambda d: d.reply("已修复", note="长" * 20_001), "备注共 20001 字"),
    (lambda d: d.note(" \n"), "备注不能为空"),
    (lambda d: d.note(None), "备注须为文字"),
    (lambda d: d.give_back("not_ours", "归水务"), "not_our_duty"),
    (lambda d: d.give_back("not_our_duty", ""), "依据"),
    (lambda d: d.give_back("not_our_duty", "归水务", suggested=" "), "建议单位须为单位编码"),
    (lambda d: d.object("长" * 20_001), "异议共 20001 字"),
    (lambda d: d.apply_for("delay", "等配件", amount=3), "extension、suspension、exclusion"),
    (lambda d: d.apply_for("extension", "", amount=3), "申请说明不能为空"),
    (lambda d: d.apply_for("extension", "等配件"), "amount"),
    (lambda d: d.apply_for("extension", "等配件", amount=1001), "0 到 1000"),
    (lambda d: d.apply_for("extension", "等配件", amount=1.5), "整数"),
    (lambda d: d.apply_for("suspension", "等审批", amount=3, ground="impossible"), "ground"),
    (lambda d: d.apply_for("exclusion", "见附件"), "剔除理由没有 None"),
    (lambda d: d.apply_for("exclusion", "见附件", ground="tired"), "beyond_duty"),
    (lambda d: d.wait_for_caller(""), "缺什么"),
    (lambda d: d.cooperate({}), "1 到 50 个"),
    (lambda d: d.cooperate([OTHER]), "1 到 50 个"),
    (lambda d: d.cooperate({f"u{n}": "断电" for n in range(51)}), "1 到 50 个"),
    (lambda d: d.cooperate({"u" * 61: "断电"}), "至多 60 字"),
    (lambda d: d.cooperate({OTHER: ""}), "要它做什么"),
    (lambda d: d.cooperate({UNIT: "断电"}), "本单位"),
    (lambda d: d.cooperate({OTHER: "断电"}, clarity={"department": "修灯"}), "三个明确须写全"),
    (lambda d: d.cooperate({OTHER: "断电"}, clarity=CLARITY | {"more": "x"}), "三个明确须写全"),
    (lambda d: d.cooperate({OTHER: "断电"}, clarity=CLARITY | {"support": " "}), "support不能为空"),
    (lambda d: d.cooperate({OTHER: "断电"}, clarity=CLARITY | {"support": "长" * 2001}), "至多 2000"),
    (lambda d: d.whistle(OTHER, ""), "请它来做什么"),
    (lambda d: d.whistle("", "请到现场"), "吹哨对象须为单位编码"),
    (lambda d: d.whistle(UNIT, "请到现场"), "不能对本单位吹哨"),
    (lambda d: d.answer_whistle(0, True), "不小于 1"),
    (lambda d: d.answer_whistle(1, None), "coming须为 True 或 False"),
    (lambda d: d.arrive("1"), "吹哨的编号"),
    (lambda d: d.arrive(True), "吹哨的编号"),
    (lambda d: d.end_whistle(1, "", 5), "怎样结束"),
    (lambda d: d.end_whistle(1, "已断电", 6), "1 到 5"),
    (lambda d: d.rate_whistle(1, 0), "1 到 5"),
    (lambda d: d.rate(UNIT, 3), "本单位"),
    (lambda d: d.rate(OTHER, 3.0), "整数"),
    (lambda d: d.recheck("fine"), "solved、rebounded、sham"),
    (lambda d: d.recheck("solved", "\ud83d"), "代理对"),
    (lambda d: d.cooperate({OTHER: "\ud83d"}), "代理对"),
    (lambda d: d.note("等材料", by="甲" * 101), "100"),
    (lambda d: d.arrive(1, id="i" * 101), "100"),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_can_be_known_beforehand_is_refused_with_its_remedy(
    call: Callable[[Any], Receipt], message: str, said: Said
) -> None:
    with pytest.raises(BadReply, match=message) as caught:
        call(dispatch(said))
    assert ";" in str(caught.value), "what to do stands behind the semicolon"
    assert said.steps == []


@pytest.mark.parametrize(("action", "call"), [(action, call) for action, call, _ in STEPS], ids=NAMES)
def test_who_has_no_part_any_more_can_only_say_what_needs_none(action: ProgressAction, call: Call, said: Said) -> None:
    gone = dispatch(said, withdrawn=True, assignment="withdrawn")
    if action in WITHOUT_PART:
        call(gone)
        assert [step.action for step in said.steps] == [action]
    else:
        with pytest.raises(BadReply, match="收回"):
            call(gone)
        assert said.steps == []


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_of_what_is_forgotten_nothing_is_said(call: Call, said: Said) -> None:
    with pytest.raises(BadReply, match="删除"):
        call(dispatch_of(UNIT, PROBLEM, None, said))
    assert said.steps == []


@pytest.mark.parametrize("action", NEEDED)
def test_what_an_action_needs_its_method_asks_for(action: ProgressAction, said: Said) -> None:
    """A field that the pool cannot do without is never left out."""
    for step_action, call, _ in STEPS:
        if step_action is action:
            call(dispatch(said))
    sent = [step.model_dump(exclude_unset=True) for step in said.steps]
    assert sent
    assert all(set(NEEDED[action]) <= step.keys() for step in sent)


# retries


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_the_same_said_again_of_the_same_view_is_one_step(call: Call, said: Said) -> None:
    call(dispatch(said))
    call(dispatch(said))
    assert len(said.steps) == 2
    assert len(said.ids()) == 1


SPOKEN = [(action, call) for action, call, _ in STEPS if action not in (A.RESUME, A.WAIT)]
"""Steps whose words tell them apart. Of the other two the pool refuses the second: the problem waits, or goes on."""


@pytest.mark.parametrize("call", [call for _, call in SPOKEN], ids=[action.value for action, _ in SPOKEN])
def test_the_view_that_a_step_has_caused_itself_does_not_make_another_step_of_it(call: Call, said: Said) -> None:
    for version, state in ((4, "signed"), (5, "replied")):
        call(dispatch(said, version=version, assignment=state, card="yellow"))
    assert len(said.ids()) == 1


def test_every_step_has_an_id_of_its_own(said: Said) -> None:
    for call in CALLS:
        call(dispatch(said))
    assert len(said.ids()) == len(STEPS)


def test_what_is_said_otherwise_is_another_step(said: Said) -> None:
    one = dispatch(said)
    one.contact(True)
    one.contact(False)
    one.contact(False, way="visit")
    one.give_back("not_our_duty", "归水务")
    one.give_back("not_our_duty", "归水务", suggested=OTHER)
    one.end_whistle(1, "已断电", 5)
    one.end_whistle(2, "已断电", 5)
    one.reply("已修复")
    one.reply("已修复", note="下周复查")
    assert len(said.ids()) == len(said.steps) == 9


def test_going_on_after_a_second_wait_is_heard_too(said: Said) -> None:
    """It has no words of its own that could tell the two apart."""
    for version, paused in ((6, "caller"), (9, "caller"), (12, "suspended")):
        dispatch(said, version=version, paused=paused, state="awaiting_caller").resume()
    assert len(said.ids()) == 3


def test_a_further_application_or_wait_in_the_same_words_is_new_once_the_due_time_has_moved(said: Said) -> None:
    for days in (5, 8):
        one = dispatch(said, handle_due=AT + timedelta(days=days))
        one.apply_for("extension", "等配件", amount=3)
        one.wait_for_caller("缺门牌号")
    assert len(said.ids()) == 4


def test_the_id_of_a_signature_and_a_reply_is_what_earlier_clients_gave_it(said: Said) -> None:
    """So a retry after an upgrade of the client is still one step."""
    dispatch(said).sign()
    dispatch(said).reply("已修复")
    assert [step.id for step in said.steps] == ["fc47f3bec6a6f3117dea9731bb0c707b", "3a52aab758286a2a288972a0eb70de12"]


@pytest.mark.parametrize(("action", "call"), [(A.ARRIVE, Dispatch.arrive), (A.RATE_WHISTLE, Dispatch.rate_whistle)])
def test_an_id_and_a_name_of_ones_own_are_kept(action: ProgressAction, call: Callable[..., Receipt], said: Said) -> None:
    call(dispatch(said), 1, *([4] if action is A.RATE_WHISTLE else []), id="WO-7", by="值班员")
    assert [(step.id, step.by) for step in said.steps] == [("WO-7", "值班员")]
