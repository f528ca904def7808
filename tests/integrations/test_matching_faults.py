"""Senders that are killed, cut off from the database or started twice: everything is told, nothing is told by two."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from integrations.matching import relay
from integrations.matching.relay import tell_matching
from integrations.models import OutboxMessage
from tests.broker.commands import database_url, start_command
from tests.integrations.matching_service import MatchingService, promise

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

PATIENCE_SECONDS = 60


@pytest.fixture
def matching(settings: Any) -> Iterator[MatchingService]:
    """One that takes several calls at once."""
    with HTTPServer(threaded=True) as server:
        settings.MATCHING_SERVICE_URL = server.url_for("")
        yield MatchingService(server)


def untold() -> int:
    return OutboxMessage.objects.filter(published_at=None).count()


def before_the_answer(matching: MatchingService, act: Callable[[], None]) -> None:
    """Do something once, when the first call has arrived; it is answered with 200 all the same."""
    once = iter([act])

    def answer(request: Request) -> Response:
        next(once, lambda: None)()
        return Response("{}")

    matching.answer = answer


def test_a_sender_killed_between_the_call_and_its_mark_tells_again(matching: MatchingService, settings: Any) -> None:
    senders: list[subprocess.Popen[bytes]] = []
    is_started = threading.Event()

    def kill() -> None:
        is_started.wait(PATIENCE_SECONDS)
        os.kill(senders[0].pid, signal.SIGKILL)
        senders[0].wait(PATIENCE_SECONDS)

    promise(0, 1)
    before_the_answer(matching, kill)
    senders.append(start_command("tell_matching", MATCHING_SERVICE_URL=settings.MATCHING_SERVICE_URL))
    is_started.set()

    assert senders[0].wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert (matching.told, untold()) == ([(0, [1])], 1)

    while untold():  # the database may need a moment to see that the sender, and with it the lock, is gone
        tell_matching()
    assert matching.told == [(0, [1])] * 2


def test_a_sender_cut_off_from_the_database_before_its_mark_tells_again(matching: MatchingService) -> None:
    def cut_off() -> None:
        with psycopg.connect(database_url()) as own:
            own.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    promise(0, 1)
    promise(1, 1)
    before_the_answer(matching, cut_off)

    with pytest.raises(OperationalError):
        tell_matching()
    assert (matching.told, untold()) == ([(0, [1])], 2)

    assert (tell_matching(), untold()) == (2, 0)
    assert matching.told == [(0, [1]), (0, [1]), (1, [1])]


def test_no_transaction_is_open_while_the_service_is_asked(matching: MatchingService) -> None:
    found: list[list[str]] = []

    def look() -> None:
        with psycopg.connect(database_url()) as own:
            states = own.execute(
                "SELECT state FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            found.append([state for (state,) in states])

    promise(0, 1)
    before_the_answer(matching, look)

    assert tell_matching() == 1
    assert found == [[]]


def tell_while_another_tells(matching: MatchingService) -> int:
    """What a second sender tells while the first one's call is being answered."""
    has_begun, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        has_begun.set()
        may_end.wait(PATIENCE_SECONDS)

    def run() -> None:
        try:
            tell_matching()
        finally:
            connections.close_all()

    before_the_answer(matching, hold)
    first = threading.Thread(target=run)
    first.start()
    has_begun.wait(PATIENCE_SECONDS)
    try:
        return tell_matching()
    finally:
        may_end.set()
        first.join()


def test_of_two_senders_at_once_one_tells(matching: MatchingService, settings: Any) -> None:
    settings.MATCHING_SERVICE_TIMEOUT_SECONDS = PATIENCE_SECONDS
    promise(0, 1)
    promise(1, 1)

    assert tell_while_another_tells(matching) == 0

    assert (matching.told, untold()) == ([(0, [1]), (1, [1])], 0)


def test_without_the_lock_both_tell(matching: MatchingService, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LOCK", "hashtextextended(random()::text, 0)")
    settings.MATCHING_SERVICE_TIMEOUT_SECONDS = PATIENCE_SECONDS
    promise(0, 1)
    promise(1, 1)

    assert tell_while_another_tells(matching) == 2

    assert matching.told[:3] == [(0, [1]), (0, [1]), (1, [1])]


def test_a_sender_leaves_at_once_while_the_lock_is_held_and_gives_it_back_itself(matching: MatchingService) -> None:
    promise(0, 1)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({relay.LOCK})")
        assert (tell_matching(), matching.told) == (0, [])
        cursor.execute(f"SELECT pg_advisory_unlock({relay.LOCK})")

        assert tell_matching() == 1
        cursor.execute(f"SELECT pg_try_advisory_lock({relay.LOCK}), pg_advisory_unlock({relay.LOCK})")
        assert cursor.fetchone() == (True, True)
