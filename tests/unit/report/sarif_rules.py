"""What SARIF 2.1.0 allows of the objects that otadiff writes: required keys, no others, and the words of each.

Source: OASIS Static Analysis Results Interchange Format (SARIF) 2.1.0, sections 3.13 to 3.30 and 3.49.
"""

from __future__ import annotations

from typing import Any


def closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these keys and no others."""
    properties = {**required, **(optional or {})}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def listed(item: dict[str, Any], least: int = 0) -> dict[str, Any]:
    """An array of such items."""
    return {"type": "array", "items": item, "minItems": least}


TEXT = {"type": "string"}
MESSAGE = closed({"text": TEXT})
COUNT = {"type": "integer", "minimum": 0}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {"type": "object"}
URI = closed({"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~%-]+$"}})
REGION = closed({}, {"startLine": {"type": "integer", "minimum": 1}, "byteOffset": COUNT, "byteLength": COUNT})
PHYSICAL = closed({"artifactLocation": URI}, {"region": REGION})
LOCATION = closed({"physicalLocation": PHYSICAL}, {"message": MESSAGE})
ARTIFACT = closed({"location": URI}, {"length": COUNT, "hashes": {"type": "object", "additionalProperties": TEXT}})
RULE = closed(
    {"id": TEXT},
    {
        "name": TEXT,
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": closed({}, {"level": LEVEL}),
    },
)
DRIVER = closed({"name": TEXT}, {"version": TEXT, "rules": listed(RULE)})
RESULT = closed(
    {"message": MESSAGE},
    {
        "ruleId": TEXT,
        "ruleIndex": COUNT,
        "level": LEVEL,
        "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        "locations": listed(LOCATION, 1),
        "relatedLocations": listed(LOCATION),
        "properties": BAG,
    },
)
RESULT["if"] = {"properties": {"kind": {"not": {"const": "fail"}}}, "required": ["kind"]}
RESULT["then"] = {"properties": {"level": {"const": "none"}}}
RUN = closed(
    {"tool": closed({"driver": DRIVER})},
    {
        "artifacts": listed(ARTIFACT),
        "results": listed(RESULT),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "properties": BAG,
    },
)
LOG = closed({"version": {"const": "2.1.0"}, "runs": listed(RUN)}, {"$schema": TEXT})
