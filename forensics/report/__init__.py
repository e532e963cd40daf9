"""Renderers: Report -> text, one file a format. They show and never compute.

Nothing heavy is imported before a renderer is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from forensics.model.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """One format.

    Attributes:
        name: What ``--format`` takes.
        suffix: Usual end of a file name in this format.
        module: Module under ``forensics.report`` that holds it.
        function: Its entry point, ``(report, **options) -> str``.
    """

    name: str
    suffix: str
    module: str
    function: str

    def render(self, report: Report, **options: Any) -> str:  # noqa: ANN401 - each format has its own options
        """``report`` in this format; the module is imported here."""
        entry = getattr(import_module(f"forensics.report.{self.module}"), self.function)
        return cast("Callable[..., str]", entry)(report, **options)


RENDERERS = (
    Renderer(name="terminal", suffix=".txt", module="terminal", function="render_terminal"),
    Renderer(name="concise", suffix=".txt", module="concise", function="render_concise"),
    Renderer(name="json", suffix=".json", module="json_format", function="render_json"),
    Renderer(name="markdown", suffix=".md", module="markdown", function="render_markdown"),
    Renderer(name="html", suffix=".html", module="html", function="render_html"),
    Renderer(name="sarif", suffix=".sarif", module="sarif", function="render_sarif"),
    Renderer(name="junit", suffix=".xml", module="junit", function="render_junit"),
    Renderer(name="github", suffix=".txt", module="github", function="render_annotations"),
    Renderer(name="github-summary", suffix=".md", module="github", function="render_step_summary"),
)
"""Every format, in the order in which help lists them."""
