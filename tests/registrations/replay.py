"""Holds what the service has stored and told of an event to the model, whoever did what at the same time.

Messages of one event are recorded behind the lock of its row, so that their order is the order of what happened: the
model does the same in that order, and has to end where the database is, having said what the outbox says.
"""

from collections.abc import Iterable
from uuid import UUID

from events.models import Event
from integrations.models import OutboxMessage
from registrations.models import RegistrationStatus
from registrations.services.reconcile_seats import ONE_SQL, count_seats
from tests.registrations.model import Model

PREFIX = "event.registration."


def require_model(event: Event, capacity: int | None, resized_to: Iterable[int | None] = ()) -> Model:
    """Raises AssertionError unless all that was told of the event is a story of the model's; returns the model.

    `capacity` is the one at the beginning, `resized_to` what each event.updated made of it, in order.
    """
    numbers: dict[str, int] = {}
    model, capacities, told = Model(capacity), iter(resized_to), []
    for message in OutboxMessage.objects.filter(key=str(event.id)).order_by("id"):
        word = message.message_type.removeprefix(PREFIX)
        if word == "event.updated":
            assert model.resize(next(capacities))
        elif message.message_type.startswith(PREFIX):
            number = numbers.setdefault(message.payload["user_id"], len(numbers))
            told.append((word, number))
            act(model, word, number)
    assert told == model.told
    names = {number: UUID(user_id) for user_id, number in numbers.items()}
    require_stored(event, model, names)
    return model


def act(model: Model, word: str, number: int) -> None:
    """What the message says; a promotion is the model's own doing."""
    if word in ("created", "waitlisted"):
        assert model.register(number, may_wait=word == "waitlisted")
    elif word == "cancelled":
        model.leave(number)


def require_stored(event: Event, model: Model, names: dict[int, UUID]) -> None:
    """Raises AssertionError unless the rows are where the model is."""
    event.refresh_from_db()
    rows = event.registrations.order_by("waitlist_number")

    def standing(status: str) -> list[UUID]:
        return list(rows.filter(status=status).values_list("user_id", flat=True))

    assert event.current_attendees == len(model.seats)
    assert set(standing(RegistrationStatus.REGISTERED)) == {names[number] for number in model.seats}
    assert standing(RegistrationStatus.WAITLISTED) == [names[number] for number in model.waiting]
    (count,) = count_seats(ONE_SQL, event_id=event.id)
    assert not count.has_drifted
