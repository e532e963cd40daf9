"""One page a fault, from what ``otadiff explain`` prints and what otadiff says of the shipped sample."""

from __future__ import annotations

from docs.markdown import bullets, code_block, escaped, table
from forensics.explain import all_faults
from forensics.model.finding import Fault
from forensics.pipeline.comparison import Options, compare_bytes
from forensics.report.terminal import render_terminal
from forensics.synth.samples import SAMPLES

GROUPS = {
    "1": "The file that was sent",
    "2": "The transfer",
    "3": "What the device said",
    "4": "The evidence",
    "5": "The link",
}
"""First digit of a code, and what its faults concern."""


def fault_pages() -> dict[str, str]:
    """Path of each page and its Markdown; ``faults/index.md`` lists them."""
    faults = all_faults()
    pages = {f"faults/{fault.slug}.md": _page(fault) for fault in faults}
    return {"faults/index.md": _index(faults), **pages}


def _index(faults: tuple[Fault, ...]) -> str:
    text = "# Faults\n\nEvery fault that otadiff names. `otadiff explain CODE` prints the same pages.\n"
    for digit, group in GROUPS.items():
        rows = [
            (f"[{fault.code}]({fault.slug}.md)", f"`{fault.slug}`", escaped(fault.title))
            for fault in faults
            if fault.code.removeprefix("OTA")[0] == digit
        ]
        text += f"\n## {group}\n\n{table(('Code', 'Slug', 'Meaning'), rows)}"
    listed = "\n".join(fault.slug for fault in faults)
    return f"{text}\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"


def _page(fault: Fault) -> str:
    text = fault.explanation
    sections = (
        ("What you see", bullets(text.symptoms)),
        ("What otadiff says", _screen(fault)),
        ("Why it happens over BLE", bullets(text.causes)),
        ("How to confirm", bullets(text.confirm)),
        ("How to fix it in the sender", bullets(text.fix_sender)),
        ("How to fix it on the device", bullets(text.fix_device)),
        ("Not to be confused with", bullets(text.confused_with)),
        ("Sources", bullets(text.sources)),
    )
    body = "".join(f"\n## {heading}\n\n{content}" for heading, content in sections if content)
    return f"# {fault.code} {fault.slug}\n\n**{escaped(fault.title)}**\n\n{escaped(text.meaning)}\n{body}"


def _screen(fault: Fault) -> str:
    """The terminal's answer for the sample of the fault; empty for a fault whose sample is a log or a capture."""
    sample = next((sample for sample in SAMPLES if sample.name == fault.slug), None)
    if sample is None:
        return ""
    screen = render_terminal(compare_bytes(*sample.build(), Options()), width=80)
    return f"Of the sample `samples/{sample.name}`, in which {escaped(sample.about)}:\n\n{code_block(screen)}"
