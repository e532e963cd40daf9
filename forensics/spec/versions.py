"""ESP-IDF versions, ordered, and the ranges of releases that share a behaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<![\d.])v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?!\d)")


@dataclass(frozen=True, slots=True, order=True)
class IdfVersion:
    """One ESP-IDF release, or ``master``."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> IdfVersion | None:
        """The version in ``text``, or None when it names none.

        Reads what ``git describe`` leaves in an app descriptor: ``v4.4.6-dirty``, ``v5.1.4-586-g9c3``,
        ``esp-idf: v4.4.7 38eeba213a``; ``v5.5-dev-1234`` counts as v5.5. A bare commit hash names no version.
        """
        if text.strip().lower() == "master":
            return MASTER
        found = _NUMBER.search(text)
        return cls(*(int(part or 0) for part in found.groups())) if found else None

    def __str__(self) -> str:
        if self == MASTER:
            return "master"
        return f"v{self.major}.{self.minor}" + (f".{self.patch}" if self.patch else "")


MASTER = IdfVersion(6, 1)
"""The development branch of July 2026, which calls itself 6.1-dev."""

OLDEST = IdfVersion(3, 0)
"""The oldest release whose verifier is modelled."""

BEFORE_DESCRIPTORS = IdfVersion(5, 3)
"""The last release line that takes an image without an app descriptor on every chip."""


@dataclass(frozen=True, slots=True)
class VersionRange:
    """The releases from ``first`` up to but not including ``ended``.

    A change that was carried back to older release lines has one entry a line: ``v3.1.7, v3.2.4, v3.3.1,
    v4.0`` holds for v3.1.7 and later patches of v3.1, ..., and for every line from v4.0 on.
    """

    first: tuple[IdfVersion, ...] = ()
    ended: tuple[IdfVersion, ...] = ()

    def __contains__(self, version: IdfVersion) -> bool:
        return _reached(version, self.first) and not (self.ended and _reached(version, self.ended))

    def until(self, *texts: str) -> VersionRange:
        """The same range, ended by the given releases."""
        return VersionRange(self.first, _versions(texts))


def since(*texts: str) -> VersionRange:
    """Every release from the given ones on, one a release line."""
    return VersionRange(_versions(texts))


def until(*texts: str) -> VersionRange:
    """Every release before the given ones, one a release line."""
    return VersionRange((), _versions(texts))


ALL = VersionRange()


def _reached(version: IdfVersion, starts: tuple[IdfVersion, ...]) -> bool:
    for start in starts:
        if (start.major, start.minor) == (version.major, version.minor):
            return version >= start
    return not starts or version >= max(starts)


def _versions(texts: tuple[str, ...]) -> tuple[IdfVersion, ...]:
    versions = tuple(IdfVersion.parse(text) for text in texts)
    return tuple(version for version in versions if version is not None)


FULL_REVISION = since("v4.3.5", "v4.4.5", "v5.0.1", "v5.1")
"""Releases that compare the full chip revision, major and minor."""

MAX_REVISION = since("v4.4.5", "v5.0.1", "v5.1")
CHIP_CHECK = since("v3.1.7", "v3.2.4", "v3.3.1", "v4.0")
"""Releases that look at ``chip_id``; the header bytes were reserved before."""

EFUSE_BLOCK_CHECK = since("v5.1.7", "v5.2.3", "v5.3.2", "v5.4")
"""Releases that compare the eFuse block revision with the app descriptor of an image."""

SPI_WARNINGS = until("v4.4")
