"""Who is who: a report with the telephone of one known caller and the mail of another."""

import orjson
from faults.load import Load, append_raw
from faults.whole import opened

from schemas.words import Channel
from streams.local.session import Session


def test_a_report_that_belongs_to_two_known_callers_is_worked_and_the_first_hash_decides(tmp_path) -> None:
    phone, mail = {"phone": "13800000001"}, {"mail": "somebody@example.org"}
    callers = [phone, mail, phone | mail]
    rows = [
        {"id": f"a{n}", "time": "2025-03-01T08:00:00+08:00", "title": "没水", "text": f"望江花园{n}栋家里没水", "caller": caller}
        for n, caller in enumerate(callers)
    ]
    with opened(tmp_path / "home") as home, Session(home) as session:
        for row in rows:  # one after the other: the third finds the two
            append_raw(home, Load(Channel.HOTLINE, [orjson.dumps(row)]))
            owner = session.own()
            assert owner is not None
            for _ in range(20):
                owner.step()
        documents = home.store.report_documents(home.store.report_ids()).values()
        found = {document.content.source_id: document.caller for document in documents if document.content}
        assert found["a0"] != found["a1"]
        assert found["a2"] == found["a0"]
