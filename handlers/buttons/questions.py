"""The buttons that complete a record: which question, which statement."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.questions import Part
from safety.statements import Topic


@payload
@dataclass(frozen=True, slots=True, repr=False)
class WeekPress(Payload):
    """*Open questions of this week*, or another page of them."""

    code = "qwk"

    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class QuestionsPress(Payload):
    """*Open questions* of one record, or *Something else*."""

    code = "qin"

    incident_id: int
    part: Part
    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AskPress(Payload):
    """One question that somebody wants to answer."""

    code = "qas"

    incident_id: int
    topic: Topic


@payload
@dataclass(frozen=True, slots=True, repr=False)
class StatementsPress(Payload):
    """*Correct something*, or another page of what can be corrected."""

    code = "qsl"

    incident_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class StatementPress(Payload):
    """One statement; `leaf` is its number in the log."""

    code = "qst"

    incident_id: int
    leaf: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ReplacePress(Payload):
    """*Say it better*."""

    code = "qrp"

    incident_id: int
    leaf: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class TakeBackPress(Payload):
    """*Take it back*."""

    code = "qtb"

    incident_id: int
    leaf: int
