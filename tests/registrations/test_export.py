"""The list of registrations as a file: what stands in it, who gets it, and how it is sent."""

import csv
import os
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from rest_framework.response import Response

from events.models import Event
from registrations.export import COLUMNS
from registrations.models import Registration
from tests.factories import Caller, in_days, make_event, snapshot
from tests.live import LiveService

# The export begins a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"type": "object", "properties": {"diet": {"type": "string"}, "shirt_size": {"type": "string"}}}
FORMATS = ("csv", "xlsx")


def add_registration(event: Event, number: int = 500, **fields: Any) -> Registration:
    return Registration.objects.create(event=event, user_id=UUID(int=number), **fields)


def download(caller: Caller, event: Event, file_format: str, **query: str) -> Response:
    return caller.get(f"/events/{event.id}/registrations/export", {"format": file_format, **query})


def body(response: Response) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def read_rows(response: Response) -> list[list[Any]]:
    """The file's rows as another program reads them; an empty cell is ''."""
    assert response.status_code == 200
    content = body(response)
    if response["Content-Type"].startswith("text/csv"):
        return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    return rows_of(content)


def rows_of(content: bytes) -> list[list[Any]]:
    """The cells of a workbook."""
    sheet = load_workbook(BytesIO(content)).active
    return [["" if cell.value is None else cell.value for cell in row] for row in sheet.iter_rows()]


def answers_in(response: Response) -> list[Any]:
    """The column of the first question, below its header."""
    return [row[len(COLUMNS)] for row in read_rows(response)[1:]]


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_registration_is_a_row_and_every_question_a_column(alice: Caller, file_format: str) -> None:
    event = make_event(alice, registration_form=FORM)
    common = {"updated_at": "2030-01-02T03:04:05.678Z"}
    came = add_registration(
        event,
        1,
        status="attended",
        registered_at="2030-01-01T00:00:01Z",
        checked_in_at="2030-01-02T10:00:00Z",
        check_in_method="token",
        registration_data={"diet": "vegan", "shirt_size": "M", "plus_one": True, "kids": ["Ann", "Bé"]},
        **common,
    )
    late, early = (
        add_registration(event, n, status="waitlisted", waitlist_number=n, registered_at=f"2030-01-01T00:00:0{second}Z")
        for n, second in ((30, 2), (20, 3))
    )
    Registration.objects.filter(pk__in=(late.pk, early.pk)).update(**common)

    header, *rows = read_rows(download(alice, event, file_format))

    assert header == [*COLUMNS, "answer_diet", "answer_shirt_size", "other_answers"]
    updated = "2030-01-02T03:04:05Z"
    assert [[str(cell) for cell in row] for row in rows] == [
        [
            *(str(came.id), str(UUID(int=1)), "attended", "2030-01-01T00:00:01Z", updated, ""),
            *("2030-01-02T10:00:00Z", "token", "vegan", "M", '{"kids": ["Ann", "Bé"], "plus_one": true}'),
        ],
        [str(late.id), str(UUID(int=30)), "waitlisted", "2030-01-01T00:00:02Z", updated, "2", *[""] * 5],
        [str(early.id), str(UUID(int=20)), "waitlisted", "2030-01-01T00:00:03Z", updated, "1", *[""] * 5],
    ]


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_event_without_registrations_or_questions_is_a_header(alice: Caller, file_format: str) -> None:
    assert read_rows(download(alice, make_event(alice), file_format)) == [[*COLUMNS, "other_answers"]]


def test_the_answer_is_a_download_with_its_length(alice: Caller) -> None:
    event = make_event(alice, title='Café "Zürich"\r\nSet-Cookie: a=b; 日本')
    add_registration(event)

    response = download(alice, event, "csv")
    content = body(response)

    assert content.startswith(b"\xef\xbb\xbf")
    assert response["Content-Length"] == str(len(content))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="registrations-cafe-zurich-set-cookie-ab.csv"'
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "Content-Encoding" not in response


