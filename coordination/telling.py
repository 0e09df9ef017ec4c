"""Telling a place: each person alone, a few in one transaction, what is open by then.

Who has been told stands in rows: a crash in the middle leaves nobody out, tells nobody twice.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from coordination import board
from coordination.audience import writable
from coordination.quiet import unheard_chats
from coordination.turns import Work
from safety import decisions
from safety import venues as rules
from safety.decisions import AskToDecide
from safety.disclosure import (
    KEY_RENEWED_AFTER,
    PLACES_STAY,
    Anchor,
    HoldOn,
    NewPlace,
    PlacesOver,
    Release,
    RenewKey,
    StageDue,
    TellAgain,
    TellHolders,
    TellMore,
    TroubleCard,
    VenueCard,
    place_tag,
)
from safety.events import Event, EventState
from safety.people import (
    ChatId,
    EventId,
    PersonId,
    Presence,
    Recipient,
    Role,
    Standing,
    TeamId,
)
from safety.registration import Person
from safety.timers import CHUNK, CHUNK_EVERY, Timer
from safety.venues import (
    Stage,
    Venue,
)
from storage import disclosure, events, messages, people, routes, team, timers

HOLDERS_FIRST = timedelta(minutes=1)  # a timer that is later than that was altered, or fails


def schedule_stages(work: Work, event: Event) -> None:
    """Set the moments of the stages: the venue is confirmed, or the event's time has changed.

    Of an event that was called off every place leaves the phones. What is locked is told by the
    same rule when it is opened again.
    """
    if event.state is not EventState.OPEN:
        for venue_id in disclosure.venues_of(work.tx, event.id):
            work.set_timer(work.now + CHUNK_EVERY, PlacesOver(venue_id), event.id)
        return
    if not disclosure.is_readable(work.tx, event.id):
        return
    venue = disclosure.confirmed(work.tx, event.id)
    if venue is not None:
        advance(work, venue, event)


def list_planned(work: Work, event: Event) -> Iterator[tuple[datetime, Timer]]:
    """Give when each stage that is not told is to be, and that who has not learnt it is told next.

    Nothing while it is on hold, nor while it is locked: what ends that tells by the same rule.
    """
    if event.state is not EventState.OPEN or not disclosure.is_readable(work.tx, event.id):
        return
    venue = disclosure.confirmed(work.tx, event.id)
    if venue is None or venue.hold is not None or work.now >= event.ends_at:
        return
    soon = work.now + CHUNK_EVERY
    for stage in venue.stages:
        if stage not in venue.released:
            yield max(rules.due_at(venue, stage, event.starts_at), soon), StageDue(venue.id, stage)
    if venue.released:
        if _next_untold(work, venue, venue.released, unheard_chats(work)):
            yield soon, TellMore(venue.id)
    elif event.decision is None and not event.is_decision_asked:
        first = rules.due_at(venue, venue.stages[0], event.starts_at)
        yield max(decisions.asked_at(first, work.now), soon), AskToDecide(event.id)


def advance(work: Work, venue: Venue, event: Event) -> Venue:
    """Tell everybody what is open now, and set the moments of what is not; give the venue."""
    told = rules.open_stages(venue, event.starts_at, work.now)
    if told and told[-1] not in venue.released:
        venue = rules.release(venue, told[-1])
        disclosure.put(work.tx, venue)
    for stage in venue.stages:
        due = rules.due_at(venue, stage, event.starts_at)
        if stage not in told and due > work.now:
            work.set_timer(due, StageDue(venue.id, stage), event.id)
        else:
            work.cancel_timer(StageDue(venue.id, stage))
    if not told:
        first = rules.due_at(venue, venue.stages[0], event.starts_at)
        asked_at = decisions.asked_at(first, work.now)
        work.set_timer(asked_at, AskToDecide(event.id), event.id)
    tell(work, venue, event)
    show_organizers(work, event.id)
    return venue


def run_stage(work: Work, timer: StageDue) -> None:
    """A stage's moment has come: tell it, unless it is held, or its time has moved.

    After the end of the event nobody learns a place any more because the bot was off.

    Raises:
        LockedError: the place is locked.
    """
    event = _open_event(work, timer.venue_id)
    if event is None or work.now >= event.ends_at:
        return
    venue = disclosure.confirmed(work.tx, event.id)
    if venue is None or venue.id != timer.venue_id or venue.hold is not None:
        return  # another one holds, or the end of the hold will tell it
    advance(work, venue, event)


def tell(work: Work, venue: Venue, event: Event) -> None:
    """Tell the next who have not learnt what is open; those who had an old place first.

    Whoever was held learns it when their voice was heard: nobody knows who has that phone. After
    a hold all who wait are told to go on before others learn it, or these would be told twice.
    """
    stages = rules.open_stages(venue, event.starts_at, work.now)
    if not stages:
        return
    due = timers.moment_of(work.tx, TellHolders(venue.id))
    if due is not None and work.now - due < HOLDERS_FIRST:
        work.set_timer(work.now + CHUNK_EVERY, TellMore(venue.id), venue.event_id)
        return
    unheard = unheard_chats(work)
    _tell_stewards(work, venue, stages, unheard)
    reached = _next_untold(work, venue, stages, unheard)
    for person_id, recipient in reached[:CHUNK]:
        tell_person(work, venue, stages, person_id, recipient)
    _set_end(work, venue)
    if len(reached) >= CHUNK:
        work.set_timer(work.now + CHUNK_EVERY, TellMore(venue.id), venue.event_id)
    else:
        for old in disclosure.earlier_venues(work.tx, venue):
            work.remove_tagged(place_tag(old))
    board.refresh(work, venue.event_id)


def _next_untold(
    work: Work, venue: Venue, stages: tuple[Stage, ...], unheard: frozenset[ChatId]
) -> list[tuple[PersonId, Recipient]]:
    people = disclosure.untold(work.tx, venue, stages[-1], CHUNK + len(unheard))
    found = ((person_id, routes.of_holder(work.tx, person_id)) for person_id in people)
    return [(who, at) for who, at in found if at is not None and at.chat_id not in unheard]


def tell_more(work: Work, timer: TellMore) -> None:
    """Tell the next.

    Raises:
        LockedError: the place is locked.
    """
    event = _open_event(work, timer.venue_id)
    venue = disclosure.get(work.tx, timer.venue_id)
    if event is not None and venue is not None:
        tell(work, venue, event)


def tell_late(work: Work, person: Person) -> None:
    """Tell somebody who has just been approved all that is open."""
    venue = disclosure.confirmed(work.tx, person.event_id)
    event = events.get(work.tx, person.event_id)
    recipient = routes.of_holder(work.tx, person.id)
    if venue is None or event is None or recipient is None:
        return
    if recipient.chat_id in unheard_chats(work):
        return
    known = rules.may_know(venue, person.standing, person.presence, event.starts_at, work.now)
    if known and not disclosure.has_learnt(work.tx, venue.id, known[-1], person.id):
        tell_person(work, venue, known, person.id, recipient)
        _set_end(work, venue)


def tell_again(work: Work, timer: TellAgain) -> None:
    """Tell somebody who comes back what holds now, with card and key, whatever they were told.

    Their chat took nothing for a while, and is empty by now: whoever blocks a bot often clears it,
    and of whoever was held the bot has.

    Raises:
        LockedError: places are locked.
    """
    person = people.get(work.tx, timer.person_id)
    if person is None:
        return
    venue = disclosure.confirmed(work.tx, person.event_id)
    event = None if venue is None else _open_event(work, venue.id)
    recipient = routes.of_holder(work.tx, person.id)
    if (
        venue is None
        or event is None
        or recipient is None
        or recipient.chat_id in unheard_chats(work)
        or not _is_expected(work, person, event)
    ):
        return
    known = rules.may_know(venue, person.standing, person.presence, event.starts_at, work.now)
    if not _tell_what_holds(work, venue, known, person.id, recipient):
        return
    work.owe(recipient, TroubleCard(event.id), event.id)
    bring_key(work, event.id, person.id, recipient)


def tell_steward_again(work: Work, steward_id: TeamId, recipient: Recipient) -> None:
    """Tell a steward who comes back what holds at each event: to wait also while it is locked.

    A place that is locked is told when it is opened: by then they have not learnt it.
    """
    for event in events.open_events(work.tx):
        outline = disclosure.outline_at(work.tx, event.id)
        if outline is None or work.now >= event.ends_at:
            continue
        if outline.hold is not None:
            if disclosure.knows_any(work.tx, event.id, steward_id):
                work.owe(recipient, HoldOn(outline.id), event.id)
        elif disclosure.is_readable(work.tx, event.id):
            venue = disclosure.confirmed(work.tx, event.id)
            if venue is not None:
                stages = rules.open_stages(venue, event.starts_at, work.now)
                _tell_what_holds(work, venue, stages, steward_id, recipient)


def _tell_what_holds(
    work: Work, venue: Venue, stages: tuple[Stage, ...], holder_id: int, recipient: Recipient
) -> bool:
    """Tell somebody who knows a place to wait while it is on hold, else what is open of it.

    Says whether there was anything to tell.
    """
    event_id = venue.event_id
    if venue.hold is not None and disclosure.knows_any(work.tx, event_id, holder_id):
        work.owe(recipient, HoldOn(venue.id), event_id)
        return True
    if not stages:
        return False
    is_confirmed = disclosure.is_confirmed(work.tx, venue.id, holder_id)
    is_new = disclosure.knew_another(work.tx, venue, holder_id) and not is_confirmed
    _note_told(work, venue, stages, holder_id, recipient)
    work.owe(recipient, NewPlace(venue.id) if is_new else Release(venue.id), event_id)
    _set_end(work, venue)
    return True


def _is_expected(work: Work, person: Person, event: Event) -> bool:
    is_over = work.now >= event.ends_at or person.presence is Presence.HOME
    return person.standing is Standing.APPROVED and not is_over


def tell_person(
    work: Work, venue: Venue, stages: tuple[Stage, ...], person_id: PersonId, recipient: Recipient
) -> None:
    """Tell one person that there is something new; with the first stage come card and key."""
    is_first = not disclosure.knows_any(work.tx, venue.event_id, person_id)
    _owe_place(work, venue, stages, person_id, recipient)
    if is_first:
        work.owe(recipient, TroubleCard(venue.event_id), venue.event_id)
        bring_key(work, venue.event_id, person_id, recipient)


def bring_key(work: Work, event_id: EventId, person_id: PersonId, recipient: Recipient) -> None:
    """Give a person their permanent key, anew if it was taken away."""
    work.owe(recipient, Anchor(person_id), event_id)
    due_at = work.now + KEY_RENEWED_AFTER
    work.set_timer(due_at, RenewKey(event_id, person_id), event_id)


def renew_key(work: Work, timer: RenewKey) -> None:
    """Bring the key in a new message while the old one can still be deleted, if it is there."""
    recipient = routes.of_holder(work.tx, timer.person_id)
    if recipient is None:
        return
    card = Anchor(timer.person_id).card()
    if card is not None and messages.on_card(work.tx, recipient.chat_id, card) is not None:
        bring_key(work, timer.event_id, timer.person_id, recipient)


def tell_holders(work: Work, timer: TellHolders) -> None:
    """Tell the next who had learnt anything what holds now: wait, or go on.

    To wait also who knows an earlier place alone: a move may be on its way to them still.
    """
    venue = disclosure.outline(work.tx, timer.venue_id)
    if venue is None:
        return
    places = [venue.id] if venue.hold is None else disclosure.venues_of(work.tx, venue.event_id)
    holders = disclosure.holders_after(work.tx, venue.event_id, places, timer.after, CHUNK)
    unheard = unheard_chats(work)
    for holder_id in holders:
        recipient = routes.of_holder(work.tx, holder_id)
        if recipient is None or recipient.chat_id in unheard:
            continue
        for place in places:
            work.remove_tagged(place_tag(place), recipient.chat_id)
        notice = Release(venue.id) if venue.hold is None else HoldOn(venue.id)
        work.owe(recipient, notice, venue.event_id)
    if len(holders) == CHUNK:
        more = TellHolders(venue.id, holders[-1])
        work.set_timer(work.now + CHUNK_EVERY, more, venue.event_id)


def take_places(work: Work, timer: PlacesOver) -> None:
    """Have the messages that tell this venue leave the next phones.

    Of an event that goes on, from whoever was told so long ago; the others' have their own time.
    """
    event_id, places = disclosure.event_of(work.tx, timer.venue_id), [timer.venue_id]
    if event_id is None:
        return
    is_open = _open_event(work, timer.venue_id) is not None
    told_by = work.now - work.policy.places_stay if is_open else work.now
    holders = disclosure.holders_after(work.tx, event_id, places, timer.after, CHUNK)
    for holder_id in holders:
        recipient = routes.of_holder(work.tx, holder_id)
        is_over = disclosure.was_told_by(work.tx, timer.venue_id, holder_id, told_by)
        if recipient is not None and is_over:
            work.remove_tagged(place_tag(timer.venue_id), recipient.chat_id)
    following = disclosure.next_told(work.tx, timer.venue_id, told_by)
    if len(holders) == CHUNK:
        work.set_timer(work.now, PlacesOver(timer.venue_id, holders[-1]), event_id)
    elif following is not None and is_open:
        due = following + work.policy.places_stay
        work.set_timer(due, PlacesOver(timer.venue_id), event_id)


def show_organizers(work: Work, event_id: EventId) -> None:
    """Let the organizers' cards of the venue show what has changed."""
    for _, recipient in team.reachable(work.tx, (Role.ORGANIZER,)):
        card = VenueCard(event_id)
        if messages.on_card(work.tx, recipient.chat_id, card.card() or "") is not None:
            work.owe(recipient, card, event_id)


