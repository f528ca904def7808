"""The shapes of requests and answers; formats only, no database."""

from typing import Any

import orjson
from rest_framework import serializers

from events.api.serializers import EventBody, PagingBody
from meetinity_events.api.serializers import JSONBField, StrictSerializer
from registrations.api.profiles import FullProfileBody
from registrations.models import RegistrationStatus

MAX_DATA_BYTES = 16 * 1024


class RegistrationInput(StrictSerializer):
    """`POST /events/{id}/register`."""

    registration_data = JSONBField(
        required=False, allow_null=True, help_text="An object of up to 16 KiB: the answers to the event's form"
    )
    waitlist = serializers.BooleanField(default=False, help_text="Wait for a seat where none is left")

    def validate_registration_data(self, value: Any) -> Any:
        """A small object."""
        if value is None:
            return None
        if not isinstance(value, dict):
            raise serializers.ValidationError("This must be an object.")
        if len(orjson.dumps(value)) > MAX_DATA_BYTES:
            raise serializers.ValidationError(f"At most {MAX_DATA_BYTES} bytes.")
        return value


class RegistrationBody(serializers.Serializer[Any]):
    """A registration as the service answers it."""

    id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    status = serializers.ChoiceField(RegistrationStatus.choices)
    registration_data = serializers.JSONField(allow_null=True)
    registered_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PlaceBody(RegistrationBody):
    """A place on the waitlist."""

    position = serializers.IntegerField(allow_null=True, help_text="From 1; null for one who has a seat by now")


class WaitlistPage(PagingBody):
    """`GET /events/{id}/waitlist`."""

    waitlist = PlaceBody(many=True)


class NamedRegistrationBody(RegistrationBody):
    """A registration beside the person."""

    attendee = FullProfileBody()


class RegistrationPage(PagingBody):
    """`GET /events/{id}/registrations`."""

    registrations = NamedRegistrationBody(many=True)


class OwnRegistrationBody(RegistrationBody):
    """A registration beside its event."""

    event = EventBody()


class OwnRegistrationPage(PagingBody):
    """`GET /events/users/{user_id}/events`."""

    registrations = OwnRegistrationBody(many=True)
