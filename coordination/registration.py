"""Registering: from the opened invitation to a decision, or away again without a trace.

The least is stored, an answer under 18 stores nothing, and whoever withdraws is erased at once.
"""

from dataclasses import dataclass, replace

from coordination import audience, invitations, quiet
from coordination.approval import follow_approval
from coordination.erasure import erase_person
from coordination.turns import Turn, Work, use_case
from safety.errors import OutdatedError, RefusalError
from safety.events import Event, EventState
from safety.invitations import Invitation, InvitationState
from safety.languages import Language
from safety.people import EventId, PersonId, Presence, Standing, Unprinted
from safety.permissions import Action
from safety.privacy import ErasureReceipt
from safety.registration import (
    Consent,
    Decision,
    Person,
    QueueNews,
    Registered,
    Situation,
    SomebodyLeft,
    TooYoung,
    Welcome,
    has_room,
    may_decide,
)
from safety.voicewords import VOICE_WORDS
from storage import chats, disclosure, events, messages, people, routes, team
from storage.people import PEOPLE
from storage.tokens import Grant
from storage.vault.digests import pick_words


@dataclass(frozen=True, slots=True, repr=False)
class Answers(Unprinted):
    """What somebody has answered. `companion` is given for a minor only."""

    name: str
    needs: str | None
    is_minor: bool
    companion: str | None
    consent: Consent
    contact: str | None
    contact_sentence: str | None


# ---------------------------------------------------------------- coming


def open_invitation(turn: Turn, grant: Grant) -> bool:
    """Bind an invitation to whoever opens it first; False if it is no good for this account."""
    invitation = invitations.look(turn, grant.subject_id)
    event = None if grant.event_id is None else events.get(turn.tx, grant.event_id)
    if invitation is None or event is None or event.state is not EventState.OPEN:
        return False
    known = _place_at(turn, event.id)
    if invitation.state is InvitationState.BOUND:
        if known is not None and known == invitation.person_id:
            return _welcome(turn, known)
        invitations.note_second_attempt(turn, invitation)
        return False
    if known is not None:
        return _welcome(turn, known)  # another's link, or a second one: it stays as it is
    _begin(turn, event, invitation)
    return True


@use_case(Action.START)
def show_own(turn: Turn) -> None:
    """Show the actor each registration of theirs that is not approved yet, and what comes next.

    The link that they came by, and what was written then, leave the chat long before a decision.
    """
    for one in turn.actor.participations:
        person = people.situation(turn.tx, one.person_id)
        event = events.get(turn.tx, one.event_id)
        if person is None or event is None or person.standing is Standing.APPROVED:
            continue
        is_coming = event.state is EventState.OPEN and turn.now < event.ends_at
        if is_coming and disclosure.is_readable(turn.tx, event.id):
            _welcome(turn, person.id)


def _begin(turn: Turn, event: Event, invitation: Invitation) -> None:
    person = Person(
        id=PersonId(turn.tx.new_id()),
        event_id=event.id,
        standing=Standing.INVITED,
        presence=Presence.UNANSWERED,
        group_id=None,
        invitation_id=invitation.id,
        language=turn.actor.recipient.language,
    )
    PEOPLE.put(turn.tx, person)
    routes.put(turn.tx, event.id, person.id, turn.actor.recipient)
    invitations.bind(turn, invitation, person.id)
    turn.tell(Welcome(person.id), event.id)


def _welcome(turn: Turn, person_id: PersonId) -> bool:
    """Show how a registration stands; not to whoever may hold the phone of somebody unheard.

    It names day and city, or the two words that a voice is known by.
    """
    person = people.get(turn.tx, person_id)
    if person is None or turn.actor.recipient.chat_id in quiet.unheard_chats(turn):
        return False
    is_new = person.standing is Standing.INVITED
    turn.tell(Welcome(person_id) if is_new else Registered(person_id), person.event_id)
    return True


def _place_at(turn: Turn, event_id: EventId) -> PersonId | None:
    places = routes.of_chat(turn.tx, turn.actor.recipient.chat_id)
    return next(
        (PersonId(place.holder_id) for place in places if place.event_id == event_id), None
    )


# ---------------------------------------------------------------- the person's own


@use_case(Action.REGISTER)
def newcomer(turn: Turn, person_id: PersonId) -> Situation:
    """Give the actor's own registration that is still to be filled in, also while locked.

    Raises:
        OutdatedError: it is not theirs, it is filled in already, or the event was called off.
    """
    is_own = any(place.person_id == person_id for place in turn.actor.participations)
    person = people.situation(turn.tx, person_id) if is_own else None
    if person is None or person.standing is not Standing.INVITED:
        raise OutdatedError
    event = events.get(turn.tx, person.event_id)
    if event is None or event.state is EventState.CANCELLED:
        raise OutdatedError
    return person


@use_case(Action.REGISTER)
def begin(turn: Turn, person_id: PersonId) -> Person:
    """Give the actor's own registration, so that its questions can be asked.

    Raises:
        LockedError: the answers could not be stored now.
        OutdatedError: it is not theirs, or it is filled in already.
    """
    newcomer(turn, person_id)
    person = people.get(turn.tx, person_id)
    if person is None:
        raise OutdatedError
    return person


