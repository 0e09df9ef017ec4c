"""A person and a meeting as most tests have them: each test says only what matters to it."""

from datetime import datetime, timedelta

from safety.events import Event, EventState
from safety.languages import Language
from safety.people import ChatId, EventId, PersonId, Presence, Recipient, Standing, TeamId
from safety.registration import Person
from storage import routes
from storage.people import PEOPLE
from storage.transaction import Transaction

TITLE = "Evening of tea"
CITY = "Almaty"


def gathering(event_id: EventId, starts_at: datetime, lasts: timedelta = timedelta(0)) -> Event:
    """Give an open event."""
    return Event(
        id=event_id,
        state=EventState.OPEN,
        title=TITLE,
        city=CITY,
        zone="Asia/Almaty",
        starts_at=starts_at,
        ends_at=starts_at + lasts,
        capacity=30,
        language=Language.RU,
        created_by=TeamId(0),
        voice_number="+7 700 000 00 00",
    )


def somebody(event_id: EventId, number: int, at: datetime, name: str = "") -> Person:
    """Give somebody who registered at that moment, and is approved."""
    return Person(
        id=PersonId(number),
        event_id=event_id,
        standing=Standing.APPROVED,
        presence=Presence.UNANSWERED,
        group_id=None,
        invitation_id=0,
        language=Language.KK,
        name=name or f"Somebody {number}",
        words=("river", "candle"),
        registered_at=at,
    )


def put_with_chat(tx: Transaction, person: Person) -> None:
    """Store a person and where to reach them: in the chat of their own number."""
    PEOPLE.put(tx, person)
    routes.put(tx, person.event_id, person.id, Recipient(ChatId(person.id), person.language))
