"""The shapes of requests and answers; formats only, no database."""

from collections.abc import Iterator
from typing import Any

import orjson
from rest_framework import serializers

from events.api.serializers import EventBody, PagingBody
from meetinity_events.api.serializers import StrictSerializer
from registrations.models import RegistrationStatus

MAX_DATA_BYTES = 16 * 1024


class RegistrationInput(StrictSerializer):
    """`POST /events/{id}/register`."""

    registration_data = serializers.JSONField(required=False, allow_null=True, help_text="An object of up to 16 KiB")

    def validate_registration_data(self, value: Any) -> Any:
        """An object that PostgreSQL's jsonb can hold: small, and without NUL in any text."""
        if value is None:
            return None
        if not isinstance(value, dict):
            raise serializers.ValidationError("This must be an object.")
        if len(orjson.dumps(value)) > MAX_DATA_BYTES:
            raise serializers.ValidationError(f"At most {MAX_DATA_BYTES} bytes.")
        if any("\0" in text for text in texts_in(value)):
            raise serializers.ValidationError("Null characters are not allowed.")
        return value


def texts_in(value: Any) -> Iterator[str]:
    """Every key and every text of a JSON value."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item


class RegistrationBody(serializers.Serializer[Any]):
    """A registration as the service answers it."""

    id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    status = serializers.ChoiceField(RegistrationStatus.choices)
    registration_data = serializers.JSONField(allow_null=True)
    registered_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RegistrationPage(PagingBody):
    """`GET /events/{id}/registrations`."""

    registrations = RegistrationBody(many=True)


class OwnRegistrationBody(RegistrationBody):
    """A registration beside its event."""

    event = EventBody()


class OwnRegistrationPage(PagingBody):
    """`GET /events/users/{user_id}/events`."""

    registrations = OwnRegistrationBody(many=True)
