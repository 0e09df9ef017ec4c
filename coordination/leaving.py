"""Leaving the team by oneself: role, chat and what is unconfirmed go; the others are told.

The last organizer stays: nobody could restore, release or hold after them. A frozen account has no
role, so it cannot leave: it may be in wrong hands.
"""

from coordination import confirmations, team
from coordination.telling import bring_key
from coordination.turns import Turn, use_case
from safety.errors import OutdatedError, RefusalError
from safety.notices import Say
from safety.people import Role
from safety.permissions import Action
from safety.team import TeamChange
from storage import disclosure
from storage import team as rows


@use_case(Action.LEAVE_TEAM)
def leave_team(turn: Turn) -> None:
    """End the actor's place in the team; a registration of theirs at an event stays.

    Raises:
        RefusalError: they are the last organizer.
        OutdatedError: they are not of the team any more.
    """
    team_id = turn.actor.team_id
    person = None if team_id is None else team.look(turn, team_id)
    if person is None:
        raise OutdatedError
    if person.role is Role.ORGANIZER and len(rows.active(turn.tx, (Role.ORGANIZER,))) == 1:
        raise RefusalError("privacy-last-organizer")
    confirmations.void_all_of(turn, person.id)
    team.void_links_of(turn, person.id)
    team.dismiss(turn, person, TeamChange.LEFT)
    _give_key_back(turn)
    turn.tell(Say("privacy-team-left"))


def _give_key_back(turn: Turn) -> None:
    """The chat was emptied: whoever is a participant as well needs the permanent key again."""
    for one in turn.actor.participations:
        if disclosure.knows_any(turn.tx, one.event_id, one.person_id):
            bring_key(turn, one.event_id, one.person_id, turn.actor.recipient)
