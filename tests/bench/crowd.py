"""A team and a crowd on both sides: rows in a database at rest, and phones in a service."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.rehearsal.botapi import BotApiServer
from bot.rehearsal.botapi.chats import Standing as ChatStanding
from safety.disclosure import TellMore
from safety.events import Event, EventState
from safety.languages import Language
from safety.notices import Say
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
from safety.team import TeamPerson, TeamState
from safety.venues import Place, Stage, StageTimes, Venue, VenueState
from storage import disclosure, outbox, routes, timers
from storage.events import EVENTS
from storage.people import PEOPLE
from storage.team import TEAM
from storage.transaction import Transaction

TEAM_ROLES = (*(Role.ORGANIZER,) * 4, *(Role.STEWARD,) * 6, Role.LAWYER, Role.MEDIC)
FIRST_OF_TEAM = 1_000  # chat ids
TIMES = StageTimes(timedelta(hours=3), timedelta(hours=2), timedelta(hours=1))


def team_chats() -> list[int]:
    """Give the chats of the team."""
    return [FIRST_OF_TEAM + number for number in range(len(TEAM_ROLES))]


def open_phones(service: BotApiServer, chats: list[int]) -> None:
    """Give everybody a phone on which the bot was started long ago."""
    for chat in chats:
        service.person(chat, f"P{chat}")
        service.messenger.chat(chat).standing = ChatStanding.OPEN


def put_team(tx: Transaction, now: datetime) -> None:
    """Store twelve people of the team, all of them rung at once by an alarm."""
    for chat, role in zip(team_chats(), TEAM_ROLES, strict=True):
        team_id = TeamId(tx.new_id())
        TEAM.put(tx, TeamPerson(team_id, role, TeamState.ACTIVE, f"T{chat}", now))
        routes.put(tx, None, team_id, _recipient(chat))


def put_event(tx: Transaction, now: datetime) -> EventId:
    """Store an event that begins in an hour."""
    event = Event(
        id=EventId(tx.new_id()),
        state=EventState.OPEN,
        title="Evening of tea",
        city="Almaty",
        zone="Asia/Almaty",
        starts_at=now + timedelta(minutes=30),
        ends_at=now + timedelta(hours=3),
        capacity=20_000,
        language=Language.EN,
        created_by=TeamId(0),
        voice_number="+7 700 000 00 00",
    )
    tx.create_event_keys(event.id)
    EVENTS.put(tx, event)
    return event.id


def put_people(
    tx: Transaction, now: datetime, event_id: EventId, chats: list[int], *, in_need: bool = False
) -> list[PersonId]:
    """Store approved people, each with a chat."""
    return [_put_person(tx, now, event_id, chat, in_need=in_need) for chat in chats]


def put_venue(
    tx: Transaction, now: datetime, event_id: EventId, replaces: int | None = None
) -> Venue:
    """Store a venue that holds."""
    venue = Venue(
        id=tx.new_id(),
        event_id=event_id,
        number=1 if replaces is None else 2,
        state=VenueState.CONFIRMED,
        area="by the river",
        meeting_point=Place("the fountain"),
        address=Place("Tea street 5"),
        times=TIMES,
        entered_by=TeamId(0),
        entered_at=now,
        released=(Stage.AREA, Stage.MEETING_POINT, Stage.ADDRESS),
        replaces=replaces,
    )
    disclosure.put(tx, venue)
    return venue


def owe_release(tx: Transaction, now: datetime, event_id: EventId) -> None:
    """Let everybody be told a place, a hundred at a time."""
    timers.put(tx, now, TellMore(put_venue(tx, now, event_id).id), event_id)


def owe_relocation(
    tx: Transaction, now: datetime, event_id: EventId, people: list[PersonId]
) -> None:
    """Let everybody, who know an old place, be told a new one."""
    old = put_venue(tx, now, event_id)
    for person_id in people:
        disclosure.add(tx, old, old.stages, person_id, now)
    disclosure.put(tx, replace(old, state=VenueState.REPLACED))
    new = put_venue(tx, now, event_id, replaces=old.id)
    timers.put(tx, now, TellMore(new.id), event_id)


def owe_replies(tx: Transaction, now: datetime, chats: list[int]) -> None:
    """Owe each of these chats a reply."""
    for chat in chats:
        outbox.owe(tx, now, _recipient(chat), Say("saved"))


def _put_person(
    tx: Transaction, now: datetime, event_id: EventId, chat: int, *, in_need: bool
) -> PersonId:
    person = Person(
        id=PersonId(tx.new_id()),
        event_id=event_id,
        standing=Standing.APPROVED,
        presence=Presence.HERE if in_need else Presence.UNANSWERED,
        group_id=None,
        invitation_id=0,
        language=Language.EN,
        name=f"P{chat}",
        words=("river", "candle"),
        registered_at=now,
        needs_help=in_need,
    )
    PEOPLE.put(tx, person)
    routes.put(tx, event_id, person.id, _recipient(chat))
    return person.id


def _recipient(chat: int) -> Recipient:
    return Recipient(ChatId(chat), Language.EN)
