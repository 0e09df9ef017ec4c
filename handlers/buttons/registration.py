"""The buttons of registering, of leaving, and of deciding."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.languages import Language
from safety.people import EventId, PersonId, Standing


@payload
@dataclass(frozen=True, slots=True, repr=False)
class BeginRegistration(Payload):
    """I have read it; ask me."""

    code = "rb"

    person_id: PersonId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReadInLanguage(Payload):
    """Tell me this in another language."""

    code = "rl"

    person_id: PersonId
    language: Language


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LeaveYes(Payload):
    """Yes, withdraw me and erase it."""

    code = "ly"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LeaveNo(Payload):
    """No, I stay."""

    code = "ln"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class PeoplePress(Payload):
    """Back to the numbers."""

    code = "pp"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class NextInQueue(Payload):
    """Who has waited longest for a decision."""

    code = "pq"

    event_id: EventId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class NamesPress(Payload):
    """The names of one standing."""

    code = "pn"

    event_id: EventId
    standing: Standing
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class PersonPress(Payload):
    """One person."""

    code = "po"

    person_id: PersonId


@payload
@dataclass(frozen=True, slots=True, repr=False)
class DecidePress(Payload):
    """A decision about one person."""

    code = "rd"

    person_id: PersonId
    standing: Standing
