"""`ETag` and `If-Match` of an event (RFC 9110): its id and its version, which counts edits and never seats."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter

from events.api.neutral import Answer
from meetinity_events.api.hot_reads import answer_bytes

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The `ETag` that was read; 412 when the event has changed"
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    description="For `If-Match`; it counts edits, never seats",
    response=[200, 201],
)
PAGE_ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, description="For `If-None-Match`", response=[200, 304]
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that was read: 304 when nothing has changed. Not behind the gateway, which caches answers",
)
# Strong comparison: a weak tag (W/) never matches.
OURS = re.compile(r'"([0-9a-f-]{36})-([0-9]{1,9})"')


def write_etag(event_id: UUID, version: int) -> str:
    """`"{id}-{version}"`."""
    return f'"{event_id}-{version}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """True when a direct caller has this answer already. The gateway would hand its 304 to everybody for 5 s."""
    given = request.headers.get("If-None-Match")
    if not given or "X-Forwarded-For" in request.headers:
        return False
    return etag in {tag.strip().removeprefix("W/") for tag in given.split(",")}


def answer_unless_known(request: HttpRequest, answer: Answer) -> HttpResponse:
    """The answer with its `ETag`; 304 for who has it."""
    headers = {"ETag": f'"{answer.tag}{answer.own}"'}
    if is_known(request, headers["ETag"]):
        return HttpResponse(status=304, headers=headers)
    return answer_bytes(answer.body, headers=headers)


def read_versions(if_match: str | None, event_id: UUID) -> frozenset[int] | None:
    """The versions of this event that the header lists; None when it asks for nothing (absent or `*`).

    A tag that is not ours or of another event matches no version, so that the write is refused.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (OURS.fullmatch(tag.strip()) for tag in if_match.split(","))
    return frozenset(int(tag[2]) for tag in tags if tag is not None and tag[1] == str(event_id))
