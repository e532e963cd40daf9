"""The public ``Report``: in a notebook a cell shows it as HTML, which the model itself knows nothing of."""

from __future__ import annotations

from forensics.model.report import Report

__all__ = ["Report"]


def _show(report: Report) -> str:
    """What IPython asks an object for; the renderer is loaded when a cell shows a report."""
    from forensics.report.fragment import render_fragment  # noqa: PLC0415 - only a notebook needs it

    return render_fragment(report)


setattr(Report, "_repr_html_", _show)  # noqa: B010 - the class declares no such method
