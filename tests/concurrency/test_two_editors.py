"""Editors of one event at the same time, over HTTP: who read the version wins once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from events.models import Event
from tests.factories import Caller, make_event, messages
from tests.live import LiveService

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
EDITORS = 12


def edit_at_once(live: LiveService, alice: Caller, event: Event, **headers: str) -> Counter[int]:
    def edit(number: int) -> tuple[int, str]:
        answer = live.call(alice, "PATCH", f"/events/{event.id}", {"title": f"Title {number}"}, **headers)
        return answer.status, orjson.loads(answer.data).get("title", "")

    with ThreadPoolExecutor(EDITORS) as pool:
        answers = list(pool.map(edit, range(EDITORS)))
    event.refresh_from_db()
    assert event.title in {title for status, title in answers if status == 200}
    return Counter(status for status, _ in answers)


def test_of_editors_who_read_the_same_version_one_writes(alice: Caller, live: LiveService) -> None:
    event = make_event(alice)
    tag = f'"{event.id}-1"'

    assert edit_at_once(live, alice, event, **{"If-Match": tag}) == {200: 1, 412: EDITORS - 1}
    assert (event.version, len(messages("event.updated"))) == (2, 1)


def test_without_if_match_each_of_them_writes(alice: Caller, live: LiveService) -> None:
    """The control: what the header protects from."""
    event = make_event(alice)

    assert edit_at_once(live, alice, event) == {200: EDITORS}
    assert (event.version, len(messages("event.updated"))) == (1 + EDITORS, EDITORS)
