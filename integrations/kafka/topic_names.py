"""What a topic may be called."""

import re
from functools import lru_cache

# Kafka's own rule (org.apache.kafka.common.internals.Topic).
NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,249}")


@lru_cache(maxsize=256)
def is_topic_name(name: str) -> bool:
    """True for a name that any broker takes."""
    return NAME.fullmatch(name) is not None
