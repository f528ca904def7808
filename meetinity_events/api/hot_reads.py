"""Reads that many ask for: the caller, the limit and the cached bytes in one trip to Redis, without DRF's machinery.

    class Things(ReadViewSet):
        rate_limits = {"list": "browse"}

        @extend_schema(...)
        @hot_read
        def list(self, request: HttpRequest, caller: Principal) -> HttpResponse:
            entry = Entry("things:all", 60, build)
            with self.look_up(request, caller, entry) as found:
                return answer_bytes(found.get(entry))

Refusals are those of every other call: their statuses, their envelope, their headers.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.exceptions import PermissionDenied as MayNotEnter
from rest_framework.viewsets import ViewSet

from meetinity_events.api import removed_users, throttling
from meetinity_events.api.authentication import PlatformAuthentication
from meetinity_events.api.cache import Entry, Gate, LookUp
from meetinity_events.api.errors import handle_exception
from meetinity_events.api.json import JSONRenderer
from meetinity_events.api.principal import Principal
from meetinity_events.errors import DomainError

REFUSALS = (APIException, DomainError, Http404, PermissionDenied, OperationalError, InterfaceError)


def hot_read(action: Any) -> Any:
    """Mark an action `(self, request, caller, **path)` of a ReadViewSet that returns an HttpResponse."""
    action.is_hot_read = True
    return action


class ReadViewSet(ViewSet):
    """A viewset some of whose actions are hot reads; the others go through DRF as ever."""

    rate_limits: ClassVar[dict[str, str]] = {}
    action_map: dict[str, str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer of a hot read, or DRF's."""
        name = self.action_map.get((request.method or "").lower(), "")
        action: Callable[..., HttpResponse] | None = getattr(self, name, None)
        if not getattr(action, "is_hot_read", False):
            return super().dispatch(request, *args, **kwargs)
        assert action is not None
        self.action = name
        try:
            return action(request, require_caller(request), *args, **kwargs)
        except REFUSALS as refusal:
            return refuse_as_drf(refusal)

    def look_up(self, request: HttpRequest, caller: Principal, *entries: Entry) -> LookUp:
        """The entries, in the trip that counts this request and asks whether its user was removed.

        Raises PermissionDenied (403) and Throttled (429). Without Redis nobody is refused and nothing is found.
        """
        scope, now = self.rate_limits.get(self.action), throttling.seconds_now()
        found = LookUp(entries, gate_of(caller, scope, now))
        if found.is_removed:
            raise MayNotEnter("This account has been removed.")
        allowance = throttling.allowance_of(scope, found.used, now) if scope else None
        if allowance is not None:
            request.rate_limit = allowance  # type: ignore[attr-defined]
            if allowance.used > allowance.limit:
                raise Throttled(allowance.reset_seconds)
        return found


def require_caller(request: HttpRequest) -> Principal:
    """The caller. Raises NotAuthenticated or AuthenticationFailed (401)."""
    found = PlatformAuthentication().authenticate(request)
    if found is None:
        raise NotAuthenticated
    principal: Principal = found[0]
    return principal


def gate_of(caller: Principal, scope: str | None, now: int) -> Gate:
    """Nobody who was removed; and no more requests in this hour than the limit of `scope`, if there is one."""
    user = str(caller.id)
    if scope is None:
        return Gate(user, removed_users.KEY)
    counter = throttling.counter_of(scope, user, now)
    return Gate(user, removed_users.KEY, counter, settings.RATE_LIMITS[scope], throttling.HOUR_SECONDS)


def refuse_as_drf(refusal: Exception) -> HttpResponse:
    """What DRF would have answered."""
    if isinstance(refusal, (NotAuthenticated, AuthenticationFailed)):
        refusal.auth_header = PlatformAuthentication().authenticate_header(None)  # type: ignore[union-attr]
    response = handle_exception(refusal, {})
    assert response is not None
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    return answer_bytes(JSONRenderer().render(response.data), response.status_code, headers)


def answer_bytes(body: bytes, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> HttpResponse:
    """JSON as it is, with its length."""
    more = {**(headers or {}), "Content-Length": str(len(body))}
    return HttpResponse(body, status=status, content_type="application/json", headers=more)
