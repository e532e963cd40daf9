"""What stands under the findings: files, image, device checks, chunks, byte map, what was not checked."""

from __future__ import annotations

from forensics.model.alignment import EditKind
from forensics.model.check import Check, Outcome
from forensics.model.report import Artefact, InputRole, Report
from forensics.report.byte_map import ByteMap, CellState, map_bytes
from forensics.report.checks import check_words, first_failure, step_words
from forensics.report.inputs import FEW_INPUTS, INPUTS_SHOWN, kind_words, role_words
from forensics.report.log_view import add_search
from forensics.report.page import Page, Piece, Role
from forensics.report.words import chunking_words, counted, hex_range, image_words, reading_words

LABEL = 15
"""Columns of the labels at the left."""
PIPE_CELLS = 64
"""Cells of the byte map where no terminal sets a width."""
OUTCOME_ROLES = {
    Outcome.PASSED: Role.GOOD,
    Outcome.FAILED: Role.BAD,
    Outcome.NOT_REACHED: Role.CAUTION,
    Outcome.SKIPPED: Role.QUIET,
}


def add_overview(page: Page, report: Report, *, everything: bool) -> None:
    """All lines below the findings."""
    _add_files(page, report, everything=everything)
    add_inputs(page, report, everything=everything)
    failed = any(check.outcome is Outcome.FAILED for check in report.device.sent)
    if failed or (report.device.sent and not report.device.received):
        _add_checks(page, "sent checks", report.device.sent, everything=everything)
    if report.device.received:
        _add_checks(page, "device checks", report.device.received, everything=everything)
    if report.chunking is not None and (report.edits or report.chunking.size):
        size = report.sent.size if report.sent is not None else None
        page.hanging(_label("chunks"), chunking_words(report.chunking, size))
    add_map(page, report)
    _add_log(page, report)
    if everything and report.timeline:
        _add_timeline(page, report)
    if report.solve is not None:
        add_search(page, _label("search")[0], report.solve, everything=everything)
    if report.not_checked:
        page.hanging(_label("not checked"), ", ".join(report.not_checked), Role.QUIET)


def _label(words: str) -> Piece:
    return f"{words:<{LABEL}}", Role.STRONG


def _add_files(page: Page, report: Report, *, everything: bool) -> None:
    present = [artefact for artefact in (report.sent, report.received) if artefact is not None]
    if not present:
        return
    words = [_file_words(artefact) for artefact in present]
    if report.sent is not None and report.received is not None:
        words[1] += _size_words(report.sent, report.received)
    page.hanging(_label("files" if len(words) > 1 else "file"), ", ".join(words))
    for one in present:
        if one.reading is not None:
            page.hanging(_label("read as"), reading_words(one.reading))
    if everything:
        for label, artefact in (("sent", report.sent), ("received", report.received)):
            if artefact is not None:
                page.add(_label(f"{label} SHA"), (artefact.sha256, Role.QUIET))
    images = list(dict.fromkeys(image_words(artefact) or "none found" for artefact in present))
    if len(images) == 1:
        page.hanging(_label("image"), images[0])
    else:
        page.hanging(_label("image"), f"sent: {images[0]}")
        page.hanging((" " * LABEL, Role.PLAIN), f"received: {images[1]}")


def add_inputs(page: Page, report: Report, *, everything: bool) -> None:
    """What each file of a triage was taken for; those that were used come first.

    A few files that all were used need no list, unless everything is asked for.
    """
    files = sorted(report.inputs, key=lambda file: file.role is InputRole.LEFT_OUT)
    if not everything and len(files) <= FEW_INPUTS and all(file.role is not InputRole.LEFT_OUT for file in files):
        return
    shown = files if everything else files[:INPUTS_SHOWN]
    for number, file in enumerate(shown):
        lead = f"{'' if number else 'inputs':<{LABEL}}"
        words = f"{role_words(file)}: {file.name} ({kind_words(file)}): {file.why}"
        page.hanging((lead, Role.STRONG), words, Role.QUIET if file.role is InputRole.LEFT_OUT else Role.PLAIN)
    if len(files) > len(shown):
        page.add((" " * LABEL, Role.PLAIN), (f"{len(files) - len(shown)} more (-v shows all)", Role.QUIET))


def _file_words(artefact: Artefact) -> str:
    remarks = [artefact.container] if artefact.container != "raw" else []
    if artefact.transform is not None:
        remarks.append(f"decoded from {artefact.transform}")
    if artefact.region is not None and artefact.region.size != artefact.size:
        remarks.append(f"compared {hex_range(artefact.region)}")
    remark = f" ({', '.join(remarks)})" if remarks else ""
    return f"{artefact.name} {counted(artefact.size, 'byte')}{remark}"


def _size_words(sent: Artefact, received: Artefact) -> str:
    """How much more or less was received than sent, where whole files of equal encoding were compared."""
    if received.region is not None or received.transform is not None or sent.region is not None:
        return ""
    more = received.size - sent.size
    return f" ({abs(more)} {'more' if more > 0 else 'fewer'})" if more else ""