@use_case(Action.REGISTER)
def register(turn: Turn, person_id: PersonId, answers: Answers) -> None:
    """Store what somebody has answered, and have the organizers decide.

    Raises:
        LockedError: nothing can be stored now; the form stays.
        OutdatedError: it is not theirs, or it is filled in already.
    """
    person = begin(turn, person_id)
    event = events.get(turn.tx, person.event_id)
    if event is None:
        raise OutdatedError
    if answers.is_minor and not (event.allows_minors and answers.companion):
        erase_person(turn, person)
        turn.tell(TooYoung())
        return
    language = turn.actor.recipient.language
    registered = replace(
        person,
        standing=Standing.PENDING,
        language=language,
        name=answers.name,
        needs=answers.needs,
        is_minor=answers.is_minor,
        companion=answers.companion if answers.is_minor else None,
        consent=answers.consent,
        contact=answers.contact,
        contact_sentence=answers.contact_sentence,
        words=_two_words(language),
        registered_at=turn.now,
    )
    PEOPLE.put(turn.tx, registered)
    turn.tell(Registered(person.id), person.event_id)
    audience.tell_organizers(turn, QueueNews(person.event_id), person.event_id)


@use_case(Action.LEAVE)
def withdraw(turn: Turn) -> None:
    """Erase the actor's registrations at every event, also while locked, and give a receipt.

    Organizers learn that it is one person fewer, never who. An open alarm or detention of theirs
    goes on, with nobody's name behind it: whoever made them press this must not end it.

    Raises:
        OutdatedError: nothing of it is kept any more.
    """
    before = messages.count(turn.tx)
    erased = [one for one in turn.actor.participations if _erase(turn, one.person_id)]
    if not erased:
        raise OutdatedError
    removed = before - messages.count(turn.tx)
    is_key_owed = turn.tx.is_locked
    turn.tell(ErasureReceipt(turn.now, len(erased), removed, is_key_owed))


def _erase(turn: Turn, person_id: PersonId) -> bool:
    person = people.situation(turn.tx, person_id)
    if person is None:
        return False
    erase_person(turn, person)
    if person.standing is not Standing.INVITED:
        audience.tell_organizers(turn, SomebodyLeft(person.event_id), person.event_id)
    return True


def _two_words(language: Language) -> tuple[str, str]:
    first, second = pick_words(VOICE_WORDS[language], 2)
    return first, second


# ---------------------------------------------------------------- the organizers' decision


@use_case(Action.DECIDE_REGISTRATION)
def decide(turn: Turn, person_id: PersonId, standing: Standing) -> Person:
    """Approve somebody, put them on the waiting list, or decline; they get their own answer.

    A phone that was released, and whose owner nobody has heard, learns it after that alone.

    Raises:
        OutdatedError: they are gone, have not registered yet, or stand there already; or there is
            nothing to approve them for, since the event was called off.
        RefusalError: there is no room to approve one more.
    """
    person = people.get(turn.tx, person_id)
    event = None if person is None else events.get(turn.tx, person.event_id)
    if person is None or event is None or not may_decide(person, standing, event.state):
        raise OutdatedError
    counts = people.count_by_standing(turn.tx, event.id)
    approved = counts.get(Standing.APPROVED, 0)
    if standing is Standing.APPROVED and not has_room(event.capacity, approved):
        raise RefusalError("people-full", capacity=event.capacity)
    decided = replace(person, standing=standing)
    PEOPLE.put(turn.tx, decided)
    recipient = routes.of_holder(turn.tx, person.id)
    if recipient is not None:
        if person.standing is Standing.APPROVED:
            quiet.empty(turn, recipient)  # what an approved person was told is not for others
        if can_be_told(turn, person.id):
            turn.owe(recipient, Decision(person.id, standing), event.id)
    if standing is Standing.APPROVED:
        follow_approval(turn, decided)
    audience.update_organizers(turn, QueueNews(event.id), event.id)
    return decided


@use_case(Action.DECIDE_REGISTRATION)
def next_pending(turn: Turn, event_id: EventId) -> PersonId | None:
    """Give who has waited longest for a decision, or None; nobody does once it is called off."""
    if not count_waiting(turn, event_id):
        return None
    waiting = people.with_standing(turn.tx, event_id, Standing.PENDING)
    return waiting[0].id if waiting else None


def can_be_told(work: Work, person_id: PersonId) -> bool:
    """Say whether somebody may be written to now: neither away, nor held, nor out and unheard."""
    recipient = routes.of_holder(work.tx, person_id)
    if recipient is None or chats.silence_reason(work.tx, recipient.chat_id) is not None:
        return False
    return recipient.chat_id not in quiet.unheard_chats(work)


def look(work: Work, person_id: PersonId) -> Person | None:
    """Give somebody registered; None if they are gone.

    Raises:
        LockedError: their event's people are locked.
    """
    return people.get(work.tx, person_id)


def look_at_situation(work: Work, person_id: PersonId) -> Situation | None:
    """Give how things are with somebody registered, also while locked; None if they are gone."""
    return people.situation(work.tx, person_id)


def event_of(work: Work, event_id: EventId) -> Event | None:
    """Give an event, or None."""
    return events.get(work.tx, event_id)


def count(work: Work, event_id: EventId) -> dict[Standing, int]:
    """Count the people of an event by where they stand."""
    return people.count_by_standing(work.tx, event_id)


def count_waiting(work: Work, event_id: EventId) -> int:
    """Count who waits for a decision: nobody does for what is called off."""
    event = events.get(work.tx, event_id)
    if event is None or event.state is EventState.CANCELLED:
        return 0
    return count(work, event_id).get(Standing.PENDING, 0)


def names(work: Work, event_id: EventId, standing: Standing) -> list[Person]:
    """Give the people of one standing, in the order they came."""
    return people.with_standing(work.tx, event_id, standing)


def vouched_by(work: Work, person: Person) -> tuple[str, str]:
    """Give the label of somebody's invitation, and what the team calls whoever made it."""
    invitation = invitations.look(work, person.invitation_id)
    if invitation is None:
        return "", ""
    inviter = team.TEAM.get(work.tx, invitation.inviter_id)
    return invitation.label, "" if inviter is None else inviter.name
