"""Create an event."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from categories.models import Category
from events.cache import forget_event_on_commit
from events.messages import event_created
from events.models import Event
from events.search.words import learn_words_on_commit
from events.status import EventStatus
from events.validation import check_together, refuse_uploaded_image
from integrations.gateway.idempotency import ReplayKey, claim
from integrations.outbox.record import record
from integrations.users.profiles import require_not_removed
from integrations.users.validation import require_active_user
from meetinity_events.api.principal import Principal
from meetinity_events.observability import metrics

BLANK: Mapping[str, Any] = {
    "end_date": None,
    "latitude": None,
    "longitude": None,
    "is_virtual": False,
    "virtual_link": None,
}


def create_event(
    *, organiser: Principal, fields: Mapping[str, Any], category: str, replay: ReplayKey | None = None
) -> Event:
    """Store an event and tell the world, unless it is a draft.

    `fields` are columns of Event in the formats of `events.validation`; `category` is the name or id of an active one.
    Raises InvalidFields, UserNotActive, UserNotValidated, UserRemoved, RequestInProgress. Asks user-service before its
    one transaction; records event.created for an active event. A repeat creates another event, unless `replay` says
    that it is one.
    """
    refuse_uploaded_image(fields)
    check_together({**BLANK, **fields})
    require_active_user(organiser)
    event_id = uuid7()
    with transaction.atomic():
        require_not_removed(user_id=organiser.id)
        claim(replay, status=201, resource_id=event_id)
        chosen = Category.objects.choose(category)
        event = Event.objects.create(
            id=event_id, **fields, category=chosen.name, category_ref=chosen, created_by=organiser.id
        )
        if event.status == EventStatus.ACTIVE:
            message = event_created(event, timezone.now())
            record(message_type=message["event_type"], key=event.id, payload=message)
            forget_event_on_commit(event.id)
            learn_words_on_commit(event.id)
        transaction.on_commit(partial(metrics.EVENTS_CREATED.inc), robust=True)
    return event
