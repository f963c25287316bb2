"""The check of a reply happens where its command is made: with the request's words at hand, and before anything is decided."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from schemas.words import PROGRESS_PREFIX, Channel, intake_topic
from streams.local.home import Home, open_home
from streams.local.owner import Owner
from streams.stages.progress import REPLIES, checker_of

GOOD = "经核查,望江路路灯因线路老化短路熄灭,我局已于昨日更换电缆并恢复照明,今后每周巡查;如再不亮请拨打值班电话。"
EMPTY = "您好,您反映的问题已收悉,感谢您对我们工作的关心和支持,祝您生活愉快。"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "pool")


def replied(home: Home, text: str) -> list[str]:
    """The faults that stand on the lead's part after this reply."""
    data = {"title": "路灯不亮", "text": "望江路菜场后门的路灯坏了三天,晚上看不见路。", "address": "云溪区望江路"}
    event = {"specversion": "1.0", "id": "r1", "source": "t", "type": "wentichi.report.message.v1", "data": data}
    home.append(intake_topic(Channel.MESSAGE).value, [("r1", orjson.dumps(event))])
    owner = Owner(home)
    owner.drain()
    (name,) = [state for state in home.store.state_ids() if state.startswith("p")]
    problem = home.store.problems([name])[name]
    assert problem.lead is not None, "the story needs a report that is dispatched at once"
    step = {"problem": name, "action": "reply", "text": text, "id": "once"}
    home.append(PROGRESS_PREFIX + problem.lead, [(name, orjson.dumps(step))])
    owner.drain()
    owner.close()
    part = home.store.problems([name])[name].assignments[-1]
    assert part.replied is not None
    assert part.replied <= datetime.now(UTC)
    return [fault.value for fault in part.faults]


def test_a_reply_that_says_nothing_is_marked_and_one_that_answers_is_not(home: Home, tmp_path: Path) -> None:
    assert {"no_answer", "template"} & set(replied(home, EMPTY))
    assert replied(open_home(tmp_path / "other"), GOOD) == []


def test_a_model_that_cannot_be_loaded_leaves_the_rules(tmp_path: Path) -> None:
    (tmp_path / REPLIES).mkdir()
    assert type(checker_of(None)).__name__ == "RuleChecker"
    assert type(checker_of(tmp_path / "none")).__name__ == "RuleChecker"
    with capture_logs() as said:
        assert "egraded" in type(checker_of(tmp_path)).__name__
    assert [line["event"] for line in said] == ["reply_model_degraded"]
