"""Looking for what must not be there: names, places, tokens, however they are written."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

SHORTEST = 6  # characters; a shorter marker would be found by chance
_WORD = 4  # bytes that are compared at once; no spelling is shorter
_ALIGNMENTS = (0, 1, 2)  # bytes that may stand before a text in base64
_EIGHT = 8  # bytes of an integer as most formats keep it


class Markers:
    """What must be nowhere, ready to be looked for in many megabytes, in every spelling.

    `texts` are markers in words or decimal numbers; `contents` are bytes as they are.

    Raises:
        ValueError: a marker is too short to mean anything.
    """

    def __init__(self, texts: Iterable[str], contents: Iterable[bytes] = ()) -> None:
        self._spelled: dict[int, set[tuple[str, bytes]]] = defaultdict(set)
        for text in set(texts):
            self._add(text, spellings(text))
        for content in set(contents):
            self._add(content.hex(), spellings_of(content))

    def found_in(self, content: bytes) -> set[str]:
        """Give the markers that stand anywhere in `content`."""
        beginnings = set[int]()
        for shift in range(_WORD):
            end = len(content) - (len(content) - shift) % _WORD
            words = memoryview(content)[shift:end].cast("I")
            beginnings |= self._spelled.keys() & words if end > shift else set()
        candidates = (one for beginning in beginnings for one in self._spelled[beginning])
        return {marker for marker, spelling in candidates if spelling in content}

    def _add(self, marker: str, spelled: Iterable[bytes]) -> None:
        for spelling in spelled:
            beginning = memoryview(spelling[:_WORD]).cast("I")[0]
            self._spelled[beginning].add((marker, spelling))


def find_traces(directory: Path, markers: Iterable[str]) -> list[str]:
    """Name the files below `directory` that hold a marker: as text, hex, base64, JSON or integer.

    Raises:
        ValueError: a marker is too short to mean anything.
    """
    wanted = Markers(markers)
    return sorted(
        f"{path.name} holds a marker of {len(marker)} characters"
        for path in directory.rglob("*")
        if path.is_file()
        for marker in wanted.found_in(path.read_bytes())
    )


def spellings(marker: str) -> Iterator[bytes]:
    """Give every way in which a marker could stand in a file."""
    if len(marker) < SHORTEST:
        raise ValueError("this marker is too short")
    yield from spellings_of(marker.encode())
    yield marker.encode("utf-16-le")
    yield marker.encode("utf-16-be")
    escaped = json.dumps(marker)[1:-1]
    yield escaped.encode()
    yield "".join(_in_capitals(part) for part in _escapes(escaped)).encode()
    if marker.isdecimal():
        number = int(marker)
        for size in {_EIGHT, max(_WORD, (number.bit_length() + 7) // 8)}:
            yield number.to_bytes(size, "little")
            yield number.to_bytes(size, "big")


def spellings_of(content: bytes) -> Iterator[bytes]:
    """Give the ways in which bytes could stand in a file: as they are, in hex, in base64."""
    yield content
    yield content.hex().encode()
    yield content.hex().upper().encode()
    for before in _ALIGNMENTS:
        start, end = (before * 8 + 5) // 6, (before + len(content)) * 8 // 6
        padded = b"\0" * before + content
        yield base64.b64encode(padded)[start:end]
        yield base64.urlsafe_b64encode(padded)[start:end]


def _escapes(text: str) -> Iterator[str]:
    """Split a JSON text into its escapes and all that is between."""
    while text:
        size = _ESCAPE if text.startswith("\\u") else 1
        yield text[:size]
        text = text[size:]


def _in_capitals(part: str) -> str:
    return "\\u" + part[2:].upper() if part.startswith("\\u") else part


_ESCAPE = len("\\u0000")
