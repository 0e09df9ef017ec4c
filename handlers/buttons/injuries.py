"""The buttons of injuries: saying it, going on, and what the medic looks at."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload


@payload
@dataclass(frozen=True, slots=True, repr=False)
class HurtPress(Payload):
    """*I'm hurt*. `event_id` 0: where one is; `subject_id` 0: in no call and no report."""

    code = "hur"

    event_id: int = 0
    subject_id: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class HurtAgain(Payload):
    """*Go on*: what has changed since."""

    code = "hua"

    injury_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class HurtEnough(Payload):
    """*Enough*: no more reminders."""

    code = "hue"

    injury_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class InjuriesPress(Payload):
    """All injuries; another page of them."""

    code = "hul"

    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class InjuryShow(Payload):
    """*Show*, or a line of the list: who, for a minute."""

    code = "hus"

    injury_id: int
