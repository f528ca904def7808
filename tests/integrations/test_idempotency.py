"""A write that comes again is answered and not done again."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from events.models import Event
from integrations.errors import RequestInProgress
from integrations.gateway.idempotency import ReplayKey, claim, find_stored, purge_expired
from integrations.models import OutboxMessage, ReplayedRequest
from registrations.models import Registration
from tests.factories import Caller, event_fields, make_event, messages, snapshot
from tests.live import LiveService

KEY = {"HTTP_IDEMPOTENCY_KEY": "a-key-of-the-client"}
GATEWAY = {"HTTP_X_FORWARDED_FOR": "10.0.0.1", "HTTP_X_REQUEST_ID": "gateway-1"}

once = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@once
@pytest.mark.parametrize("headers", [KEY, GATEWAY])
def test_the_same_create_again_is_answered_with_the_same_event(alice: Caller, headers: dict[str, str]) -> None:
    body = event_fields()

    first = alice.post("/events", body, **headers)
    second = alice.post("/events", body, **headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert (Event.objects.count(), len(messages())) == (1, 1)


@once
@pytest.mark.parametrize("headers", [KEY, GATEWAY])
def test_the_same_registration_again_is_no_duplicate(alice: Caller, bob: Caller, headers: dict[str, str]) -> None:
    event = make_event(alice, max_attendees=1)

    answers = [bob.post(f"/events/{event.id}/register", **headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert ["Idempotency-Replayed" in answer for answer in answers] == [False, True, True]
    assert (Registration.objects.count(), len(messages("event.registration.created"))) == (1, 1)


@once
@pytest.mark.parametrize(("action", "state"), [("publish", "draft"), ("cancel", "active"), ("complete", "active")])
def test_transitions_replay_too(alice: Caller, action: str, state: str) -> None:
    event = make_event(alice, status=state)
    Event.objects.update(start_date=now())

    first = alice.post(f"/events/{event.id}/{action}", **KEY)
    before = snapshot(event)
    second = alice.post(f"/events/{event.id}/{action}", **KEY)

    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (200, 200, "true")
    assert snapshot(event) == before


@once
def test_leaving_by_post_replays_too(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")

    first, second = (bob.post(f"/events/{event.id}/unregister", **KEY) for _ in range(2))

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"


@once
def test_a_new_category_replays_too(root: Caller) -> None:
    first, second = (root.post("/events/categories", {"name": "Hackathon"}, **KEY) for _ in range(2))

    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json() == second.json()


@once
def test_the_same_key_for_another_body_is_refused(alice: Caller) -> None:
    alice.post("/events", event_fields(), **KEY)

    response = alice.post("/events", event_fields(title="Another"), **KEY)

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["Idempotency-Key"]
    assert (Event.objects.count(), len(messages())) == (1, 1)


@once
def test_behind_the_gateway_another_body_is_another_request(alice: Caller) -> None:
    alice.post("/events", event_fields(), **GATEWAY)

    assert alice.post("/events", event_fields(title="Another"), **GATEWAY).status_code == 201
    assert Event.objects.count() == 2


@once
def test_a_request_id_without_the_gateway_is_no_key(alice: Caller) -> None:
    for _ in range(2):
        assert alice.post("/events", event_fields(), HTTP_X_REQUEST_ID="mine").status_code == 201

    assert Event.objects.count() == 2


@once
def test_a_key_belongs_to_its_user(alice: Caller, bob: Caller) -> None:
    body = event_fields()
    ids = {caller.post("/events", body, **KEY).json()["id"] for caller in (alice, bob)}

    assert len(ids) == 2


@once
def test_a_refused_write_leaves_its_key_free(alice: Caller, bob: Caller, carol: Caller) -> None:
    event = make_event(alice, max_attendees=1)
    carol.post(f"/events/{event.id}/register")
    assert bob.post(f"/events/{event.id}/register", **KEY).status_code == 409
    assert ReplayedRequest.objects.count() == 0
    carol.delete(f"/events/{event.id}/register")

    assert bob.post(f"/events/{event.id}/register", **KEY).status_code == 201


@once
@pytest.mark.parametrize(("headers", "lifetime"), [(KEY, timedelta(hours=24)), (GATEWAY, timedelta(minutes=2))])
def test_a_key_is_forgotten_after_its_time(alice: Caller, headers: dict[str, str], lifetime: timedelta) -> None:
    alice.post("/events", event_fields(), **headers)
    row = ReplayedRequest.objects.get()
    assert abs(row.expires_at - row.created_at - lifetime) < timedelta(seconds=1)
    ReplayedRequest.objects.update(expires_at=now() - timedelta(hours=1))

    body = event_fields(title="Later")
    assert alice.post("/events", body, **headers).status_code == 201
    assert Event.objects.count() == 2


@once
def test_the_purge_takes_what_has_expired(alice: Caller) -> None:
    alice.post("/events", event_fields(), **KEY)
    assert purge_expired() == 0
    ReplayedRequest.objects.update(expires_at=now())

    assert purge_expired() == 1


@once
@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words", "ünicode"])
def test_a_key_that_is_no_key_is_refused(alice: Caller, key: str) -> None:
    response = alice.post("/events", event_fields(), HTTP_IDEMPOTENCY_KEY=key)

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["Idempotency-Key"]
    assert Event.objects.count() == 0


@once
def test_without_a_key_nothing_is_recorded(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    bob.post(f"/events/{event.id}/register")

    assert ReplayedRequest.objects.count() == 0


@committed
@pytest.mark.database
def test_a_twin_that_runs_elsewhere_is_refused_without_waiting(bob: Caller) -> None:
    key = ReplayKey(bob.id, "client:x", "f" * 64, timedelta(hours=1))

    def claim_elsewhere() -> str:
        try:
            with transaction.atomic():
                claim(key, status=201, resource_id=bob.id)
        except RequestInProgress as error:
            return error.code
        finally:
            connection.close()
        return "claimed"

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            claim(key, status=201, resource_id=bob.id)
            assert other.submit(claim_elsewhere).result(timeout=30) == "request_in_progress"
        assert other.submit(claim_elsewhere).result(timeout=30) == "request_in_progress"

    stored = find_stored(key)
    assert stored is not None
    assert stored.resource_id == bob.id


@committed
@pytest.mark.database
@pytest.mark.parametrize("names", [{"Idempotency-Key": "k"}, {"X-Forwarded-For": "10.0.0.1", "X-Request-ID": "r"}])
def test_replays_in_parallel_make_one_row_and_one_message(
    alice: Caller, bob: Caller, live: LiveService, names: dict[str, str]
) -> None:
    event = make_event(alice, max_attendees=5)
    OutboxMessage.objects.all().delete()
    body = event_fields(title="Parallel")

    def send(request: tuple[Caller, str, Any]) -> tuple[str, int, str]:
        caller, path, content = request
        answer = live.call(caller, "POST", path, content, **names)
        return path, answer.status, orjson.loads(answer.data).get("id", "")

    requests = [(bob, f"/events/{event.id}/register", None), (alice, "/events", body)] * 6
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, requests))

    assert {status for _, status, _ in answers} <= {201, 409}
    for path in (f"/events/{event.id}/register", "/events"):
        made = Counter(made_id for where, status, made_id in answers if where == path and status == 201)
        assert len(made) == 1
    event.refresh_from_db()
    assert (event.current_attendees, Registration.objects.count(), Event.objects.count()) == (1, 1, 2)
    assert Counter(message["event_type"] for message in messages()) == {
        "event.registration.created": 1,
        "event.created": 1,
    }
