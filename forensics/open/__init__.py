"""Opens what the user named: files, pipes, folders and archives, one by one and within a budget."""

from __future__ import annotations

from forensics.open.content import Content, Damage, open_content

__all__ = ["Content", "Damage", "open_content"]
