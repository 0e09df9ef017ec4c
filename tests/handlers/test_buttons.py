"""Payloads: short, read back as what they are, and never more than a wish.

Callback data can be forged, so whatever comes in gives a payload or nothing.
"""

from dataclasses import fields
from enum import StrEnum
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.buttons import LIMIT, Payload, pack, payload, payload_kinds, unpack
from handlers.buttons.forms import FormChoice
from handlers.buttons.menu import MenuEntry
from handlers.routes import TABLE

LARGEST_ID = 2**53 - 1
LARGEST_ROW = 2**63 - 1
SHORT = "x" * 20  # what features put into their short texts, and more


def _kinds() -> list[type[Payload]]:
    routed = {button.kind for button in TABLE.buttons}
    return sorted((kind for kind in payload_kinds() if kind in routed), key=lambda kind: kind.code)


def _values(hint: object, number: int) -> list[object]:
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    if hint is int:
        return [number]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)
    assert hint is str, hint
    return ["", SHORT]


def _extremes(kind: type[Payload], number: int) -> list[Payload]:
    """Make payloads whose every field is at its end; each value of each enum once."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # a dataclass
    columns = [_values(hints[name], number) for name in names]
    longest = max((len(column) for column in columns), default=1)
    return [kind(*(column[at % len(column)] for column in columns)) for at in range(longest)]


def test_there_are_payloads_to_test() -> None:
    """Or the tests below would promise nothing."""
    assert len(_kinds()) > 10


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("number", [0, 1, 35, 36, LARGEST_ID])
def test_every_payload_fits_and_is_read_back_as_itself(kind: type[Payload], number: int) -> None:
    """The service cuts nothing: it refuses what has more than 64 bytes."""
    for value in _extremes(kind, number):
        packed = pack(value)
        assert 0 < len(packed.encode()) <= LIMIT
        assert unpack(packed) == value


def test_every_code_is_its_own() -> None:
    """Two kinds of one code would press each other."""
    codes = [kind.code for kind in payload_kinds()]
    assert len(codes) == len(set(codes))


def test_a_second_kind_with_a_known_code_is_refused() -> None:
    """Already when the program starts."""

    class Twin(Payload):
        """Another kind with the menu's code."""

        code = MenuEntry.code

    with pytest.raises(ValueError, match=MenuEntry.code):
        payload(Twin)


@pytest.mark.parametrize(
    "value",
    [
        FormChoice(-1, 0, "x"),
        FormChoice(LARGEST_ROW + 1, 0, "x"),
        FormChoice(1, 0, "with|separator"),
        FormChoice(1, 0, "x" * 60),
        FormChoice(1, 0, "ә" * 30),
        FormChoice(1, 0, "\ud800"),
    ],
)
def test_what_could_not_be_read_back_is_not_packed(value: FormChoice) -> None:
    """Better a fault on our side than a button that does something else."""
    with pytest.raises(ValueError, match=r".*"):
        pack(value)


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "|",
        "fa",
        "fa|1|0",
        "fa|1|0|x|y",
        "fa||0|x",
        "fa|-1|0|x",
        "fa|+1|0|x",
        "fa| 1|0|x",
        "fa|01|0|x",
        "fa|1_0|0|x",
        "fa|A|0|x",
        "fa|٣|0|x",
        "fa|zzzzzzzzzzzzzzzzzzzz|0|x",
        "fa|1|0|\ud800",
        "fa|1|0|" + "x" * 60,
        "FA|1|0|x",
        "nosuchcode|1",
        "arx|1|nosuchending",
    ],
)
def test_forged_data_gives_nothing(packed: str) -> None:
    """Only what `pack` writes is read: one spelling for each payload, no number beyond a row."""
    assert unpack(packed) is None


@settings(max_examples=300)
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_garbage_never_raises(packed: str) -> None:
    """Whatever a changed app sends."""
    found = unpack(packed)
    assert found is None or pack(found) == packed


@settings(max_examples=300)
@given(
    st.sampled_from([kind.code for kind in payload_kinds()]),
    st.lists(st.integers().map(str) | st.text(max_size=12), max_size=4),
)
def test_garbage_under_a_known_code_never_raises(code: str, parts: list[str]) -> None:
    """And what is read is written the same way."""
    packed = "|".join((code, *parts))
    found = unpack(packed)
    assert found is None or pack(found) == packed
