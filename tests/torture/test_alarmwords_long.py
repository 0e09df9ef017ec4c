"""Thousands of mangled cries and hostile texts, more than an everyday run has time for."""

import random
import time
from collections.abc import Callable

import pytest

from safety.alarmwords import LONGEST, AlarmLikeness, classify
from tests.parts import Part
from tests.safety.test_alarmwords import ALARMS, NOTHING

pytestmark = pytest.mark.torture

ROUNDS = 2000
UNSEEN = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u0301", "\u0336")
SLOWEST = 0.5  # seconds for one text, on a slow machine


def _hide(phrase: str, chance: random.Random) -> str:
    """Put unseen characters between the letters."""
    return "".join(letter + chance.choice(("", "", chance.choice(UNSEEN))) for letter in phrase)


def _drag(phrase: str, chance: random.Random) -> str:
    """Hold some keys down too long."""
    return "".join(letter * chance.choice((1, 1, 1, 2, 5)) for letter in phrase)


def _shout(phrase: str, chance: random.Random) -> str:
    """Change the case of letters, and end loudly."""
    mixed = "".join(chance.choice((letter.upper(), letter.lower())) for letter in phrase)
    return mixed + "!" * chance.randrange(9)


def _crowd(phrase: str, chance: random.Random) -> str:
    """Put the cry between lines of punctuation and emoji."""
    noise = "".join(chance.choices("!.,;:—…()😭🙏\n ", k=12))
    return f"{noise} {phrase} {noise}"


@pytest.mark.parametrize("mangle", [_hide, _drag, _shout, _crowd], ids=lambda one: one.__name__)
def test_a_mangled_cry_is_still_a_cry(mangle: Callable[[str, random.Random], str]) -> None:
    """However it is typed by shaking hands, each phrase of the table raises the alarm."""
    chance = random.Random(7)  # noqa: S311 - repeatable, no secret
    phrases = [one for table in ALARMS.values() for one in table if not one.startswith("/")]
    for phrase in phrases:
        for _round in range(ROUNDS // 10):
            assert classify(mangle(phrase, chance)) is AlarmLikeness.ALARM, (phrase, mangle)


def test_mangled_small_talk_wakes_nobody(part: Part) -> None:
    """The same hands typing about the weather raise no alarm."""
    chance = random.Random(7)  # noqa: S311 - repeatable, no secret
    phrases = [one for table in NOTHING.values() for one in table if not one.startswith("/")]
    for phrase in part.among(phrases):
        for mangle in (_hide, _drag, _shout, _crowd):
            for _round in range(ROUNDS // 10):
                assert classify(mangle(phrase, chance)) is not AlarmLikeness.ALARM, phrase


def test_no_text_takes_long(part: Part) -> None:
    """Random walks through the words of the tables, at full length, stay within their bound."""
    chance = random.Random(part.number or 7)  # noqa: S311 - repeatable, no secret
    tables = (*ALARMS.values(), *NOTHING.values())
    words = " ".join(phrase for table in tables for phrase in table).split()
    slowest = 0.0
    for _round in range(part.of(ROUNDS)):
        few = chance.sample(words, k=chance.randrange(1, 12))
        text = " ".join(chance.choices(few, k=LONGEST))
        start = time.process_time()
        classify(text)
        slowest = max(slowest, time.process_time() - start)
    assert slowest < SLOWEST
