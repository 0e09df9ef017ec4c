"""Whatever must not be in a file is found there, however it is written."""

import base64
import json
import os
from pathlib import Path

import pytest

from bot.rehearsal.traces import Markers, find_traces

NAME, NUMBER, TOKEN = "Шолпан Ә.", 5_100_000_101, "AAF-rehearsed_token~"
CONTENT = bytes(range(200, 232))

WRITTEN: dict[str, bytes] = {
    "utf-8": NAME.encode(),
    "utf-16, little end first": NAME.encode("utf-16-le"),
    "utf-16, big end first": NAME.encode("utf-16-be"),
    "hex": NAME.encode().hex().encode(),
    "hex in capitals": NAME.encode().hex().upper().encode(),
    "JSON": json.dumps({"text": NAME}).encode(),
    "JSON in capitals": json.dumps(NAME).upper().replace("\\U", "\\u").encode(),
    "decimal": f"id={NUMBER};".encode(),
    "eight bytes, little end first": NUMBER.to_bytes(8, "little"),
    "eight bytes, big end first": NUMBER.to_bytes(8, "big"),
    "shortest, little end first": NUMBER.to_bytes(5, "little"),
    "shortest, big end first": NUMBER.to_bytes(5, "big"),
    "token": TOKEN.encode(),
    "bytes": CONTENT,
    "bytes in hex": CONTENT.hex().encode(),
    **{
        f"base64 after {before} bytes": base64.b64encode(b"?" * before + NAME.encode() + b"!")
        for before in range(4)
    },
    "base64 for addresses": base64.urlsafe_b64encode(b"?" + CONTENT + b"!"),
}


@pytest.mark.parametrize("before", range(5))
@pytest.mark.parametrize("how", WRITTEN)
def test_each_spelling_is_found_wherever_it_stands(how: str, before: int) -> None:
    """A search that cannot find is no search."""
    markers = Markers([NAME, str(NUMBER), TOKEN], [CONTENT])
    noise = os.urandom(100_000)
    assert not markers.found_in(noise)
    planted = noise[:before] + WRITTEN[how] + noise
    assert len(markers.found_in(planted)) == 1
    assert len(markers.found_in(noise + WRITTEN[how])) == 1


def test_nothing_is_found_in_nothing() -> None:
    """Files may be empty, or shorter than any marker."""
    for length in range(9):
        assert not Markers([NAME]).found_in(bytes(length))


def test_a_file_that_holds_a_marker_is_named_without_it(tmp_path: Path) -> None:
    """The finding must not become a trace itself."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"xyz" + NAME.encode())
    (found,) = find_traces(tmp_path, [NAME])
    assert "file" in found
    assert NAME not in found


def test_a_marker_that_would_be_found_by_chance_is_refused() -> None:
    """Five letters stand in every megabyte."""
    with pytest.raises(ValueError, match="short"):
        Markers(["Aigul"])
