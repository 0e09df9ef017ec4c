"""Whoever is brought out of the city: noted with one tap, followed from place to place.

An arrival that is late rings the lawyer and the organizers, as the detention it belongs to does.
"""

from collections.abc import Callable
from datetime import timedelta

from coordination.detentions import known, publish, record
from coordination.turns import Turn, use_case
from safety import detentions as rules
from safety import escorts as ways
from safety.detentions import Detention, Sighting
from safety.errors import OutdatedError
from safety.escorts import Escort, Stop
from safety.facts import FactKind
from safety.permissions import Action

LONGEST = timedelta(days=3)


@use_case(Action.ANSWER_DETENTION)
def begin(turn: Turn, detention_id: int) -> Detention:
    """Note that somebody is being brought out of the city; a second press begins nothing new.

    Raises:
        OutdatedError: they are released, or the detention is gone.
    """
    detention = known(turn, detention_id)
    if not detention.is_held:
        raise OutdatedError
    if detention.escort is not None:
        return detention
    detention = rules.escort(detention, turn.require_team_id(), turn.now)
    record(turn, FactKind.ESCORT, detention, ("escort", "begun"))
    publish(turn, detention)
    return detention


@use_case(Action.ANSWER_DETENTION)
def expect(turn: Turn, detention_id: int, within: timedelta) -> None:
    """Note in how long they should have arrived; from then on it is overdue.

    Raises:
        OutdatedError: the detention is gone, or nothing takes that long.
    """
    detention = known(turn, detention_id)
    if not timedelta() < within <= LONGEST:
        raise OutdatedError
    if detention.escort is not None:
        way = ways.expect(detention.escort, turn.now + within)
        publish(turn, rules.follow(detention, way))


@use_case(Action.ANSWER_DETENTION)
def pass_by(turn: Turn, detention_id: int, place: str) -> None:
    """Note where they were seen on the way; told too late, it is kept as a sighting.

    Raises:
        OutdatedError: the detention is gone.
    """
    detention = known(turn, detention_id)
    _keep(turn, detention, place, ways.pass_by)
    record(turn, FactKind.ESCORT, detention, ("stop", place))


@use_case(Action.ANSWER_DETENTION)
def arrive(turn: Turn, detention_id: int, place: str) -> None:
    """Note where the way ended; whether they are free there has to be said apart.

    Raises:
        OutdatedError: the detention is gone.
    """
    detention = known(turn, detention_id)
    _keep(turn, detention, place, ways.arrive)
    record(turn, FactKind.ESCORT, detention, ("escort", "arrived"), ("arrived", place))


def _keep(
    turn: Turn, detention: Detention, place: str, change: Callable[[Escort, Stop], Escort]
) -> None:
    if detention.escort is None:
        seen = rules.see(detention, Sighting(turn.now, turn.require_team_id(), place))
    else:
        way = change(detention.escort, Stop(turn.now, turn.require_team_id(), place))
        seen = rules.follow(detention, way)
    publish(turn, seen)
