"""Keyboards: the ones below a message, and the one in place of a phone's keys."""

import re
from dataclasses import dataclass

from bot.rehearsal.botapi.errors import DefinitionError
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue

BUTTON_LIMIT = 100  # buttons in one keyboard
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
DEEP_LINK = re.compile(r"(?:t\.me|telegram\.me)/(\w+)\?start=([^\s\"'<>&]*)")
DECORATION = {"text", "icon_custom_emoji_id", "style"}


@dataclass(frozen=True, slots=True)
class Button:
    """One button below a message."""

    label: str
    callback_data: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a keyboard that stands in place of the phone's own."""

    label: str
    asks_location: bool


@dataclass(frozen=True, slots=True)
class ReplyKeyboard:
    """A keyboard in place of the phone's own, and the message that brought it."""

    message_id: int
    keys: tuple[tuple[Key, ...], ...]
    is_persistent: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """Give what stands on the keys, row after row."""
        return tuple(key.label for row in self.keys for key in row)


def check_markup(markup: JsonObject) -> None:
    """Hold a keyboard against the rules that the table of types does not express.

    Raises: DefinitionError for too many buttons, a button that does nothing, a bad deep link.
    """
    buttons = rows_of(markup, "inline_keyboard") or rows_of(markup, "keyboard")
    count = sum(len(row) for row in buttons)
    if count > BUTTON_LIMIT:
        raise DefinitionError(f"reply_markup has {count} buttons, {BUTTON_LIMIT} are allowed")
    if "inline_keyboard" in markup:
        for row in buttons:
            for button in row:
                _check_inline(button)


def _check_inline(button: JsonObject) -> None:
    actions = button.keys() - DECORATION
    if not actions:
        raise DefinitionError("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise DefinitionError(f"a button must do one thing, not {', '.join(sorted(actions))}")
    check_deep_links(str(button.get("url", "")))


def check_deep_links(text: str) -> None:
    """Hold every deep link in `text` against the alphabet and length that the service passes on.

    Raises: DefinitionError for a payload that would be lost.
    """
    if "start=" not in text:
        return
    for match in DEEP_LINK.finditer(text):
        if not PAYLOAD.fullmatch(match[2]):
            raise DefinitionError("a deep link takes 1-64 of A-Z, a-z, 0-9, _ and -")


def rows_of(markup: JsonObject | None, name: str) -> list[list[JsonObject]]:
    """Give the rows of buttons in the keyboard `name`; a key may be a bare text."""
    rows = markup.get(name) if markup else None
    if not isinstance(rows, list):
        return []
    return [[_as_object(button) for button in row] for row in rows if isinstance(row, list)]


def _as_object(button: JsonValue) -> JsonObject:
    return button if isinstance(button, dict) else {"text": button}


def inline_buttons(markup: JsonObject | None) -> tuple[tuple[Button, ...], ...]:
    """Give the buttons below a message as a person sees them."""
    return tuple(
        tuple(
            Button(
                str(button["text"]),
                _text_or_none(button.get("callback_data")),
                _text_or_none(button.get("url")),
            )
            for button in row
        )
        for row in rows_of(markup, "inline_keyboard")
    )


def _text_or_none(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def reply_keyboard(markup: JsonObject, message_id: int) -> ReplyKeyboard:
    """Give the keyboard that a message brings."""
    keys = tuple(
        tuple(Key(str(key["text"]), key.get("request_location") is True) for key in row)
        for row in rows_of(markup, "keyboard")
    )
    return ReplyKeyboard(message_id, keys, markup.get("is_persistent") is True)
