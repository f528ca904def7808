"""What request bodies share: what is not a field, or may not be set, is refused instead of ignored."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown and read-only fields (422): a misspelt field must not look like success."""

    def to_internal_value(self, data: Any) -> Any:
        """The declared fields, validated; raises ValidationError naming every other key."""
        if isinstance(data, dict):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = {str(name): ["This field is unknown or read-only."] for name in data if name not in writable}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class JSONBField(serializers.JSONField):
    """Any JSON value that PostgreSQL's jsonb can hold: without NUL in any text."""

    def to_internal_value(self, data: Any) -> Any:
        """The value as it is."""
        if any("\0" in text for text in texts_in(data)):
            raise serializers.ValidationError("Null characters are not allowed.")
        return super().to_internal_value(data)


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
