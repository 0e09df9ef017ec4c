"""Looking for what must not be there: names, places, tokens, however they are written."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

SHORTEST = 6  # characters; a shorter marker would be found by chance
_ALIGNMENTS = (0, 1, 2)  # bytes that may stand before a text in base64


def find_traces(directory: Path, markers: Iterable[str]) -> list[str]:
    """Name the files below `directory` that hold a marker: as text, hex, base64, JSON or integer.

    Raises:
        ValueError: a marker is too short to mean anything.
    """
    wanted = [(marker, written) for marker in set(markers) for written in spellings(marker)]
    found = set[str]()
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            lowered = content.lower()
            found |= {
                f"{path.name} holds a marker of {len(marker)} characters"
                for marker, written in wanted
                if written in content or written.lower() in lowered
            }
    return sorted(found)


def spellings(marker: str) -> Iterator[bytes]:
    """Give every way in which a marker could stand in a file."""
    if len(marker) < SHORTEST:
        raise ValueError("this marker is too short")
    plain = marker.encode()
    yield plain
    yield marker.encode("utf-16-le")
    yield marker.encode("utf-16-be")
    yield plain.hex().encode()
    yield json.dumps(marker)[1:-1].encode()
    for before in _ALIGNMENTS:
        coded = base64.b64encode(b"\0" * before + plain)
        start, end = (before * 8 + 5) // 6, len(coded.rstrip(b"=")) - 1
        yield coded[start:end]
    if marker.isdecimal():
        number = int(marker)
        size = max(4, (number.bit_length() + 7) // 8)
        yield number.to_bytes(size, "little")
        yield number.to_bytes(size, "big")
