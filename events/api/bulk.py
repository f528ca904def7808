"""`GET /events?ids=`: events that the caller knows by their ids, in the order of the ids."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter

from events.api.dialects.canonical import SELECTED, event_body
from events.api.neutral import HOLE, write_neutral
from events.querysets import EventQuerySet
from meetinity_events.errors import InvalidFields

MOST_IDS = 100
IDS = OpenApiParameter("ids", str, description="Up to 100 with commas between, and nothing else: these, in this order")


def read_ids(given: Mapping[str, str]) -> list[UUID]:
    """Up to MOST_IDS different ids out of `ids`, none without it.

    Raises InvalidFields for a bad one, for too many, and beside anything else that would narrow or page the list.
    """
    if "ids" not in given:
        return []
    if len(given) > 1:
        raise InvalidFields(details={"ids": ["Give ids alone, without filters, sort and page."]})
    ids: dict[UUID, None] = {}
    for text in given["ids"].split(","):
        try:
            ids[UUID(text.strip())] = None
        except ValueError as error:
            raise InvalidFields(details={"ids": [f"This is not an event's id: {text.strip()[:50]}"]}) from error
    if len(ids) > MOST_IDS:
        raise InvalidFields(details={"ids": [f"At most {MOST_IDS} ids."]})
    return list(ids)


def make_bulk(ids: Sequence[UUID], visible: EventQuerySet) -> bytes:
    """Those of them that are visible, in their neutral form as one page. One query, at most MOST_IDS rows."""
    rows = {row["id"]: row for row in visible.filter(pk__in=ids).values(*SELECTED)}
    found = [event_id for event_id in ids if event_id in rows]
    bodies = [{**event_body(rows[event_id]), "is_registered": HOLE} for event_id in found]
    paging = {"total": len(found), "total_relation": "eq", "page": 1, "page_size": len(ids)}
    return write_neutral({"events": bodies, **paging, "has_more": False, "next_cursor": None}, found)
