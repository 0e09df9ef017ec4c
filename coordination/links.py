"""Opening a one-time link: what it stands for is looked up, and nobody learns why one is no good.

Unknown, used, revoked, out of date, or meant for another account: the answer is the same (BRIEF).
"""

from enum import StrEnum
from typing import assert_never

from coordination import registration, reportlinks, reports, team
from coordination.team import TakenUp
from coordination.turns import Turn, use_case
from safety.permissions import Action
from storage import tokens
from storage.tokens import Grant, Purpose


class Opened(StrEnum):
    """What the handler has to say after a link was opened."""

    NOTHING = "nothing"
    KNOWN = "known"  # opened again by the one it is for
    IN_TEAM = "in-team"
    NAMELESS = "nameless"  # in the team; asked what to be called
    AT_EVENT = "at-event"
    TO_REPORT = "to-report"  # asked what happened


@use_case(Action.START)
def open_link(turn: Turn, token: str) -> Opened:
    """Do what a token stands for, if it is good and nobody else has used it."""
    grant = tokens.look_up(turn.tx, turn.now, token)
    return Opened.NOTHING if grant is None else _open(turn, grant)


def _open(turn: Turn, grant: Grant) -> Opened:
    match grant.purpose:
        case Purpose.OWNER | Purpose.TEAM:
            return _open_team(turn, grant)
        case Purpose.REPORT:
            reports.leave(turn)
            is_good = reportlinks.open_link(turn, grant)
            return Opened.TO_REPORT if is_good else Opened.NOTHING
        case Purpose.INVITATION:
            is_good = registration.open_invitation(turn, grant)
            return Opened.AT_EVENT if is_good else Opened.NOTHING
        case _:
            assert_never(grant.purpose)


def _open_team(turn: Turn, grant: Grant) -> Opened:
    match team.take_up(turn, grant):
        case TakenUp.NOTHING:
            return Opened.NOTHING
        case TakenUp.KNOWN:
            return Opened.KNOWN
        case TakenUp.JOINED:
            return Opened.IN_TEAM
        case TakenUp.NAMELESS:
            return Opened.NAMELESS
        case unknown:
            assert_never(unknown)
