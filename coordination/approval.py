"""What follows when somebody is approved: the features that have to act are listed here."""

from collections.abc import Callable

from coordination import board, telling
from coordination.turns import Work
from safety.registration import Person

ON_APPROVAL: tuple[Callable[[Work, Person], None], ...] = (telling.tell_late, board.refresh_for)


def follow_approval(work: Work, person: Person) -> None:
    """Have every feature do its part for somebody who has just been approved."""
    for follow in ON_APPROVAL:
        follow(work, person)
