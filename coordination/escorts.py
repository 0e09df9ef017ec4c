"""Whoever is brought out of the city: noted with one tap, followed from place to place.

An arrival that is late rings the lawyer and the organizers, as the detention it belongs to does.
"""

from datetime import timedelta

from coordination.detentions import by, known, publish, record
from coordination.turns import Turn, use_case
from safety import detentions as rules
from safety import escorts as ways
from safety.detentions import Detention
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
    detention = rules.escort(detention, by(turn), turn.now)
    record(turn, FactKind.ESCORT, detention, ("escort", "begun"))
    publish(turn, detention)
    return detention


@use_case(Action.ANSWER_DETENTION)
def expect(turn: Turn, detention_id: int, within: timedelta) -> None:
    """Note in how long they should have arrived; from then on it is overdue.

    Raises:
        OutdatedError: they are on no way any more, or nothing takes that long.
    """
    detention, way = _on_the_way(turn, detention_id)
    if not timedelta() < within <= LONGEST:
        raise OutdatedError
    publish(turn, rules.follow(detention, ways.expect(way, turn.now + within)))


@use_case(Action.ANSWER_DETENTION)
def pass_by(turn: Turn, detention_id: int, place: str) -> None:
    """Note where they were seen on the way.

    Raises:
        OutdatedError: they are on no way any more.
    """
    detention, way = _on_the_way(turn, detention_id)
    detention = rules.follow(detention, ways.pass_by(way, Stop(turn.now, by(turn), place)))
    record(turn, FactKind.ESCORT, detention, ("stop", place))
    publish(turn, detention)


@use_case(Action.ANSWER_DETENTION)
def arrive(turn: Turn, detention_id: int, place: str) -> None:
    """Note where the way ended; whether they are free there has to be said apart.

    Raises:
        OutdatedError: they are on no way any more.
    """
    detention, way = _on_the_way(turn, detention_id)
    detention = rules.follow(detention, ways.arrive(way, Stop(turn.now, by(turn), place)))
    record(turn, FactKind.ESCORT, detention, ("escort", "arrived"), ("arrived", place))
    publish(turn, detention)


def _on_the_way(turn: Turn, detention_id: int) -> tuple[Detention, Escort]:
    detention = known(turn, detention_id)
    if detention.escort is None:
        raise OutdatedError
    return detention, detention.escort
