"""The shapes of requests and answers."""

from typing import Any

from rest_framework import serializers

from categories.models import Category
from meetinity_events.api.serializers import StrictSerializer


class CategorySerializer(serializers.ModelSerializer[Category]):
    """Every column."""

    class Meta:
        """The columns under their own names."""

        model = Category
        fields = ("id", "name", "description", "icon", "color", "is_active", "created_at")


class CategoryInput(StrictSerializer):
    """What an admin may set."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=1000, allow_null=True, allow_blank=True, required=False)
    icon = serializers.CharField(max_length=50, allow_null=True, allow_blank=True, required=False)
    color = serializers.RegexField(r"^#[0-9A-Fa-f]{6}\Z", allow_null=True, required=False, help_text="#RRGGBB")
    is_active = serializers.BooleanField(required=False, help_text="false: kept by its events, offered to no new one")


def category_fields(data: Any, *, partial: bool = False) -> dict[str, Any]:
    """The fields of a request body; raises ValidationError (422)."""
    body = CategoryInput(data=data, partial=partial)
    body.is_valid(raise_exception=True)
    fields: dict[str, Any] = body.validated_data
    return fields
