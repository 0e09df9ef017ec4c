"""What was taken from whom: said by the team of somebody who is held, or by people of themselves.

Nothing has to be read for it, so that it is kept as well while names and cases are locked.
"""

from collections.abc import Sequence

from coordination import detentions
from coordination.actors import find_actor
from coordination.checkins import participation
from coordination.turns import Turn, Work, use_case
from safety import detentions as rules
from safety.datataken import DataItem, Taking, details_of
from safety.detentions import Detention
from safety.errors import OutdatedError
from safety.facts import Fact, FactKind
from safety.people import ChatId, EventId, PersonId
from safety.permissions import Action
from storage import detentions as rows


@use_case(Action.ANSWER_DETENTION)
def note_for(turn: Turn, detention_id: int, items: Sequence[DataItem]) -> None:
    """Note what the team knows to have been taken; the same once more changes nothing.

    Raises:
        OutdatedError: the detention is gone, or nothing was chosen.
    """
    detention = detentions.known(turn, detention_id)
    _note(turn, detention, Taking(turn.now, turn.require_team_id(), tuple(items)))


@use_case(Action.REPORT)
def note_own(turn: Turn, event_id: EventId, items: Sequence[DataItem]) -> None:
    """Note what somebody says was taken from themselves, whether they were marked as held or not.

    Raises:
        NotAllowedError: the actor does not take part in this event.
        OutdatedError: nothing was chosen.
    """
    person_id = participation(turn, event_id)
    detention = own_detention(turn, event_id, person_id)
    if detention is not None:
        _note(turn, detention, Taking(turn.now, None, tuple(items)))
        return
    if not items:
        raise OutdatedError
    turn.record(
        Fact(
            kind=FactKind.DATA_TAKEN,
            at=turn.now,
            subject_id=person_id,
            event_id=event_id,
            by_person=person_id,
            about=person_id,
            details=details_of(items),
        )
    )


def own_detention(work: Work, event_id: EventId, person_id: PersonId) -> Detention | None:
    """Give the last detention of a participant, closed or not; None where there was none."""
    found = [one for one in rows.at_event(work.tx, event_id) if one.is_of(person_id, None)]
    return found[-1] if found else None


def may_tell(work: Work, event_id: EventId, chat_id: ChatId) -> bool:
    """Say whether whoever reads this chat was held at an event and is out again."""
    actor = find_actor(work.tx, work.policy, chat_id, None)
    own = (one.person_id for one in actor.participations if one.event_id == event_id)
    found = (own_detention(work, event_id, person_id) for person_id in own)
    return any(one is not None and not one.is_held for one in found)


def _note(turn: Turn, detention: Detention, taking: Taking) -> None:
    before = next((one for one in detention.takings if one.by == taking.by), None)
    if before is not None and before.items == taking.items:
        return
    if not taking.items:
        raise OutdatedError
    details = details_of(taking.items)
    detentions.record(turn, FactKind.DATA_TAKEN, detention, *details)
    detentions.publish(turn, rules.take_down(detention, taking))
