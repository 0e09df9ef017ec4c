"""Somebody who had blocked the bot, or was held, can be written to again: they learn what holds.

What was owed to them meanwhile was withdrawn, or never owed. Without this they would go to a place
that was cancelled, or to none, and everybody would believe that they had been told.
"""

from coordination import audience, board, chats, telling
from coordination.alarmviews import whom_it_shows
from coordination.quiet import unheard_chats
from coordination.turns import Turn, Work
from coordination.whois import find_person, find_teammate
from safety.alarmnotices import AlarmRing
from safety.detentions import DetentionRing
from safety.disclosure import TellAgain
from safety.events import EventNews, EventState
from safety.people import EventId, PersonId, Recipient, Role, Standing, TeamId
from safety.registration import DECIDED, Decision, Situation, hearing
from safety.team import TeamState
from storage import alarms, detentions, disclosure, events, messages, people, routes, team


def come_back(turn: Turn, *, is_certain: bool = False) -> None:
    """Note that the actor's chat takes messages, and tell them what holds if it did not before.

    `is_certain`: the service says so. After a month nothing here remembers that they were away.
    """
    was_away = chats.note_unblocked(turn)
    if not (was_away or is_certain) or chats.is_quiet(turn, turn.actor.recipient.chat_id):
        return
    _tell_changes(turn, turn.actor.recipient)
    for one in turn.actor.participations:
        person = find_person(turn, one.person_id)
        if person is not None:
            tell_what_holds(turn, person)
            board.refresh_for(turn, person)
    if turn.actor.team_id is not None:
        _tell_steward(turn, turn.actor.team_id, turn.actor.recipient)
        ring_for_what_is_open(turn, turn.actor.team_id, turn.actor.recipient)


def ring_for_what_is_open(
    work: Work, team_id: TeamId, recipient: Recipient, *, but_shown: bool = False
) -> None:
    """Ring somebody who has just come to the team, or back, for what others know already.

    While somebody is on it nothing else would ring for a while: a new lawyer would not know that
    anybody is held. `but_shown`: not for what stands in their chat, as they have not cleared it.
    """
    open_now: list[tuple[DetentionRing | AlarmRing, EventId | None]] = [
        (DetentionRing(one.id), one.event_id)
        for one in detentions.unclosed(work.tx)
        if audience.is_told(work, one, team_id)
    ]
    open_now += [
        (AlarmRing(one.id), one.event_id)
        for one in alarms.unresolved(work.tx)
        if any(person.id == team_id for person, _ in whom_it_shows(work, one))
    ]
    for notice, event_id in open_now:
        stands = messages.on_card(work.tx, recipient.chat_id, notice.card() or "") is not None
        if not (but_shown and stands):
            work.owe(recipient, notice, event_id)


def tell_what_was_missed(work: Work, recipient: Recipient) -> None:
    """Tell somebody whose phone, or account, is theirs again what holds wherever they belong."""
    _tell_changes(work, recipient)
    for place in routes.of_chat(work.tx, recipient.chat_id):
        if place.team_id is not None:
            _tell_steward(work, place.team_id, recipient)
        person = find_person(work, place.person_id)
        if person is not None:
            tell_what_holds(work, person)


def tell_what_holds(work: Work, person: Situation) -> None:
    """Tell what holds; what is locked, as soon as it is opened again."""
    _tell_decision(work, person)
    again = TellAgain(person.id)
    if disclosure.is_readable(work.tx, person.event_id):
        telling.tell_again(work, again)
    else:
        work.set_timer(work.now, again, person.event_id)


def _tell_steward(work: Work, team_id: TeamId, recipient: Recipient) -> None:
    """Tell a steward what holds: a move, or a hold, was owed to nobody who was away or unheard."""
    person = find_teammate(work, team_id)
    if person is None or person.state is not TeamState.ACTIVE or person.role is not Role.STEWARD:
        return
    if recipient.chat_id not in unheard_chats(work):
        telling.tell_steward_again(work, team_id, recipient)


def _tell_changes(work: Work, recipient: Recipient) -> None:
    """Tell somebody which events that they count on are off, or at another time: nobody waits."""
    if recipient.chat_id in unheard_chats(work):
        return
    places = routes.of_chat(work.tx, recipient.chat_id)
    members = {one.id for one in team.active(work.tx, (Role.ORGANIZER, Role.STEWARD))}
    is_team = any(place.event_id is None and place.holder_id in members for place in places)
    standings = {
        place.event_id: _standing(work, PersonId(place.holder_id))
        for place in places
        if place.event_id is not None
    }
    for event in events.not_closed(work.tx):
        is_changed = event.state is EventState.CANCELLED or event.first_ends_at is not None
        is_theirs = is_team or standings.get(event.id) in hearing(event.state)
        expected_until = max(event.ends_at, event.first_ends_at or event.ends_at)
        if is_theirs and is_changed and work.now < expected_until:
            work.owe(recipient, EventNews(event.id), event.id)


def _standing(work: Work, person_id: PersonId) -> Standing | None:
    person = people.situation(work.tx, person_id)
    return None if person is None else person.standing


def _tell_decision(work: Work, person: Situation) -> None:
    """Tell them their own answer, which may have come meanwhile; unless a place has told it."""
    event = events.get(work.tx, person.event_id)
    recipient = routes.of_holder(work.tx, person.id)
    if event is None or recipient is None or recipient.chat_id in unheard_chats(work):
        return
    is_approved = person.standing is Standing.APPROVED
    had_it = is_approved and disclosure.knows_any(work.tx, event.id, person.id)
    if person.standing is Standing.DECLINED:  # also of what is called off: they hear of no change
        is_news = work.now < event.ends_at
    else:
        is_news = event.state is EventState.OPEN and work.now < event.starts_at
    if is_news and not had_it and person.standing in DECIDED:
        work.owe(recipient, Decision(person.id, person.standing), event.id)
