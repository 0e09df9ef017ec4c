"""A clean copy shows the same picture and tells nothing else; what is hostile gives none."""

import io
import itertools
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from storage.bundle import painter, painting
from storage.bundle.painting import clean_copy, is_bare

SECRET = b"Dana's phone, 43.2389 N 76.8897 E"
SIZE = (96, 64)


def _picture() -> Image.Image:
    """Paint something that nobody confuses when it stands on its head."""
    image = Image.new("RGB", SIZE, (200, 30, 30))
    image.paste((20, 20, 220), (0, 0, SIZE[0] // 2, SIZE[1] // 2))
    return image


def _saved(kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    _picture().save(written, kind, **options)
    return written.getvalue()


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = exif[0x013B] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _jpeg() -> bytes:
    return _saved("JPEG", exif=_exif(), comment=SECRET, icc_profile=_profile())


def _png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    return _saved("PNG", pnginfo=text, exif=_exif())


def _webp() -> bytes:
    return _saved("WEBP", exif=_exif(), icc_profile=_profile(), xmp=SECRET)


def _with_a_tail() -> bytes:
    return _jpeg() + SECRET


@pytest.mark.parametrize("make", [_jpeg, _png, _webp, _with_a_tail])
def test_a_clean_copy_is_the_picture_and_nothing_else(make: Callable[[], bytes]) -> None:
    """No camera, no place, no comment, no profile, nothing behind the end; the pixels are."""
    original = make()
    assert SECRET in original
    copy = clean_copy([original[:50], original[50:]])
    assert copy is not None
    assert is_bare(copy)
    for secret in (SECRET, SECRET[:6], b"Exif", b"ICC", b"http", b"sRGB"):
        assert secret not in copy
    with Image.open(io.BytesIO(copy)) as image:
        assert (image.size, dict(image.getexif())) == (SIZE, {})
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info)
        red, _, blue = image.convert("RGB").getpixel((10, 10))  # type: ignore[misc] # three
        assert blue > red


def test_a_picture_is_turned_the_way_up_it_was_taken() -> None:
    """What said so is gone; a face on its head would be no evidence."""
    copy = clean_copy([_saved("JPEG", exif=_exif(orientation=6))])
    assert copy is not None
    with Image.open(io.BytesIO(copy)) as image:
        assert image.size == SIZE[::-1]


def _bomb() -> bytes:
    """A PNG of few bytes that would unfold to 900 megapixels."""
    side = 30_000
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side + 1) * 400, 9)
    parts = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _bomb_of_text() -> bytes:
    """A small PNG whose comment unfolds to 200 megabytes."""
    text = b"k\0\0" + zlib.compress(bytes(200 << 20), 9)
    return _png()[:33] + _chunk(b"zTXt", text) + _png()[33:]


def _gif() -> bytes:
    return _saved("GIF")


def _script() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n"


def _cut() -> bytes:
    return _jpeg()[: len(_jpeg()) // 2]


def _nothing() -> bytes:
    return b""


@pytest.mark.parametrize("make", [_bomb, _bomb_of_text, _gif, _script, _cut, _nothing])
def test_a_hostile_or_foreign_file_gives_no_copy(make: Callable[[], bytes]) -> None:
    """Bombs, other kinds, what is cut: no copy, no harm, in bounded time."""
    assert clean_copy([make()]) is None


@pytest.mark.parametrize(
    "misuse",
    [
        "bytearray(900 << 20)",
        "open(sys.argv[1], 'wb', 0).write(b'x')",
        "[open(__file__) for _ in 'a' * 99]",
    ],
)
def test_the_child_can_do_little(tmp_path: Path, misuse: str) -> None:
    """Neither much memory, nor a file of its own, nor many of others'."""
    script = tmp_path / "child.py"
    confined = "import sys\nfrom storage.bundle.painter import confine\nconfine()\n"
    written = tmp_path / "written"
    for first, is_allowed in (("", True), (confined, False)):
        script.write_text(f"import sys\n{first}held = {misuse}\n", "utf-8")
        command = [sys.executable, "-I", str(script), str(written)]
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own
        assert (done.returncode == 0) == is_allowed
        assert (written.exists() and written.stat().st_size > 0) == (is_allowed and "w" in misuse)
        written.unlink(missing_ok=True)


def test_noise_in_a_picture_does_no_harm() -> None:
    """Whatever byte is wrong, there is a bare copy or none."""
    rest = random.Random(7)  # noqa: S311 - the same noise in each run
    for _ in range(4):
        content = bytearray(_jpeg())
        for _ in range(8):
            content[rest.randrange(2, len(content))] = rest.randrange(256)
        copy = clean_copy([bytes(content)])
        assert copy is None or is_bare(copy)


def test_more_than_a_picture_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops at the limit, whatever would still come."""
    monkeypatch.setattr(painting, "LARGEST", 10)

    assert clean_copy(itertools.repeat(b"12345")) is None


def test_too_many_pixels_are_not_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted before any is unpacked."""
    monkeypatch.setattr(painter, "PIXELS", SIZE[0] * SIZE[1] - 1)
    with pytest.raises(ValueError, match="pixels"):
        painter.painted(_png())


def test_what_the_child_answers_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that took the child over still gets nothing through but a bare frame."""
    (tmp_path / "dirty").write_bytes(_jpeg())
    child = tmp_path / "child"
    child.write_text(f"#!/bin/sh\nexec /bin/cat {tmp_path}/dirty\n", "utf-8")
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))
    assert clean_copy([_jpeg()]) is None
    (tmp_path / "dirty").write_bytes(painter.painted(_jpeg()))
    assert clean_copy([_jpeg()]) is not None


def _with(marker: int, content: bytes) -> bytes:
    picture = painter.painted(_jpeg())
    return picture[:2] + _segment(marker, content) + picture[2:]


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def test_the_check_of_the_frame_can_fail() -> None:
    """A comment, EXIF, a profile, a thumbnail, a tail: whoever put it in, it is found."""
    picture = painter.painted(_jpeg())
    assert is_bare(picture)
    for marker, content in (
        (0xFE, SECRET),
        (0xE1, b"Exif\0\0" + SECRET),
        (0xE2, b"ICC_PROFILE\0"),
        (0xE0, b"JFXX\0\x10" + SECRET),
        (0xED, b"Photoshop 3.0\0"),
    ):
        assert not is_bare(_with(marker, content))
    for spoilt in (picture + b"\0", picture[:-2], picture[:40], b"", picture[1:], _jpeg(), _png()):
        assert not is_bare(spoilt)
    assert not is_bare(picture[:-2] + _segment(0xFE, SECRET) + picture[-2:])
