"""The shapes around tickets, check-in and attendance; formats only, no database."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.api.serializers import PagingBody
from meetinity_events.api.principal import parse_subject
from meetinity_events.api.serializers import JSONBField, StrictSerializer
from registrations.api.serializers import RegistrationBody, RegistrationInput
from registrations.models import CheckInMethod, RegistrationStatus

MAX_TOKEN = 200
MAX_PEOPLE = 10_000
NO_USER = "This is not a user id."


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class UserIdField(serializers.Field[UUID, Any, UUID, Any]):
    """A user in any form that the platform has: a UUID, an integer or its digits, another text."""

    def to_internal_value(self, data: Any) -> UUID:
        """As the UUID of our tables."""
        try:
            return parse_subject(data).id
        except ValueError as error:
            raise serializers.ValidationError(NO_USER) from error


class UserIdsField(serializers.ListField):
    """Many of them, each once; thousands are read in one go."""

    child = UserIdField()

    def run_child_validation(self, data: Any) -> list[UUID]:
        """The ids in the order given; every one that is none is named by its place."""
        users: dict[UUID, None] = {}
        wrong: dict[str, list[str]] = {}
        for place, value in enumerate(data):
            try:
                users[parse_subject(value).id] = None
            except ValueError:
                wrong[str(place)] = [NO_USER]
        if wrong:
            raise serializers.ValidationError(wrong)
        return list(users)


class CheckInInput(StrictSerializer):
    """`POST /events/{id}/check-in`: one of the two."""

    token = serializers.CharField(max_length=MAX_TOKEN, required=False)
    user_id = UserIdField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Neither is nobody, both may be two people."""
        if len(attrs) != 1:
            raise serializers.ValidationError({"token": ["Give either a token or a user_id."]})
        return attrs


class AttendanceInput(StrictSerializer):
    """`POST /events/{id}/attendance`: up to 10,000 users in all, nobody in two lists."""

    attended = UserIdsField(required=False, default=list)
    no_show = UserIdsField(required=False, default=list)
    reset = UserIdsField(required=False, default=list, help_text="Back to registered")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What looks at several lists."""
        if sum(len(users) for users in attrs.values()) > MAX_PEOPLE:
            raise serializers.ValidationError(f"At most {MAX_PEOPLE} users.")
        seen: set[UUID] = set()
        for name, users in attrs.items():
            if not seen.isdisjoint(users):
                raise serializers.ValidationError({name: ["A user stands in two lists."]})
            seen.update(users)
        return attrs


class RegistrationChange(StrictSerializer):
    """`PATCH /events/{id}/registrations/{registration_id}`."""

    registration_data = JSONBField(allow_null=True, help_text="An object of up to 16 KiB; replaces the old")
    validate_registration_data = RegistrationInput.validate_registration_data


class TicketBody(serializers.Serializer[Any]):
    """The caller's ticket."""

    token = serializers.CharField(help_text="For the QR code, or to type")
    registration_id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    status = serializers.ChoiceField(RegistrationStatus.choices)
    check_in_opens_at = serializers.DateTimeField()
    check_in_closes_at = serializers.DateTimeField()


class OwnGuestBody(RegistrationBody):
    """A registration with its check-in, for the guest."""

    checked_in_at = serializers.DateTimeField(allow_null=True)
    check_in_method = serializers.ChoiceField(CheckInMethod.choices)


class GuestBody(OwnGuestBody):
    """The same for the organiser."""

    checked_in_by = serializers.UUIDField(
        allow_null=True, required=False, help_text="For the organiser or an admin only"
    )


class CheckedInBody(GuestBody):
    """The answer of a check-in."""

    already_checked_in = serializers.BooleanField(help_text="False for the request that checked the guest in")


class MarkedBody(serializers.Serializer[Any]):
    """What a list changed, and how the event stands now."""

    changed = serializers.IntegerField(help_text="Registrations that this request changed; a replayed one changes none")
    registered = serializers.IntegerField()
    attended = serializers.IntegerField()
    no_show = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.UUIDField(), help_text="Users who hold no seat")


class AttendanceBody(serializers.Serializer[Any]):
    """Somebody with a seat, and how often they came to any event."""

    id = serializers.UUIDField(help_text="Of the registration")
    user_id = serializers.UUIDField()
    status = serializers.ChoiceField(RegistrationStatus.choices)
    registered_at = serializers.DateTimeField()
    checked_in_at = serializers.DateTimeField(allow_null=True)
    checked_in_by = serializers.UUIDField(allow_null=True)
    check_in_method = serializers.ChoiceField(CheckInMethod.choices)
    events_attended = serializers.IntegerField(help_text="Over all events")
    events_missed = serializers.IntegerField(help_text="Over all events")
    no_show_rate = serializers.FloatField(
        allow_null=True, help_text="events_missed / (events_attended + events_missed), to three places; null: no past"
    )


class AttendancePage(PagingBody):
    """`GET /events/{id}/attendance`."""

    attendance = AttendanceBody(many=True)