def _add_checks(page: Page, label: str, checks: tuple[Check, ...], *, everything: bool) -> None:
    pieces: list[Piece] = [
        (group.text, OUTCOME_ROLES[group.outcome]) for group in check_words(checks, everything=everything)
    ]
    page.hanging_pieces(_label(label), pieces, f" {page.glyphs.wall} ")
    failure = first_failure(checks)
    if failure is None:
        return
    loud = [line for line in failure.lines if line.startswith(("E ", "W "))]
    if loud:
        page.hanging((" " * LABEL + "prints ", Role.QUIET), loud, Role.BAD)
    elif failure.expected is not None and failure.actual is not None:
        words = f"{step_words(failure.step)}: wants {failure.expected}, finds {failure.actual}"
        page.hanging((" " * LABEL, Role.PLAIN), words, Role.QUIET)


def add_map(page: Page, report: Report) -> None:
    """The byte map with its ruler and legend."""
    tail = any(edit.kind is EditKind.TRAILING for edit in report.edits)
    room = PIPE_CELLS if page.width is None else page.width - LABEL - (4 if tail else 0)
    found = map_bytes(report, cells=max(10, room))
    if found is None or report.sent is None:
        return
    signs = page.glyphs.cells
    pieces = _runs([(signs[cell.state], _cell_role(cell.state)) for cell in found.cells])
    if found.tail is not None:
        pieces.append((f" {signs[CellState.TRAILING] * 3}", Role.QUIET))
    page.add(_label("byte map"), *pieces)
    if found.marks:
        page.add((" " * LABEL + _ruler(page, found), Role.QUIET))
    size = -(-report.sent.size // len(found.cells))
    legend: list[Piece] = [(_legend(page, found, state), _cell_role(state)) for state in found.states]
    legend.append((f"1 cell = {counted(size, 'byte')} sent", Role.QUIET))
    page.hanging_pieces((" " * LABEL, Role.PLAIN), legend, "   ")


def _runs(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one role in one piece."""
    joined: list[Piece] = []
    for text, role in pieces:
        if joined and joined[-1][1] is role:
            joined[-1] = (joined[-1][0] + text, role)
        else:
            joined.append((text, role))
    return joined


def _cell_role(state: CellState) -> Role:
    if state is CellState.AS_SENT:
        return Role.GOOD
    if state is CellState.SHIFTED:
        return Role.CAUTION
    return Role.QUIET if state is CellState.TRAILING else Role.MARKED


def _legend(page: Page, found: ByteMap, state: CellState) -> str:
    words = state.value
    if state is CellState.SHIFTED and found.shift is not None:
        words = f"{counted(abs(found.shift), 'byte')} {'late' if found.shift > 0 else 'early'}"
    if state is CellState.TRAILING and found.tail not in (None, "unknown"):
        words = f"{found.tail} after the end"
    return f"{page.glyphs.cells[state]} {words}"


def _ruler(page: Page, found: ByteMap) -> str:
    """Segment numbers under the cells where they begin; memory regions where there is room."""
    row = [" "] * len(found.cells)
    for mark in found.marks:
        room = mark.end - mark.first
        label = next((text for text in (mark.label, mark.label.split()[0]) if len(text) + 1 <= room), "")
        row[mark.first] = page.glyphs.wall
        for position, character in enumerate(label[: max(0, room - 1)]):
            row[mark.first + 1 + position] = character
    return "".join(row).rstrip()


def _add_log(page: Page, report: Report) -> None:
    log = report.log
    if log is None:
        return
    words = [counted(len(log.passes), "verification walk")]
    starts = sorted({walk.image_start for walk in log.passes if walk.image_start is not None})
    if starts:
        words.append(f"image at flash {', '.join(f'0x{start:x}' for start in starts[:4])}")
    if log.idf_versions:
        words.append(f"lines as ESP-IDF {log.idf_versions} prints them")
    if log.unread:
        words.append(f"{counted(len(log.unread), 'line')} not understood")
    page.hanging(_label("device log"), ", ".join(words))


def _add_timeline(page: Page, report: Report) -> None:
    from forensics.report.timeline import timeline_of  # noqa: PLC0415 - only for a capture, when all is asked for

    view = timeline_of(report)
    for number, row in enumerate(view.rows if view is not None else ()):
        lead = f"{'' if number else 'timeline':<{LABEL}}"
        event = row.event
        what = event.text if event.text.startswith(event.kind) else f"{event.kind}: {event.text}"
        words = f"{row.seconds:>10}  packet {event.number}  {what}"
        page.hanging((lead, Role.STRONG), words, Role.CAUTION if row.findings else Role.PLAIN)
    if view is not None and view.more:
        page.add((" " * LABEL, Role.PLAIN), (f"{page.glyphs.ellipsis} and {view.more} more events", Role.QUIET))
