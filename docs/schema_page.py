"""The reference of the report document, from the JSON Schema that the package ships."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from docs.markdown import escaped, table

SCHEMA_FILE = "otadiff.report-1.schema.json"


def schema_text() -> str:
    """The schema as it is shipped."""
    return (files("forensics.report") / "schema" / SCHEMA_FILE).read_text(encoding="utf-8")


def schema_page() -> str:
    """Every key of the document and of the objects in it."""
    schema = json.loads(schema_text())
    text = (
        f"# The report document\n\n{escaped(schema['description'])}\n\n"
        f"`--json FILE` writes it, `Report.to_dict()` gives it, and `otadiff render FILE` shows it again in any format. "
        f"This page is made from the {{download}}`JSON Schema <{SCHEMA_FILE}>` that the package ships.\n"
    )
    text += _section(schema["title"], schema)
    return text + "".join(_section(name, schema["$defs"][name]) for name in sorted(schema["$defs"]))


def _section(name: str, definition: dict[str, Any]) -> str:
    text = f"\n## {name}\n\n"
    described = definition.get("description")
    if described and name[0].isupper():
        text += f"{escaped(described)}\n\n"
    properties = definition.get("properties", {})
    if not properties:
        return text + f"{_type(definition)}\n"
    required = definition.get("required", [])
    rows = [
        (f"`{key}`", _type(value), "yes" if key in required else "", escaped(value.get("description", "")))
        for key, value in properties.items()
    ]
    return text + table(("Key", "Type", "Required", "Meaning"), rows)


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in value["enum"])
    for joint in ("anyOf", "oneOf"):
        if joint in value:
            return " or ".join(_type(choice) for choice in value[joint])
    kind = value.get("type", "any value")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    if kind == "array" and isinstance(value.get("items"), dict):
        return f"array of {_type(value['items'])}"
    return f"{words} `{value['pattern']}`" if "pattern" in value and "|" not in value["pattern"] else str(words)
