"""The bench of search: small, to see that all sides are asked the same and that nothing is left behind."""

from contextlib import closing
from pathlib import Path

import pytest

from console.bench.search import SearchPlan, bench_search
from console.bench.search_texts import Side
from console.servers import name_servers, named_elasticsearch
from pool.elastic.transport import Elastic
from schemas.errors import ContractError

KINDS = {"word_1", "word_2", "word_3", "word_4", "word_6", "two_words_filter_three_facets", "all_newest_first", "relevance"}


@pytest.mark.parametrize("where", ["embedded", "server"])
def test_every_kind_is_asked_on_every_side_and_all_is_deleted(
    where: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = request.getfixturevalue("elasticsearch") if where == "server" else ""
    before = indices(url)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = bench_search(SearchPlan(problems=300, elasticsearch=url, questions=4))
    assert set(found["kinds"]) == KINDS
    for figures in (found["mix"], *found["kinds"].values()):
        for side in Side:
            assert 0 < figures[f"{side}_p50_ms"] <= figures[f"{side}_p95_ms"]
    assert [found["kinds"]["all_newest_first"][f"{side}_found"] for side in Side] == [300, 300, 300]
    assert found["filled_per_second"] > 0
    assert "写入 300/300" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert indices(url) <= before


def indices(url: str) -> set[str]:
    """Of pools of the bench; none without a server."""
    if not url:
        return set()
    with closing(Elastic(url)) as elastic:
        return set(elastic.request("GET", "/wentichi-bench*", params={"expand_wildcards": "all"})[1])


def test_search_on_a_server_is_measured_without_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WENTICHI_KAFKA", "WENTICHI_ELASTICSEARCH"):
        monkeypatch.delenv(name, raising=False)
    try:
        name_servers("", "http://127.0.0.1:9200")
        assert named_elasticsearch() == "http://127.0.0.1:9200"
        name_servers("", "")
        assert named_elasticsearch() == ""
        monkeypatch.setenv("WENTICHI_ELASTICSEARCH", "http://127.0.0.1:9201")
        assert named_elasticsearch() == "http://127.0.0.1:9201"
        monkeypatch.delenv("WENTICHI_ELASTICSEARCH")
        for kafka, elasticsearch in (("127.0.0.1:9092", ""), ("", "http://user:word@127.0.0.1:9200")):
            name_servers(kafka, elasticsearch)
            with pytest.raises(ContractError):
                named_elasticsearch()
    finally:
        name_servers("", "")
