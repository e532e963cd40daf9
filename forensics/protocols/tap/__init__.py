"""A transfer as the receiving device tells it: by the tap of ``samples/firmware/otatap.h``, or by an echo."""

from __future__ import annotations

from forensics.protocols.tap.divergence import Divergence, DivergenceKind
from forensics.protocols.tap.echo import EchoObserver
from forensics.protocols.tap.observer import TapObserver

__all__ = ["Divergence", "DivergenceKind", "EchoObserver", "TapObserver"]
