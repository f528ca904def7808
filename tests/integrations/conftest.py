"""What several files about matching-service start from."""

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.integrations.matching_service import MatchingService


@pytest.fixture
def matching(settings: Any, httpserver: HTTPServer) -> MatchingService:
    settings.MATCHING_SERVICE_URL = httpserver.url_for("")
    return MatchingService(httpserver)
