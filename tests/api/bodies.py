"""Requests whose body says of itself what it likes."""

from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.factories import Caller


def send(caller: Caller, path: str, body: bytes, content_type: str) -> Response:
    """POST these bytes under this content type; an empty one is sent as such."""
    assert caller.principal is not None
    client = APIClient(raise_request_exception=False)
    authorization = f"Bearer {caller.principal.token}"
    return client.generic("POST", path, body, content_type, HTTP_AUTHORIZATION=authorization)
