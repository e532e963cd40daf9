"""What a file is by its first bytes or its name, as far as opening it needs to know."""

from __future__ import annotations

ZIP_ENTRY = b"PK\x03\x04"
GZIP_MAGIC = b"\x1f\x8b"
SNOOP_BEGINS = b"--- BEGIN:BTSNOOP_LOG_SUMMARY"
"""The line of an Android bug report behind which its short snoop log follows."""

_BUG_REPORT_BEGINS = b"== dumpstate: "
_HEAD = 400
_TEXT_HEAD = 256
_CONTROL = bytes(value for value in range(32) if value not in b"\t\n\r\f\x1b") + b"\x7f"
_FOR_PEOPLE = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".mp4", ".pdf", ".doc", ".docx", ".md", ".html")


def begins_as_text(head: bytes) -> bool:
    """The input begins like a text file: no control characters, or a byte order mark of UTF-8 or UTF-16."""
    start = head[:_TEXT_HEAD]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return len(start) > 3 and (start[3] == 0 or start[2] == 0)
    return bool(start) and len(start.translate(None, _CONTROL)) == len(start)


def archive_kind(head: bytes) -> str | None:
    """``zip``, ``gzip`` or ``btsnooz`` when a file that begins with ``head`` is an archive, else None."""
    if head.startswith((ZIP_ENTRY, b"PK\x05\x06")):
        return "zip"
    if head.startswith(GZIP_MAGIC + b"\x08"):
        return "gzip"
    if begins_as_text(head) and (SNOOP_BEGINS in head or _BUG_REPORT_BEGINS in head[:_HEAD]):
        return "btsnooz"
    return None


def holds_files(head: bytes) -> bool:
    """It is opened as a folder is. The text of a bug report is read as a text, and may be a log besides."""
    return archive_kind(head) in ("zip", "gzip")


def is_for_people(name: str) -> bool:
    """A picture or a document: what is in it is no evidence."""
    return name.lower().endswith(_FOR_PEOPLE)
