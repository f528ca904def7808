"""Answers with events, first as everybody would get them, then with what each event is to the caller.

`is_registered` is a hole in the bytes that the cache holds: a line with the tag and the ids of the events in their
order, then JSON with a hole for each.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import chain, repeat
from typing import Any, NamedTuple

import orjson

HOLE = "\0"
"""No text in PostgreSQL holds it."""
HOLE_BYTES = orjson.dumps(HOLE)
TAG_LENGTH = 24


class Answer(NamedTuple):
    """What goes to one caller; `tag` names the neutral form, `own` what was filled in ('' for nothing)."""

    body: bytes
    tag: str
    own: str = ""


def write_neutral(content: Mapping[str, Any], ids: Iterable[Any], tag: str = "") -> bytes:
    """JSON of `content`, in which `is_registered` of each event is HOLE. Without a `tag` it is made of the bytes."""
    body = orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)
    tag = tag or sha256(body).hexdigest()[:TAG_LENGTH]
    return b"%b %b\n%b" % (tag.encode(), write_ids(list(ids)), body)


def write_ids(ids: list[Any]) -> bytes:
    """With blanks between; orjson writes a UUID in a twentieth of the time that `str` takes."""
    return orjson.dumps(ids)[2:-2].replace(b'","', b" ")


def fill_in(neutral: bytes, own: bytes | None) -> Answer:
    """The answer for a person whose events are `own`, ids with blanks between."""
    head, _, body = neutral.partition(b"\n")
    tag, *ids = head.split()
    joined = set((own or b"").split()).intersection(ids)
    if not joined:
        return Answer(body.replace(HOLE_BYTES, b"false"), tag.decode())
    flags = [b"true" if event_id in joined else b"false" for event_id in ids]
    parts = body.split(HOLE_BYTES)
    filled = b"".join(chain.from_iterable(zip(parts, chain(flags, repeat(b"")), strict=False)))
    return Answer(filled, tag.decode(), "".join(f"-{n}" for n, flag in enumerate(flags) if flag == b"true"))
