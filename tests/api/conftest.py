"""What only the tests of the HTTP kit need: deployments that verify tokens in another way, and a Redis that is away."""

from collections.abc import Callable
from typing import Any

import pytest

from meetinity_events.api.authentication import PlatformToken
from meetinity_events.embedded.ports import find_free_port
from tests.api.redis_elsewhere import use_redis


@pytest.fixture
def deploy(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of the token check, as a process that starts with them would have read them."""

    def apply(**changes: Any) -> None:
        for name, value in changes.items():
            setattr(settings, name, value)
        monkeypatch.setattr(PlatformToken, "_backend", None)

    return apply


@pytest.fixture
def redis_is_away(settings: Any) -> None:
    """Nobody listens where the cache should be."""
    use_redis(settings, f"redis://127.0.0.1:{find_free_port()}/0")
