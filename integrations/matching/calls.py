"""Makes as few calls as possible out of the waiting rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from integrations.matching.attendance import MAX_ATTENDEES, Attendance


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting message as the outbox holds it; `payload` and `headers` are JSON text."""

    id: int
    key: str
    payload: str
    headers: str
    attempts: int


@dataclass(slots=True)
class Call:
    """Rows of one event that are told together, oldest first. The newest knows the event best and names the request."""

    rows: list[Row] = field(default_factory=list)
    attendees: set[str] = field(default_factory=set)

    @property
    def body(self) -> Attendance:
        """What is told."""
        newest: Attendance = orjson.loads(self.rows[-1].payload)
        return {**newest, "attendees": sorted(self.attendees)}

    @property
    def headers(self) -> dict[str, str]:
        """What the request left for the call."""
        headers: dict[str, str] = orjson.loads(self.rows[-1].headers)
        return headers

    @property
    def ids(self) -> list[int]:
        """The rows to mark."""
        return [row.id for row in self.rows]

    @property
    def attempts(self) -> int:
        """How often it has been tried, with the try that is being made."""
        return max(row.attempts for row in self.rows) + 1

    def split(self) -> "list[Call]":
        """Each row as a call of its own."""
        return [call for row in self.rows for call in merge([row])]


def merge(rows: Iterable[Row]) -> list[Call]:
    """Calls in the order of their oldest rows, each of one event and of distinct attendees, up to 1,000."""
    calls: list[Call] = []
    open_calls: dict[str, Call] = {}
    for row in rows:
        attendees = orjson.loads(row.payload)["attendees"]
        call = open_calls.get(row.key)
        if call is None or len(call.attendees.union(attendees)) > MAX_ATTENDEES:
            call = open_calls[row.key] = Call()
            calls.append(call)
        call.rows.append(row)
        call.attendees.update(attendees)
    return calls
