"""Button payloads: small frozen values that pack themselves into at most 64 bytes.

A payload says what was pressed, never that it is allowed: callbacks can be forged and stay
clickable for ever, so authority and state are read anew at each press. Each feature's payloads
stand in the module of its name.
"""

from dataclasses import fields
from enum import StrEnum
from typing import ClassVar, TypeVar, get_type_hints

from safety.people import Unprinted

LIMIT = 64  # bytes of callback data; the service's limit, which PTB does not check
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SEPARATOR = "|"


class Payload(Unprinted):
    """Base of all payloads. Fields are int, str (short) or StrEnum; `code` is unique."""

    __slots__ = ()

    code: ClassVar[str]


_PAYLOADS: dict[str, type[Payload]] = {}

_P = TypeVar("_P", bound=Payload)


def payload(kind: type[_P]) -> type[_P]:
    """Register a kind of payload under its code.

    Raises:
        ValueError: another kind has this code.
    """
    known = _PAYLOADS.get(kind.code)
    if known is not None and known.__qualname__ != kind.__qualname__:
        raise ValueError(kind.code)
    _PAYLOADS[kind.code] = kind
    return kind


def payload_kinds() -> tuple[type[Payload], ...]:
    """Give every kind of payload there is, for the tests that forge them."""
    return tuple(_PAYLOADS.values())


def pack(value: Payload) -> str:
    """Write a payload as callback data.

    Raises:
        ValueError: it would be longer than the service takes.
    """
    parts = [value.code]
    for field in fields(value):  # type: ignore[arg-type] # payloads are dataclasses
        content = getattr(value, field.name)
        parts.append(_to_base36(content) if isinstance(content, int) else str(content))
    packed = _SEPARATOR.join(parts)
    if len(packed.encode()) > LIMIT or any(_SEPARATOR in part for part in parts):
        raise ValueError(value.code)
    return packed


def unpack(packed: str) -> Payload | None:
    """Read callback data back; whatever does not fit a known kind gives None."""
    code, *parts = packed.split(_SEPARATOR)
    kind = _PAYLOADS.get(code)
    if kind is None:
        return None
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # as above
    if len(names) != len(parts):
        return None
    try:
        values = {name: _read(part, hints[name]) for name, part in zip(names, parts, strict=True)}
    except ValueError:
        return None
    return kind(**values)


def _read(part: str, hint: object) -> int | str:
    while hasattr(hint, "__supertype__"):  # NewType ids are ints
        hint = hint.__supertype__
    if hint is int:
        number = int(part, 36)
        if _to_base36(number) != part:
            raise ValueError("not how a number is written")
        return number
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(part)
    return part


def _to_base36(number: int) -> str:
    sign, number = ("-", -number) if number < 0 else ("", number)
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return sign + (digits or "0")
