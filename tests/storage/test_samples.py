"""What was ever stored sealed opens with the program of today, and nothing of it is lost."""

import json

import msgspec
import pytest

from tests.storage.samples import buttons, enums, kinds, recorded, today

LINES = [line.split("\t") for line in sorted(recorded())]
VALUES = [line for line in LINES if not line[0].startswith(("enum ", "button "))]
WORDS = [line for line in LINES if line[0].startswith("enum ")]
BUTTONS = [line for line in LINES if line[0].startswith("button ")]


@pytest.mark.parametrize(("name", "text"), VALUES)
def test_what_was_stored_is_read_and_keeps_what_it_says(name: str, text: str) -> None:
    """No field was renamed, taken out or made necessary: a row would not open, or say less."""
    value: object = msgspec.json.decode(text, type=kinds()[name])
    assert _holds(json.loads(msgspec.json.encode(value)), json.loads(text))


def _holds(now: object, then: object) -> bool:
    match now, then:
        case dict(), dict():
            return all(key in now and _holds(now[key], part) for key, part in then.items())
        case list(), list():
            return len(now) >= len(then) and all(map(_holds, now, then))
        case _:
            return now == then


@pytest.mark.parametrize(("name", "text"), WORDS)
def test_every_word_that_was_stored_is_still_known(name: str, text: str) -> None:
    """A row with a state that nobody knows any more does not open."""
    known = {one.value for one in enums()[name.removeprefix("enum ")]}
    assert set(json.loads(text)) <= known


@pytest.mark.parametrize(("name", "text"), BUTTONS)
def test_a_button_that_stands_in_a_chat_means_what_it_meant_or_nothing(
    name: str, text: str
) -> None:
    """It is out of date where its code is unknown by now, or has more or fewer parts."""
    then, now = json.loads(text), buttons().get(name.removeprefix("button "), [])
    assert now == then or len(now) != len(then)


def test_what_is_stored_today_is_held_to_it_from_now_on() -> None:
    """Where this fails, something was added: `python -m tests.storage.samples` adds its sample.

    Of a line that is there nothing may be changed: the old shape has been stored.
    """
    assert today() <= recorded()
