"""Whatever one of the team does alone, nobody new decides, and nobody becomes the only one."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from coordination import confirmations, freezing, team
from coordination.proposals import propose
from coordination.turns import Turn
from safety.errors import RefusalError
from safety.people import Role, TeamId
from safety.team import DECIDERS, AddTeamPerson, TeamPerson, TeamState
from storage.team import TEAM
from storage.transaction import Transaction
from tests.handlers.test_team import LINK
from tests.harness import Someone, World

Deed = Callable[[Turn], object]


def _team(tx: Transaction) -> list[TeamPerson]:
    return list(TEAM.find(tx, "1 ORDER BY id"))


def _deeds(chance: random.Random, known: list[TeamPerson], proposals: list[int]) -> list[Deed]:
    """Give one try of each thing that an organizer can do to the team alone."""
    team_id = chance.choice(known).id
    role = chance.choice([Role.ORGANIZER, Role.DEPUTY, Role.STEWARD])
    proposal = chance.choice(proposals or [1])
    return [
        lambda turn: team.add(turn, role, "Mole"),
        lambda turn: team.remove(turn, team_id),
        lambda turn: team.renew_link(turn, team_id),
        lambda turn: freezing.freeze(turn, team_id),
        lambda turn: freezing.ask_to_restore(turn, team_id),
        lambda turn: propose(turn, AddTeamPerson(team_id)),
        lambda turn: confirmations.confirm(turn, proposal),
        lambda turn: confirmations.decline(turn, proposal),
    ]


def _proposals(tx: Transaction) -> list[int]:
    return [row[0] for row in tx.all(tuple[int], "SELECT id FROM proposals")]


async def _open_all_links(world: World, aigul: Someone, moles: int) -> None:
    """Let a new account open every link that was ever given to the organizer."""
    for seen in list(aigul.screens):
        for token in LINK.findall(seen.text):
            await world.person(f"mole {moles}").opens(str(token))


@pytest.mark.parametrize("seed", range(12))
async def test_one_alone_never_changes_who_decides(world: World, seed: int) -> None:
    """A coerced organizer can stop colleagues, but brings nobody in and takes nobody out."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    whole = await world.has_team()
    before = {one.id for one in await world.look(_team) if one.role in DECIDERS}
    for step in range(14):
        known = await world.look(_team)
        deed = chance.choice(_deeds(chance, known, await world.look(_proposals)))
        with suppress(RefusalError):
            await world.do(whole.organizer, deed)
        await _open_all_links(world, whole.organizer, step)
        deciders = [one for one in await world.look(_team) if one.role in DECIDERS]
        active = {one.id for one in deciders if one.state is TeamState.ACTIVE}
        counted = {one.id for one in deciders if one.state is not TeamState.GONE}
        assert active <= before
        assert before <= counted


async def test_a_confirmed_person_is_confirmed_by_somebody_else(world: World) -> None:
    """The record says who the second person was."""
    whole = await world.has_team()
    await world.do(whole.organizer, lambda turn: team.add(turn, Role.DEPUTY, "Zhanar"))
    (proposal,) = await world.look(_proposals)
    await world.do(whole.second, lambda turn: confirmations.confirm(turn, proposal))
    (added,) = [one for one in await world.look(_team) if one.name == "Zhanar"]
    assert (added.added_by, added.confirmed_by) == (
        whole.organizer.team_id,
        whole.second.team_id,
    )
    assert added.id != TeamId(0)
