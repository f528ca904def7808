"""Holds every answer that the suite meets against the OpenAPI document."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.urls import Resolver404
from rest_framework.response import Response

STORED = Path(__file__).parents[1] / "docs" / "openapi.yaml"

# What any address may answer, described or not: a method that it does not have, a body without a length, our own fault.
COMMON = {405, 411, 500}


def read_document(text: str | bytes) -> dict[str, Any]:
    """By the YAML parser in C, which takes a tenth of the time."""
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return document


@cache
def described() -> dict[tuple[str, str], set[int]]:
    """The statuses of each method and path, by the stored copy, which tests/test_openapi.py holds to the service."""
    paths: dict[str, Any] = read_document(STORED.read_text())["paths"]
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
