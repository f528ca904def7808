"""Somebody's text in an export: it does nothing there, stays as it is, and fits into the file."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from registrations.export import COLUMNS, MAX_ANSWER_COLUMNS
from registrations.spreadsheet import LARGEST_EXACT, MAX_XLSX_TEXT
from tests.factories import Caller, make_event
from tests.registrations.test_export import (
    FORM,
    FORMATS,
    add_registration,
    answers_in,
    body,
    download,
    read_rows,
)

# The export begins a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)


DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "＝1+1",  # noqa: RUF001
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    "|calc",
    "%0a",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_begins_a_formula_in_a_csv(alice: Caller, text: str) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data={"diet": text})

    content = body(download(alice, event, "csv")).decode("utf-8-sig")
    (cell,) = [row[len(COLUMNS)] for row in list(csv.reader(StringIO(content, newline="")))[1:]]

    assert cell == "'" + text.replace("|", "\\|" if text.startswith(("=", "|")) else "|")
    assert f'"{cell}"'.replace('"', '""')[1:-1] in content  # quoted, so that no other separator divides it


@pytest.mark.parametrize("text", [*DANGEROUS, "http://evil.example", "mailto:a@b.example", "1e5", "{=1+1}"])
def test_every_text_is_text_in_an_xlsx(alice: Caller, text: str) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data={"diet": text})

    sheet = load_workbook(BytesIO(body(download(alice, event, "xlsx")))).active
    cell = sheet.cell(row=2, column=len(COLUMNS) + 1)

    assert (cell.data_type, cell.value) == ("s", text.replace("\r", "\n"))
    assert cell.hyperlink is None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "n"}  # an empty cell counts as n


@pytest.mark.parametrize("text", ["vegan", "a=b", "-5", "3.5", "it's", "a,b;c", 'say "hi"', "two\nlines"])
def test_harmless_text_stays_as_it_is(alice: Caller, text: str) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data={"diet": text})

    assert answers_in(download(alice, event, "csv")) == [text]
    assert answers_in(download(alice, event, "xlsx")) == [text]


def test_a_question_that_is_a_formula_is_a_text(alice: Caller) -> None:
    event = make_event(alice, registration_form={"properties": {"=1+1": {}, "status": {}}})

    assert read_rows(download(alice, event, "csv"))[0][len(COLUMNS) :] == [
        "answer_=1+1",
        "answer_status",
        "other_answers",
    ]


@pytest.mark.parametrize(
    ("value", "in_csv", "in_xlsx"),
    [
        (True, "true", True),
        (False, "false", False),
        (0, "0", 0),
        (-2.5, "-2.5", -2.5),
        (LARGEST_EXACT, str(LARGEST_EXACT), LARGEST_EXACT),
        (LARGEST_EXACT + 1, str(LARGEST_EXACT + 1), str(LARGEST_EXACT + 1)),
        (10**400, str(10**400), str(10**400)),
        (None, "", ""),
        (["a", {"b": 1}], '["a", {"b": 1}]', '["a", {"b": 1}]'),
    ],
)
def test_values_keep_their_type(alice: Caller, value: Any, in_csv: str, in_xlsx: Any) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data={"diet": value})

    assert answers_in(download(alice, event, "csv")) == [in_csv]
    assert answers_in(download(alice, event, "xlsx")) == [in_xlsx]


@pytest.mark.parametrize("file_format", FORMATS)
def test_characters_that_no_file_can_hold_are_replaced(alice: Caller, file_format: str) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data={"diet": "a\x01b\x1fc\x7fd\uffffe\U0001f331"})

    assert answers_in(download(alice, event, file_format)) == ["a\ufffdb\ufffdc\ufffdd\ufffde\U0001f331"]


def test_a_text_that_is_longer_than_a_cell_is_cut_and_not_lost(alice: Caller) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data={"diet": "\U0001f331" * 20_000})

    (cell,) = answers_in(download(alice, event, "xlsx"))

    assert cell == "\U0001f331" * (MAX_XLSX_TEXT // 2)


@pytest.mark.parametrize("file_format", FORMATS)
def test_answers_that_are_no_object_stand_with_the_others(alice: Caller, file_format: str) -> None:
    event = make_event(alice, registration_form=FORM)
    add_registration(event, registration_data=["an", "old", "client"])

    assert read_rows(download(alice, event, file_format))[1][-1] == '[["an", "old", "client"]]'


def test_beyond_the_columns_of_a_sheet_answers_stand_with_the_others(alice: Caller) -> None:
    names = [f"q{number:04}" for number in range(MAX_ANSWER_COLUMNS + 1)]
    event = make_event(alice, registration_form={"properties": {name: {} for name in names}})
    add_registration(event, registration_data={names[0]: "first", names[-1]: "last"})

    header, row = read_rows(download(alice, event, "csv"))

    assert len(header) == len(COLUMNS) + MAX_ANSWER_COLUMNS + 1
    assert (row[len(COLUMNS)], row[-1]) == ("first", f'{{"{names[-1]}": "last"}}')
