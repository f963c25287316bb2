"""Every command on a pool that lives on Kafka and Elasticsearch: the same expectations as embedded, worked by real processes."""

import json
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from city.pack import load_pack
from city.sample import sample_city
from pool.elastic.admin import drop_all
from pool.elastic.transport import Elastic
from schemas.errors import PoolAway, PoolBusy
from schemas.identity import report_id
from schemas.words import Stage
from streams.kafka.remote import RemoteSession, _Watch, open_remote_home
from streams.kafka.settings import Servers
from tests.console.conftest import Cli, many, start, wait_until

pytestmark = pytest.mark.slow

LEAD = "yunxi-chengguan"
"""Who gets the broken street lamps of `many`."""
COUNT = 10
BAD = b"not json"


@dataclass
class Served:
    """A pool of this module's own, its workers and the file that was pushed."""

    servers: Servers
    home: Path
    file: Path
    workers: "dict[str, Popen[str]]"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "WENTICHI_KAFKA": self.servers.kafka,
            "WENTICHI_ELASTICSEARCH": self.servers.elasticsearch,
            "WENTICHI_NAMESPACE": self.servers.namespace,
            "WENTICHI_HOME": str(self.home),
        }

    def run(self, *arguments: object) -> "Popen[str]":
        return start(self.home, *arguments, **self.environment)

    def work(self, *workers: tuple[str, ...]) -> None:
        """Starts workers and waits until they say that they work."""
        for stages in workers:
            self.workers[" ".join(stages)] = self.run("work", *stages, "--metrics-port", 0)
        for process in self.workers.values():
            assert process.stderr is not None
            while '"working"' not in (line := process.stderr.readline()):
                assert line, "it ended before it began"
            threading.Thread(target=process.stderr.read, daemon=True).start()


