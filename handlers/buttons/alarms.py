"""The buttons of alarms. Codes that begin with `sos` overtake everything else at intake.

Raising and answering overtake; looking and closing wait their turn.
"""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.alarms import Ending, Heard


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SosPress(Payload):
    """*I need help*. `event_id` 0: whichever event this person is at."""

    code = "sos"

    event_id: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SosHere(Payload):
    """*I need help*, after a place that belonged to nothing: the call has it at once."""

    code = "sosp"

    message_id: int
    place: str


@payload
@dataclass(frozen=True, slots=True, repr=False)
class OnItPress(Payload):
    """*I'm on it*: stops the escalation for a while, resolves nothing."""

    code = "sosa"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class HandOnPress(Payload):
    """*I can't: hand on*: the others are rung at once, and this one no more."""

    code = "sosh"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class NoHelpPress(Payload):
    """*No*, to "Do you need help right now?"."""

    code = "ano"


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MistakePress(Payload):
    """*It was a mistake*, by the caller."""

    code = "ami"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SafeAgainPress(Payload):
    """*I'm safe*, by the caller."""

    code = "asa"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ShowAlarmPress(Payload):
    """*Show*: who called, from where."""

    code = "ash"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AlarmDetailsPress(Payload):
    """Another page of who called."""

    code = "asp"

    alarm_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class AlarmCardPress(Payload):
    """Back to the card as it stands now."""

    code = "acd"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class VoicePress(Payload):
    """*I have heard their voice*. `caller` is the place in the alarm's list of callers."""

    code = "avo"

    alarm_id: int
    caller: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class VoiceSaysPress(Payload):
    """What the voice said."""

    code = "avs"

    alarm_id: int
    caller: int
    heard: Heard


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ResolvePress(Payload):
    """*Resolved…*: asks which way."""

    code = "are"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ResolveAsPress(Payload):
    """Resolved as real or as mistaken."""

    code = "arx"

    alarm_id: int
    ending: Ending


@payload
@dataclass(frozen=True, slots=True, repr=False)
class OpenAlarm(Payload):
    """A line of the list: its card, anew."""

    code = "aop"

    alarm_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class VoicesPress(Payload):
    """*Somebody's voice*: asks whose, where many called."""

    code = "avl"

    alarm_id: int
    page: int
