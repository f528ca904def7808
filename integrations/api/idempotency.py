"""How a request says that it may come again, and how its repeat is answered."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from django.db import OperationalError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.gateway.idempotency import ReplayKey, find_stored
from meetinity_events.api.authentication import principal_of
from meetinity_events.errors import DomainError, InvalidFields
from meetinity_events.observability.request_id import current_request_id

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 visible characters; the same key and body within 24 h are answered and not done again",
)
REPLAYED = OpenApiParameter(
    "Idempotency-Replayed",
    str,
    OpenApiParameter.HEADER,
    description="`true` on the answer of a repeat",
    response=[200, 201],
)
FORM = re.compile(r"[!-~]{1,255}")
CLIENTS_LIFETIME = timedelta(hours=24)
# The gateway sends a POST up to three times, under one X-Request-ID, within seconds.
GATEWAYS_LIFETIME = timedelta(minutes=2)


def answer_once(
    request: Request, do: Callable[[ReplayKey | None], Response], render: Callable[[UUID, int], Response]
) -> Response:
    """Do the write, or answer what came of it when this request was here before.

    `do` hands the key to its service; `render` answers a resource, as it is now, under the stored status.
    """
    key = read_key(request)
    if key is None:
        return do(None)
    repeat = replay(key, render)
    if repeat is not None:
        return repeat
    try:
        return do(key)
    except (DomainError, OperationalError):
        repeat = replay(key, render)  # its twin may have finished meanwhile
        if repeat is None:
            raise
        return repeat


def replay(key: ReplayKey, render: Callable[[UUID, int], Response]) -> Response | None:
    """The answer of an earlier time, marked as such."""
    stored = find_stored(key)
    if stored is None:
        return None
    response = render(stored.resource_id, stored.status)
    response["Idempotency-Replayed"] = "true"
    return response


def read_key(request: Request) -> ReplayKey | None:
    """The client's own key, or the one that a request through the gateway has by its X-Request-ID; else None.

    Behind the gateway another body is another request. Raises InvalidFields for a key that is no key.
    """
    user_id = principal_of(request).id
    given = request.headers.get("Idempotency-Key")
    if given is not None:
        if not FORM.fullmatch(given):
            raise InvalidFields(details={"Idempotency-Key": ["Give 1 to 255 visible ASCII characters."]})
        return ReplayKey(user_id, f"client:{given}", fingerprint_of(request), CLIENTS_LIFETIME)
    if "X-Forwarded-For" in request.headers and "X-Request-ID" in request.headers:
        fingerprint = fingerprint_of(request)
        return ReplayKey(user_id, f"gateway:{current_request_id()}:{fingerprint}", fingerprint, GATEWAYS_LIFETIME)
    return None


def fingerprint_of(request: Request) -> str:
    """SHA-256 over method, address and body."""
    digest = hashlib.sha256(b"\n".join((str(request.method).encode(), request.path_info.encode(), b"")))
    for part in parts_of_body(request):
        digest.update(part)
    return digest.hexdigest()


def parts_of_body(request: Request) -> Iterator[bytes]:
    """The body; of an upload its files, which do not fit into memory and stand between other marks each time."""
    if not (request.content_type or "").startswith("multipart/"):
        yield request._request.body
        return
    for name, file in sorted(request.FILES.items()):
        yield name.encode()
        yield from file.chunks()
