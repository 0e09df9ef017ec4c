"""What of a running bot's figures is not in order, and what is although it stands there."""

from datetime import UTC, datetime, timedelta

from safety.figures import (
    AUDITED_WITHIN,
    BEHIND_AFTER,
    hears,
    is_alone,
    is_audited,
    is_untroubled,
    keeps_up,
)
from safety.intake import AGAIN_AFTER, DEAD_AFTER, Outage, Trouble

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
SOON = timedelta(seconds=1)


def test_a_minute_without_a_word_from_the_service_is_not_in_order() -> None:
    """Whoever has only just begun to listen gets that minute, too."""
    assert hears(DEAD_AFTER - SOON)
    assert not hears(DEAD_AFTER)


def test_a_trouble_is_not_in_order_while_it_lasts() -> None:
    """What is over is shown, and counts no more."""
    outage = Outage(Trouble.NO_LINE, NOW - SOON)
    assert is_untroubled(None)
    assert not is_untroubled(outage)
    assert is_untroubled(Outage(Trouble.NO_LINE, outage.since, NOW))


def test_somebody_else_with_the_token_is_not_in_order_between_two_of_their_turns() -> None:
    """However good our own polls are meanwhile, and wherever the clock was set."""
    assert is_alone(None, NOW)
    assert not is_alone(NOW - AGAIN_AFTER + SOON, NOW)
    assert not is_alone(NOW + SOON, NOW)
    assert is_alone(NOW - AGAIN_AFTER, NOW)


def test_what_should_be_done_at_once_is_late_after_a_minute() -> None:
    """A moment's worth of work is in order."""
    assert keeps_up(None, NOW)
    assert keeps_up(NOW - BEHIND_AFTER, NOW)
    assert not keeps_up(NOW - BEHIND_AFTER - SOON, NOW)


def test_an_audit_that_finds_something_or_that_nobody_makes_is_not_in_order() -> None:
    """Before the first one nobody knows, which is not yet bad."""
    assert is_audited(None, 0, NOW)
    assert is_audited(NOW - AUDITED_WITHIN, 0, NOW)
    assert not is_audited(NOW - AUDITED_WITHIN - SOON, 0, NOW)
    assert not is_audited(NOW, 1, NOW)
