"""Results as a SQLite file, for questions that no table answers.

Tables, each row of ``findings`` and ``inputs`` belonging to one of ``cases`` by its name in ``"case"``:

- ``cases``: "case", verdict, summary, project, firmware_version, idf_version, chip, protocol, chunk_size, fingerprint,
  error. ``verdict`` is null where ``error`` says why there is none.
- ``findings``: "case", position (0 is the most telling), code, slug, certainty, place, benign (0 or 1), summary.
- ``inputs``: "case", name, role, kind, size, sha256, protocol, why.

``PRAGMA user_version`` is the version of this layout.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from forensics.errors import InputError
from forensics.pipeline.batch.results import CaseResult

VERSION = 1

_LAYOUT = f"""
PRAGMA user_version = {VERSION};
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


class Database:
    """A SQLite file that appears whole or not at all.

    Args:
        path: The file; one that exists is replaced at the end.

    Raises:
        InputError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        try:
            self._part.unlink(missing_ok=True)
            self._connection = sqlite3.connect(self._part)
            self._connection.executescript(_LAYOUT)
        except (OSError, sqlite3.Error) as error:
            raise self._unwritable(error) from error

    def add(self, result: CaseResult) -> None:
        """The rows of one case.

        Raises:
            InputError: the disk is full, or the like.
        """
        case = _text(result.case)
        told = (result.verdict, result.summary, result.project, result.firmware_version, result.idf_version, result.chip)
        rest = (result.protocol, result.chunk_size, result.fingerprint, result.error)
        findings = [
            (case, position, one.code, one.slug, one.certainty, one.place, one.benign, _text(one.summary))
            for position, one in enumerate(result.findings)
        ]
        inputs = [
            (case, _text(one.name), one.role.value, one.kind, one.size, one.sha256, one.protocol, _text(one.why))
            for one in result.inputs
        ]
        try:
            self._connection.execute(_CASE, (case, *map(_text, told), *map(_text, rest)))
            self._connection.executemany(_FINDING, findings)
            self._connection.executemany(_INPUT, inputs)
        except sqlite3.Error as error:
            raise self._unwritable(error) from error

    def close(self, *, complete: bool) -> None:
        """Put the file in its place when the batch is ``complete``, else take it away.

        Raises:
            InputError: it cannot be written.
        """
        try:
            if complete:
                self._connection.commit()
            self._connection.close()
            if complete:
                os.replace(self._part, self._path)  # noqa: PTH105 - the same as Path.replace, said as what it is
            else:
                self._part.unlink(missing_ok=True)
        except (OSError, sqlite3.Error) as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError | sqlite3.Error) -> InputError:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return InputError(f"cannot be written: {reason}", name=self._path.name)


def _text(value: object) -> object:
    """A value that SQLite takes: names may hold half of a surrogate pair, which no database does."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
