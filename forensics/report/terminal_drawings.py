"""The drawings of a finding in a terminal: chunk picture and hex excerpt, behind a rule."""

from __future__ import annotations

from forensics.model.alignment import Edit
from forensics.model.report import Report
from forensics.report.excerpt import ExcerptRow, excerpt_rows, hex_columns, text_columns
from forensics.report.page import Page, Piece, Role
from forensics.report.picture import Column, Picture, picture_of
from forensics.report.words import hex_offset

TEXT_COLUMNS_FROM = 94
"""Terminal columns from which an excerpt shows its printable characters too."""


def gutter(page: Page, *pieces: Piece, number: str = "") -> None:
    """One line of a finding's drawing, with a line number before the rule when it quotes a log."""
    sign = f"{number:>3}{page.glyphs.gutter}" if number else f"   {page.glyphs.gutter}"
    page.add((sign, Role.QUIET), *pieces)


def add_picture(page: Page, edit: Edit, report: Report) -> None:
    """The chunks around an edit; nothing where even the nearest ones do not fit the width."""
    picture = picture_of(edit, report)
    columns = _fitting(page, picture.columns) if picture is not None else None
    if picture is None or columns is None:
        return
    widths = _widths(columns)
    scale = picture.scale or ""
    if page.width is not None and _needed(page, columns) + 4 + len(scale) > page.width:
        scale = ""
    gutter(page)
    for side in ("sent", "received"):
        row = _row(page, picture, [column.sent if side == "sent" else column.received for column in columns], columns)
        remark = f"    {scale}" if scale and side == "sent" else ""
        gutter(page, (f"  {side:<8}  ", Role.QUIET), *row, (remark, Role.QUIET))
    _add_caption(page, picture, columns, widths)


def _widths(columns: tuple[Column, ...]) -> list[int]:
    return [max(len(column.sent or ""), len(column.received or "")) + 2 for column in columns]


def _needed(page: Page, columns: tuple[Column, ...]) -> int:
    return 15 + 2 * len(page.glyphs.more) + sum(_widths(columns)) + len(columns)


def _fitting(page: Page, columns: tuple[Column, ...]) -> tuple[Column, ...] | None:
    """The columns without as many of the outermost unmarked ones as the width demands."""
    while page.width is not None and _needed(page, columns) > page.width:
        marked = [index for index, column in enumerate(columns) if column.state is not None]
        before, after = marked[0], len(columns) - 1 - marked[-1]
        if before <= 1 and after <= 1:
            return None
        columns = columns[1:] if before >= after else columns[:-1]
    return columns


def _row(page: Page, picture: Picture, labels: list[str | None], columns: tuple[Column, ...]) -> list[Piece]:
    glyphs = page.glyphs
    more = glyphs.more if picture.opened else " " * len(glyphs.more)
    pieces: list[Piece] = [(f"{more}{glyphs.wall}", Role.QUIET)]
    for label, column, width in zip(labels, columns, _widths(columns), strict=True):
        role = Role.PLAIN if column.state is None else Role.MARKED
        pieces += [((label or "").center(width), role), (glyphs.wall, Role.QUIET)]
    pieces.append(("" if picture.closed else glyphs.more, Role.QUIET))
    return pieces


def _add_caption(page: Page, picture: Picture, columns: tuple[Column, ...], widths: list[int]) -> None:
    start = 12 + len(page.glyphs.more) + 1
    row = ""
    for column, width in zip(columns, widths, strict=True):
        row += ("^" if column.state is not None else " ") * width
        row += "^" if row.endswith("^") else " "
    marks = "".join(
        " " if sign == "^" and (index + 1 == len(row) or row[index + 1] == " ") else sign for index, sign in enumerate(row)
    ).rstrip()
    lead = " " * start + marks
    room = page.width is None or 4 + len(lead) + 1 + len(picture.caption) <= page.width
    if room:
        gutter(page, (lead, Role.MARKED), (f" {picture.caption}", Role.MARKED))
        return
    gutter(page, (lead, Role.MARKED))
    indent = max(2, min(start + len(marks) - len(marks.lstrip()), (page.width or 80) - 4 - len(picture.caption)))
    gutter(page, (" " * indent + picture.caption, Role.MARKED))


def add_excerpt(page: Page, edit: Edit, report: Report) -> None:
    """The bytes of both sides where an edit begins."""
    columns = 16 if page.width is None or page.width >= 74 else 8
    rows = excerpt_rows(edit, report, columns=columns)
    if rows is None:
        return
    sides = [row for row in (rows.sent, rows.received) if row is not None]
    offsets = max(len(hex_offset(row.offset)) for row in sides)
    with_text = page.width is None or page.width >= TEXT_COLUMNS_FROM
    gutter(page)
    for row in sides:
        gutter(page, *_excerpt_row(row, offsets, columns, with_text=with_text))
    indent = " " * (14 + offsets)
    if rows.origin is not None:
        gutter(page, (f"{indent}= the bytes sent at {hex_offset(rows.origin)}", Role.NOTE))
    elif rows.marked:
        marks = "".join("^^ " if column in rows.marked else "   " for column in range(rows.marked[-1] + 1))
        gutter(page, (indent + marks, Role.MARKED))


def _excerpt_row(row: ExcerptRow, offsets: int, columns: int, *, with_text: bool) -> list[Piece]:
    pieces: list[Piece] = [
        (f"  {row.side:<8}  ", Role.QUIET),
        (f"{hex_offset(row.offset):<{offsets}}  ", Role.QUIET),
    ]
    for column in range(len(row.data)):
        role = Role.MARKED if column in row.marked else Role.PLAIN
        pieces.append((f"{hex_columns(row.data[column : column + 1])} ", role))
    if with_text:
        missing = "   " * (columns - len(row.data))
        pieces.append((f"{missing} {text_columns(row.data)}", Role.QUIET))
    return pieces