@pytest.mark.parametrize("file_format", FORMATS)
def test_gunicorn_sends_the_whole_file(alice: Caller, live: LiveService, file_format: str) -> None:
    event = make_event(alice, registration_form=FORM)
    for number in range(300):
        add_registration(event, number, registration_data={"diet": "vegan " * 100})
    path = f"/events/{event.id}/registrations/export?format={file_format}"

    answers = [live.call(alice, "GET", path) for _ in range(2)]

    expected = body(download(alice, event, file_format))
    assert [answer.headers["Content-Length"] for answer in answers] == [str(len(answer.data)) for answer in answers]
    assert file_format == "xlsx" or [answer.data for answer in answers] == [expected] * 2
    assert file_format == "csv" or [rows_of(answer.data) for answer in answers] == [rows_of(expected)] * 2


def temporary_files() -> set[str]:
    """Those that this process holds open though they have no name any more."""
    files = [os.readlink(file) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return {file for file in files if file.endswith(" (deleted)")}


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_file_is_gone_when_it_was_sent(alice: Caller, file_format: str) -> None:
    event = make_event(alice)
    before = temporary_files()

    response = download(alice, event, file_format)
    while_it_is_sent = temporary_files()
    body(response)

    assert len(while_it_is_sent - before) == 1
    assert temporary_files() == before


def test_a_title_without_a_latin_letter_names_the_file_by_its_id(alice: Caller) -> None:
    event = make_event(alice, title="日本")

    response = download(alice, event, "xlsx")
    body(response)

    assert response["Content-Disposition"] == f'attachment; filename="registrations-{event.id}.xlsx"'


def test_csv_is_what_one_gets_without_saying(alice: Caller) -> None:
    event = make_event(alice)

    response = alice.get(f"/events/{event.id}/registrations/export")
    body(response)

    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_head_request_tells_the_length_only(alice: Caller) -> None:
    event = make_event(alice)
    length = download(alice, event, "csv")

    response = alice.call("HEAD", f"/events/{event.id}/registrations/export")

    assert (response.status_code, body(response), response["Content-Length"]) == (200, b"", length["Content-Length"])
    body(length)


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_list_is_narrowed_by_status(alice: Caller, file_format: str) -> None:
    event = make_event(alice)
    add_registration(event, 1, status="cancelled")
    for number in (2, 3):
        add_registration(event, number, status="waitlisted", waitlist_number=number)

    rows = read_rows(download(alice, event, file_format, status="waitlisted"))

    assert [[row[1], str(row[5])] for row in rows[1:]] == [[str(UUID(int=2)), "1"], [str(UUID(int=3)), "2"]]


@pytest.mark.parametrize(
    ("query", "field"), [({"format": "pdf"}, "format"), ({"format": "CSV"}, "format"), ({"status": "lost"}, "status")]
)
def test_a_bad_parameter_is_refused(alice: Caller, query: dict[str, str], field: str) -> None:
    response = alice.get(f"/events/{make_event(alice).id}/registrations/export", query)

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == [field]


def test_strangers_get_no_file(alice: Caller, bob: Caller, carol: Caller, anonymous: Caller) -> None:
    event, draft = make_event(alice), make_event(alice, status="draft")
    bob.post(f"/events/{event.id}/register")
    before = snapshot(event)

    refusals = [download(caller, event, "csv") for caller in (carol, bob, anonymous)]
    hidden = download(carol, draft, "csv")

    assert [response.status_code for response in (*refusals, hidden)] == [403, 403, 401, 404]
    assert refusals[0].json()["error"]["details"] == {"reason": ["not_the_organiser"]}
    assert snapshot(event) == before


def test_the_past_can_be_exported_too(alice: Caller, root: Caller) -> None:
    event = make_event(alice, start_date=in_days(-3))
    add_registration(event, status="no_show")

    assert [row[2] for row in read_rows(download(root, event, "csv"))] == ["status", "no_show"]
