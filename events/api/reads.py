"""Reading events over HTTP: bytes out of the cache, and what each event is to the caller."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema

from events.api.bulk import IDS, make_bulk, read_ids
from events.api.dialects.canonical import SELECTED, event_body, write_event
from events.api.filters import EventFilters
from events.api.neutral import HOLE, fill_in, write_neutral
from events.api.pages import is_for_everybody, list_entry, make_page, read_question
from events.api.serializers import EventDetailBody, EventPage
from events.api.versions import ETAG, IF_NONE_MATCH, PAGE_ETAG, answer_unless_known, write_etag
from events.cache import event_entry
from events.errors import EventNotFound
from events.models import Event
from events.rows import find_public_row
from meetinity_events.api.hot_reads import ReadViewSet, answer_bytes, hot_read
from meetinity_events.api.json import JSONRenderer
from meetinity_events.api.openapi import PAGING, refusals
from meetinity_events.api.principal import Principal
from registrations.cache import user_events_entry
from registrations.models import Registration

OWN = ("is_registered", "registration_form")
"""What the detail of an event tells beyond its columns."""


class EventReads(ReadViewSet):
    """The list and the detail."""

    queryset: ClassVar[QuerySet[Event]] = Event.objects.none()
    filterset_class = EventFilters

    @extend_schema(
        operation_id="list_events",
        tags=["events"],
        parameters=[IDS, *PAGING, IF_NONE_MATCH, PAGE_ETAG],
        responses={200: EventPage, 304: None, **refusals(401, 403, 422, 429)},
    )
    @hot_read
    def list(self, request: HttpRequest, caller: Principal) -> HttpResponse:
        """Coming events by start, what the filters ask for, or those of some ids in the order of the ids."""
        given, own = read_question(request.GET), user_events_entry(caller.id)
        ids = read_ids(given)
        if is_for_everybody(given) and not ids:
            entry = list_entry(given)
            with self.look_up(request, caller, entry, own) as found:
                neutral, events = found.get(entry), found.get(own)
        else:
            visible = Event.objects.visible_to(caller.id, is_admin=caller.is_admin)
            with self.look_up(request, caller, own) as found:
                neutral = make_bulk(ids, visible) if ids else make_page(given, visible)
                events = found.get(own)
        assert neutral is not None
        return answer_unless_known(request, fill_in(neutral, events))

    @extend_schema(
        operation_id="get_event",
        tags=["events"],
        parameters=[ETAG],
        responses={200: EventDetailBody, **refusals(401, 403, 404, 429)},
    )
    @hot_read
    def retrieve(self, request: HttpRequest, caller: Principal, event_id: UUID) -> HttpResponse:
        """One event; `ETag` is its id and version, which counts edits and never seats."""
        entry, own = event_entry(event_id, partial(make_detail, event_id)), user_events_entry(caller.id)
        with self.look_up(request, caller, entry, own) as found:
            neutral = found.get(entry)
            if neutral is None:
                body, etag = read_detail(event_id, caller)
                return answer_bytes(JSONRenderer().render(body), headers={"ETag": etag})
            answer = fill_in(neutral, found.get(own))
        return answer_bytes(answer.body, headers={"ETag": f'"{answer.tag}"'})


def make_detail(event_id: UUID) -> bytes | None:
    """A public event in its neutral form; None where there is none. One query."""
    row = find_public_row(event_id)
    if row is None:
        return None
    *columns, form = row
    event = write_event(columns)
    body = {**event, "is_registered": HOLE, "registration_form": form and orjson.loads(form)}
    return write_neutral(body, [event_id], tag=f"{event_id}-{event['version']}")


def read_detail(event_id: UUID, caller: Principal) -> tuple[dict[str, Any], str]:
    """The event as this caller sees it, now, and its ETag. One query. Raises EventNotFound."""
    row = (
        Event.objects.visible_to(caller.id, is_admin=caller.is_admin)
        .annotate(is_registered=Registration.objects.for_outer_event(caller.id))
        .filter(pk=event_id)
        .values(*SELECTED, *OWN)
        .first()
    )
    if row is None:
        raise EventNotFound
    return {**event_body(row), **{name: row[name] for name in OWN}}, write_etag(row["id"], row["version"])
