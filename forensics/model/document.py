"""Dataclasses to plain JSON values and back, by their declared types."""

from __future__ import annotations

import sys
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from forensics.model.error import ReportError
from forensics.model.span import ByteSpan
from forensics.model.text import inert

T = TypeVar("T")

_RARE = ("capture", "log", "solve")
"""Modules of types that most reports do not hold, so that ``model.report`` does not import them."""


def to_document(value: Any) -> Any:  # noqa: ANN401 - any field value of the model
    """``value`` as JSON values: ranges as ``[start, end]``, bytes as lower-case hex, enums as their text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, ByteSpan):
        return [value.start, value.end]
    if isinstance(value, (tuple, list)):
        return [to_document(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: to_document(item) for key, item in value.items()}
    if getattr(value, "flat", False):
        return {"kind": value.kind, **value.fields, "line": value.line}
    return {item.name: to_document(getattr(value, item.name)) for item in fields(value)}


def from_document(kind: type[T], document: Any) -> T:  # noqa: ANN401 - whatever JSON held
    """The dataclass ``kind`` that ``to_document`` wrote. Unknown keys are left out, for documents of later versions.

    Raises:
        ReportError: a key is missing or holds the wrong kind of value.
    """
    return _made(kind, _inert(document))


def _made(kind: type[T], document: Any) -> T:  # noqa: ANN401
    if not isinstance(document, dict):
        raise ReportError(f"{kind.__name__} must be an object")
    if getattr(kind, "flat", False):
        return kind(**_flat(document, kind.__name__))
    hints = _hints(typing.cast("Any", kind))
    values = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name in document:
            values[item.name] = _value(hints[item.name], document[item.name], f"{kind.__name__}.{item.name}")
        elif item.default is MISSING and item.default_factory is MISSING:
            raise ReportError(f"{kind.__name__}.{item.name} is missing")
    return kind(**values)


def _flat(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The parts of a line of the log, whose own fields stand beside its kind."""
    line, label = document.get("line", 0), document.get("kind", "")
    rest = {key: item for key, item in document.items() if key not in ("kind", "line")}
    if not isinstance(label, str) or type(line) is not int:
        raise ReportError(f"{name} must have a text as kind and a number as line")
    if any(type(item) not in (int, str) for item in rest.values()):
        raise ReportError(f"{name}.{label} has a field that is neither a number nor text")
    return {"kind": label, "fields": rest, "line": line}


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    """The declared types of a dataclass. A report names some types that it loads only for the type checker."""
    rare: dict[str, Any] = {}
    for name in _RARE:
        rare.update(vars(import_module(f"forensics.model.{name}")))
    return typing.get_type_hints(kind, vars(sys.modules[kind.__module__]), rare)


def _value(hint: Any, value: Any, key: str) -> Any:  # noqa: ANN401
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(typing.get_args(hint), value, key)
    if origin is tuple:
        return _tuple(typing.get_args(hint), value, key)
    if origin is dict:
        if not isinstance(value, dict):
            raise ReportError(f"{key} must be an object")
        return {name: _frozen(item) for name, item in value.items()}
    if hint is ByteSpan:
        return _span(value, key)
    if hint is bytes and isinstance(value, str):
        return _bytes(value, key)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint, value, key)
    if is_dataclass(hint):
        return _made(typing.cast("type[Any]", hint), value)
    if hint is Any or (isinstance(value, hint) and (hint is bool or not isinstance(value, bool))):
        return value
    if hint is float and isinstance(value, int):
        return float(value)
    raise ReportError(f"{key} must be {getattr(hint, '__name__', hint)}, not {type(value).__name__}")


def _inert(value: Any) -> Any:  # noqa: ANN401
    """What JSON held, with every text made inert: a stranger may have written it."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return {inert(key): _inert(item) for key, item in value.items()} if isinstance(value, dict) else value


def _frozen(value: Any) -> Any:  # noqa: ANN401
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _union(choices: tuple[Any, ...], value: Any, key: str) -> Any:  # noqa: ANN401
    if value is None and type(None) in choices:
        return None
    rest = [choice for choice in choices if choice is not type(None)]
    if len(rest) == 1:
        return _value(rest[0], value, key)
    return value


def _tuple(items: tuple[Any, ...], value: Any, key: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(value, list):
        raise ReportError(f"{key} must be a list")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_value(items[0], item, key) for item in value)
    if len(items) != len(value):
        raise ReportError(f"{key} must have {len(items)} items")
    return tuple(_value(hint, item, key) for hint, item in zip(items, value, strict=True))


def _span(value: Any, key: str) -> ByteSpan:  # noqa: ANN401
    try:
        return ByteSpan(*_tuple((int, int), value, key))
    except ValueError as error:
        raise ReportError(f"{key} is no range: {value!r}") from error


def _bytes(value: str, key: str) -> bytes:
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise ReportError(f"{key} is not hex") from error


def _enum(hint: type[Enum], value: Any, key: str) -> Enum:  # noqa: ANN401
    try:
        return hint(value)
    except ValueError as error:
        raise ReportError(f"{key} cannot be {value!r}") from error
