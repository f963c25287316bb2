"""Candidates for likeness from the index, and the sample that says how common a word is."""

from pool.elastic.mapping import REPORTS
from pool.elastic.query_dsl import any_of, containing, in_scope
from pool.elastic.transport import Elastic
from pool.scope import Scope
from pool.similar import CANDIDATES, SAMPLE, WordRarity, most_alike, telling_words
from schemas.documents import ReportContent, ReportDocument


def rarity_now(elastic: Elastic, known: WordRarity) -> WordRarity:
    """`known` while it is good, else a new one. Ids are hashes, so the first reports by id are an even sample."""
    reports = elastic.request("GET", f"/{elastic.name(REPORTS)}/_count")[1]["count"]
    if not known.outdated(reports):
        return known
    body = {
        "size": SAMPLE,
        "sort": ["id"],
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"exists": {"field": "source"}}]}},
        "_source": ["doc.content.title", "doc.content.text", "doc.content.source", "doc.content.source_id"],
    }
    hits = elastic.search(REPORTS, body)["hits"]["hits"]
    return WordRarity.of(reports, (ReportContent.model_validate(hit["_source"]["doc"]["content"]) for hit in hits))


def similar(
    elastic: Elastic, rarity: WordRarity, report: ReportDocument, scope: Scope, limit: int
) -> list[tuple[ReportDocument, float]]:
    """Best first; ties by id. A report without words is like no other."""
    own = rarity.weights(report.content) if report.content is not None else {}
    terms = telling_words(own)
    if not terms:
        return []
    body = {
        "size": max(limit, CANDIDATES),
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "_source": ["doc"],
        "query": {
            "bool": {
                "must": [any_of([containing(term) for term in terms])],
                "filter": in_scope(scope),
                "must_not": [{"term": {"id": report.id}}, {"term": {"problem": report.problem}}],
            }
        },
    }
    candidates = [ReportDocument.model_validate(hit["_source"]["doc"]) for hit in elastic.search(REPORTS, body)["hits"]["hits"]]
    return most_alike(own, candidates, rarity, limit)
