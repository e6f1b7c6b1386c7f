"""How a place writes its files, and reads those that it is given: the same way."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.exchange import NotJson, decode, encode

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1")
TYPES = {"csv": "text/csv", "json": "application/json"}

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """A file that the place cannot read at all."""


@dataclass(frozen=True, slots=True)
class Style:
    """`columns` are other names for columns, by our own names."""

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    line_end: str = "\r\n"
    columns: Mapping[str, str] = field(default_factory=dict)

    def named(self, column: str) -> str:
        """The name that a column has in the file."""
        return self.columns.get(column, column)

    def write(self, kind: str, columns: Sequence[str], rows: Sequence[Row]) -> bytes:
        """A file of a kind (csv or json); what an encoding has no letter for becomes a question mark."""
        if kind == "json":
            return encode([{self.named(name): row[name] for name in columns} for row in rows])
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerow([self.named(name) for name in columns])
        writer.writerows([self._cell(row[name]) for name in columns] for row in rows)
        return text.getvalue().encode(self.encoding, "replace")

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        return str(value).replace(".", self.decimal) if isinstance(value, float) else str(value)

    def read(self, kind: str, body: bytes, columns: Sequence[str], needed: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of a file, by our own names; a column that is not there is None. Raises Unreadable.

        A CSV file without the columns that are needed is none.
        """
        rows = self._read_json(body) if kind == "json" else self._read_csv(body, needed)
        return [{name: row.get(self.named(name)) for name in columns} for row in rows]

    @staticmethod
    def _read_json(body: bytes) -> list[dict[str, Any]]:
        try:
            told = decode(body.removeprefix(b"\xef\xbb\xbf"))
        except NotJson as error:
            raise Unreadable("the file is not JSON") from error
        if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
            raise Unreadable("the file is not a list of objects")
        return told

    def _read_csv(self, body: bytes, needed: Sequence[str]) -> list[dict[str, Any]]:
        try:
            text = io.StringIO(body.decode(self.encoding).removeprefix("\ufeff"), newline="")
            found = list(csv.reader(text, delimiter=self.delimiter))
        except UnicodeError as error:
            raise Unreadable(f"the file is not in {self.encoding}") from error
        except csv.Error as error:
            raise Unreadable(f"the file is not CSV: {error}") from error
        if not found:
            raise Unreadable("the file is empty")
        head, *rows = found
        if not {self.named(name) for name in needed} <= set(head):
            raise Unreadable(f"the file has no columns {', '.join(self.named(name) for name in needed)}")
        return [dict(zip(head, row, strict=False)) for row in rows if row]
