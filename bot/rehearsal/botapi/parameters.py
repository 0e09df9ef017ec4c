"""The parameters of one call, known to be well-formed: read by name, never untyped."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.rehearsal.botapi.errors import DefinitionError, bad_request
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that came with a call."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a method was called with; every value has the type that the definition declares."""

    values: JsonObject
    uploads: Mapping[str, Upload]

    def text(self, name: str, default: str = "") -> str:
        """Give a text parameter, or `default` when it was left out."""
        value = self.values.get(name)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """Give a whole number, or `default` when it was left out."""
        value = self.values.get(name)
        return value if isinstance(value, int) else default

    def fraction(self, name: str) -> float | None:
        """Give a number, or None when it was left out."""
        value = self.values.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def flag(self, name: str) -> bool:
        """Tell whether a switch was given and is on."""
        return self.values.get(name) is True

    def structure(self, name: str) -> JsonObject | None:
        """Give an object parameter, or None when it was left out."""
        value = self.values.get(name)
        return value if isinstance(value, dict) else None

    def array(self, name: str) -> list[JsonValue]:
        """Give an array parameter, or an empty one when it was left out."""
        value = self.values.get(name)
        return value if isinstance(value, list) else []

    def has(self, name: str) -> bool:
        """Tell whether a parameter was given at all."""
        return name in self.values

    def chat_id(self) -> int:
        """Give the chat that the call is about.

        Raises: ApiError 400 for a name, because nobody here has one that a bot could write to.
        """
        value = self.values.get("chat_id")
        if not isinstance(value, int):
            raise bad_request("chat not found")
        return value

    def upload(self, name: str) -> Upload | None:
        """Give the file sent as `name`, directly or by an attach:// reference.

        Raises: DefinitionError for a reference to a file that did not come along.
        """
        reference = self.text(name)
        if not reference.startswith("attach://"):
            return self.uploads.get(name)
        part = reference.removeprefix("attach://")
        if part not in self.uploads:
            raise DefinitionError(f"{name}: no file came as {part}")
        return self.uploads[part]
