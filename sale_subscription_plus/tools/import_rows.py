"""The file of an import: bytes to rows, rows to CSV, texts to dates and numbers. No database."""

import csv
import io
import math
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

COLUMNS = (
    "reference",
    "customer",
    "customer_reference",
    "email",
    "company",
    "currency",
    "plan",
    "product",
    "quantity",
    "price",
    "start_date",
    "next_invoice_date",
    "commitment_months",
    "state",
    "closed_on",
    "close_reason",
    "token",
)
REQUIRED = ("reference", "customer", "plan", "product")
# Written beside refused rows, so a corrected file may bring them back.
REPORT_COLUMNS = ("line", "reason")
MAX_BYTES = 200_000_000
MAX_CELL = 250  # characters; what a name, a reference or a token may reasonably need
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 1, 1)
MAX_NUMBER = 1_000_000_000

_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BadFile(Exception):
    """The file cannot be read at all."""

    def __init__(self, problem, **details):
        """:param str problem: which one; the importer has the sentence for it"""
        super().__init__(problem)
        self.problem = problem
        self.details = details


@dataclass
class Entry:
    """One row of the file, and what is made of it."""

    line: int  # where it begins in the file, counted from 1
    cells: dict  # {column: text}, all columns of the file
    width: int  # how many cells it has
    columns: int  # how many it should have
    problems: list = field(default_factory=list)
    is_present: bool = False  # its line is on an order already
    # What the texts say
    reference: str = ""
    shared: Any = None  # what all rows of the reference have in common
    plan: Any = None
    product: Any = None
    quantity: float = 1.0
    price: float | None = None
    start: date | None = None
    bill_date: date | None = None
    # What follows from it
    anchor: date | None = None
    hole: date | None = None  # first day that was not billed before

    def __getitem__(self, column):
        return self.cells.get(column, "")


# === BYTES TO ROWS ===#


def read_entries(data):
    """Return (columns of the file, iterator of :class:`Entry`); lines without any text are left out.

    :param bytes data: CSV in UTF-8, with comma or semicolon
    :raise BadFile: at once, or while rows are read

    >>> columns, entries = read_entries(b'Reference;customer;PLAN;product\\nA;"Ada; B.";Monthly;Mag\\n')
    >>> columns, [(entry.line, entry['customer']) for entry in entries]
    (['reference', 'customer', 'plan', 'product'], [(2, 'Ada; B.')])
    """
    text = decode(data)
    delimiter = find_delimiter(text)
    rows = _read_rows(text, delimiter)
    header = next(((line, cells) for line, cells in rows), (1, []))[1]
    columns = [" ".join(cell.lower().split()).replace(" ", "_") for cell in header]
    _check_columns(columns)
    return columns, (
        Entry(line, dict(zip(columns, map(unescape_formula, cells), strict=False)), len(cells), len(columns))
        for line, cells in rows
    )


def decode(data):
    """Return the text of ``data``.

    >>> decode(b'\\xef\\xbb\\xbfreference')
    'reference'
    """
    if len(data) > MAX_BYTES:
        raise BadFile("size", megabytes=MAX_BYTES // 1_000_000)
    if data.startswith(_SPREADSHEETS):
        raise BadFile("spreadsheet")
    if data.startswith(_UTF16):
        raise BadFile("encoding", line=1)
    if b"\0" in data:
        raise BadFile("binary", line=data.count(b"\n", 0, data.index(b"\0")) + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("encoding", line=data.count(b"\n", 0, error.start) + 1) from error
    if not text.strip():
        raise BadFile("empty")
    return text


def find_delimiter(text):
    """Return the delimiter under which the first line names more of our columns.

    >>> find_delimiter('reference;customer\\na,b;c,d'), find_delimiter('reference,customer')
    (';', ',')
    """
    first = text.lstrip().split("\n", 1)[0].lower()
    known = {";": 0, ",": 0}
    for delimiter in known:
        known[delimiter] = len({cell.strip(' \t\r"') for cell in first.split(delimiter)} & set(COLUMNS))
    return ";" if known[";"] > known[","] else ","


def _read_rows(text, delimiter):
    """Yield (line, cells) of rows with text; the line is the one where the row begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile("csv", line=line, error=str(error)) from error


def _check_columns(columns):
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise BadFile("missing", columns=missing, found=columns)
    doubles = sorted({column for column in columns if column in COLUMNS and columns.count(column) > 1})
    if doubles:
        raise BadFile("double", columns=doubles)


# === TEXTS TO VALUES ===#


def parse_date(text):
    """Return the date that ``text`` says in ISO form.

    :raise ValueError: when it says none, or one that no subscription can have

    >>> parse_date('2026-02-28')
    datetime.date(2026, 2, 28)
    """
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day < LAST_DAY:
        raise ValueError(text)
    return day


def parse_number(text):
    """Return the number that ``text`` says: digits, with a point before the decimals.

    :raise ValueError: when it says none, or one beyond a thousand million

    >>> parse_number('-12.50')
    -12.5
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    number = float(text)
    if not math.isfinite(number) or abs(number) >= MAX_NUMBER:
        raise ValueError(text)
    return number


def has_control_characters(text):
    """Return whether ``text`` holds what nobody types into a cell: line breaks, bells.

    >>> has_control_characters('Ada\\nB.'), has_control_characters('Ada – B.')
    (True, False)
    """
    return bool(_CONTROL.search(text))


# === ROWS TO CSV ===#


def escape_formula(text):
    """Return ``text`` such that a spreadsheet shows it and never runs it.

    >>> escape_formula("=cmd()"), escape_formula('-5.00'), escape_formula('Ada')
    ("'=cmd()", '-5.00', 'Ada')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def unescape_formula(text):
    """Take back what :func:`escape_formula` did, for rows that were refused, mended and come again.

    >>> unescape_formula("'=cmd()"), unescape_formula("'s Gravenhage")
    ('=cmd()', "'s Gravenhage")
    """
    return text[1:] if text.startswith("'") and escape_formula(text[1:]) == text else text


def write_refused(file, refused):
    """Write refused rows as CSV: their own columns, then their line and the reason.

    :param file: text file, opened with ``newline=""``
    :param list refused: dicts of texts, with ``line`` and ``reason``
    """
    columns = dict.fromkeys(column for row in refused for column in row if column not in REPORT_COLUMNS)
    writer = csv.writer(file)
    writer.writerow([*map(escape_formula, columns), *REPORT_COLUMNS])
    for row in refused:
        writer.writerow([escape_formula(str(row.get(column, ""))) for column in (*columns, *REPORT_COLUMNS)])
