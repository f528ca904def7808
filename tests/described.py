"""Holds every answer that the suite meets against the OpenAPI document."""

import re
from functools import cache
from typing import Any

from django.urls import Resolver404
from drf_spectacular.generators import SchemaGenerator
from rest_framework.response import Response

# What any address may answer, described or not: a method that it does not have, a body without a length, our own fault.
COMMON = {405, 411, 500}


@cache
def described() -> dict[tuple[str, str], set[int]]:
    """The statuses of each method and path."""
    generator = SchemaGenerator(urlconf="meetinity_events.urls")  # whatever a test has put in its place just now
    paths: dict[str, Any] = generator.get_schema(request=None, public=True)["paths"]
    return {
        (method.upper(), path): {int(status) for status in call["responses"]}
        for path, calls in paths.items()
        for method, call in calls.items()
    }


def require_described(method: str, response: Response) -> None:
    """Fails on a status that the document does not promise for this call; other addresses are not described."""
    try:
        route = response.resolver_match.route  # type: ignore[attr-defined]
    except Resolver404:
        return
    path = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)
    promised = described().get((method, path))
    if promised is not None:
        assert response.status_code in promised | COMMON, f"{method} {path}: {response.status_code} is not described"
