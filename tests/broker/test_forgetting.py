"""A process that is killed between its commit and its forgetting leaves no old answer behind for long."""

import pytest
from django.db import connection, transaction

from events.models import Event
from integrations.outbox.record import record
from integrations.outbox.relay import relay_outbox
from tests.factories import Caller, make_event

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_not_forgotten_is_forgotten_when_its_message_is_sent(
    event_topic: str, alice: Caller, bob: Caller
) -> None:
    event = make_event(alice, title="Old")
    relay_outbox()

    def title() -> str:
        return str(bob.get(f"/events/{event.id}").json()["title"])

    assert title() == "Old"
    with transaction.atomic():
        Event.objects.filter(pk=event.pk).update(title="New")
        record(message_type="event.updated", key=event.id, payload={"event_type": "event.updated"})
        connection.run_on_commit.clear()  # as if the process ended here, right after its commit
    assert title() == "Old"

    assert relay_outbox() == 1

    assert title() == "New"
