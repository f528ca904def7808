"""Whatever is typed into a search, or put in a cursor's place, is answered or refused, never a fault of the service."""

from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.http import JsonResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import Caller, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PIECES = (
    *("\0", "'", '"', "\\", "%s", "%", "';--", "/*", "$$", "{}", "-", "or", "OR", "&", "|", "!", "(", ")", ":*", "<->"),
    *(
        "<2>",
        ":A",
        "@d20000",
        "paris",
        "netwrking",
        "à",
        "l'été",
        "e\u0301",
        "🎉",
        "👩\u200d💻",
        "مرحبا",
        "\u202e",
        "東京",
    ),
    *("\ufeff", "\u0085", "\u2028", "\t", "\r\n", "a@b.org", "https://x.org/?y#z", "1e400", "-0", "a-b-c", "x" * 300),
)
TYPED = st.lists(st.one_of(st.text(max_size=20), st.sampled_from(PIECES)), max_size=12).flatmap(
    lambda pieces: st.sampled_from(["", " "]).map(lambda between: between.join(pieces).encode())
)
LONG = st.sampled_from(PIECES).map(lambda piece: (piece * 10_240).encode()[:10_240])
BROKEN = st.binary(max_size=40)
PLACES = ("/events/search?q=", "/events?search=", "/events?location=", "/events?tags=", "/events?cursor=")
ANY_PLACE = st.sampled_from((*PLACES, "/events/search?q=paris&cursor=", "/events?sort=popular&cursor="))
WITHOUT_END = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _limits_do_not_end_it(settings: Any) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 10**9)


@pytest.fixture
def cursor(alice: Caller, bob: Caller) -> str:
    """Behind the first of two events."""
    make_event(alice)
    make_event(alice)
    return str(bob.get("/events", {"page_size": 1}).json()["next_cursor"])


def check_answer(response: Any) -> None:
    """A page, or a refusal that names what is wrong."""
    assert response.status_code in (200, 400, 422), response.content
    assert isinstance(response.json()["events" if response.status_code == 200 else "error"], list | dict)


@WITHOUT_END
@given(place=ANY_PLACE, typed=st.one_of(TYPED, TYPED, TYPED, LONG, BROKEN))
def test_anything_is_answered_or_refused(bob: Caller, place: str, typed: bytes) -> None:
    check_answer(bob.get(place + quote_from_bytes(typed, safe="")))


def test_a_fault_would_not_pass_for_an_answer() -> None:
    """The control of the above."""
    with pytest.raises(AssertionError):
        check_answer(JsonResponse({"error": {"code": 500}}, status=500))


@WITHOUT_END
@given(place=st.integers(0, 199), letter=st.sampled_from("Aa0_-:.~é\0"))
def test_a_cursor_with_another_letter_is_refused(bob: Caller, cursor: str, place: int, letter: str) -> None:
    place %= len(cursor)
    tampered = cursor[:place] + letter + cursor[place + 1 :]

    response = bob.get("/events", {"cursor": tampered})

    assert response.status_code == (200 if tampered == cursor else 422)
