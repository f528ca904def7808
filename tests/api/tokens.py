"""Tokens that the service did not make, and who it takes their bearer for."""

import json
import time
from typing import Any

import jwt
from django.conf import settings
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from meetinity_events.api.authentication import PlatformAuthentication
from meetinity_events.api.principal import Principal
from tests.factories import Caller

UNLIMITED = "/events/categories"  # asks for a token and for nothing else


def in_seconds(seconds: int) -> int:
    """A token's way to name an instant."""
    return int(time.time()) + seconds


def make_token(
    *, key: Any = None, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A token of user 42 that ends in an hour, unless `claims` say otherwise; a claim of None is left out."""
    claims = {"sub": 42, "exp": in_seconds(3600), **claims}
    given = {name: value for name, value in claims.items() if value is not None}
    return sign(json.dumps(given), key=key, algorithm=algorithm, headers=headers)


def sign(payload: str, *, key: Any = None, algorithm: str = "HS256", headers: dict[str, Any] | None = None) -> str:
    """A token of any payload, also one that PyJWT would not write; signed with the platform's secret unless told."""
    key = settings.JWT_SECRET if key is None else key
    return jwt.PyJWS().encode(payload.encode(), key, algorithm=algorithm, headers=headers)


def call_with(token: str, path: str = UNLIMITED) -> Response:
    """GET with this bearer token."""
    return call_with_header(f"Bearer {token}", path)


def call_with_header(header: str, path: str = UNLIMITED) -> Response:
    """GET with this Authorization header."""
    return Caller(None).get(path, HTTP_AUTHORIZATION=header)


def read_caller(token: str) -> Principal:
    """The Principal that a view would see."""
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}")
    result: Any = PlatformAuthentication().authenticate(request)
    principal: Principal = result[0]
    return principal


def is_refused(response: Response) -> bool:
    """True for 401 in the envelope, with the header that HTTP asks for."""
    error = response.json()["error"]
    return (
        response.status_code == 401
        and error["code"] == 401
        and error["message"] != ""
        and error["details"] == {}
        and response["WWW-Authenticate"] == 'Bearer realm="api"'
    )
