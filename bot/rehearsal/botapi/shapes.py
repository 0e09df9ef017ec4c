"""What JSON is made of, so that nothing in this package needs to be untyped."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = (
    "Mapping[str, JsonValue] | Sequence[JsonValue] | str | int | float | bool | None"
)
JsonObject: TypeAlias = Mapping[str, JsonValue]


def present(candidate: JsonObject) -> JsonObject:
    """Leave out what is unknown: the service sends no empty fields."""
    return {name: value for name, value in candidate.items() if value is not None}


def utf16_length(text: str) -> int:
    """Count `text` as the service does, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)
