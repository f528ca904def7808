"""Who came and who did not: the one owner of the SQL that moves a registration between those states.

Rows and messages are one statement, guarded by the state that a row has: a repeat finds nothing to move and says
nothing. The seat stays taken throughout.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from events.models import Event
from integrations.kafka.envelope import format_time
from integrations.matching.attendance import attendance_sql
from integrations.outbox.record import insert_params, nudge_on_commit
from registrations.messages import ATTENDANCE_UNDONE, ATTENDED, NO_SHOW, message_sql
from registrations.models import CheckInMethod, RegistrationStatus

MARK_SQL = """
WITH seat AS (SELECT id, category, tags FROM events WHERE id = %(event_id)s),
registration AS (
    UPDATE event_registrations
    SET status = '{status}', checked_in_at = %(checked_in_at)s, checked_in_by = %(checked_in_by)s,
        check_in_method = %(method)s, updated_at = %(at)s
    WHERE event_id = %(event_id)s AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s::uuid[]))
      AND status IN ({origins})
    RETURNING id, user_id
),
message AS ({message}){more}
SELECT count(*) FROM registration
"""
# Matching-service wants to know who came, and has no words for a correction.
TOLD_SQL = ", told AS ({})".format(
    attendance_sql(
        source="(SELECT seat.id AS event_id, user_id, coalesce(category, '') AS category, tags "
        "FROM seat CROSS JOIN registration) AS came"
    )
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A state, those from which a registration enters it, and the message that tells of it."""

    status: str
    origins: tuple[str, ...]
    message_type: str

    @property
    def sql(self) -> str:
        """The statement."""
        origins = ", ".join(f"'{origin}'" for origin in self.origins)
        more = TOLD_SQL if self.status == RegistrationStatus.ATTENDED else ""
        return MARK_SQL.format(status=self.status, origins=origins, message=message_sql(self.message_type), more=more)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Which organiser or admin knew that somebody came, and how."""

    by: UUID
    method: CheckInMethod


CAME = Mark("attended", ("registered", "no_show"), ATTENDED)
MISSED = Mark("no_show", ("registered", "attended"), NO_SHOW)
NEVER_CAME = Mark("no_show", ("registered",), NO_SHOW)
UNDONE = Mark("registered", ("attended", "no_show"), ATTENDANCE_UNDONE)
CHECK_IN_UNDONE = Mark("registered", ("attended",), ATTENDANCE_UNDONE)


def mark_registrations(
    event: Event, mark: Mark, *, at: datetime, ids: Collection[UUID] | None = None, check_in: CheckIn | None = None
) -> int:
    """Move the registrations with these ids, or all of the event, and record a message for each that moved.

    Returns how many moved. The caller's transaction has locked the event's row. `check_in` belongs to CAME and to no
    other mark; every other clears what an earlier one wrote.
    """
    parameters: dict[str, Any] = {
        "event_id": event.id,
        "ids": None if ids is None else list(ids),
        "at": at,
        "checked_in_at": at if check_in else None,
        "checked_in_by": check_in.by if check_in else None,
        "method": check_in.method if check_in else CheckInMethod.NONE,
        "occurred_at": format_time(at),
        **insert_params(),
    }
    with connection.cursor() as cursor:
        cursor.execute(mark.sql, parameters)
        moved: int = cursor.fetchone()[0]
    if moved:
        nudge_on_commit()
    return moved
