"""The shapes of the answers of the search."""

from typing import Any

from rest_framework import serializers

from events.api.serializers import ListedEventBody, PagingBody


class HighlightsBody(serializers.Serializer[Any]):
    """HTML, safe to show: everything is escaped but `<mark>` around what was found. Only the texts that hold a word."""

    title = serializers.CharField(required=False)
    location = serializers.CharField(required=False)
    description = serializers.CharField(required=False, help_text="The passage around the words")


class FoundEventBody(ListedEventBody):
    """An event that a search found."""

    rank = serializers.FloatField(help_text="Higher is better; comparable within one answer alone")
    highlights = HighlightsBody()


class CountBody(serializers.Serializer[Any]):
    """A value and how many of the found events have it."""

    value = serializers.CharField()
    count = serializers.IntegerField()


class IsVirtualCountBody(serializers.Serializer[Any]):
    """The same for a yes or no."""

    value = serializers.BooleanField()
    count = serializers.IntegerField()


class FacetsBody(serializers.Serializer[Any]):
    """How the found events divide, up to 20 values each; exact where `total_relation` is `eq`."""

    category = CountBody(many=True)
    tags = CountBody(many=True)
    month = CountBody(many=True, help_text="As 2026-11, in UTC, in order")
    virtual = IsVirtualCountBody(many=True)


class SearchPage(PagingBody):
    """`GET /events/search`."""

    events = FoundEventBody(many=True)
    query = serializers.CharField(help_text="What was searched for in the end")
    is_corrected = serializers.BooleanField(help_text="Nothing was found as it was typed: `query` is what was meant")
    facets = FacetsBody()
    suggestions = serializers.ListField(child=serializers.CharField(), help_text="Did you mean; each finds something")


class TagBody(serializers.Serializer[Any]):
    """A tag and how many coming events carry it."""

    name = serializers.CharField()
    count = serializers.IntegerField()
