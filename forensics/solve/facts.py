"""Facts that contradict SENT or themselves are refused before a search begins."""

from __future__ import annotations

import itertools

from forensics.errors import UsageError
from forensics.model.solve import SolveFacts, SolveLimits

DIGEST_SIZE = 32
SHORTEST_PREFIX = 4
"""ESP-IDF v3.0 and v3.1 print four bytes of the hash; with fewer, coincidences would be the rule."""

_LAST_BYTE = 0xFF


def check_facts(sent: bytes, facts: SolveFacts, limits: SolveLimits) -> None:
    """Nothing, when a search makes sense.

    Raises:
        UsageError: it does not; the message says which fact is wrong.
    """
    if not SHORTEST_PREFIX <= len(facts.hash_prefix) <= DIGEST_SIZE:
        raise UsageError(f"{len(facts.hash_prefix)} bytes of a hash", next_step="give 4 to 32 bytes")
    if not 0 < facts.covered <= len(sent):
        raise UsageError(
            f"the hash covers {facts.covered} bytes, and SENT has {len(sent)}",
            next_step="check that the log belongs to this image",
        )
    if any(span.end > facts.covered for span in facts.segments):
        raise UsageError("a segment ends behind the bytes that the hash covers", next_step="cut the segment there")
    ordered = sorted(span for span in facts.segments if span.size)
    if any(before.end > after.start for before, after in itertools.pairwise(ordered)):
        raise UsageError("segments overlap", next_step="give each byte to one segment")
    if any(span.end > len(sent) for span in facts.protected):
        raise UsageError("a range that is proven right is behind the end of SENT", next_step="give ranges inside SENT")
    if len(facts.stored_hash or b"") > DIGEST_SIZE:
        raise UsageError("a stored hash has at most 32 bytes", next_step="give the first bytes of the SHA-256")
    for value in (facts.checksum_calculated, facts.slot_fill):
        if value is not None and not 0 <= value <= _LAST_BYTE:
            raise UsageError(f"{value} is no byte", next_step="give a number from 0 to 255")
    if limits.hypotheses < 0 or (limits.seconds is not None and limits.seconds < 0):
        raise UsageError("a search cannot be bounded by less than nothing", next_step="give 0 or more")
    if limits.workers is not None and limits.workers < 1:
        raise UsageError("hashing needs at least one worker", next_step="give 1 or more")
