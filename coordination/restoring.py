"""What a restored copy does before it starts: forget again, hold the places, say what it is.

Whom the purge list names, no older copy brings back. Everything else goes on by the rule: timers
that have become due run late, nothing that was on its way is sent.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from coordination import waking
from coordination.audience import tell_organizers
from coordination.quiet import held_chats
from coordination.turns import Work
from safety import venues as venue_rules
from safety.detentions import Detention, DetentionState, RemindOfDetention
from safety.events import EventState
from safety.evidence import EvidenceState
from safety.people import EventId, PersonId, TeamId
from safety.purges import Purge, Purged, PurgeList
from safety.restoring import NOBODY, NUMBERS_SKIPPED, Restored
from safety.team import TeamState
from storage import (
    backups,
    casekeys,
    chats,
    closing,
    counters,
    detentions,
    disclosure,
    envelopes,
    erasure,
    events,
    evidence,
    lease,
    people,
    purges,
    reportlinks,
    restoring,
    retention,
    routes,
    secondaddresses,
    standby,
    tokens,
)
from storage.envelopes import ENVELOPES
from storage.events import EVENTS
from storage.invitations import INVITATIONS
from storage.keyholders import KEYHOLDERS
from storage.team import TEAM


@dataclass(frozen=True, slots=True)
class Settled:
    """What of the copy is gone: purged since, or of no use without its keys."""

    purged: int
    unreadable: int  # events whose people no key opens
    unreadable_cases: int
    nameless: int  # people of whom only what stands beside their sealed row is left
    dropped: int  # other rows that only a key would open that was destroyed since


def settle(work: Work, made_at: datetime, listed: PurgeList) -> Settled:
    """Make a copy fit to go on with; `listed` is the newest purge list."""
    since = [purge for purge in listed.purges if purge.number > purges.latest(work.tx)]
    for purge in since:
        if purge.kind is Purged.EVENT:
            _forget_event(work, EventId(purge.subject_id))
    unreadable = restoring.unreadable_events(work.tx)
    for event_id in unreadable:
        _forget_event(work, event_id)
    nameless, dropped = restoring.keep_what_opens(work.tx)
    for purge in since:
        _forget_again(work, purge)
    purges.put(work.tx, listed.purges)
    backups.note_made(work.tx, made_at)
    restoring.forget_unknown_chats(work.tx)
    restoring.revoke_team_links(work.tx)
    restoring.skip_numbers(work.tx, NUMBERS_SKIPPED)
    _hold_whoever_is_quiet(work)
    standby.begin_term(work.tx)
    lease.give_back(work.tx)
    waking.make_way(work)  # whoever was to be tested has been since, or has other things to do
    for event in events.open_events(work.tx):
        _hold(work, event.id)
    tell_organizers(work, Restored(made_at, listed.made_at))
    unreadable_cases = _count_unreadable_cases(work)
    return Settled(len(since), len(unreadable), unreadable_cases, nameless, dropped)


def _hold_whoever_is_quiet(work: Work) -> None:
    """Say again of whoever was taken that they are held, where they are known.

    What said it has gone with an event or a registration: nobody could end the quiet of that chat.
    """
    named = held_chats(work)
    for event_id in (None, *work.tx.live_events()):
        for place in routes.at(work.tx, event_id):
            chat_id = place.recipient.chat_id
            if chat_id in named or not chats.is_quiet(work.tx, chat_id):
                continue
            named.add(chat_id)
            since = chats.silent_since(work.tx, chat_id) or work.now
            held = Detention(
                id=work.tx.new_id(),
                event_id=event_id,
                person_id=place.person_id,
                team_id=place.team_id,
                number=counters.next_number(work.tx, "detention"),
                state=DetentionState.OPEN,
                since=since,
                rung_at=since,
                sightings=(),
            )
            detentions.put(work.tx, held)
            work.set_timer(work.now, RemindOfDetention(held.id), event_id)


def _forget_again(work: Work, purge: Purge) -> None:
    match purge.kind:
        case Purged.EVENT:
            pass  # before everything else
        case Purged.PERSON:
            _forget_person(work, PersonId(purge.subject_id))
        case Purged.TEAM:
            _forget_team_person(work, TeamId(purge.subject_id), purge.at)
        case Purged.KEYHOLDER:
            KEYHOLDERS.remove(work.tx, "id = ?", purge.subject_id)
            closing.drop_seals(work.tx, purge.subject_id)
            envelopes.drop_seals(work.tx, purge.subject_id)
        case Purged.REPORT_LINK | Purged.INVITATION:
            _forget_link(work, purge.subject_id)
        case Purged.ENVELOPE:
            ENVELOPES.remove(work.tx, "id = ?", purge.subject_id)
        case Purged.ADDRESS:
            secondaddresses.remove(work.tx, TeamId(purge.subject_id))


def _forget_event(work: Work, event_id: EventId) -> None:
    retention.forget_event(work.tx, event_id)
    event = events.get(work.tx, event_id)
    if event is not None:
        EVENTS.put(work.tx, replace(event, state=EventState.CLOSED, voice_number=""))
    for item in evidence.unfetched_at(work.tx, event_id):
        evidence.close(work.tx, item, EvidenceState.BY_HAND)


def _forget_person(work: Work, person_id: PersonId) -> None:
    person = people.get(work.tx, person_id)
    if person is None:  # went with the whole event, or came after the copy
        erasure.forget_left(work.tx, person_id)
        return
    recipient = routes.of_holder(work.tx, person_id)
    if recipient is not None:
        evidence.forget_sender(work.tx, recipient.chat_id)
    erasure.forget_person(work.tx, person)


def _forget_link(work: Work, number: int) -> None:
    """Let a link that was taken back work for nobody: one for reporting, or an invitation's."""
    tokens.revoke(work.tx, number)
    reportlinks.remove(work.tx, number)
    INVITATIONS.remove(work.tx, "id = ?", number)


def _forget_team_person(work: Work, team_id: TeamId, gone_at: datetime) -> None:
    routes.remove(work.tx, team_id)
    waking.forget(work, team_id)
    secondaddresses.remove(work.tx, team_id)
    person = TEAM.get(work.tx, team_id)
    if person is not None:
        gone = replace(person, state=TeamState.GONE, name="", gone_at=gone_at)
        TEAM.put(work.tx, gone)


def _count_unreadable_cases(work: Work) -> int:
    """Count cases that are neither open here nor sealed to anybody."""
    return sum(
        not casekeys.can_read(work.tx, event.id) and not closing.is_closed(work.tx, event.id)
        for event in EVENTS.find(work.tx, "1 = 1")
    )


def _hold(work: Work, event_id: EventId) -> None:
    for venue in (
        disclosure.confirmed(work.tx, event_id),
        disclosure.proposed(work.tx, event_id),
    ):
        if venue is not None:
            disclosure.put(work.tx, venue_rules.hold(venue, NOBODY, work.now))
