"""Drives a sender against a board by calls alone: no radio, no event loop."""

from __future__ import annotations

from forensics.live.virtual.board import Board, BoardSettings
from forensics.live.virtual.faults import AirFault
from forensics.live.virtual.receivers.base import AttError
from forensics.protocols.senders import SendPlan, sender_named
from forensics.protocols.senders.steps import Finished, Wait, Write
from forensics.verify.predict import predict_log

SENDER_OF = {
    "control-data": "control-data",
    "michael-angerer": "control-data",
    "espressif-nimble": "espressif-ble-ota",
    "espressif-bluedroid": "espressif-ble-ota",
    "espressif-raw": "espressif-ble-ota",
    "fbiego": "fbiego",
}
"""Protocol by receiver."""


def converse(
    image: bytes, settings: BoardSettings, *, chunk: int = 244, fault: AirFault | None = None, response: bool = False
) -> tuple[Board, Finished, list[tuple[str, bytes]]]:
    """One update; gives the board, how it ended for the sender, and all notifications."""
    told: list[tuple[str, bytes]] = []
    sender = sender_named(SENDER_OF[settings.receiver]).make(image, SendPlan(chunk_size=chunk))

    def take(uuid: str, value: bytes) -> None:
        told.append((uuid, value))
        sender.receive(uuid, value)

    board = Board(settings, verify=predict_log, send=take, fault=fault)
    waited = False
    while True:
        step = sender.step()
        if isinstance(step, Finished):
            board.idle()
            return board, step, told
        if isinstance(step, Wait):
            if waited:
                sender.timed_out()
            board.idle()
            waited = not waited
        if isinstance(step, Write):
            waited = False
            try:
                board.write(step.characteristic, step.value, response=response if step.response is None else step.response)
            except AttError:
                sender.write_refused(step)
