"""What overtakes everything else at intake: calls for help, their answers, and being taken."""

import pytest

from handlers import incoming
from handlers.buttons import pack
from handlers.buttons.alarms import MistakePress, OnItPress, SosPress
from handlers.buttons.detentions import DetentionOnIt, MarkTaken, TakenPress
from handlers.buttons.menu import MenuEntry
from handlers.incoming import is_alarm_like
from safety.alarmwords import AlarmLikeness


@pytest.mark.parametrize(
    "press",
    [
        SosPress(),
        TakenPress(),
        OnItPress(1),
        MarkTaken(1),
        DetentionOnIt(1),
        MenuEntry("sos"),
        MenuEntry("taken"),
    ],
    ids=lambda press: type(press).__name__,
)
def test_a_press_that_cannot_wait_is_urgent(
    press: SosPress | TakenPress | OnItPress | MarkTaken | DetentionOnIt | MenuEntry,
) -> None:
    """Wherever its button stands, also in the menu."""
    assert is_alarm_like({"callback_query": {"data": pack(press)}})


@pytest.mark.parametrize("press", [MistakePress(1), MenuEntry("help")])
def test_a_press_that_can_wait_is_not(press: MistakePress | MenuEntry) -> None:
    """What calms or explains waits its turn."""
    assert not is_alarm_like({"callback_query": {"data": pack(press)}})


@pytest.mark.parametrize("text", ["🆘 SOS", "/sos", "/panic men", "/taken", "sos"])
def test_a_text_that_cannot_wait_is_urgent(text: str) -> None:
    """The key, the commands, the word."""
    assert is_alarm_like({"message": {"text": text}})


@pytest.mark.parametrize("text", ["sos {}", "{} sos"])
def test_a_call_at_either_end_of_a_long_text_is_urgent(text: str) -> None:
    """Before it, or after it, stands what has happened."""
    assert is_alarm_like({"message": {"text": text.format("they came in, all of them, " * 150)}})


def test_of_the_longest_texts_little_is_read_before_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading all of a stranger's letters keeps a call behind them waiting."""
    read: list[str] = []

    def reads(text: str) -> AlarmLikeness:
        read.append(text)
        return AlarmLikeness.NONE

    monkeypatch.setattr(incoming, "classify", reads)
    assert not is_alarm_like({"message": {"text": "\ufdfa" * 4096}})
    assert len(read[0]) <= 2 * incoming.END + 1


@pytest.mark.parametrize(
    "update",
    [
        None,
        [],
        1,
        {"message": None},
        {"message": {"text": 5}},
        {"callback_query": {}},
        {"callback_query": {"data": 5}, "message": {"text": "sos"}},
    ],
)
def test_what_cannot_be_read_is_no_alarm_and_raises_nothing(update: object) -> None:
    """Intake decides before anything is parsed, so it must never fail."""
    assert not is_alarm_like(update)
