"""Two can start, one can stop: who may confirm, when, and how often; one alone does nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coordination import confirmations, proposals
from coordination.timetable import TIMETABLE
from coordination.turns import Turn, Work
from handlers.confirmations import DESCRIPTIONS
from safety.errors import NotAllowedError, OutdatedError, RefusalError
from safety.events import AllowMinors
from safety.people import EventId, Role, TeamId
from safety.proposals import INTENTS, Intent, Proposal, ProposalState, may_decide
from safety.team import TeamState
from safety.timers import TIMERS
from storage import counters
from storage.proposals import PROPOSALS
from storage.team import TEAM
from tests.harness import START, Someone, Team, World

WANTED = AllowMinors(EventId(1), allows=True)  # any intent: what it does is not tested here


def _carry(turn: Turn, wanted: Intent, _proposal: Proposal) -> None:
    assert wanted == WANTED
    counters.next_number(turn.tx, "carried")


@pytest.fixture(autouse=True)
def _trial_table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {**confirmations.CONFIRMED, AllowMinors: _carry}
    monkeypatch.setattr(confirmations, "CONFIRMED", table)


async def _proposed(world: World, someone: Someone) -> int:
    return (await world.do(someone, lambda turn: proposals.propose(turn, WANTED))).id


async def _confirm(world: World, someone: Someone, number: int) -> None:
    await world.do(someone, lambda turn: confirmations.confirm(turn, number))


async def _decline(world: World, someone: Someone, number: int) -> None:
    await world.do(someone, lambda turn: confirmations.decline(turn, number))


async def _carried(world: World) -> int:
    return await world.look(lambda tx: counters.value(tx, "carried"))


async def _state(world: World, number: int) -> ProposalState:
    proposal = await world.look(lambda tx: PROPOSALS.get(tx, number))
    assert proposal is not None
    return proposal.state


async def _freeze(world: World, someone: Someone) -> None:
    def freeze(work: Work) -> None:
        assert someone.team_id is not None
        person = TEAM.get(work.tx, someone.team_id)
        assert person is not None
        TEAM.put(work.tx, replace(person, state=TeamState.FROZEN))

    await world.change(freeze)


@pytest.mark.parametrize("who", ["second", "deputy"])
async def test_somebody_else_confirms_and_it_happens_once(world: World, who: str) -> None:
    """A second press of the same button is out of date."""
    team = await world.has_team()
    other: Someone = getattr(team, who)
    number = await _proposed(world, team.organizer)
    assert await _carried(world) == 0
    await _confirm(world, other, number)
    assert await _carried(world) == 1
    for again in (other, team.second, team.deputy):
        with pytest.raises(OutdatedError):
            await _confirm(world, again, number)
    assert await _carried(world) == 1


async def test_nobody_confirms_what_they_have_proposed(world: World) -> None:
    """Not even an organizer."""
    team = await world.has_team()
    number = await _proposed(world, team.organizer)
    with pytest.raises(RefusalError, match="own-proposal"):
        await _confirm(world, team.organizer, number)
    assert await _carried(world) == 0
    assert await _state(world, number) is ProposalState.OPEN


@pytest.mark.parametrize("who", ["steward", "lawyer", "medic"])
async def test_nobody_else_of_the_team_decides(world: World, who: str) -> None:
    """Neither yes nor no."""
    team = await world.has_team()
    someone: Someone = getattr(team, who)
    number = await _proposed(world, team.organizer)
    for decide in (_confirm, _decline):
        with pytest.raises(NotAllowedError):
            await decide(world, someone, number)
    assert await _state(world, number) is ProposalState.OPEN


@pytest.mark.parametrize("who", ["organizer", "second", "deputy"])
async def test_one_no_is_enough_and_comes_from_anybody_asked(world: World, who: str) -> None:
    """The one who proposed may take it back as well."""
    team = await world.has_team()
    number = await _proposed(world, team.organizer)
    await _decline(world, getattr(team, who), number)
    assert await _state(world, number) is ProposalState.DECLINED
    with pytest.raises(OutdatedError):
        await _confirm(world, team.second if who != "second" else team.deputy, number)
    assert await _carried(world) == 0


async def test_what_nobody_confirms_in_time_is_over(world: World) -> None:
    """At its moment, not a moment later; a press after that is out of date."""
    team = await world.has_team()
    number = await _proposed(world, team.organizer)
    await world.pass_time(world.policy.proposal_life - timedelta(seconds=1))
    assert await _state(world, number) is ProposalState.OPEN
    await world.pass_time(timedelta(seconds=1))
    assert await _state(world, number) is ProposalState.EXPIRED
    for decide in (_confirm, _decline):
        with pytest.raises(OutdatedError):
            await decide(world, team.second, number)
    assert await _carried(world) == 0


async def test_one_alone_proposes_nothing(world: World) -> None:
    """A steward or a lawyer is no second person, and neither is a frozen colleague."""
    team = Team(
        organizer=await world.has_organizer("Aigul"),
        second=await world.has_organizer("Dana"),
        deputy=await world.has_team_person("Nora", Role.STEWARD),
        steward=await world.has_team_person("Saule", Role.STEWARD),
        lawyer=await world.has_team_person("Timur", Role.LAWYER),
        medic=await world.has_team_person("Madina", Role.MEDIC),
    )
    await _proposed(world, team.organizer)
    await _freeze(world, team.second)
    with pytest.raises(RefusalError, match="second-person-missing"):
        await _proposed(world, team.organizer)
    assert not await world.do(team.organizer, proposals.is_alone)


async def test_a_frozen_account_confirms_nothing(world: World) -> None:
    """It may be in wrong hands."""
    team = await world.has_team()
    number = await _proposed(world, team.organizer)
    await _freeze(world, team.second)
    with pytest.raises(NotAllowedError):
        await _confirm(world, team.second, number)
    assert await _carried(world) == 0


async def test_an_unknown_proposal_is_out_of_date(world: World) -> None:
    """A forged number tells nothing."""
    team = await world.has_team()
    for decide in (_confirm, _decline):
        with pytest.raises(OutdatedError):
            await decide(world, team.second, 12345)


async def test_everything_that_can_be_proposed_has_words_and_can_be_carried_out() -> None:
    """Or the card, or the second person's yes, would be a fault."""
    ours = {kind for kind in INTENTS.values() if kind.__module__.startswith("safety.")}
    assert ours
    assert ours <= set(confirmations.CONFIRMED)
    assert ours <= set(DESCRIPTIONS)


async def test_everything_that_can_fall_due_has_a_use_case() -> None:
    """Or a timer would fail for ever."""
    ours = {kind for kind in TIMERS.values() if kind.__module__.startswith("safety.")}
    assert ours
    assert ours <= set(TIMETABLE)


def test_the_rule_itself_knows_who_proposed_and_until_when() -> None:
    """Whoever asks it: somebody else of the team, while it is open and not too old."""
    one = Proposal(1, None, ProposalState.OPEN, "x", b"", TeamId(5), expires_at=START)
    before = START - timedelta(seconds=1)
    assert may_decide(one, TeamId(6), before)
    assert not may_decide(one, TeamId(5), before)
    assert not may_decide(one, None, before)
    assert not may_decide(one, TeamId(6), START)
    for state in set(ProposalState) - {ProposalState.OPEN}:
        assert not may_decide(replace(one, state=state), TeamId(6), before)