def _owe_place(
    work: Work, venue: Venue, stages: tuple[Stage, ...], holder_id: int, recipient: Recipient
) -> None:
    """Owe the first word of a new place to whoever had an old one, else that there is news."""
    knew_another = disclosure.knew_another(work.tx, venue, holder_id)
    is_moved = knew_another and not disclosure.told_stages(work.tx, venue.id, holder_id)
    _note_told(work, venue, stages, holder_id, recipient)
    work.owe(recipient, NewPlace(venue.id) if is_moved else Release(venue.id), venue.event_id)


def _note_told(
    work: Work, venue: Venue, stages: tuple[Stage, ...], holder_id: int, recipient: Recipient
) -> None:
    """Note that somebody is told these stages, and take the earlier places from their phone."""
    disclosure.add(work.tx, venue, stages, holder_id, work.now)
    for old in disclosure.earlier_venues(work.tx, venue):
        work.remove_tagged(place_tag(old), recipient.chat_id)


def _tell_stewards(
    work: Work, venue: Venue, stages: tuple[Stage, ...], unheard: frozenset[ChatId]
) -> None:
    for steward, recipient in writable(work, (Role.STEWARD,)):
        if recipient.chat_id in unheard:
            continue
        if not disclosure.has_learnt(work.tx, venue.id, stages[-1], steward.id):
            _owe_place(work, venue, stages, steward.id, recipient)


def _set_end(work: Work, venue: Venue) -> None:
    """Messages end by themselves after `PLACES_STAY`; a stricter policy ends them sooner.

    Whoever is told later puts off nobody's end.
    """
    due = work.now + work.policy.places_stay
    known = timers.moment_of(work.tx, PlacesOver(venue.id))
    if work.policy.places_stay < PLACES_STAY and (known is None or known > due):
        work.set_timer(due, PlacesOver(venue.id), venue.event_id)


def _open_event(work: Work, venue_id: int) -> Event | None:
    event_id = disclosure.event_of(work.tx, venue_id)
    event = None if event_id is None else events.get(work.tx, event_id)
    return event if event is not None and event.state is EventState.OPEN else None
