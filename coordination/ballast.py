"""A disk that is nearly full: said to the organizers once, and again only after there was room."""

from coordination import audience
from coordination.turns import Work
from safety.ballast import StorageLow
from safety.people import Role
from storage import counters, team

TOLD = "storage-told"  # the counter that keeps whether it was said


def note_storage(work: Work, *, is_low: bool) -> None:
    """Note how things stand; tell the organizers if it is news, as soon as there are any."""
    was_told = counters.value(work.tx, TOLD) != 0
    if not is_low and was_told:
        counters.set_value(work.tx, TOLD, 0)
    elif is_low and not was_told and team.reachable(work.tx, (Role.ORGANIZER,)):
        counters.set_value(work.tx, TOLD, 1)
        audience.tell_organizers(work, StorageLow())
