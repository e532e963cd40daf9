"""One verification walk while its lines come in."""

from __future__ import annotations

from dataclasses import dataclass, field

from forensics.model.log import LogChecksum, LogError, LogHash, LogPass
from forensics.parse.logs.facts import Fields, WalkFacts
from forensics.parse.logs.order import EFUSE_REVISIONS, REPEATABLE, WARNINGS, Stage
from forensics.spec.log_lines.releases import describe_releases

MOST_ERRORS = 1000
"""Errors kept of one walk; a transfer that restarts at every chunk prints one a chunk."""

_PRINTED_ONCE = frozenset((Stage.READ, Stage.CALCULATED, Stage.EXPECTED))

_OF_ANY_IMAGE = frozenset(("segment_data", "segment_mapping", "free_pages", "mmu_page_size"))
"""Lines that follow others of their walk and never begin one."""


@dataclass(slots=True, kw_only=True)
class Walk(WalkFacts):
    """One walk so far: its facts, and where in the verifier's order it stands."""

    first_line: int
    last_line: int
    stage: Stage = Stage.PARTITION
    checksum: LogChecksum | None = None
    errors: list[LogError] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    left_out: int = 0
    fatal: Stage | None = None
    accepted: bool = False
    followed: bool = False
    refused: bool = False

    def admits(self, kind: str, fields: Fields, stage: Stage) -> bool:
        """Whether the verifier could print this line, which stands at ``stage``, next in the same walk."""
        if self.accepted or (kind in self.kinds and kind not in REPEATABLE):
            return False
        if stage is Stage.CALLER:
            return True
        if stage < self.stage or (stage == self.stage and stage in _PRINTED_ONCE):
            return False
        if self.errors and not self._goes_on(kind, stage):
            return False
        return kind in _OF_ANY_IMAGE or self._same_image(kind, fields, stage)

    def _goes_on(self, kind: str, stage: Stage) -> bool:
        if "ota_invalid_magic_byte" in self.kinds:
            return kind == "ota_invalid_magic_byte"
        if self.fatal is None:
            return True
        if kind in EFUSE_REVISIONS:
            return bool(self.kinds & EFUSE_REVISIONS)
        if self.fatal is Stage.HEADER:
            return stage is Stage.HEADER
        return self.fatal is Stage.DIGEST and stage in (Stage.DIGEST, Stage.EXPECTED)

    def _same_image(self, kind: str, fields: Fields, stage: Stage) -> bool:
        address = fields.get("start") if kind == "image_end" else None
        if stage is Stage.HEADER:
            address = fields.get("address")
        if address is not None and self.image_start is not None and address != self.image_start:
            return False
        if kind == "image_header":
            return self.header is None
        if kind == "segment":
            return self._next_segment(fields)
        if kind == "segment_cut":
            return not self.segments or fields["index"] > self.segments[-1].index
        if kind == "segment_header_read":
            return self._next_header(fields["index"], fields["address"])
        return True

    def _next_segment(self, fields: Fields) -> bool:
        index: int = fields["index"]
        paddr: int = fields["paddr"]
        if self.segments:
            last = self.segments[-1]
            if index <= last.index or paddr <= last.paddr:
                return False
            # The header of the next segment follows the data at once.
            return index != last.index + 1 or paddr == last.paddr + last.size + 8
        if self.stage is Stage.SEGMENTS and self.headers and index in self.headers:
            known = self.headers[index]
            return known.data_start in (None, paddr) or known.address == paddr
        return index != 0 or self.image_start is None or self.image_start < paddr <= self.image_start + 0x20

    def _next_header(self, index: int, address: int) -> bool:
        known = self.headers.get(index)
        if known is not None and known.address is not None:
            # v2.x walks the chain again from the first header for every segment; later versions read each
            # once.
            read_once = any(segment.index == index and segment.paddr == known.data_start for segment in self.segments)
            return known.address == address and not read_once
        return not self.segments or index > self.segments[-1].index

    def note(self, kind: str, fields: Fields, stage: Stage, line: int, releases: int) -> None:
        """Takes in a line that ``admits`` let in, or that opened this walk."""
        if stage > self.stage:  # noqa: PLR1730 - max() would cost as much as all the rest, once a line
            self.stage = stage
        self.last_line = line
        self.followed = False
        self.releases &= releases
        self.take(kind, fields, line)

    def fail(self, kind: str, fields: Fields, stage: Stage, line: int, releases: int) -> None:
        """Takes in an error line; same conditions as ``note``."""
        self.note(kind, fields, stage, line, releases)
        self.kinds.add(kind)
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(LogError(kind=kind, fields=fields, line=line))
        else:
            self.left_out += 1
        if stage is Stage.HEADER and self.image_start is None and "address" in fields:
            self.image_start = fields["address"]
        if kind == "checksum_failed":
            self.checksum = LogChecksum(calculated=fields["calculated"], read=fields["read"])
        if kind not in WARNINGS and kind not in REPEATABLE and stage is not Stage.CALLER:
            self.fatal = stage if self.fatal is None else self.fatal

    @property
    def is_mere_look(self) -> bool:
        """Only a header was read, as the bootloader reads its own for the flash settings."""
        return self.stage is Stage.READ and not self.errors

    @property
    def complete(self) -> bool:
        """A line proves that every segment header was read and accepted."""
        if self.stage > Stage.SEGMENTS and (self.stage is not Stage.CALLER or self.end is not None):
            return True
        return bool(self.segment_count) and len(self.segments) == self.segment_count

    @property
    def failed(self) -> bool:
        """The verifier or its caller refused the image."""
        return not self.kinds <= WARNINGS

    @property
    def outcome(self) -> str:
        """``passed``, ``failed`` or ``unknown``."""
        if self.refused or self.failed:
            return "failed"
        if self.accepted:
            return "passed"
        # A refusal is printed at once, at the level that every build shows: silence and other lines mean
        # that it passed.
        walked = self.complete if self.segment_count else bool(self.segments) or self.complete
        return "passed" if self.followed and walked else "unknown"

    def finish(self) -> LogPass:
        """The pass that these lines make."""
        hashes = self.calculated is not None or self.expected is not None
        return LogPass(
            image_start=self.image_start,
            segments=tuple(self.segments),
            checksum=self.checksum,
            hash=LogHash(calculated=self.calculated, expected=self.expected) if hashes else None,
            errors=tuple(self.errors),
            outcome=self.outcome,
            lines=(self.first_line, self.last_line),
            header=self.header,
            segment_headers=tuple(header.finish(index) for index, header in self.headers.items()),
            end=self.end,
            last_segment_reached=self.complete,
            cut_segment=self.cut_segment,
            free_pages=self.free_pages,
            hash_lines=tuple(self.hash_lines),
            idf_versions=describe_releases(self.releases),
        )
