"""Looking at alarms, as far as the keys in memory let anybody look; never a fault where not."""

from collections.abc import Mapping
from dataclasses import dataclass

from coordination.audience import rung_by_alarms
from coordination.turns import Work
from coordination.whois import find_group, find_person, find_teammate
from safety import escalation
from safety.alarms import Alarm, Caller
from safety.events import Event
from safety.groups import Group
from safety.people import Actor, Recipient, Role, Standing, TeamId, Unprinted
from safety.registration import Situation
from safety.team import TeamPerson
from storage import alarms, events

Reached = list[tuple[TeamPerson, Recipient]]


@dataclass(frozen=True, slots=True, repr=False)
class CallerView(Unprinted):
    """A call, and who that is; nameless where the roster is locked, None where they are gone."""

    caller: Caller
    person: Situation | None
    teammate: TeamPerson | None
    group: Group | None  # with whom they left


def look(work: Work, alarm_id: int) -> Alarm | None:
    """Give an alarm as it stands; None where it cannot be read any more."""
    return alarms.get(work.tx, alarm_id)


def callers_of(work: Work, alarm: Alarm) -> list[CallerView]:
    """Give who called, as far as it can be read now."""
    return [_view(work, caller) for caller in alarm.callers]


def event_of(work: Work, alarm: Alarm) -> Event | None:
    """Give the event that an alarm belongs to; None for the team's own without one."""
    return None if alarm.event_id is None else events.get(work.tx, alarm.event_id)


def number_to_call(work: Work, alarm: Alarm, caller: Caller) -> str | None:
    """Give the event's voice number for a caller; not to somebody whom nobody has approved yet.

    It is a real telephone of the team: whoever was only invited must not get it by calling for
    help. Where the roster is locked nobody can tell, and the number is given.
    """
    event, person = event_of(work, alarm), find_person(work, caller.person_id)
    if event is None or (person is not None and person.standing is not Standing.APPROVED):
        return None
    return event.voice_number


def to_ring(work: Work, alarm: Alarm) -> Reached:
    """Give everybody of the team whom this alarm can reach; not who is its only caller."""
    return [one for one in rung_by_alarms(work) if not escalation.is_only_caller(alarm, one[0].id)]


def whom_it_rings(work: Work, alarm: Alarm, *, is_new: bool = False) -> Reached:
    """Give everybody whom this alarm rings now: not who is on it, nor who handed it on.

    `is_new`: something has happened of which whoever is on it is told as well.
    """
    people, holds = to_ring(work, alarm), work.policy.answer_holds
    rung = escalation.whom_to_ring(alarm, roles_of(people), work.now, holds, is_new=is_new)
    return [(person, recipient) for person, recipient in people if person.id in rung]


def whom_it_shows(work: Work, alarm: Alarm) -> Reached:
    """Give everybody who has this alarm on their phone, whether it rings for them or not."""
    people = to_ring(work, alarm)
    asked = escalation.whom_to_ask(alarm, roles_of(people))
    return [(person, recipient) for person, recipient in people if person.id in asked]


def roles_of(people: Reached) -> Mapping[TeamId, Role]:
    """Give the role of each of them."""
    return {person.id: person.role for person, _ in people}


def is_left_to_nobody(work: Work, alarm: Alarm) -> bool:
    """Say whether everybody who can be reached has handed it on."""
    if not alarm.cannot:
        return False
    return escalation.is_left_to_nobody(alarm, roles_of(to_ring(work, alarm)))


def own_call(actor: Actor, alarm: Alarm) -> Caller | None:
    """Give somebody's own call in this alarm."""
    ids = {one.person_id for one in actor.participations}
    team_id = actor.team_id
    mine = (
        one
        for one in alarm.callers
        if (one.person_id in ids if one.person_id is not None else one.team_id == team_id)
    )
    return next(mine, None)


def unheard_caller(alarm: Alarm, place: int) -> Caller | None:
    """Give the caller at this place of the list if somebody still has to hear their voice."""
    if not 0 <= place < len(alarm.callers):
        return None
    caller = alarm.callers[place]
    return caller if caller.is_unheard else None


def _view(work: Work, caller: Caller) -> CallerView:
    person = find_person(work, caller.person_id)
    team_id = caller.team_id if caller.person_id is None else None
    return CallerView(caller, person, find_teammate(work, team_id), find_group(work, person))
