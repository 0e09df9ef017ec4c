"""The buttons of complaints: looking, what happened next, and what disagrees with the evidence."""

from dataclasses import dataclass

from handlers.buttons import Payload, payload
from safety.records import CaseState


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintsPress(Payload):
    """All complaints; another page of them."""

    code = "cpl"

    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintOpen(Payload):
    """A line of the list, or *Show*."""

    code = "cpo"

    complaint_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintNew(Payload):
    """*A new complaint*: of which incident? Another page of them."""

    code = "cpn"

    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintAbout(Payload):
    """*Complain* of this incident."""

    code = "cpa"

    incident_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintNext(Payload):
    """*What happened next*; `has_all` 1: everything that may have happened."""

    code = "cpx"

    complaint_id: int
    has_all: int = 0
    page: int = 0


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintStep(Payload):
    """One step that it came to."""

    code = "cps"

    complaint_id: int
    state: CaseState


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintReplied(Payload):
    """*They answered*."""

    code = "cpr"

    complaint_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintHandOver(Payload):
    """*Evidence was handed over*."""

    code = "cph"

    complaint_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintDisagree(Payload):
    """*The evidence says otherwise*."""

    code = "cpd"

    complaint_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintConfirm(Payload):
    """*Yes* to what the bot has proposed, named by its mark."""

    code = "cpc"

    complaint_id: int
    mark: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintDay(Payload):
    """*Another last day*."""

    code = "cpm"

    complaint_id: int


@payload
@dataclass(frozen=True, slots=True, repr=False)
class ComplaintTake(Payload):
    """*I take care of it*."""

    code = "cpk"

    complaint_id: int
