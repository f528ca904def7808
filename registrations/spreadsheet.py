"""Rows of cells as a file for people's spreadsheets, where no text of anybody's ever becomes a formula or a link."""

import re
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import IO

from defusedcsv import csv
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | bool | None
Row = Sequence[Cell]

MAX_XLSX_ROWS = 1_048_575
"""Below the header; a sheet ends there."""
MAX_XLSX_TEXT = 32_767
"""Characters of one cell, as UTF-16 counts them."""
LARGEST_EXACT = 2**53
"""A sheet's numbers are doubles: beyond this they would change."""

# What XML 1.0 cannot hold; CSV has no use for it either.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# defusedcsv looks at the first character alone: a spreadsheet also trims what stands before a formula, and takes the
# full-width signs of East Asian keyboards for the plain ones.
HIDDEN_FORMULA = re.compile(r"[\t\r\n]|\s+[=+\-@|%]|\s*[＝＋－＠]")  # noqa: RUF001


def write_csv(rows: Iterable[Row], file: IO[bytes]) -> None:
    """RFC 4180 with a byte order mark, without which Excel reads UTF-8 as the code page of the computer.

    A text that a spreadsheet would calculate begins with an apostrophe. Every text is quoted, so that a computer whose
    separator is a semicolon does not find a formula behind one. Leaves the file open, at its end.
    """
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([plain_cell(cell) for cell in row])
    text.detach()


def plain_cell(cell: Cell) -> str | int | float:
    """A cell for defusedcsv, which escapes what begins as a formula."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return cell
    text = printable(cell or "")
    return f"'{text}" if HIDDEN_FORMULA.match(text) else text


def write_xlsx(rows: Iterable[Row], file: IO[bytes]) -> None:
    """A workbook with one sheet; numbers and truth values are such, everything else is text. Leaves the file open.

    The sheet goes through temporary files row by row, so that memory does not grow with it. Rows beyond MAX_XLSX_ROWS
    are the caller's to refuse.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet("Registrations")
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        for number, row in enumerate(rows):
            write_sheet_row(sheet, number, row, None if number else bold)


def write_sheet_row(sheet: Worksheet, number: int, row: Row, style: Format | None) -> None:
    """One row, each cell by the type that it has and never by what its text looks like."""
    for column, cell in enumerate(row):
        if isinstance(cell, bool):
            sheet.write_boolean(number, column, cell, style)
        elif isinstance(cell, (int, float)) and abs(cell) <= LARGEST_EXACT:
            sheet.write_number(number, column, cell, style)
        elif cell is not None and cell != "":
            sheet.write_string(number, column, sheet_text(str(cell)), style)


def sheet_text(text: str) -> str:
    """As much of the text as a cell holds; a cell that is too long would be left out in silence."""
    text = printable(text).replace("\r\n", "\n").replace("\r", "\n")
    in_utf16 = text.encode("utf-16-le")
    return text if len(in_utf16) <= 2 * MAX_XLSX_TEXT else in_utf16[: 2 * MAX_XLSX_TEXT].decode("utf-16-le", "ignore")


def printable(text: str) -> str:
    """The text with U+FFFD for each character that a file cannot hold."""
    return UNPRINTABLE.sub("\ufffd", text)
