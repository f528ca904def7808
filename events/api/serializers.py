"""The shapes of requests and answers; formats only, no database."""

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from events.images.names import absolute_link, stored_link, thumbnail_link
from events.registration_form import validate_form
from events.status import EventStatus
from events.validation import (
    MAX_TAG_LENGTH,
    MAX_TAGS,
    normalise_tags,
    validate_currency,
    validate_https,
    validate_timezone,
)
from meetinity_events.api.serializers import JSONBField, StrictSerializer

MAX_DESCRIPTION = 5000
MAX_CAPACITY = 10_000
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)


class InstantField(serializers.DateTimeField):
    """ISO 8601 with its offset: a local time without one means another moment to every reader."""

    default_error_messages = {  # noqa: RUF012
        "naive": "Give the offset from UTC, for example 2026-10-15T18:00:00Z.",
        "range": "This date is out of range.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """The instant in UTC."""
        if value.tzinfo is None:
            self.fail("naive")
        instant: datetime = super().enforce_timezone(value)
        if not EARLIEST <= instant <= LATEST:
            self.fail("range")
        return instant


class TagsField(serializers.ListField):
    """At most ten different tags, lower-cased."""

    child = serializers.CharField(max_length=MAX_TAG_LENGTH)

    def to_internal_value(self, data: Any) -> list[str]:
        """The distinct tags in the order given."""
        tags = normalise_tags(super().to_internal_value(data))
        if len(tags) > MAX_TAGS:
            raise serializers.ValidationError(f"At most {MAX_TAGS} tags.")
        return tags


class ImageLinkField(serializers.CharField):
    """An image of ours, or any https address; in the column the former has no host."""

    def to_internal_value(self, data: Any) -> str:
        """A link of ours as the column holds it, since clients send back what they got."""
        link: str = super().to_internal_value(data)
        own = stored_link(link)
        if own == link:
            validate_https(link)
        return own

    def to_representation(self, value: Any) -> Any:
        """Absolute."""
        return absolute_link(value)


class ThumbnailLinkField(serializers.CharField):
    """The thumbnail of the image in the column."""

    def to_representation(self, value: Any) -> Any:
        """Absolute; None for a link of the client's own."""
        return thumbnail_link(value)


class EventInput(StrictSerializer):
    """What an organiser may set."""

    title = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=MAX_DESCRIPTION, allow_null=True, allow_blank=True, required=False)
    location = serializers.CharField(max_length=255, allow_null=True, allow_blank=True, required=False)
    latitude = serializers.DecimalField(10, 8, min_value=-90, max_value=90, allow_null=True, required=False)
    longitude = serializers.DecimalField(11, 8, min_value=-180, max_value=180, allow_null=True, required=False)
    start_date = InstantField()
    end_date = InstantField(allow_null=True, required=False)
    timezone = serializers.CharField(max_length=64, required=False, validators=[validate_timezone])
    max_attendees = serializers.IntegerField(
        min_value=1, max_value=MAX_CAPACITY, allow_null=True, required=False, help_text="null: unlimited"
    )
    category = serializers.CharField(max_length=100, help_text="Name or id of an active category")
    tags = TagsField(required=False)
    image_url = ImageLinkField(max_length=2000, allow_null=True, required=False)
    is_virtual = serializers.BooleanField(required=False)
    virtual_link = serializers.CharField(max_length=2000, allow_null=True, required=False, validators=[validate_https])
    price = serializers.DecimalField(10, 2, min_value=0, required=False)
    currency = serializers.CharField(required=False, validators=[validate_currency])
    registration_form = JSONBField(
        required=False,
        allow_null=True,
        validators=[validate_form],
        help_text="A JSON Schema of up to 50 flat questions; answers go into `registration_data`",
    )


class NewEventInput(EventInput):
    """`POST /events`."""

    status = serializers.ChoiceField([EventStatus.ACTIVE, EventStatus.DRAFT], required=False)


class CancelInput(StrictSerializer):
    """`POST /events/{id}/cancel`."""

    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class EventBody(serializers.Serializer[Any]):
    """An event as the service answers it; `events.api.dialects.canonical` writes the same."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    location = serializers.CharField(allow_null=True)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    start_date = serializers.DateTimeField()
    end_date = serializers.DateTimeField(allow_null=True)
    timezone = serializers.CharField()
    max_attendees = serializers.IntegerField(allow_null=True)
    current_attendees = serializers.IntegerField()
    category = serializers.CharField(allow_null=True)
    category_id = serializers.UUIDField(source="category_ref_id", allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    image_url = ImageLinkField(allow_null=True)
    is_virtual = serializers.BooleanField()
    virtual_link = serializers.CharField(allow_null=True)
    price = serializers.DecimalField(10, 2)
    currency = serializers.CharField()
    status = serializers.ChoiceField(EventStatus.choices)
    created_by = serializers.UUIDField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    image_thumbnail_url = ThumbnailLinkField(
        source="image_url", allow_null=True, help_text="null unless an image was uploaded"
    )
    seats_left = serializers.IntegerField(allow_null=True, help_text="null: unlimited")


class ListedEventBody(EventBody):
    """An event in a list."""

    distance_km = serializers.FloatField(required=False, help_text="Only where a point was given")
    is_registered = serializers.BooleanField(help_text="The caller holds a seat")


class EventDetailBody(EventBody):
    """`GET /events/{id}`."""

    is_registered = serializers.BooleanField()
    registration_form = serializers.JSONField(allow_null=True)


class PagingBody(serializers.Serializer[Any]):
    """The paging part of every list."""

    total = serializers.IntegerField()
    total_relation = serializers.ChoiceField(["eq", "gte"])
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)
    limit = serializers.IntegerField(required=False, help_text="Only where limit or offset was given")
    offset = serializers.IntegerField(required=False)
    next_offset = serializers.IntegerField(required=False, allow_null=True)


class EventPage(PagingBody):
    """`GET /events`."""

    events = ListedEventBody(many=True)
