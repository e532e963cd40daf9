"""Results as a SQLite file, for questions that no table answers.

Tables, each row of ``findings`` and ``inputs`` belonging to one of ``cases`` by its name in ``"case"``:

- ``cases``: "case", verdict, summary, project, firmware_version, idf_version, chip, protocol, chunk_size, fingerprint,
  error. ``verdict`` is None where ``error`` says why there is none.
- ``findings``: "case", position (0 is the most telling), code, slug, certainty, place, benign (0 or 1), summary.
- ``inputs``: "case", name, role, kind, size, sha256, protocol, why.

``PRAGMA user_version`` is the version of this layout.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from forensics.errors import OutputError
from forensics.pipeline.batch.results import CaseResult
from forensics.write import Document
from forensics.write.marks import APPLICATION_ID

VERSION = 1

_LAYOUT = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
PRAGMA journal_mode = MEMORY; -- no second file that could stay behind
CREATE TABLE cases (
    "case" TEXT PRIMARY KEY, verdict TEXT, summary TEXT NOT NULL, project TEXT, firmware_version TEXT, idf_version TEXT,
    chip TEXT, protocol TEXT, chunk_size INTEGER, fingerprint TEXT, error TEXT
) WITHOUT ROWID;
CREATE TABLE findings (
    "case" TEXT NOT NULL REFERENCES cases("case"), position INTEGER NOT NULL, code TEXT NOT NULL, slug TEXT NOT NULL,
    certainty TEXT NOT NULL, place TEXT NOT NULL, benign INTEGER NOT NULL, summary TEXT NOT NULL,
    PRIMARY KEY ("case", position)
) WITHOUT ROWID;
CREATE TABLE inputs (
    "case" TEXT NOT NULL REFERENCES cases("case"), name TEXT NOT NULL, role TEXT NOT NULL, kind TEXT NOT NULL,
    size INTEGER, sha256 TEXT, protocol TEXT, why TEXT NOT NULL
);
CREATE INDEX findings_by_code ON findings(code);
CREATE INDEX inputs_by_case ON inputs("case");
CREATE INDEX inputs_by_sha256 ON inputs(sha256);
"""

_CASE = "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FINDING = "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_INPUT = "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@contextmanager
def open_database(document: Document) -> Iterator[Database]:
    """A SQLite file that appears when the block ends without an error.

    Raises:
        OutputError: it cannot be written.
    """
    with document.part() as part, closing(sqlite3.connect(part)) as connection:
        database = Database(connection, document.name)
        yield database
        database.commit()


class Database:
    """The tables of a batch in a SQLite file.

    Args:
        connection: An empty database.
        name: What errors call it.

    Raises:
        OutputError: it cannot be written.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        with self._refusals():
            connection.executescript(_LAYOUT)

    def add(self, result: CaseResult) -> None:
        """The rows of one case.

        Raises:
            OutputError: the disk is full, or the like.
        """
        case = _text(result.case)
        told = (result.verdict, result.summary, result.project, result.firmware_version, result.idf_version, result.chip)
        rest = (result.protocol, result.chunk_size, result.fingerprint, result.error)
        findings = [
            (case, position, one.code, one.slug, one.certainty, one.place, one.benign, _text(one.summary))
            for position, one in enumerate(result.findings)
        ]
        inputs = [
            (case, _text(one.name), one.role.value, one.kind, _text(one.size), one.sha256, one.protocol, _text(one.why))
            for one in result.inputs
        ]
        with self._refusals():
            self._connection.execute(_CASE, (case, *map(_text, told), *map(_text, rest)))
            self._connection.executemany(_FINDING, findings)
            self._connection.executemany(_INPUT, inputs)

    def commit(self) -> None:
        """Write all rows.

        Raises:
            OutputError: the disk is full, or the like.
        """
        with self._refusals():
            self._connection.commit()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            step = "free some space, or name a file on another disk"
            raise OutputError(f"cannot be written: {error}", name=self._name, next_step=step) from error


def _text(value: object) -> object:
    """A value that SQLite takes: it has no half surrogate pairs, which names may hold, and no integers over 64 bits."""
    if isinstance(value, int) and value.bit_length() > 63:
        return str(value)
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
