"""The child that opens a hostile picture: it may use little, write nothing, and gives pixels.

`storage/bundle/painting.py` runs it, with the picture on standard input. What it answers is not
believed: the parent looks at every byte of the frame.
"""

import io
import resource
import sys

from PIL import Image, ImageOps

from storage.bundle.painting import LARGEST

FORMATS = ("JPEG", "PNG", "WEBP")
PIXELS = 50_000_000  # of the largest picture; a bomb has more
QUALITY = 90  # of the JPEG
MEMORY = 768 << 20  # bytes of address space
SECONDS = 20  # of processor time


def confine() -> None:
    """Give up what is not needed, for good."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(limit, (most, most))


def painted(original: bytes) -> bytes:
    """Paint the pixels of a picture as a fresh JPEG, the way up that its camera says.

    Raises: what Pillow raises, and ValueError for what is too large.
    """
    with Image.open(io.BytesIO(original), formats=FORMATS) as opened:
        if opened.width * opened.height > PIXELS:
            raise ValueError("too many pixels")
        pixels = ImageOps.exif_transpose(opened).convert("RGB")
    fresh = Image.frombytes("RGB", pixels.size, pixels.tobytes())  # carries nothing over
    written = io.BytesIO()
    fresh.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def main() -> int:
    """Paint what comes in; say nothing of what is wrong with it."""
    confine()
    try:
        sys.stdout.buffer.write(painted(sys.stdin.buffer.read(LARGEST)))
        sys.stdout.buffer.flush()
    except Exception:  # noqa: BLE001 - whatever a hostile file brings about: it cannot be cleaned
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
