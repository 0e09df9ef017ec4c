"""A legal hold takes two to begin and two to end; meanwhile the rule waits, and nothing else."""

from datetime import timedelta
from functools import partial

import pytest

from coordination import legalhold, retention
from safety.errors import OutdatedError
from safety.events import Event
from safety.legalhold import LegalHold
from safety.people import Role, Standing
from storage import events
from storage.transaction import Transaction
from tests.harness import Someone, Team, World

DAY = timedelta(days=1)
REASON = "The complaint is before the court."


async def places(world: World, organizer: Someone, other: Someone, event: Event) -> None:
    """Have a hold placed by two, in chat."""
    await asks(organizer, event)
    other.sees(REASON)
    await other.presses("Confirm")
    assert await hold_of(world, event) is not None


async def asks(organizer: Someone, event: Event) -> None:
    """Propose a hold."""
    await organizer.writes("/purge")
    await organizer.presses(event.title)
    await organizer.presses("Keep them longer")
    await organizer.writes(REASON)


async def hold_of(world: World, event: Event) -> LegalHold | None:
    """Give the hold that stands."""
    stored = await world.look(lambda tx: events.get(tx, event.id))
    assert stored is not None
    return stored.legal_hold


async def people_of(world: World) -> int:
    """Count the registrations."""
    return await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM people"))


async def _held(world: World) -> tuple[Team, Event, Someone]:
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await places(world, team.organizer, team.second, event)
    return team, event, aliya


async def test_the_rule_waits_for_as_long_as_the_hold_stands(world: World) -> None:
    """Months after their time the people are still known, and the organizers were told so."""
    team, event, _ = await _held(world)
    team.organizer.sees("kept until two lift it: " + REASON)
    over_at = event.ends_at + world.policy.people_kept
    await world.pass_time(over_at - world.now + 60 * DAY)
    await world.sweeps()
    assert await people_of(world) == 1
    await team.organizer.writes("/purge")
    await team.organizer.presses(event.title)
    team.organizer.sees(REASON)
    assert not team.organizer.can_press("Forget these people")


async def test_organizers_are_reminded_every_fortnight(world: World) -> None:
    """A hold that everybody has forgotten would keep a roster for ever."""
    team, _, _ = await _held(world)
    for _ in range(3):
        await world.pass_time(13 * DAY)
        team.second.sees_nothing_of(REASON)
        await world.pass_time(DAY)
        team.second.sees(REASON)


async def test_nothing_but_the_roster_is_prolonged(world: World) -> None:
    """Vouching, traces and those who were not approved go at their own time."""
    _, event, _ = await _held(world)
    bota = await world.has_participant(event, "Bota")
    await bota.writes("/here")
    await world.has_participant(event, "Indira", standing=Standing.PENDING)
    await world.pass_time(event.ends_at - world.now + 4 * DAY)
    assert await people_of(world) == 2
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM checkins")) == 0


async def test_whoever_wants_to_be_erased_is_erased_all_the_same(world: World) -> None:
    """The screen says that answers are kept longer, and that one's own can go."""
    _, _, aliya = await _held(world)
    await aliya.writes("/privacy")
    aliya.sees("Two people decided to keep them longer")
    await aliya.presses("Erase mine")
    await aliya.presses("Yes, erase mine")
    assert await people_of(world) == 0


