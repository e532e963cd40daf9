"""One update by the unmodified sender over the guest's bluetoothd and kernel. Exits 0 when the device took it."""

from __future__ import annotations

import asyncio
import io
import sys

from forensics.live.choose import SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.send import Transfer
from forensics.protocols.senders.steps import Outcome
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from tests.live.sent import CHUNK, image


async def main() -> int:
    sent = image(size=100_000)
    text = io.StringIO()
    transfer = Transfer(sent, SendOptions(chunk_size=CHUNK), journal=JournalWriter(text))
    await transfer.run("OTA-TEST")
    capture = read_capture(read_evidence(text.getvalue().encode()))
    chunks = sum(event.offset is not None for event in capture.journal)
    sys.stdout.write(f"outcome {transfer.outcome}: {transfer.text}; {chunks} chunks in the journal\n")
    whole = chunks == -(-len(sent) // CHUNK) and not capture.problems
    return 0 if transfer.outcome is Outcome.ACCEPTED and whole else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
