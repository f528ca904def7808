"""Calendars over HTTP: of one event, and the feed that a calendar program reads without a token."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.openapi import refusals
from registrations.calendar import event_calendar, feed_calendar
from registrations.errors import CalendarFeedNotFound
from registrations.feed_tokens import write_token
from registrations.ics import MEDIA_TYPE
from registrations.models import CalendarFeed
from registrations.services.close_calendar_feed import close_calendar_feed
from registrations.services.open_calendar_feed import open_calendar_feed

ICS: dict[Any, Any] = {(200, "text/calendar"): OpenApiTypes.STR}
MAX_NAME = 80


class FeedBody(serializers.Serializer[object]):
    """`POST /events/users/{user_id}/calendar-feed`."""

    url = serializers.URLField(help_text="For a calendar program; who knows it can read the calendar")


class CalendarViewSet(ViewSet):
    """Calendars for callers with a token."""

    @extend_schema(operation_id="get_event_calendar", tags=["calendar"], responses={**ICS, **refusals(401, 403, 404)})
    def retrieve(self, request: Request, event_id: UUID) -> HttpResponse:
        """One event as an iCalendar file (RFC 5545), with the virtual link for who has a seat or organises it."""
        event, content = event_calendar(event_id=event_id, caller=principal_of(request))
        name = slugify(event.title)[:MAX_NAME].strip("-_") or "event"
        return ics(content, f"{name}.ics", is_download=True)

    @extend_schema(
        operation_id="open_calendar_feed",
        tags=["calendar"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=None,
        responses={200: FeedBody, 201: FeedBody, **refusals(401, 403, 404, 409, 413, 422)},
    )
    def open_feed(self, request: Request, user_id: UUID) -> Response:
        """The address of the caller's own calendar, the same each time until it is given up; for nobody else."""
        if principal_of(request).id != user_id:
            raise PermissionDenied("Only the user may do this.")

        def do(replay: ReplayKey | None) -> Response:
            feed = open_calendar_feed(user_id=user_id, replay=replay)
            return address(feed.serial, status.HTTP_201_CREATED if feed.is_new else status.HTTP_200_OK)

        return answer_once(request, do, stored_address)

    @extend_schema(operation_id="close_calendar_feed", tags=["calendar"], responses={204: None, **refusals(401, 403)})
    def close_feed(self, request: Request, user_id: UUID) -> Response:
        """Give the address up for good; for the user or an admin. A repeat answers the same."""
        if not principal_of(request).may_act_for(user_id):
            raise PermissionDenied("Only the user or an admin may do this.")
        close_calendar_feed(user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class FeedViewSet(ViewSet):
    """A user's calendar for a program that knows its address: the address is the permission."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(operation_id="get_calendar_feed", tags=["calendar"], responses={**ICS, **refusals(404)})
    def retrieve(self, request: Request, token: str) -> HttpResponse:
        """What the user takes part in or organises, from 90 days ago on, at most 500 events."""
        return ics(feed_calendar(token=token), "meetinity.ics", is_download=False)


def ics(content: bytes, name: str, *, is_download: bool) -> HttpResponse:
    """A calendar that nobody on the way keeps."""
    disposition = content_disposition_header(is_download, name) or "inline"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=MEDIA_TYPE, headers=headers)


def address(serial: UUID, http_status: int) -> Response:
    """Where a calendar program finds the feed: through the gateway."""
    url = f"{settings.API_GATEWAY_URL}/api/events/calendar/{write_token(serial)}.ics"
    return Response({"url": url}, status=http_status)


def stored_address(user_id: UUID, http_status: int) -> Response:
    """The address for the repeat of a request that asked for it. Raises CalendarFeedNotFound: given up meanwhile."""
    feed = CalendarFeed.objects.filter(user_id=user_id).first()
    if feed is None:
        raise CalendarFeedNotFound
    return address(feed.serial, http_status)
