"""An account that is not its owner's any more: one colleague stops it, two bring it back.

Its role is void at once, what it has proposed and the links it has made are void, its chat is
emptied. Nothing of this tells the account that it happened (BRIEF, coerced or arrested organizer).
"""

from dataclasses import replace

from coordination import alarms, audience, confirmations, detentions, proposals, quiet, team
from coordination.turns import Turn, use_case
from safety.errors import OutdatedError, RefusalError
from safety.people import TeamId
from safety.permissions import Action
from safety.team import RestoreTeamPerson, TeamChange, TeamNews, TeamPerson, TeamState
from storage.team import TEAM, recipient_of


@use_case(Action.FREEZE)
def freeze(turn: Turn, team_id: TeamId) -> None:
    """Stop an account of the team at once.

    Raises:
        RefusalError: one's own.
        OutdatedError: it is not active.
    """
    if team_id == turn.actor.team_id:
        raise RefusalError("freeze-yourself")
    person = _in_state(turn, team_id, TeamState.ACTIVE)
    TEAM.put(turn.tx, replace(person, state=TeamState.FROZEN))
    recipient = recipient_of(turn.tx, team_id)
    if recipient is not None:
        quiet.empty(turn, recipient)
    alarms.stand_down(turn, team_id)
    detentions.stand_down(turn, team_id)
    confirmations.void_all_of(turn, team_id)
    team.void_links_of(turn, team_id)
    colleague = None if turn.actor.team_id is None else team.look(turn, turn.actor.team_id)
    by = "" if colleague is None else colleague.name
    audience.tell_deciders(turn, TeamNews(TeamChange.FROZEN, person.name, person.role, by))


@use_case(Action.FREEZE)
def ask_to_restore(turn: Turn, team_id: TeamId) -> None:
    """Propose to bring a frozen account back.

    Raises:
        RefusalError: there is nobody who could confirm.
        OutdatedError: it is not frozen.
    """
    _in_state(turn, team_id, TeamState.FROZEN)
    proposals.propose(turn, RestoreTeamPerson(team_id))


def _in_state(turn: Turn, team_id: TeamId, state: TeamState) -> TeamPerson:
    person = team.look(turn, team_id)
    if person is None or person.state is not state:
        raise OutdatedError
    return person
