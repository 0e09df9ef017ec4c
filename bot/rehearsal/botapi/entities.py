"""Formatted text: HTML becomes plain text and entities, strictly, with the service's own errors.

A tag that the service would refuse is refused here, so that no text fails only in the field.
Offsets and lengths are UTF-16 units; offsets in errors are bytes.
"""

import html
import re
from dataclasses import dataclass

from bot.rehearsal.botapi.errors import DefinitionError
from bot.rehearsal.botapi.shapes import JsonObject, present, utf16_length

TEXT_LIMIT = 4096  # UTF-16 units, after parsing
CAPTION_LIMIT = 1024  # UTF-16 units, after parsing

TAG = re.compile(
    r"""<(?P<close>/?)(?P<name>[^\s<>/="']*)"""
    r"""(?P<attributes>(?:\s+[^\s=<>/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*>"""
)
ATTRIBUTE = re.compile(r"""([^\s=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
CHARACTER = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});?")
PIECE = re.compile(r"[^<&]+|<|&")
KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")
LINK = re.compile(r"https?://[^\s<>\"]+")
BLANK = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Formatted:
    """Plain text, with its entities, and the HTML that it came from."""

    text: str
    entities: tuple[JsonObject, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag that waits for its end."""

    name: str
    entity: JsonObject
    start: int  # UTF-16 units


def plain(text: str) -> Formatted:
    """Take text as it is, with the entities that the service finds in it by itself."""
    stripped = text.strip(BLANK)
    return Formatted(stripped, found_entities(stripped), html.escape(stripped, quote=False))


def found_entities(text: str) -> tuple[JsonObject, ...]:
    """Find commands and links in plain text, in their order."""
    found = [
        (match.start(), _span(text, match, kind))
        for kind, pattern in (("bot_command", COMMAND), ("url", LINK))
        for match in pattern.finditer(text)
    ]
    return tuple(entity for _, entity in sorted(found, key=lambda pair: pair[0]))


def _span(text: str, match: re.Match[str], kind: str) -> JsonObject:
    offset = utf16_length(text[: match.start()])
    return {"type": kind, "offset": offset, "length": utf16_length(match[0])}


def parse_html(source: str) -> Formatted:
    """Turn HTML into text and entities.

    Raises: DefinitionError "can't parse entities" for anything that the service does not take.
    """
    parser = _Parser(source)
    parser.read()
    text, entities = _trim("".join(parser.text), parser.entities)
    return Formatted(text, entities, source.strip(BLANK))


class _Parser:
    """Reads HTML once, from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.entities: list[JsonObject] = []
        self._length = 0  # UTF-16 units
        self._open: list[_Open] = []

    def read(self) -> None:
        at = 0
        while at < len(self.source):
            match self.source[at]:
                case "<":
                    at = self._read_tag(at)
                case "&":
                    at = self._read_character(at)
                case _:
                    piece = PIECE.match(self.source, at)
                    at = self._add(piece[0] if piece else self.source[at], at)
        if self._open:
            name = self._open[-1].name
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{name}"')

    def _add(self, piece: str, at: int) -> int:
        self.text.append(piece)
        self._length += utf16_length(piece)
        return at + len(piece)

    def _read_character(self, at: int) -> int:
        match = CHARACTER.match(self.source, at)
        if match is None:
            return self._add("&", at)
        name = match[0] if match[0].endswith(";") else f"{match[0]};"
        self._add(html.unescape(name), at)
        return match.end()

    def _read_tag(self, at: int) -> int:
        match = TAG.match(self.source, at)
        where = len(self.source[:at].encode())
        if match is None:
            raise _unparsable(f"Unclosed start tag at byte offset {where}")
        if match["close"]:
            self._close(match["name"].lower(), where)
        else:
            self._start(match["name"].lower(), match["attributes"], where)
        return match.end()

    def _start(self, name: str, words: str, where: int) -> None:
        if name not in KINDS:
            raise _unparsable(f'Unsupported start tag "{name}" at byte offset {where}')
        attributes = {
            k.lower(): html.unescape(v.strip("\"'")) for k, v in ATTRIBUTE.findall(words)
        }
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self._open.append(_Open(name, _entity(name, attributes), self._length))

    def _close(self, name: str, where: int) -> None:
        if not self._open:
            raise _unparsable(f"Unexpected end tag at byte offset {where}")
        begun = self._open.pop()
        if name not in ("", begun.name):
            raise _unparsable(
                f'Unmatched end tag at byte offset {where}, expected "</{begun.name}>", '
                f'found "</{name}>"'
            )
        length = self._length - begun.start
        bare_link = begun.entity["type"] == "text_link" and not begun.entity.get("url")
        if length and not bare_link:
            self.entities.append({**begun.entity, "offset": begun.start, "length": length})


def _entity(name: str, attributes: dict[str, str]) -> JsonObject:
    kind = KINDS[name]
    if name == "blockquote" and "expandable" in attributes:
        kind = "expandable_blockquote"
    language = attributes.get("class", "") if name in ("code", "pre") else ""
    return present(
        {
            "type": kind,
            "url": attributes.get("href"),
            "language": language.removeprefix("language-") or None,
            "custom_emoji_id": attributes.get("emoji-id"),
        }
    )


def _trim(text: str, entities: list[JsonObject]) -> tuple[str, tuple[JsonObject, ...]]:
    """Drop blank ends as the service does, and move the entities along."""
    lead = len(text) - len(text.lstrip(BLANK))
    stripped = text.strip(BLANK)
    total = utf16_length(stripped)
    moved = [_moved(entity, -lead, total) for entity in entities]
    kept = [entity for entity in moved if entity is not None]
    outer_first = reversed(kept)  # they were kept in the order of their ends
    return stripped, tuple(sorted(outer_first, key=_place))


def _place(entity: JsonObject) -> tuple[int, int]:
    offset, length = _bounds(entity)
    return offset, -length


def _bounds(entity: JsonObject) -> tuple[int, int]:
    offset, length = entity.get("offset"), entity.get("length")
    return (
        offset if isinstance(offset, int) else 0,
        length if isinstance(length, int) else 0,
    )


def _moved(entity: JsonObject, by: int, total: int) -> JsonObject | None:
    offset, length = _bounds(entity)
    start, end = max(offset + by, 0), min(offset + by + length, total)
    return {**entity, "offset": start, "length": end - start} if end > start else None


def _unparsable(reason: str) -> DefinitionError:
    return DefinitionError(f"can't parse entities: {reason}")
