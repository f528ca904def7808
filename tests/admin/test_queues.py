"""The outbox and the dead letters at the desk: found, read and decided on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from integrations.models import DeadLetter, OutboxMessage, UserProfile
from tests.admin.desk import act, address_of, cells, listed, log, page_of, told

pytestmark = pytest.mark.django_db

KEY = "01890000-0000-7000-8000-000000000000"
GOOD = b'{"event_type":"user.deleted","user_id":102,"timestamp":"2026-01-01T00:00:00Z"}'
NO_USER = b'{"event_type":"user.deleted","timestamp":"2026-01-01T00:00:00Z"}'


def make_message(**fields: Any) -> OutboxMessage:
    """One that waits unless said otherwise."""
    defaults = {"topic": "event.events", "key": KEY, "message_type": "event.created", "payload": {"title": "Café <b>"}}
    return OutboxMessage.objects.create(**{**defaults, **fields})


def make_letter(value: bytes | None = b"{", **fields: Any) -> DeadLetter:
    """An open one of `user.events`, each at the next offset."""
    offset = DeadLetter.objects.count()
    defaults = {"topic": "user.events", "topic_id": UUID(int=1), "partition": 0, "offset": offset, "error": "no JSON"}
    return DeadLetter.objects.create(value=value, **{**defaults, **fields})


def rows(model: type[OutboxMessage] | type[DeadLetter]) -> list[dict[str, Any]]:
    """The whole table."""
    return list(model._default_manager.order_by("pk").values())


def test_the_outbox_tells_pending_published_and_parked_apart(staff: Client) -> None:
    pending = make_message()
    published = make_message(published_at=now(), created_at=now() - timedelta(hours=2))
    parked = make_message(parked_at=now(), error="x" * 100, created_at=now() - timedelta(days=3))

    assert cells(staff, OutboxMessage) == [
        [str(parked.pk), "event.created", KEY, "Kafka", "Parked", "3 days", "x" * 79 + "…"],
        [str(published.pk), "event.created", KEY, "Kafka", "Published", "2 hours", "-"],
        [str(pending.pk), "event.created", KEY, "Kafka", "Pending", "0 minutes", "-"],
    ]
    for query, found in {
        "?state=pending": [pending],
        "?state=published": [published],
        "?state=parked": [parked],
        "?age=up+to+an+hour": [pending],
        "?age=up+to+a+day": [published, pending],
        "?age=over+an+hour": [parked, published],
        "?age=over+a+day": [parked],
        "?state=nonsense": [parked, published, pending],
    }.items():
        assert listed(staff, OutboxMessage, query) == [message.pk for message in found]


def test_attendance_for_matching_service_is_told_apart(staff: Client) -> None:
    for_kafka = make_message()
    waiting = make_message(destination="matching", topic="/matches/events/attendance", attempts=3, retry_at=now())
    told_nobody = make_message(destination="matching", parked_at=now(), error="answered 404")

    assert [row[3:5] for row in cells(staff, OutboxMessage)] == [
        ["matching-service", "Parked"],
        ["matching-service", "Pending"],
        ["Kafka", "Pending"],
    ]
    for query, found in {
        "?destination=kafka": [for_kafka],
        "?destination=matching": [told_nobody, waiting],
        "?destination=matching&state=pending": [waiting],
        "?state=pending": [waiting, for_kafka],
        "?destination=nonsense": [told_nobody, waiting, for_kafka],
    }.items():
        assert listed(staff, OutboxMessage, query) == [message.pk for message in found]
    page = page_of(staff, waiting)
    assert ("matching-service" in page, "/matches/events/attendance" in page) == (True, True)


def test_a_message_is_found_by_number_key_and_type(staff: Client) -> None:
    make_message(key="other")
    wanted = make_message(message_type="event.cancelled")
    make_message(key="other")

    for query in (f"?q={wanted.pk}", f"?q={KEY}", "?q=event.cancelled", "?message_type=event.cancelled"):
        assert listed(staff, OutboxMessage, query) == [wanted.pk]
    for query in (f"?q={KEY[:8]}", f"?q={'9' * 40}", "?q=event", "?message_type=event"):
        assert listed(staff, OutboxMessage, query) == []


def test_the_types_on_offer_are_those_of_the_newest_rows(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.admin.messages.ROWS_LOOKED_AT", 2)
    for name in ("old", "b", "a"):
        make_message(message_type=name)

    (types,) = [spec for spec in specs(staff) if spec.title == "message type"]
    assert types.lookup_choices == [("a", "a"), ("b", "b")]


def specs(staff: Client) -> list[Any]:
    """The filters of the outbox."""
    return list(staff.get(address_of(OutboxMessage)).context["cl"].filter_specs)


def test_the_list_of_the_outbox_leaves_payloads_in_the_database(staff: Client) -> None:
    make_message()
    with CaptureQueriesContext(connection) as queries:
        staff.get(address_of(OutboxMessage))

    assert [query["sql"] for query in queries if '"payload"' in query["sql"]] == []


def test_a_payload_is_shown_with_one_key_a_line(staff: Client) -> None:
    message = make_message(headers={"traceparent": "00-1-2-01"}, parked_at=now(), error="too large")
    page = page_of(staff, message)

    assert '{\n  "title": "Café <b>"\n}</pre>' in page
    assert ">traceparent: 00-1-2-01</pre>" in page
    assert "too large" in page
    assert "Caf\u00e9 &lt;b&gt;" in staff.get(address_of(OutboxMessage, f"{message.pk}/change/")).content.decode()


def test_a_large_payload_is_cut(staff: Client) -> None:
    message = make_message(payload={"pad": "x" * 200_000})

    page = page_of(staff, message)

    assert (page.count("x" * 1000), len(page) < 100_000) == (65, True)
    assert "… 134,479 characters more" in page


def test_parked_messages_are_sent_again_and_the_others_left_alone(staff: Client) -> None:
    parked = make_message(parked_at=now(), error="too large")
    pending, published = make_message(), make_message(published_at=now())
    before = rows(OutboxMessage)

    assert told(act(staff, "send_again", parked, pending, published)) == [
        f"event.created {parked.pk}: waits for the relay again.",
        f"event.created {pending.pk}: refused. The outbox holds no parked message of this number.",
        f"event.created {published.pk}: refused. The outbox holds no parked message of this number.",
    ]
    assert rows(OutboxMessage) == [{**before[0], "parked_at": None, "error": ""}, *before[1:]]
    assert log() == [("root", str(parked.pk), "Sent again. It was parked for: too large")]


def test_a_message_that_was_purged_meanwhile_is_named(staff: Client) -> None:
    message = make_message(published_at=now())
    OutboxMessage.objects.all().delete()

    assert told(act(staff, "send_again", message)) == [f"{message.pk}: there is no such outbox message any more."]


def test_dead_letters_are_filtered_and_found(staff: Client) -> None:
    unreadable = make_letter()
    other = make_letter(topic="matching.events", message_type="user.deleted", error="KeyError: 'user_id'")
    resolved = make_letter(resolved_at=now(), resolution="discarded", created_at=now() - timedelta(days=2))

    assert cells(staff, DeadLetter) == [
        [str(resolved.pk), "user.events [0] 2", "-", "Discarded", "2 days", "no JSON"],
        [str(other.pk), "matching.events [0] 1", "user.deleted", "Open", "0 minutes", "KeyError: 'user_id'"],
        [str(unreadable.pk), "user.events [0] 0", "-", "Open", "0 minutes", "no JSON"],
    ]
    for query, found in {
        "?state=open": [other, unreadable],
        "?state=resolved": [resolved],
        "?state=discarded": [resolved],
        "?state=replayed": [],
        "?topic=matching.events": [other],
        "?message_type=": [resolved, unreadable],
        "?message_type=user.deleted": [other],
        "?age=over+a+day": [resolved],
        "?q=user_id": [other],
        "?q=user.deleted": [other],
        "?q=matching.events": [other],
    }.items():
        assert listed(staff, DeadLetter, query) == [letter.pk for letter in found]


def test_ten_megabytes_stay_in_the_database(staff: Client) -> None:
    letter = make_letter(b'{"pad":"' + b"x" * 10_000_000, key=b"k" * 1_000_000)
    with CaptureQueriesContext(connection) as queries:
        lists = staff.get(address_of(DeadLetter))
        page = page_of(staff, letter)

    assert (len(lists.content) < 50_000, len(page) < 60_000) == (True, True)
    assert "Value: 10,000,008 bytes, the first 16,384" in page
    assert "Key: 1,000,000 bytes, the first 16,384" in page
    reading = [query["sql"] for query in queries if '"dead_letters"."value"' in query["sql"]]
    assert len(reading) == 1
    assert 'SUBSTRING("dead_letters"."value", 1, 16384)' in reading[0]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (NO_USER, '{\n  "event_type": "user.deleted",\n  "timestamp": "2026-01-01T00:00:00Z"\n}'),
        (b"\xff\xfe\x00garbage\x1b[31m", "\\xff\\xfe\\x00garbage\\x1b[31m"),
        ('"é<script>"'.encode(), '"é<script>"'),
        (b'{"a":"\\ud800"}', '{\n  "a": "\\ud800"\n}'),
        (b"[" * 5000, "[" * 5000),
        (b"[" * 900 + b"]" * 900, "[" * 900 + "]" * 900),
        (b'{"n":' + b"9" * 5000 + b"}", '{"n":' + "9" * 5000 + "}"),
        (b"", ""),
    ],
    ids=["json", "binary", "markup", "surrogate", "bomb", "deep", "number", "empty"],
)
def test_a_value_of_any_kind_is_readable(staff: Client, value: bytes, shown: str) -> None:
    letter = make_letter(value)
    page = page_of(staff, letter)

    assert f"<p>Value: {len(value):,} bytes</p>" in page
    assert page.split("Value: ")[1].split('anywhere">')[1].split("</pre>")[0] == shown
    assert '<script>"</pre>' not in staff.get(address_of(DeadLetter, f"{letter.pk}/change/")).content.decode()


def test_a_letter_without_key_and_value_says_so_and_shows_its_headers(staff: Client) -> None:
    letter = make_letter(None, headers=[["ce_type", "dXNlci5kZWxldGVk"], ["empty", None]])
    page = page_of(staff, letter)

    assert "<p>Key: none</p><p>Value: none</p>" in page
    assert ">ce_type: user.deleted\nempty: </pre>" in page


def test_replaying_reports_each_letter_and_logs_what_was_done(staff: Client) -> None:
    refused, good, unreadable = make_letter(NO_USER), make_letter(GOOD), make_letter(b"\xff")
    before = rows(DeadLetter)

    answers = told(act(staff, "replay_letters", refused, good, unreadable))

    assert answers[:2] == ["user.events [0] 0: refused. KeyError: 'user_id'", "user.events [0] 1: replayed."]
    assert answers[2].startswith("user.events [0] 2: refused. UnreadableMessage: the value is not JSON")
    assert len(answers) == 3
    assert UserProfile.objects.filter(user_id=UUID(int=102), removed_at__isnull=False).count() == 1
    assert (rows(DeadLetter)[0], rows(DeadLetter)[2]) == (before[0], before[2])
    good.refresh_from_db()
    assert good.resolution == "replayed"
    assert log() == [("root", str(good.pk), "Replayed.")]


def test_discarding_keeps_the_bytes(staff: Client) -> None:
    letter = make_letter(NO_USER)

    assert told(act(staff, "discard_letters", letter)) == ["user.events [0] 0: discarded."]
    letter.refresh_from_db()
    assert (letter.resolution, bytes(letter.value or b"")) == ("discarded", NO_USER)
    assert log() == [("root", str(letter.pk), "Discarded.")]


@pytest.mark.parametrize("action", ["replay_letters", "discard_letters"])
def test_what_a_colleague_has_decided_stays(staff: Client, action: str) -> None:
    letter = make_letter(GOOD)
    act(staff, "discard_letters", letter)
    before = rows(DeadLetter)

    assert told(act(staff, action, letter, query="?state=open")) == [
        "user.events [0] 0: refused. There is no open dead letter of this number."
    ]
    assert (rows(DeadLetter), len(log()), UserProfile.objects.count()) == (before, 1, 0)


def test_who_may_only_look_decides_nothing(observer: Client) -> None:
    letter, message = make_letter(GOOD), make_message(parked_at=now(), error="too large")
    before = rows(DeadLetter), rows(OutboxMessage)

    for action in ("replay_letters", "discard_letters"):
        act(observer, action, letter)
    act(observer, "send_again", message)

    assert (rows(DeadLetter), rows(OutboxMessage), log()) == (*before, [])
    for row in (letter, message):
        assert 'name="action"' not in page_of(observer, row)


def test_the_page_of_a_letter_offers_both_decisions(staff: Client) -> None:
    letter = make_letter(GOOD)
    page = page_of(staff, letter)

    assert f'<input type="hidden" name="_selected_action" value="{letter.pk}">' in page
    for action in ("replay_letters", "discard_letters"):
        assert f'name="action" value="{action}" formaction="{address_of(DeadLetter)}"' in page
