"""Notices: what each kind says of itself so that it can be stored, sent, changed and removed."""

from dataclasses import fields, is_dataclass
from datetime import timedelta

import pytest

from handlers.routes import TABLE
from safety.notices import (
    NOTICES,
    SHORT_STAY,
    STAYS,
    CallbackAnswer,
    Emptying,
    IfUnknown,
    Lane,
    LeaveGroup,
    Notice,
    Removal,
    notice,
)
from safety.people import Unprinted
from safety.proposals import INTENTS, Intent, intent
from safety.timers import Timer, timer

UNSEEN = {Removal, Emptying, LeaveGroup}  # what delivery does without showing anything
OWN = [kind for kind in NOTICES.values() if kind.__module__.startswith("safety.")]
LONGEST = timedelta(hours=48)  # a bot may delete its messages only before that


def test_the_lanes_are_in_the_order_that_the_design_says() -> None:
    """Alarm, hold and relocation, reply, release, board, reminder, housekeeping."""
    assert [lane.name for lane in sorted(Lane)] == [
        "ALARM", "HOLD", "REPLY", "RELEASE", "BOARD", "REMINDER", "HOUSEKEEPING",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_a_notice_is_a_value_that_prints_nothing(kind: type[Notice]) -> None:
    """It may stand in a log by accident."""
    assert kind.__repr__ is Unprinted.__repr__
    assert "__dict__" not in dir(kind)
    assert is_dataclass(kind)


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_a_notice_is_registered_under_its_own_name(kind: type[Notice]) -> None:
    """Or a stored one could not be read again."""
    assert NOTICES[kind.__name__] is kind


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_a_notice_that_is_shown_has_words(kind: type[Notice]) -> None:
    """One without a renderer would be dropped in silence."""
    assert (kind in TABLE.renderers) is (kind not in UNSEEN)


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_what_stays_can_still_be_deleted(kind: type[Notice]) -> None:
    """An anchor stays until its moment; everything else goes well before 48 hours."""
    assert kind.stays is None or timedelta(0) <= kind.stays <= STAYS < LONGEST


@pytest.mark.parametrize(
    "kind", [kind for kind in OWN if kind.stays == SHORT_STAY], ids=lambda kind: kind.__name__
)
def test_what_goes_after_a_minute_cannot_be_forwarded_and_does_not_ring(
    kind: type[Notice],
) -> None:
    """Names and places on a tap: whoever asked is looking."""
    assert kind.is_protected
    assert not kind.rings


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_alarms_holds_and_relocations_are_never_given_up(kind: type[Notice]) -> None:
    """Neither by age nor because nobody knows whether they arrived."""
    if kind.lane <= Lane.HOLD:
        assert kind.valid_for is None
        assert kind.if_unknown is IfUnknown.SEND_AGAIN


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_what_nobody_needs_late_has_its_deadline(kind: type[Notice]) -> None:
    """A reminder, and a change that rings nowhere, is dropped when its time is over."""
    if kind.lane == Lane.REMINDER or (kind.lane == Lane.BOARD and not kind.rings):
        assert kind.valid_for is not None


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_a_notice_holds_only_what_can_be_stored(kind: type[Notice]) -> None:
    """Ids and short values; no rendered text has a field for one."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type] # a dataclass
    assert names.isdisjoint({"text", "html", "address"})


def test_a_callback_answer_that_comes_too_late_is_dropped() -> None:
    """The service takes it for a short while only."""
    assert CallbackAnswer.valid_for is not None
    assert CallbackAnswer.valid_for <= timedelta(seconds=150)


def test_no_two_features_have_a_notice_a_timer_or_an_intent_of_one_name() -> None:
    """Stored ones are read by name, so the second would be read as the first."""
    elsewhere = {"__module__": "safety.elsewhere"}
    with pytest.raises(ValueError, match="Removal"):
        notice(type("Removal", (Notice,), elsewhere))
    with pytest.raises(ValueError, match="ProposalOver"):
        timer(type("ProposalOver", (Timer,), elsewhere))
    name = next(iter(INTENTS))
    with pytest.raises(ValueError, match=name):
        intent(type(name, (Intent,), elsewhere))
    assert NOTICES["Removal"] is Removal
