"""Who else hears which messages Kafka has acknowledged, by KAFKA_FOLLOWERS, since no app names those above it."""

from collections.abc import Set as AbstractSet

from django.conf import settings
from django.utils.module_loading import import_string


def tell_followers(keys: AbstractSet[str]) -> None:
    """The keys of messages, which are ids of events; a follower is told again when a message is sent again."""
    for path in settings.KAFKA_FOLLOWERS:
        import_string(path)(keys)
