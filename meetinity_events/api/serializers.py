"""The base of every request body: what is not a field, or may not be set, is refused instead of ignored."""

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
