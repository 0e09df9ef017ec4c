"""Leaving something for the lawyer, and taking it back, as long as it is known whose it is.

When the case is closed and the lawyer was given it, it ends by itself (`safety/lives.py`).
"""

from collections.abc import Iterable
from dataclasses import replace

from coordination.turns import Turn, Work, use_case
from safety.envelopes import Envelope
from safety.errors import OutdatedError, RefusalError
from safety.keyholders import Keyholder
from safety.kinds import Kind
from safety.lives import lasting
from safety.people import EventId, PersonId, Role
from safety.permissions import Action
from safety.purges import Purged
from storage import closing, envelopes, events, keyholders, purges
from storage.envelopes import ENVELOPES


@use_case(Action.LEAVE_ENVELOPE)
def require_lawyer(turn: Turn, event_id: EventId) -> None:
    """Make sure, before anybody writes, that there is a lawyer's key to seal to.

    Raises:
        OutdatedError: the actor is not of this event.
        RefusalError: no lawyer's key is enrolled.
    """
    _own(turn, event_id)
    _lawyers(turn)


@use_case(Action.LEAVE_ENVELOPE)
def leave(turn: Turn, event_id: EventId, text: str) -> None:
    """Seal what was written to the lawyers' keys; it takes the place of an earlier one.

    Raises:
        OutdatedError: the actor is not of this event any more.
        RefusalError: no lawyer's key is enrolled.
    """
    person_id, number = _own(turn, event_id), turn.tx.new_id()
    seals = envelopes.seal(number, text, _lawyers(turn))
    _drop(turn, person_id)
    ENVELOPES.put(turn.tx, Envelope(number, event_id, person_id, turn.now, seals))


@use_case(Action.LEAVE_ENVELOPE)
def take_back(turn: Turn, event_id: EventId) -> None:
    """Delete one's own envelope.

    Raises:
        OutdatedError: there is none.
    """
    if not _drop(turn, _own(turn, event_id)):
        raise OutdatedError


def note_handed(work: Work, given: Iterable[Envelope]) -> None:
    """Note that these were written into a sealed case; what was taken back since stays so."""
    for one in given:
        envelope = ENVELOPES.get(work.tx, one.id)
        if envelope is not None:
            ENVELOPES.put(work.tx, replace(envelope, handed_at=work.now))


def forget_handed(work: Work) -> None:
    """Delete what lawyers were given long ago of cases closed as long; a legal hold keeps it."""
    before = work.now - lasting(Kind.ENVELOPES, work.policy)
    for case in closing.closed_before(work.tx, before):
        event = events.get(work.tx, case.id)
        if event is not None and event.legal_hold is not None:
            continue
        for envelope in envelopes.at_event(work.tx, case.id):
            if envelope.handed_at is not None and envelope.handed_at < before:
                _drop(work, envelope.person_id)


def is_left(work: Work, person_id: PersonId) -> bool:
    """Say whether somebody has left something for the lawyer; what, nobody here can read."""
    return envelopes.of_person(work.tx, person_id) is not None


def _drop(work: Work, person_id: PersonId) -> bool:
    """Delete somebody's envelope, from copies elsewhere as well; say whether there was one."""
    envelope = envelopes.of_person(work.tx, person_id)
    if envelope is not None:
        purges.note(work.tx, work.now, Purged.ENVELOPE, envelope.id)
    return envelopes.remove(work.tx, person_id)


def _own(turn: Turn, event_id: EventId) -> PersonId:
    for place in turn.actor.participations:
        if place.event_id == event_id:
            return place.person_id
    raise OutdatedError


def _lawyers(work: Work) -> list[Keyholder]:
    found = [one for one in keyholders.current(work.tx) if one.role is Role.LAWYER]
    if not found:
        raise RefusalError("envelope-no-lawyer")
    return found