async def test_a_purge_is_refused_with_a_sentence_while_it_stands(world: World) -> None:
    """Asked for before or after, confirmed by whomever: two have to lift it first."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await team.organizer.writes("/purge")
    await team.organizer.presses(event.title)
    ask = team.organizer.payload_of("Forget these people")
    await team.organizer.forges(ask)
    confirm = team.second.payload_of("Confirm")
    await asks(team.organizer, event)
    await team.deputy.presses("Confirm")
    await team.second.forges(confirm)
    team.second.is_told("First two have to lift that")
    await team.organizer.forges(ask)
    team.organizer.is_told("First two have to lift that")
    assert await people_of(world) == 1


async def test_two_lift_it_and_the_rule_goes_on_with_its_warning(world: World) -> None:
    """Nobody is forgotten the moment a hold is lifted."""
    team, event, _ = await _held(world)
    await world.pass_time(event.ends_at - world.now + 40 * DAY)
    await team.second.writes("/purge")
    await team.second.presses(event.title)
    await team.second.presses("Keep them no longer")
    await team.deputy.presses("Confirm")
    assert await hold_of(world, event) is None
    team.organizer.sees("the rule goes on")
    await world.pass_time(timedelta(minutes=1))
    team.organizer.sees("forgotten by the rule")
    await world.pass_time(23 * timedelta(hours=1))
    assert await people_of(world) == 1
    await world.pass_time(timedelta(hours=2))
    assert await people_of(world) == 0
    sql = "SELECT COUNT(*) FROM timers WHERE event_id IS NOT NULL"
    assert await world.look(lambda tx: tx.number(sql)) == 0


async def test_lifted_before_its_time_it_changes_nothing(world: World) -> None:
    """The people are known until the day they would have been known anyway."""
    team, event, _ = await _held(world)
    await world.do(team.organizer, lambda turn: legalhold.ask_to_lift(turn, event.id))
    await team.second.presses("Confirm")
    await world.pass_time(event.ends_at + world.policy.people_kept - world.now - DAY / 2)
    assert await people_of(world) == 1
    await world.pass_time(DAY)
    assert await people_of(world) == 0


async def test_one_alone_neither_places_nor_lifts(world: World) -> None:
    """Whoever proposes cannot confirm, and nobody else of the team can."""
    team = await world.has_team()
    event = await world.has_event()
    await asks(team.organizer, event)
    payload = team.second.payload_of("Confirm")
    for someone in (team.organizer, team.steward, team.lawyer):
        await someone.forges(payload)
    assert await hold_of(world, event) is None
    await team.second.forges(payload)
    assert await hold_of(world, event) is not None
    await world.do(team.second, lambda turn: legalhold.ask_to_lift(turn, event.id))
    lift = team.organizer.payload_of("Confirm")
    await team.second.forges(lift)
    assert await hold_of(world, event) is not None


async def test_a_second_press_and_a_late_confirmation_change_nothing(world: World) -> None:
    """A hold that stands is not placed again; a proposal that is too old places none."""
    team = await world.has_team()
    event = await world.has_event()
    await asks(team.organizer, event)
    late = team.second.payload_of("Confirm")
    await world.pass_time(world.policy.proposal_life + timedelta(minutes=1))
    await team.second.forges(late)
    assert await hold_of(world, event) is None
    await places(world, team.organizer, team.second, event)
    first = await hold_of(world, event)
    with pytest.raises(OutdatedError):
        await world.do(team.organizer, lambda turn: legalhold.ask_to_place(turn, event.id, "x"))
    await team.second.forges(late)
    assert await hold_of(world, event) == first


async def test_alone_in_the_team_nobody_can_keep_people_longer(world: World) -> None:
    """It takes two, and one learns so at once."""
    aigul = await world.has_team_person("Aigul", Role.ORGANIZER)
    event = await world.has_event()
    await asks(aigul, event)
    aigul.sees("This takes two people")
    assert await hold_of(world, event) is None


async def test_a_hold_falls_with_nobody_to_hold(world: World) -> None:
    """A purged event has no hold, and an old button says that it is out of date."""
    team = await world.has_team()
    event = await world.has_event()
    await team.organizer.writes("/purge")
    await team.organizer.presses(event.title)
    old = team.organizer.payload_of("Keep them longer")
    await world.change(lambda work: retention.purge_event(work, event, retention.By()))
    await team.organizer.forges(old)
    team.organizer.is_told("out of date")


async def test_the_reason_stands_nowhere_in_clear(world: World) -> None:
    """Neither beside the event's row nor beside the proposal's."""
    await _held(world)

    for table in ("events", "proposals", "outbox", "forms"):
        assert await world.look(partial(_count_clear, table)) == 0


def _count_clear(table: str, tx: Transaction) -> int:
    sql = f"SELECT COUNT(*) FROM {table} WHERE instr(sealed, CAST(? AS BLOB))"  # noqa: S608 - ours
    return tx.number(sql, REASON)
