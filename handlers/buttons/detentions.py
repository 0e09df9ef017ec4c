"""The buttons of detentions. *They are taking me* overtakes everything else at intake."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.detentions import LawyerThere


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TakenPress(Payload):
    """*They are taking me*: one tap, nothing to confirm. `event_id` 0: the event they are at."""

    code = "sost"

    event_id: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MarkPage(Payload):
    """Another page of the names that can be marked."""

    code = "dmp"

    event_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MarkPerson(Payload):
    """One of the names: what has happened to them?"""

    code = "dmn"

    person_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MarkTaken(Payload):
    """Somebody of the team has seen this person being taken."""

    code = "sosm"

    person_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class DetentionOnIt(Payload):
    """*I'm on it*."""

    code = "sosd"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ShowDetention(Payload):
    """*Show*: who, where, what may be said."""

    code = "dsh"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class Released(Payload):
    """*Released*: ends the quiet; nobody has heard their voice yet."""

    code = "drl"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class Transferred(Payload):
    """*Transferred*: asks where to."""

    code = "dtr"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class LawyerPress(Payload):
    """*Yes*, *No* or *Not known*, to "Was a lawyer with them?"."""

    code = "dlw"

    detention_id: int
    said: LawyerThere


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReleasedVoice(Payload):
    """*I have heard their voice*, after a release."""

    code = "dvo"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class OpenDetention(Payload):
    """A line of the list: its card, anew."""

    code = "dop"

    detention_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class DetentionPage(Payload):
    """Another page of who is held, and of calls that are open."""

    code = "dlp"

    page: int
