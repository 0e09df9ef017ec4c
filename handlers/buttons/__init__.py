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
_NUMBERS = range(2**63)  # what a row's id can be; nothing that is pressed is negative
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SEPARATOR = "|"


class Payload(Unprinted):
    """Base of all payloads. Fields are int (0 to 2**63-1), str (short) or StrEnum.

    `code` is unique.
    """

    __slots__ = ()

    code: ClassVar[str]


_PAYLOADS: dict[str, type[Payload]] = {}
_HINTS: dict[type[Payload], tuple[object, ...]] = {}  # filled when first read: it takes a while

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
        ValueError: it would be longer than the service takes, or not read back as what it is.
    """
    parts = [value.code]
    for field in fields(value):  # type: ignore[arg-type] # payloads are dataclasses
        content = getattr(value, field.name)
        if isinstance(content, int) and content not in _NUMBERS:
            raise ValueError(value.code)
        parts.append(_to_base36(content) if isinstance(content, int) else str(content))
    packed = _SEPARATOR.join(parts)
    if len(packed.encode()) > LIMIT or any(_SEPARATOR in part for part in parts):
        raise ValueError(value.code)
    return packed


def unpack(packed: str) -> Payload | None:
    """Read callback data back; whatever does not fit a known kind gives None."""
    try:
        if len(packed.encode()) > LIMIT:
            return None
        code, *parts = packed.split(_SEPARATOR)
        kind = _PAYLOADS.get(code)
        if kind is None:
            return None
        values = [_read(part, hint) for part, hint in zip(parts, _hints(kind), strict=True)]
    except ValueError:  # forged: too long, too few parts, no number, not even text
        return None
    return kind(*values)


def _hints(kind: type[Payload]) -> tuple[object, ...]:
    """Give what each field of a payload is, NewType ids as the ints they are."""
    known = _HINTS.get(kind)
    if known is not None:
        return known
    hints = get_type_hints(kind)
    found = []
    for field in fields(kind):  # type: ignore[arg-type] # as above
        hint = hints[field.name]
        while hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        found.append(hint)
    return _HINTS.setdefault(kind, tuple(found))


def _read(part: str, hint: object) -> int | str:
    if hint is int:
        number = int(part, 36)
        if number not in _NUMBERS or _to_base36(number) != part:
            raise ValueError("not how a number is written")
        return number
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(part)
    return part


def _to_base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
