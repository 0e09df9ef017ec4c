"""/people: who waits, one person on a screen, the two words to ask for by voice, the decision."""

from functools import partial

from coordination import registration
from handlers import paging
from handlers.buttons.invitations import InvitationsPress, InviteAnother
from handlers.buttons.registration import (
    DecidePress,
    NamesPress,
    NextInQueue,
    PeoplePress,
    PersonPress,
)
from handlers.choosing import with_event
from handlers.context import Request, Showing
from handlers.registration import answers_of
from handlers.screens import Press, Rows, Screen
from safety.errors import OutdatedError
from safety.paging import cut
from safety.people import EventId, Standing
from safety.registration import (
    PeopleNames,
    PeopleOverview,
    Person,
    PersonCard,
    QueueNews,
    SomebodyLeft,
    may_decide,
)

SHOWN = (
    Standing.PENDING,
    Standing.APPROVED,
    Standing.WAITING,
    Standing.DECLINED,
    Standing.INVITED,
)
DECISIONS = (Standing.APPROVED, Standing.WAITING, Standing.DECLINED)


def show(request: Request) -> None:
    """Show the registered people in numbers."""
    with_event(request, "people", show_for)


def show_for(request: Request, event_id: EventId) -> None:
    """Show the registered people of this event in numbers."""
    request.turn.reply(PeopleOverview(event_id), event_id)


def press_overview(request: Request, press: PeoplePress) -> str | None:
    """Back to the numbers."""
    request.turn.reply(PeopleOverview(press.event_id), press.event_id)
    return None


def press_next(request: Request, press: NextInQueue) -> str | None:
    """Show who has waited longest."""
    return _show_next(request, press.event_id)


def press_names(request: Request, press: NamesPress) -> str | None:
    """Show the names of one standing.

    Raises:
        OutdatedError: there is no list of them.
    """
    if press.standing not in SHOWN:
        raise OutdatedError
    request.turn.reply(PeopleNames(press.event_id, press.standing, press.page), press.event_id)
    return None


def press_person(request: Request, press: PersonPress) -> str | None:
    """Show one person."""
    request.turn.reply(PersonCard(press.person_id))
    return None


def press_decide(request: Request, press: DecidePress) -> str | None:
    """Carry out a decision, then show who waits next."""
    person = registration.decide(request.turn, press.person_id, press.standing)
    _show_next(request, person.event_id)
    if not registration.can_be_told(request.turn, person.id):
        return "people-answer-later"
    return f"people-answer-{press.standing.value}"


def _show_next(request: Request, event_id: EventId) -> str | None:
    person_id = registration.next_pending(request.turn, event_id)
    if person_id is None:
        request.turn.reply(PeopleOverview(event_id), event_id)
        return "people-queue-empty"
    request.turn.reply(PersonCard(person_id), event_id)
    return None


def render_overview(showing: Showing, notice: PeopleOverview) -> Screen | None:
    """Show the numbers, and a way to look at each group."""
    event = registration.event_of(showing.work, notice.event_id)
    if event is None:
        return None
    counts = registration.count(showing.work, event.id)
    lines = [showing.say("people-title", title=event.title, capacity=event.capacity), ""]
    lines += [
        showing.say(f"people-count-{standing.value}", number=counts.get(standing, 0))
        for standing in SHOWN
    ]
    rows: list[tuple[Press, ...]] = []
    if registration.count_waiting(showing.work, event.id):
        rows.append((showing.button("people-button-queue", NextInQueue(event.id)),))
    named = [standing for standing in SHOWN if counts.get(standing)]
    rows += [
        (
            showing.button(
                f"people-button-{standing.value}",
                NamesPress(event.id, standing, 0),
                number=counts[standing],
            ),
        )
        for standing in named
        if standing not in {Standing.PENDING, Standing.INVITED}
    ]
    rows.append(
        (
            showing.button("menu-invite", InviteAnother(event.id)),
            showing.button("invitation-button-list", InvitationsPress(event.id, 0)),
        )
    )
    return Screen("\n".join(lines), tuple(rows))


def render_names(showing: Showing, notice: PeopleNames) -> Screen | None:
    """Show names as buttons, a page at a time."""
    found = registration.names(showing.work, notice.event_id, notice.standing)
    page = cut(found, notice.page, beside=1)
    names = (
        (showing.button("people-name", PersonPress(person.id), name=person.name),)
        for person in page.items
    )
    turns = paging.turns(showing, page, partial(NamesPress, notice.event_id, notice.standing))
    back = (showing.button("button-back", PeoplePress(notice.event_id)),)
    number = len(found)
    text = showing.say(f"people-count-{notice.standing.value}", number=number)
    return Screen(text, (*names, *turns, back))


def render_person(showing: Showing, notice: PersonCard) -> Screen | None:
    """Show one person's answers, who vouches, and the two words."""
    person = registration.look(showing.work, notice.person_id)
    if person is None:
        return Screen(showing.say("outdated-press"))
    label, inviter = registration.vouched_by(showing.work, person)
    lines = [showing.say(f"people-is-{person.standing.value}"), *answers_of(showing, person)]
    if label:
        lines.append(showing.say("people-invited-as", label=label, inviter=inviter or "—"))
    if person.words is not None:
        first, second = person.words
        lines += ["", showing.say("people-words", first=first, second=second)]
    return Screen("\n".join(lines), (*_decisions(showing, person), _last_row(showing, person)))


def _decisions(showing: Showing, person: Person) -> Rows:
    event = registration.event_of(showing.work, person.event_id)
    if event is None:
        return ()
    return tuple(
        (showing.button(f"people-decide-{standing.value}", DecidePress(person.id, standing)),)
        for standing in DECISIONS
        if may_decide(person, standing, event.state)
    )


def _last_row(showing: Showing, person: Person) -> tuple[Press, ...]:
    return (showing.button("button-back", PeoplePress(person.event_id)),)


def render_queue(showing: Showing, notice: QueueNews) -> Screen | None:
    """Say how many wait; the message stays and changes."""
    number = registration.count_waiting(showing.work, notice.event_id)
    if not number:
        return Screen(showing.say("people-queue-none"))
    rows = ((showing.button("people-button-queue", NextInQueue(notice.event_id)),),)
    return Screen(showing.count("people-queue", number), rows)


def render_left(showing: Showing, notice: SomebodyLeft) -> Screen | None:
    """Say that somebody has left, and whether others wait for the place."""
    counts = registration.count(showing.work, notice.event_id)
    waiting = counts.get(Standing.WAITING, 0)
    text = showing.say("people-left", number=counts.get(Standing.APPROVED, 0))
    if not waiting:
        return Screen(text)
    named = NamesPress(notice.event_id, Standing.WAITING, 0)
    button = showing.button("people-button-waiting", named, number=waiting)
    return Screen(f"{text}\n{showing.say('people-count-waiting', number=waiting)}", ((button,),))
