"""The same questions answered by looking at every report."""

from collections import Counter
from datetime import timedelta, timezone

from language.tokenise import characters
from pool.distance import metres
from pool.query import Facet, Filters, Interval, Query
from pool.scope import Scope
from schemas.documents import ReportDocument

SHANGHAI = timezone(timedelta(hours=8))


def found(query: Query, scope: Scope, documents: list[ReportDocument]) -> list[ReportDocument]:
    words = ["".join(characters(word)) for word in query.text.split()]
    words = [word for word in words if word]
    return [
        document
        for document in documents
        if scope.permits(document)
        and all(_contains(document, word) for word in words)
        and _passes(document, query.filters)
        and query.filters.caller in ("", document.caller if scope.secrets else None)
    ]


def facet(documents: list[ReportDocument], wanted: Facet) -> list[tuple[str, int]]:
    counts = Counter(str(getattr(document, wanted.value) or "") for document in documents)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def histogram(documents: list[ReportDocument], interval: Interval) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for document in documents:
        day = document.time.astimezone(SHANGHAI).date()
        if interval is Interval.WEEK:
            day -= timedelta(days=day.weekday())
        if interval is Interval.MONTH:
            day = day.replace(day=1)
        counts[day.isoformat()] += 1
    return dict(counts)


def _contains(document: ReportDocument, word: str) -> bool:
    content = document.content
    if content is None:
        return False
    fields = (content.title, content.text, content.address, *content.places)
    return any(word in "".join(characters(field)) for field in fields)


def _passes(document: ReportDocument, filters: Filters) -> bool:
    content = document.content
    lon, lat = (content.lon, content.lat) if content else (None, None)
    checks = [
        not filters.states or document.state in filters.states,
        not filters.channels or document.channel in filters.channels,
        not filters.urgencies or document.urgency in filters.urgencies,
        not filters.modes or document.mode in filters.modes,
        document.category_path.startswith(filters.category_path),
        document.area_path.startswith(filters.area_path),
        not filters.unit or filters.unit in document.units,
        not filters.problem or filters.problem == document.problem,
        not filters.source or (content is not None and content.source == filters.source),
        filters.since is None or document.time >= filters.since,
        filters.until is None or document.time < filters.until,
    ]
    if filters.near is not None:
        checks.append(lon is not None and lat is not None and metres(lon, lat, *filters.near[:2]) <= filters.near[2])
    if filters.box is not None:
        west, south, east, north = filters.box
        checks.append(lon is not None and lat is not None and west <= lon <= east and south <= lat <= north)
    return all(checks)
