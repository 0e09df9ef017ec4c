"""The buttons with which people report of themselves, and the team of what it has seen."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.checkins import CheckInKind


@payload
@dataclass(frozen=True, slots=True, repr=False)
class CheckInPress(Payload):
    """*I'm on my way*, *I'm here*, *I'm safe*, *I got home*."""

    code = "ci"

    event_id: int
    kind: CheckInKind


@payload
@dataclass(frozen=True, slots=True, repr=False)
class MarkSeen(Payload):
    """Somebody of the team has seen this person: here, or at home."""

    code = "cm"

    person_id: int
    kind: CheckInKind


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SilentNamesPress(Payload):
    """*Names* of whoever has not answered whether they got home."""

    code = "cn"

    event_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class SilentNamesPage(Payload):
    """Another page of them."""

    code = "cnp"

    event_id: int
    page: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class FinePress(Payload):
    """*Fine*, to "How are you?"."""

    code = "cf"

    event_id: int
