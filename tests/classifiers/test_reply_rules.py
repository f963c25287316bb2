"""A reply is read clause by clause: what answers stands, what only sounds like an answer is named, with the reply's own words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.replies import Asked, RuleChecker, reply_checker
from classifiers.replies.phrases import PHRASES, Mark, marks_of_words, read_phrases
from classifiers.replies.reading import Part, read_reply
from classifiers.replies.relevance import likeness
from schemas.replies import ReplyFault, ReplyFinding, ReplyFindings

LAMPS = (
    "梧桐苑门口路灯不亮\n梧桐苑小区东门外的三盏路灯坏了半个月,晚上老人孩子出门看不见路,上周有位大爷在台阶上摔了一跤,"
    "照明线好像被挖沟的人弄断了,希望尽快维修。"
)
SCHOOL = (
    "咨询铁东区幼儿园招生\n请问铁东区公办幼儿园今年什么时候报名,外地户口的孩子需要带哪些材料?我们是外省来打工的,"
    "孩子九月满三岁,预防接种都打齐了,居住证还没有到期。"
)
NOISE = (
    "望江花园旁边工地夜里施工\n望江花园西侧的工地每天夜里浇筑混凝土,泵车轰隆隆响到凌晨,全楼吵得睡不着,"
    "高三学生马上要考试,打了几次电话没有用。"
)

GOOD = {
    LAMPS: "您好!经现场核实,梧桐苑东门外三盏路灯因电缆被挖断而熄灭。维修人员已于5月3日更换电缆,路灯恢复照明。感谢您的监督!",
    SCHOOL: "您好,根据今年的招生办法,铁东区公办幼儿园于6月10日开始报名,外地户口的孩子须带居住证、户口簿和预防接种证。",
    NOISE: "您好。经查,望江花园西侧工地夜里浇筑混凝土未办夜间施工证明,我局已责令其停止夜间施工,并处罚款两万元。",
}
ONLY_RECEIVED = ("您好,您的来信已收悉,感谢您对我们工作的支持!", "网友您好!留言收悉,谢谢。2026年5月6日", "收到。")
ONLY_PASSED_ON = (
    "您好,您反映的问题已转市城管局处理。",
    "您好!您反映的情况我们已转交相关单位调查处理,请耐心等待,谢谢!",
    "您的诉求已派单至街道办事处,将及时反馈。",
    "尊敬的市民朋友:您好!您的来件已交办有关单位,感谢您的关心。市民热线办公室 2026年5月6日",
)


def found(request: str, reply: str) -> ReplyFindings:
    return RuleChecker().check([Asked(request, reply)])[0]


def named(request: str, reply: str) -> dict[ReplyFault, ReplyFinding]:
    return {one.fault: one for one in found(request, reply).faults}


@pytest.mark.parametrize("request_", list(GOOD))
def test_a_reply_that_answers_has_no_fault(request_: str) -> None:
    answer = found(request_, GOOD[request_])
    assert answer.faults == []
    assert answer.explains is None
    assert answer.model


@pytest.mark.parametrize("reply", ["", "  \n", "。。。", *ONLY_RECEIVED, *ONLY_PASSED_ON])
def test_receipt_and_passing_on_are_no_answer_and_block(reply: str) -> None:
    assert named(LAMPS, reply)[ReplyFault.NO_ANSWER].blocks


@pytest.mark.parametrize("reply", ["正在处理中,请关注后续回复。", "我们会尽快研究解决您提出的问题。", "请您向市照明管理处咨询。"])
def test_a_promise_or_a_referral_is_named_and_does_not_block_as_no_answer(reply: str) -> None:
    finding = named(LAMPS, reply)[ReplyFault.NO_ANSWER]
    assert not finding.blocks
    assert finding.evidence[0] in {"only_promised", "only_referred"}


def test_what_was_passed_on_and_then_looked_into_is_an_answer() -> None:
    reply = f"您反映的问题已转市照明管理处。{GOOD[LAMPS]}"
    assert ReplyFault.NO_ANSWER not in named(LAMPS, reply)


def test_a_thing_that_changed_hands_was_not_passed_on() -> None:
    assert Part.PASSED_ON not in {clause.part for clause in read_reply("该门面已转让给他人").clauses}
    assert [clause.part for clause in read_reply("该来信已转市城管局").clauses] == [Part.PASSED_ON]


@pytest.mark.parametrize("reply", [*ONLY_RECEIVED[:2], *ONLY_PASSED_ON])
def test_set_phrases_are_a_template(reply: str) -> None:
    assert named(LAMPS, reply)[ReplyFault.TEMPLATE].blocks


def test_set_phrases_that_name_the_case_are_no_template_though_no_answer() -> None:
    faults = named(LAMPS, "您好,您反映的梧桐苑小区东门外路灯坏了的问题已转市照明管理处。")
    assert ReplyFault.TEMPLATE not in faults
    assert faults[ReplyFault.NO_ANSWER].blocks


@pytest.mark.parametrize(("request_", "other"), [(a, b) for a in GOOD for b in GOOD if a != b])
def test_a_good_reply_to_another_letter_is_off_the_topic(request_: str, other: str) -> None:
    assert ReplyFault.OFF_TOPIC in named(request_, f"{GOOD[other]}今后若再出现同样情形,欢迎随时拨打本市热线告知详情。")


def test_a_long_reply_about_something_else_blocks() -> None:
    assert named(LAMPS, GOOD[SCHOOL] + GOOD[NOISE])[ReplyFault.OFF_TOPIC].blocks
    assert ReplyFault.OFF_TOPIC not in named(LAMPS, GOOD[SCHOOL] + GOOD[LAMPS])


def test_a_reply_too_short_to_judge_is_never_off_the_topic() -> None:
    assert ReplyFault.OFF_TOPIC not in named(LAMPS, "经核实,该店已停业。")


def test_without_a_request_nothing_can_be_off_the_topic() -> None:
    assert found("", GOOD[NOISE]).faults == []


def test_the_more_of_the_request_a_reply_takes_up_the_less_it_is_off_the_topic() -> None:
    far, near = (likeness(LAMPS, text).off_topic() for text in (GOOD[SCHOOL], GOOD[LAMPS]))
    assert near < 0.5 < far


@pytest.mark.parametrize("reply", ["您好,该路灯暂无维修计划。", "不予受理。", "您反映的问题不属于我单位职责范围,感谢您的留言。"])
def test_a_bare_refusal_lacks_reasons_and_does_not_block(reply: str) -> None:
    finding = named(LAMPS, reply)[ReplyFault.NO_REASON]
    assert not finding.blocks
    assert len(finding.evidence) > 1


@pytest.mark.parametrize(
    "reply", ["由于电缆产权尚未移交,该路灯暂无维修计划。", "根据《城市照明管理规定》,该路灯不予维修。", "经核实,该路灯不能修复。"]
)
def test_a_refusal_with_cause_basis_or_finding_has_reasons(reply: str) -> None:
    assert ReplyFault.NO_REASON not in named(LAMPS, reply)


def test_the_caller_s_words_are_never_evidence() -> None:
    request = "王某某欠薪已转交律师,高度重视,暂无结果"
    for reply in (*ONLY_PASSED_ON, "不予受理。", GOOD[NOISE]):
        for finding in found(request, reply).faults:
            for word in finding.evidence[1:]:
                assert word in reply or word.isascii()
            assert finding.evidence[0].isascii()


def test_the_surest_fault_comes_first_and_each_once() -> None:
    for reply in (*ONLY_RECEIVED, *ONLY_PASSED_ON, "正在处理中,请关注后续回复。"):
        faults = found(LAMPS, reply).faults
        assert [one.confidence for one in faults] == sorted((one.confidence for one in faults), reverse=True)
        assert len({one.fault for one in faults}) == len(faults)
        assert ReplyFault.NO_CONTACT not in {one.fault for one in faults}


def test_company_changes_nothing() -> None:
    pairs = [Asked(request, reply) for request in GOOD for reply in (*GOOD.values(), *ONLY_PASSED_ON)]
    together = RuleChecker().check(pairs)
    assert together == [RuleChecker().check([pair])[0] for pair in pairs]
    assert RuleChecker().check([]) == []


def test_width_and_script_change_nothing() -> None:
    wide = ONLY_PASSED_ON[0].replace(",", "\uff0c").replace("转", "轉").replace("问题", "問題")
    assert [one.fault for one in found(LAMPS, wide).faults] == [one.fault for one in found(LAMPS, ONLY_PASSED_ON[0]).faults]


@given(st.text(max_size=120), st.text(alphabet="您好,已转交处理。经核实由于5月3日元路灯\n!:《》", max_size=120))
def test_no_text_is_refused(request: str, reply: str) -> None:
    for one in RuleChecker().check([Asked(request, reply), Asked(reply, request)]):
        assert all(0 <= fault.confidence <= 1 and fault.evidence for fault in one.faults)


@given(st.text(alphabet="您好,已转交处理。经核实由于5月3日路灯!: 市照明局", max_size=80))
def test_every_letter_of_a_reply_belongs_to_one_clause(reply: str) -> None:
    reading = read_reply(reply)
    assert reading.letters() == sum(reading.letters(part) for part in Part)
    assert reading.letters() <= len(reply)


def test_every_kind_has_words() -> None:
    assert set(marks_of_words().values()) == set(Mark)


@pytest.mark.parametrize("line", ["promise: 已转", "wish: 希望", "promise: 等", "promise 等待"])
def test_phrases_written_wrongly_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_phrases(f"{PHRASES}{line}\n")


def test_without_a_folder_the_rules_check(tmp_path_factory: pytest.TempPathFactory) -> None:
    said: list[str] = []
    for folder in (None, tmp_path_factory.mktemp("pool") / "none"):
        checker = reply_checker(folder, said.append)
        assert checker.check([Asked(LAMPS, GOOD[LAMPS])]) == [found(LAMPS, GOOD[LAMPS])]
    assert said == []


def test_long_replies_take_no_more_than_their_beginning() -> None:
    long = Asked(LAMPS * 2000, GOOD[NOISE] * 2000)
    start = time.process_time()
    RuleChecker().check([long])
    assert time.process_time() - start < 1.0
