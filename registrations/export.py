"""Who registered for an event, as a file for its organiser: one consistent picture, however long the list."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Case, F, When, Window
from django.db.models.functions import RowNumber
from django.utils.text import slugify

from events.models import Event
from events.ownership import require_organiser
from meetinity_events.api.principal import Principal
from registrations.errors import TooManyRows
from registrations.models import Registration, RegistrationStatus
from registrations.spreadsheet import MAX_XLSX_ROWS, Row, write_csv, write_xlsx

SNAPSHOT_SQL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
COLUMNS = (
    "registration_id",
    "user_id",
    "status",
    "registered_at",
    "updated_at",
    "waitlist_position",
    "checked_in_at",
    "check_in_method",
)
ANSWER_PREFIX = "answer_"
OTHER_ANSWERS = "other_answers"
# The answers to further questions stand together in the last column.
MAX_ANSWER_COLUMNS = 500
ROWS_A_FETCH = 200
MAX_NAME = 80


class FileFormat(models.TextChoices):
    """What an export may be asked for as."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


CONTENT_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A finished file at its beginning; who gets it closes it, which also deletes it. `name` is ASCII."""

    file: IO[bytes]
    name: str
    content_type: str


def export_registrations(
    *, event_id: UUID, caller: Principal, file_format: FileFormat, status: RegistrationStatus | None = None
) -> ExportFile:
    """The registrations of an event, first come first; with `status` those in that state.

    Raises EventNotFound, NotTheOrganiser, and TooManyRows where the format ends before the list. Owns one transaction
    that reads one snapshot and writes nothing; it is over before the file is made, from a copy of the rows on disk, so
    that whatever a row still lacks may be asked for over the network then. Memory does not grow with the rows.
    """
    with TemporaryFile() as copy:
        with one_snapshot():
            event = require_organiser(Event.objects.find(event_id), caller)
            count = copy_rows(event, status, copy)
        if file_format == FileFormat.XLSX and count > MAX_XLSX_ROWS:
            raise TooManyRows
        copy.seek(0)
        file = make_file(file_format, read_copy(copy))
    name = slugify(event.title)[:MAX_NAME].strip("-_") or str(event.id)
    return ExportFile(file, f"registrations-{name}.{file_format}", CONTENT_TYPES[file_format])


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction of its own whose statements all see the database as it was at the first of them."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT_SQL)
        yield


def copy_rows(event: Event, status: RegistrationStatus | None, copy: IO[bytes]) -> int:
    """Write the header and the rows as lines of JSON; returns how many rows there are."""
    questions = list((event.registration_form or {}).get("properties") or {})[:MAX_ANSWER_COLUMNS]
    header = (*COLUMNS, *(ANSWER_PREFIX + question for question in questions), OTHER_ANSWERS)
    copy.write(as_line(header))
    count = 0
    for *facts, answers in read_rows(event.id, status):
        copy.write(as_line([*map(as_cell, facts), *answer_cells(answers, questions)]))
        count += 1
    return count


def read_rows(event_id: UUID, status: RegistrationStatus | None) -> Iterator[tuple[Any, ...]]:
    """COLUMNS and the answers of each registration, through a cursor of the server."""
    place = Window(RowNumber(), partition_by=F("status"), order_by="waitlist_number")
    rows = Registration.objects.filter(event_id=event_id).order_by("registered_at", "id")
    if status is not None:
        rows = rows.filter(status=status)
    named = rows.annotate(waitlist_position=Case(When(status=RegistrationStatus.WAITLISTED, then=place)))
    return named.values_list("id", *COLUMNS[1:], "registration_data").iterator(chunk_size=ROWS_A_FETCH)


def answer_cells(answers: Any, questions: list[str]) -> Row:
    """One cell a question and one with everything else as JSON, empty where there is nothing."""
    if not isinstance(answers, dict):
        return [*([None] * len(questions)), None if answers is None else as_cell([answers])]
    others = {name: answer for name, answer in answers.items() if name not in set(questions)}
    return [*(as_cell(answers.get(question)) for question in questions), as_cell(others) if others else None]


def as_cell(value: Any) -> str | int | float | bool | None:
    """Text, a number, a truth value or nothing: instants in UTC to the second, objects and lists as JSON."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def as_line(row: Row) -> bytes:
    """One row of the copy."""
    return json.dumps(row).encode() + b"\n"


def read_copy(copy: IO[bytes]) -> Iterator[Row]:
    """The rows back, header first."""
    return (json.loads(line) for line in copy)


def make_file(file_format: FileFormat, rows: Iterator[Row]) -> IO[bytes]:
    """The rows in a temporary file without a name, which is gone when it is closed or its process dies."""
    file = TemporaryFile()  # noqa: SIM115 - lives until it has been sent
    try:
        (write_xlsx if file_format == FileFormat.XLSX else write_csv)(rows, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