@pytest.fixture(scope="module")
def served(kafka: str, elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Made by the commands that an operator types."""
    folder = tmp_path_factory.mktemp("served")
    pool = Served(Servers(kafka, elasticsearch, "t" + secrets.token_hex(5)), folder / "home", folder / "rows.jsonl", {})
    pool.file.write_bytes(b"\n".join([*(json.dumps(row, ensure_ascii=False).encode() for row in many(COUNT)), BAD]) + b"\n")
    try:
        for command in (("pool", "create"), ("topics", "create")):
            made = pool.run(*command)
            out, err = made.communicate(timeout=120)
            assert made.returncode == 0, out + err
        pool.work(("casework",), ("intake", "progress", "publish"))
        pushed = pool.run("push", pool.file, "--channel", "message", "--json")
        out, err = pushed.communicate(timeout=120)
        assert pushed.returncode == 0, err
        counts = json.loads(out)
        assert (counts["new_reports"], counts["dead_letters"], counts["problems"]) == (COUNT, 1, COUNT)
        yield pool
    finally:
        for worker in pool.workers.values():
            worker.kill()
            worker.communicate()
        _delete(pool.servers)


def _delete(servers: Servers) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=servers.kafka)) as admin:
        topics = [name for name in admin.list_topics() if name.startswith(servers.topic(""))]
        if topics:
            admin.delete_topics(topics)
    with closing(Elastic(servers.elasticsearch, prefix=servers.prefix)) as elastic:
        drop_all(elastic)


@pytest.fixture
def remote(served: Served, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line where the environment names the servers."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return cli


def problem_of(remote: Cli, name: str) -> str:
    return str(remote("show", name, "--json").json["id"])


def test_what_was_pushed_is_found_and_pushing_again_changes_nothing(remote: Cli, served: Served) -> None:
    before = remote("stats", "--json").json
    assert (before["reports"], before["dead_letters"]) == (COUNT, 1)
    assert before["by_channel"] == {"message": COUNT}
    counts = remote("push", served.file, "--channel", "message", "--json").json
    assert (counts["appended"], counts["new_reports"], counts["known"], counts["dead_letters"]) == (COUNT + 1, 0, COUNT, 1)
    after = remote("stats", "--json").json
    assert (after["reports"], after["problems"]) == (before["reports"], before["problems"])
    found = remote("search", "路灯", "--facets", "state", "--json").json
    assert found["total"] == COUNT


def test_servers_are_named_before_or_behind_the_command_or_not_at_all(
    remote: Cli, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("--kafka", served.servers.kafka, "--elasticsearch", served.servers.elasticsearch)
    for name in ("WENTICHI_KAFKA", "WENTICHI_ELASTICSEARCH"):
        monkeypatch.delenv(name)
    assert remote("stats", *names, "--json").json["reports"] == COUNT
    assert remote(*names, "stats", "--json").json["reports"] == COUNT
    assert (
        remote("dead-letters", "list", *names, "--json").json["total"] == remote("stats", *names, "--json").json["dead_letters"]
    )
    half = remote("stats", *names[:2])
    assert half.status == 2
    assert "--elasticsearch" in half.err
    assert "本机" in remote("demo", *names).err
    monkeypatch.setenv("WENTICHI_HOME", str(tmp_path / "embedded"))
    assert remote("stats", "--json").json["reports"] == 0
    for command in (("work",), ("topics", "check"), ("pool", "create")):
        said = remote(*command)
        assert said.status == 2
        assert "--kafka" in said.err


def test_a_clerk_assigns_anew_and_units_learn_of_it(remote: Cli) -> None:
    note = "yunxi-shuiwu=今天到场,联系13900001111"
    done = remote("assign", "m0", "--lead", "云溪区水务局", "--note", note, "--by", "王坐席")
    assert done.status == 0, done.err
    assert "主办 云溪区水务局" in done.out
    assert remote("show", "m0", "--json").json["lead"] == "yunxi-shuiwu"
    (view,) = remote("subscribe", "--unit", "yunxi-shuiwu", "--json").lines
    assert view["view"]["part"] == "lead"
    assert "今天到场" in view["view"]["asked"]
    assert "13900001111" not in view["view"]["asked"]
    assert remote("subscribe", "--unit", "yunxi-shuiwu", "--json").lines == []
    assert len(remote("subscribe", "--unit", "yunxi-shuiwu", "--json", "--from-start").lines) == 1
    newest = {line["problem"]: line["view"] for line in remote("subscribe", "--unit", LEAD, "--as", "x", "--json").lines}
    assert newest[problem_of(remote, "m0")]["withdrawn"] is True
    assert "国办函〔2025〕66号" in remote("assign", "m0", "--lead", "t-beiyuan").err


def test_a_unit_signs_and_replies_and_a_clerk_closes(remote: Cli) -> None:
    assert remote("close", "m1").status == 2
    assert remote("progress", "m1", "sign", "--unit", LEAD).status == 0
    for _ in range(2):
        assert remote("progress", "m1", "reply", "--unit", LEAD, "--text", "已修好", "--id", "once").status == 0
    assert remote("close", "m1", "--reason", "已回访", "--json").json["state"] == "closed"
    assert "办结:已回访" in remote("show", "m1").out
    assert remote("progress", "m2", "sign", "--unit", "c-yibao").status == 2
    unknown = f"p{problem_of(remote, 'm1')[1:4]}-{secrets.token_hex(12)}"
    assert "它一出现就办理" in remote("progress", unknown, "sign", "--unit", LEAD).out


def test_merge_split_and_their_undo_end_before_the_command_does(remote: Cli) -> None:
    source, target = problem_of(remote, "m3"), problem_of(remote, "m4")
    merged = remote("merge", source, "--into", target, "--json").json
    assert (merged["state"], merged["target"]) == ("merged", target)
    assert problem_of(remote, "m3") == target
    signed = remote("progress", source, "sign", "--unit", LEAD, "--json").json
    assert (signed["status"], signed["aggregate"]) == ("applied", target)
    assert remote("unmerge", source).status == 0
    assert problem_of(remote, "m3") == source
    assert "不能把问题并入它自己" in remote("merge", "m3", "--into", "m3").err
    remote("merge", source, "--into", target)
    parted = remote("split", target, "--report", "m3", "--json").json
    assert problem_of(remote, "m3") == parted["target"] != target
    assert remote("unsplit", "m3").status == 0
    assert problem_of(remote, "m3") == target


def test_a_dead_letter_is_shown_and_sent_again(remote: Cli) -> None:
    before = [letter["id"] for letter in remote("dead-letters", "list", "--json").json["dead_letters"]]
    shown = remote("dead-letters", "show", before[0], "--json").json
    assert (shown["stage"], shown["shown"]) == ("intake", BAD.decode())
    became = remote("dead-letters", "replay", "--all", "--json").json["replayed"]
    assert {result["became"] for result in became} == {"dead_letter"}
    after = [letter["id"] for letter in remote("dead-letters", "list", "--json").json["dead_letters"]]
    assert sorted(after) == sorted(result["now"] for result in became)
    assert not set(after) & set(before)


def test_what_is_erased_is_found_no_more_and_does_not_come_back(remote: Cli, served: Served) -> None:
    report = report_id("push/message", "m5")
    problem = problem_of(remote, "m5")
    assert remote("erase", "m5", "--json").json["erased"] is False
    assert remote("erase", "m5", "--yes", "--json").json["report"] == report
    remote("push", served.file, "--channel", "message")
    assert "m5" not in {hit["source_id"] for hit in remote("search", "路灯", "--limit", 50, "--json").json["reports"]}
    assert remote("show", report, "--contact", "--reason", "核对", "--json").json["contacts"] == {report: None}
    sent = [line for line in remote("subscribe", "--unit", LEAD, "--json", "--as", "y").lines if line["problem"] == problem]
    assert None in [line["view"] for line in sent]
    assert "第5号路灯" in str(sent[0])
    assert "第5号路灯" not in str(sent[-1])
    late = {**many(1, first=900)[0], "time": "2099-01-01T00:00:00"}
    file = served.file.with_name("late.jsonl")
    file.write_text(json.dumps(late) + "\n", encoding="utf-8")
    assert remote("push", file, "--channel", "message", "--json").json["dead_letters"] == 1
    assert remote("erase", late["id"], "--yes").status == 0
    assert late["id"] not in {letter["report"] for letter in remote("dead-letters", "list", "--json").json["dead_letters"]}


def test_subscribe_follows_until_it_is_stopped(remote: Cli, served: Served) -> None:
    follower = served.run("subscribe", "--unit", LEAD, "--follow", "--as", "z", "--json")
    problem, lines = problem_of(remote, "m6"), list[str]()
    reading = threading.Thread(target=lambda: lines.extend(follower.stdout or []))
    reading.start()
    wait_until(lambda: any(problem in line for line in lines))
    before = len(lines)
    remote("progress", "m6", "sign", "--unit", LEAD)
    wait_until(lambda: any(problem in line for line in lines[before:]))
    follower.send_signal(signal.SIGTERM)
    assert follower.wait(timeout=10) == 0
    reading.join()
    follower.communicate()


def test_a_push_that_was_interrupted_goes_on_where_it_stopped(
    remote: Cli, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = served.file.with_name("more.jsonl")
    rows = many(5, first=100)
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    append, calls = RemoteSession.append, []

    def broken(session: RemoteSession, *arguments: object, **more: object) -> object:
        calls.append(arguments)
        if len(calls) > 1:
            raise PoolAway("断开")
        return append(session, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr("console.push.CHUNK", 2)
        patch.setattr(RemoteSession, "append", broken)
        assert "断开" in remote("push", file, "--channel", "message").err
    counts = remote("push", file, "--channel", "message", "--json").json
    assert (counts["skipped"], counts["appended"], counts["lines"]) == (2, 3, 5)
    assert {remote("show", row["id"]).status for row in rows} == {0}


def test_a_record_that_kafka_does_not_take_is_named_and_nothing_is_sent(remote: Cli, served: Served) -> None:
    file = served.file.with_name("long.jsonl")
    file.write_text(json.dumps({"id": "long", "title": "x" * (9 << 20)}) + "\n", encoding="utf-8")
    refused = remote("push", file, "--channel", "message")
    assert refused.status == 2
    assert report_id("push/message", "long") in refused.err


def test_topics_are_checked_and_the_number_of_partitions_stands(remote: Cli, served: Served) -> None:
    assert "都与约定相符" in remote("topics", "check").out
    refused = remote("topics", "create", "--partitions", 4)
    assert refused.status == 2
    assert "8 个分区" in refused.err
    name = served.servers.topic("events")
    with closing(KafkaAdminClient(bootstrap_servers=served.servers.kafka)) as admin:
        for value, status in (("1000", 1), ("-1", 0)):
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"retention.ms": value})])
            wait_until(lambda status=status: remote("topics", "check").status == status)
            faults = remote("topics", "check", "--json").json["faults"]
            assert [("events" in fault and "retention.ms" in fault) for fault in faults] == [True] * status


def test_log_and_documents_agree_also_after_a_rebuild(remote: Cli) -> None:
    rebuilt = remote("pool", "rebuild", "--json")
    assert rebuilt.status == 0, rebuilt.err
    assert rebuilt.json["aggregates"] >= COUNT
    for command in (("audit", "verify"), ("pool", "reconcile")):
        found = remote(*command, "--json")
        assert found.status == 0, found.out
        assert found.json["events"] > COUNT


def test_the_vault_is_copied_and_put_back(remote: Cli, tmp_path: Path) -> None:
    said = remote("backup", tmp_path / "copy")
    assert said.status == 0, said.err
    assert "Elasticsearch 快照" in said.out
    assert set(remote("restore", tmp_path / "copy", "--json").json["added"].values()) == {0}
    assert remote("restore", tmp_path).status == 2
    assert remote("show", "m7", "--contact", "--reason", "核对", "--json").json["contacts"][report_id("push/message", "m7")]


def test_run_says_to_use_work(remote: Cli) -> None:
    said = remote("run")
    assert said.status == 2
    assert "wentichi work" in said.err


def test_a_stage_that_stands_still_is_named_while_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(100))
    monkeypatch.setattr("streams.kafka.remote.time", SimpleNamespace(monotonic=lambda: next(seconds)))
    waiting = {Stage.INTAKE: 5, Stage.CASEWORK: 2}
    acked = dict.fromkeys(Stage, 0)

    def behind(_units: object) -> tuple[dict[Stage, int], dict[Stage, int]]:
        acked[Stage.INTAKE] += 1
        return waiting, dict(acked)

    broker: Any = SimpleNamespace(behind=behind)
    watch = _Watch(broker, (), patience=3)
    assert [watch.over() for _ in range(4)] == [False] * 4
    with pytest.raises(PoolBusy, match=r"casework 环节 2 条.*wentichi work casework,"):
        watch.over()
    waiting.clear()
    assert watch.over()


def test_a_worker_stops_when_asked_and_whoever_waits_then_learns_what_to_start(remote: Cli, served: Served) -> None:
    worker = served.workers["intake progress publish"]
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=15) == 0
    pack = load_pack(sample_city())
    with closing(open_remote_home(served.servers, served.home, pack)) as home, RemoteSession(home, patience=1.5) as session:
        session.append("intake.message", [(None, BAD)])
        with pytest.raises(PoolBusy, match="wentichi work intake,"):
            session.work(session.worked(Stage.INTAKE, "intake.message"))
