"""Registering as most do it: lock the row with `select_for_update`, ask, then write, each by a statement of the ORM.

It promises what `registrations.services.register_user` promises, apart from waiting, forms and repeats, so that a
benchmark can set the two side by side behind the same HTTP.
"""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from events.models import Event
from events.status import EventStatus
from integrations.kafka.envelope import format_time
from integrations.outbox.record import record
from integrations.users.profiles import require_not_removed
from integrations.users.validation import require_active_user
from meetinity_events.api.authentication import principal_of
from meetinity_events.api.principal import Principal
from registrations.api.serializers import RegistrationInput
from registrations.api.views import render
from registrations.cache import forget_seats_on_commit
from registrations.errors import AlreadyRegistered, EventFull, RegistrationClosed, TooManyRegistrations
from registrations.messages import CREATED
from registrations.models import Registration


class OrmRegistrationViewSet(ViewSet):
    """The same route: token, limit, body and answer."""

    rate_limits: ClassVar[dict[str, str]] = {"register": "register"}

    def register(self, request: Request, event_id: UUID) -> Response:
        """Take a seat for the caller."""
        body = RegistrationInput(data=request.data)
        body.is_valid(raise_exception=True)
        return render(register_by_orm(event_id=event_id, user=principal_of(request)), 201)


def register_by_orm(*, event_id: UUID, user: Principal) -> Registration:
    """Owns one transaction; locks the event's row from its first statement to its last."""
    require_active_user(user)
    with transaction.atomic():
        event = Event.objects.select_for_update().get(pk=event_id)
        now = timezone.now()
        require_not_removed(user_id=user.id)
        if event.status != EventStatus.ACTIVE or event.start_date <= now:
            raise RegistrationClosed
        if not event.has_room:
            raise EventFull
        own = Registration.objects.of_user(user.id)
        if own.filter(event_id=event_id).exists():
            raise AlreadyRegistered
        if own.coming(now).count() >= settings.MAX_ACTIVE_REGISTRATIONS:
            raise TooManyRegistrations
        registration = Registration.objects.create(event=event, user_id=user.id)
        event.current_attendees += 1
        event.save(update_fields=["current_attendees"])
        record(message_type=CREATED, key=event.id, payload=make_payload(event, registration))
        forget_seats_on_commit(event_id, [user.id])
    return registration


def make_payload(event: Event, registration: Registration) -> dict[str, object]:
    """What the message says."""
    return {
        "event_type": CREATED,
        "event_id": str(event.id),
        "user_id": str(registration.user_id),
        "registration_id": str(registration.id),
        "timestamp": format_time(registration.registered_at),
        "event_category": event.category,
        "event_tags": event.tags,
    }
