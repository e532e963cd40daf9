"""The last step: everything that otadiff writes to files, devices and standard output is written here.

Outputs come in two kinds. A *document* (a report, a bundle, a database, an extracted image) appears whole or not at all. A
*record* (a journal, JSON Lines) grows line by line and never takes the place of an earlier one. ``Writer`` knows every
input of the run and refuses an output that would destroy one, before any work begins.
"""

from __future__ import annotations

from forensics.write.document import Document
from forensics.write.record import Record
from forensics.write.writer import Writer

__all__ = ["Document", "Record", "Writer"]
