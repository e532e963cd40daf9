"""What a device's log proves, alone and together with the image that was sent and a dump."""

from __future__ import annotations

from forensics.classify.logs.findings import faults_of_log, log_findings

__all__ = ["faults_of_log", "log_findings"]
