"""Clean copies of pictures: pixels painted anew, without what a camera writes beside them.

The picture is hostile: a child process with little memory and time opens it. Its answer is held
against the frame of a bare JPEG (ITU T.81, annex B), where nothing has room but the pixels.
"""

import subprocess
import sys
from collections.abc import Iterable

LARGEST = 64 << 20  # bytes of a picture
WAIT = 60.0  # seconds for one picture, at most
_SOI, _EOI, _SOS, _JFIF = 0xD8, 0xD9, 0xDA, 0xE0
_TABLES = frozenset({0xDB, 0xC0, 0xC2, 0xC4, 0xDD})  # what pixels are decoded with
_BARE_JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"  # version, no unit, 1:1, no thumbnail
_RESTARTS = range(0xD0, 0xD8)


def clean_copy(original: Iterable[bytes]) -> bytes | None:
    """Paint a picture anew; None where it cannot be: it is none, is broken, or takes too much."""
    content = bytearray()
    for chunk in original:
        content += chunk
        if len(content) > LARGEST:
            return None
    command = [sys.executable, "-I", "-B", "-m", "storage.bundle.painter"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by our own interpreter
            command,
            input=bytes(content),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WAIT,
            check=False,
            env={},
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and is_bare(done.stdout) else None


def is_bare(picture: bytes) -> bool:
    """Say whether this is a JPEG with nothing in it but tables and pixels."""
    if picture[:2] != bytes([0xFF, _SOI]):
        return False
    place, has_pixels = 2, False
    while place + 2 <= len(picture) and picture[place] == 0xFF:  # noqa: PLR2004 - T.81, B.1.1.2
        marker = picture[place + 1]
        if marker == _EOI:
            return has_pixels and place + 2 == len(picture)
        length = int.from_bytes(picture[place + 2 : place + 4], "big")
        segment = picture[place + 4 : place + 2 + length]
        if marker == _JFIF and segment != _BARE_JFIF:
            return False
        if marker not in _TABLES | {_SOS, _JFIF} or len(segment) != length - 2:
            return False
        place += 2 + length
        if marker == _SOS:
            place, has_pixels = _after_scan(picture, place), True
    return False


def _after_scan(picture: bytes, place: int) -> int:
    """Find the marker behind the pixels that begin here."""
    while (place := picture.find(b"\xff", place)) >= 0:
        following = picture[place + 1 : place + 2]
        if not following or (following[0] != 0 and following[0] not in _RESTARTS):
            return place
        place += 2
    return len(picture)
