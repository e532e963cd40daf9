"""The search for the fault behind a logged hash, without a dump: facts, limits and results."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.alignment import Edit
from forensics.model.finding import Certainty
from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveFacts:
    """What is proven about the damaged image. Every offset is a file offset.

    Attributes:
        hash_prefix: Of the SHA-256 that the device calculated, the first 4 bytes (ESP-IDF v3.0, v3.1) or
            more, up to all 32.
        covered: How many bytes from the start of the image the hash covers: up to and with the checksum byte.
        segments: Data of each segment, which the XOR covers; known from the device's own headers.
        protected: Ranges proven to hold what SENT holds, such as the headers that the log shows.
        checksum_calculated: The XOR that the device calculated (seed 0xEF included), where it printed one.
        xor_passed: True when the device went on past the checksum, so calculated and stored byte agree.
        slot_fill: What a slot holds where nothing was written: 0xFF erased or 0x00; None tries both.
        stored_hash: First bytes that the device read as the stored hash, behind the covered bytes; None when
            unknown.
    """

    hash_prefix: bytes
    covered: int
    segments: tuple[ByteSpan, ...] = ()
    protected: tuple[ByteSpan, ...] = ()
    checksum_calculated: int | None = None
    xor_passed: bool = False
    slot_fill: int | None = None
    stored_hash: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveLimits:
    """How far a search goes.

    Attributes:
        chunk_sizes: Bytes of a chunk, best guess first; None tries the usual ones.
        reset: Block size at which chunking restarts (4096, 16000), for all ``chunk_sizes``; None is none, or
            with None ``chunk_sizes`` the usual combinations.
        hypotheses: How many images are hashed at most.
        seconds: Stops the search early; None never does. The only limit that depends on the machine.
        workers: Threads that hash; None takes one a processor. The answer does not depend on it.
    """

    chunk_sizes: tuple[int, ...] | None = None
    reset: int | None = None
    hypotheses: int = 1_000_000
    seconds: float | None = None
    workers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to tell how SENT became the damaged image.

    Attributes:
        family: Stable name of the family of faults, as ``adjacent-swap``.
        words: What happened, as a clause.
        edits: The same as the report's edits; ``received`` ranges are offsets in the damaged image.
        chunk_size: Bytes of a chunk; None when the fault needs none.
        reset: Block size at which chunking restarts, or None.
    """

    family: str
    words: str
    edits: tuple[Edit, ...]
    chunk_size: int | None
    reset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """One damaged image whose hash is the device's.

    Attributes:
        family: That of the likeliest reading; so are ``words``, ``edits``, ``chunk_size`` and ``reset``.
        sha256: Hash of its covered bytes, hex.
        readings: Other ways to tell the same bytes, likeliest first; not all when there are very many.
    """

    family: str
    words: str
    edits: tuple[Edit, ...]
    chunk_size: int | None
    reset: int | None
    sha256: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveCoverage:
    """How much of one family at one chunk size was examined; all of it unsolved excludes the family.

    Attributes:
        tested: Hypotheses that the facts or their hash decided.
        total: Hypotheses of the family in this image.
        hashed: Those of ``tested`` that needed a hash.
    """

    family: str
    words: str
    chunk_size: int | None
    reset: int | None
    tested: int
    total: int
    hashed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveResult:
    """What a search found.

    Attributes:
        solutions: The images that have the device's hash: normally one or none.
        covered: In the order of the search; families not begun have ``tested`` 0.
        excluded: The same in words, for each family that was searched whole at some chunk size and did not
            solve; empty with a solution.
        hypotheses: How many images were hashed.
        odds: Chance that any of them would match by coincidence.
        certainty: ``proven`` when all 32 bytes agree, ``likely`` with fewer; None without a solution.
        stopped: Why it ended before the last family: ``hypotheses``, ``seconds`` or ``interrupted``; None
            when it is complete or has its answer.
    """

    solutions: tuple[Solution, ...]
    covered: tuple[SolveCoverage, ...]
    excluded: tuple[str, ...]
    hypotheses: int
    odds: float
    certainty: Certainty | None
    stopped: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthHit:
    """A place in SENT that explains an ``invalid segment length``.

    Attributes:
        found: File offset in SENT of the four bytes that the device took for the length.
        lost: Bytes lost before the segment header; negative when bytes were gained, 0 when SENT itself has
            the length.
        chunk_size: The chunk size of which ``lost`` is a multiple, or None.
        chunks: How many chunks that is, negative when gained; None without ``chunk_size``.
        unique: True when no other place explains it equally well.
    """

    found: int
    lost: int
    chunk_size: int | None
    chunks: int | None
    unique: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorRun:
    """Neighbouring sectors of the slot that one shift or one fill explains.

    Attributes:
        first: Index of the first sector of the run.
        last: Index of the last one.
        shift: Sent offset minus slot offset of their bytes; None when they are filled or unexplained.
        fill: The byte that fills them, or None.
    """

    first: int
    last: int
    shift: int | None
    fill: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorMap:
    """What the CRC32 of each sector of the slot says.

    Attributes:
        good: How many of them hold what SENT holds there.
        known: How many of the given sectors begin inside SENT.
        first_bad: Index of the first sector that does not, or None.
        runs: The known sectors from first to last.
        seam: Where the first shift begins (slot offsets ``[earliest, latest + 1)``); None
            when the CRC does not tell.
    """

    good: int
    known: int
    first_bad: int | None
    runs: tuple[SectorRun, ...]
    seam: ByteSpan | None
