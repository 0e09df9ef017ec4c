"""Which copy works: the one that the mark names, or that was restored after it was left."""

from datetime import UTC, datetime, timedelta

import pytest

from safety.standby import (
    LEASE_LASTS,
    STILL_CERTAIN,
    Lineage,
    Mark,
    Verdict,
    is_certain,
    is_held_elsewhere,
    judge,
)

NOW = datetime(2027, 5, 28, 18, 0, tzinfo=UTC)
COPY = Lineage(3, frozenset({70, 71}))

CASES = {
    "nothing was ever left": (None, Verdict.FREE),
    "the copy it was restored from": (Mark(2, 99), Verdict.FREE),
    "its own, as left last": (Mark(3, 70), Verdict.OURS),
    "its own, which may not have arrived": (Mark(3, 71), Verdict.OURS),
    "a copy of the same data that has worked since": (Mark(3, 99), Verdict.ANOTHERS),
    "one that was restored since": (Mark(4, 99), Verdict.ANOTHERS),
    "a number of ours under another term": (Mark(4, 70), Verdict.ANOTHERS),
}


@pytest.mark.parametrize(("seen", "verdict"), CASES.values(), ids=CASES)
def test_a_mark_says_who_works(seen: Mark | None, verdict: Verdict) -> None:
    """Only what is older, or its own, lets a copy work."""
    assert judge(COPY, seen) is verdict


def test_whoever_takes_over_is_above_every_copy() -> None:
    """A person decides it, and the copy that worked sees it."""
    worked = Mark(3, 70)
    taken = Mark(worked.next_term, 5)
    assert judge(COPY, taken) is Verdict.ANOTHERS
    assert judge(Lineage(worked.next_term, frozenset({5})), worked) is Verdict.FREE


def test_a_short_silence_leaves_it_certain() -> None:
    """A busy machine is no suspended one."""
    assert is_certain(STILL_CERTAIN)
    assert not is_certain(STILL_CERTAIN + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("held_by", "age", "is_held"),
    [
        (8, timedelta(seconds=1), True),
        (8, -timedelta(seconds=30), True),  # its clock is ahead of ours
        (8, LEASE_LASTS, False),
        (7, timedelta(seconds=1), False),  # this machine: the lock on the key slots decides
    ],
)
def test_a_shared_disk_is_left_to_the_machine_that_renews_its_lease(
    held_by: int, age: timedelta, *, is_held: bool
) -> None:
    """No lock can be believed there; a lease that nobody renews is free."""
    assert is_held_elsewhere(held_by, 7, NOW - age, NOW) is is_held


def test_a_machine_that_does_not_know_itself_is_not_taken_for_another_like_it() -> None:
    """Two of them would write to one file."""
    assert is_held_elsewhere(0, 0, NOW, NOW)
    assert not is_held_elsewhere(0, 0, NOW - timedelta(days=1), NOW)


def test_a_lease_that_was_given_back_is_free() -> None:
    """A restored copy carries the old machine's lease with it."""
    assert not is_held_elsewhere(8, 7, None, NOW)
