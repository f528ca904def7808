"""The shape of a category."""

from rest_framework import serializers

from categories.models import Category


class CategorySerializer(serializers.ModelSerializer[Category]):
    """Every column."""

    class Meta:
        """The columns under their own names."""

        model = Category
        fields = ("id", "name", "description", "icon", "color", "is_active", "created_at")
