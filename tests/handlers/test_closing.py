"""Two people close a case; from then on it opens with people's own keys alone, and is added to."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from coordination import keyholders
from coordination.incidents import record_facts
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.closing import AskToClose, CloseCasePress
from handlers.buttons.confirmations import ProposalConfirm
from safety.closing import CloseCase
from safety.events import Event
from safety.facts import Fact, FactKind
from safety.keyholders import Keyholder
from safety.people import EventId, Role
from storage import closing, incidents, proofs, proposals
from storage.database import Database
from storage.proposals import PROPOSALS
from storage.transaction import LockedError, Transaction
from storage.vault import identities, prooflog
from storage.vault.errors import BrokenSealError
from storage.vault.keys import Key, KeyKind, KeyName, public_half
from tests.harness import Team, World


async def has_key(world: World, name: str, role: Role = Role.ORGANIZER) -> tuple[Key, Keyholder]:
    """Enrol somebody's key; give the private half, which only they have, and the row."""
    private = identities.new_identity()
    holder = await world.change(
        lambda work: keyholders.enrol(work, role, name, public_half(private))
    )
    return private, holder


async def told(world: World, event_id: EventId, words: str, subject: int = 1) -> None:
    """Have something recorded at an event."""

    def record(work: Work) -> None:
        details = (("text", words),)
        work.record(Fact(FactKind.REPORT, work.now, subject, event_id, details=details))
        record_facts(work)

    await world.change(record)


async def proposes(team: Team) -> None:
    """Let the first organizer propose to close the case, by the buttons."""
    await team.organizer.writes("/incidents")
    await team.organizer.presses("Case and other events")
    await team.organizer.presses("Close the case")
    await team.organizer.presses("Propose to close it")


async def closes(world: World) -> tuple[Team, Event, Key, Key]:
    """Close a case with one entry to an organizer and a lawyer; give both their private halves."""
    team, event = await world.has_team(), await world.has_event()
    organizer, _ = await has_key(world, "Aigul")
    lawyer, _ = await has_key(world, "Timur", Role.LAWYER)
    await told(world, event.id, "They came to my parents.")
    await proposes(team)
    await team.second.presses("Confirm")
    return team, event, organizer, lawyer


async def test_a_closed_case_opens_with_its_keys_and_not_here(world: World) -> None:
    """The reading half is sealed to each keyholder, and gone from memory and from the file."""
    team, event, organizer, lawyer = await closes(world)
    case = await world.look(lambda tx: closing.get(tx, event.id))
    assert case is not None
    name = KeyName(KeyKind.CASE_PRIVATE, event.id)
    assert name not in world._slots.names  # noqa: SLF001 - what the file keeps
    seals = {seal.name: seal for seal in case.seals}
    assert seals.keys() == {"Aigul", "Timur"}
    reading = closing.open_seal(seals["Aigul"], event.id, organizer)
    assert closing.open_seal(seals["Timur"], event.id, lawyer) == reading
    with pytest.raises(BrokenSealError):
        closing.open_seal(seals["Aigul"], event.id, lawyer)
    with pytest.raises(BrokenSealError):
        closing.open_seal(seals["Aigul"], EventId(event.id + 1), organizer)
    with pytest.raises(LockedError):
        await world.look(lambda tx: _entries(tx, event.id))
    public = await world.look(lambda tx: tx.key(KeyKind.CASE_PUBLIC, event.id))
    assert public_half(reading) == public
    await team.organizer.writes("/incidents")
    team.organizer.sees("Closed on Wed 26 May. What was said opens with the keys of 2 people")
    await team.organizer.presses("? 1")
    team.organizer.sees("opens with the keys of 2 people, not here")
    team.organizer.sees_nothing_of("They came to my parents.")
    await team.lawyer.writes("/case")
    team.lawyer.sees("opens with the keys of 2 people, not here")


def _entries(tx: Transaction, event_id: EventId) -> None:
    (incident,) = incidents.at_event(tx, event_id)
    incidents.entries(tx, incident)


async def test_a_start_after_closing_misses_no_key(world: World, tmp_path: Path) -> None:
    """What was destroyed on purpose is not looked for."""
    _, event, _, _ = await closes(world)
    await world.database.__aexit__(None, None, None)
    world.database = Database(tmp_path / "aman.db", world._slots)  # noqa: SLF001 - the same keys
    await world.database.__aenter__()
    assert await world.look(lambda tx: closing.is_closed(tx, event.id))
    assert not await world.look(lambda tx: tx.has_key(KeyKind.CASE_PRIVATE, event.id))
    await told(world, event.id, "After the start.", subject=2)


async def test_what_is_reported_later_is_still_added(world: World) -> None:
    """A closed case is never deaf."""
    _, event, _, _ = await closes(world)
    before = await world.look(proofs.size)
    await told(world, event.id, "And again.", subject=2)
    assert await world.look(proofs.size) == before + 1


async def test_both_organizers_get_the_checkpoint(world: World) -> None:
    """It proves what was recorded until then, whoever has the server later."""
    team, event, _, _ = await closes(world)
    case = await world.look(lambda tx: closing.get(tx, event.id))
    assert case is not None
    assert case.checkpoint is not None
    for organizer in (team.organizer, team.second):
        seen = organizer.sees("Evening of tea: the case is closed.")
        assert case.checkpoint.strip() in seen.text
        assert seen.text.startswith("Done on ")
    key = await world.look(proofs.verifier_key)
    assert prooflog.verify(case.checkpoint, key).size == await world.look(proofs.size)
    team.deputy.sees_nothing_of("log-1")


async def test_one_alone_closes_nothing(world: World) -> None:
    """Nobody confirms their own, and nobody sees the button who may not."""
    team, event = await world.has_team(), await world.has_event()
    await has_key(world, "Aigul")
    await proposes(team)
    card = team.second.sees("Close the case for good: Evening of tea.")
    assert "• Aigul (Organizer): " in card.text
    await team.organizer.forges(team.second.payload_of("Confirm"))
    team.organizer.is_told("One person alone cannot")
    assert not await world.look(lambda tx: closing.is_closed(tx, event.id))
    await team.lawyer.writes("/case")
    assert not team.lawyer.can_press("Close the case")
    await team.organizer.writes("/case")
    assert team.organizer.can_press("Close the case")


@pytest.mark.parametrize("role", [None, Role.DEPUTY])
async def test_without_a_readers_key_nothing_is_closed(world: World, role: Role | None) -> None:
    """A deputy's key opens copies, and no case: nobody could read it again."""
    team, event = await world.has_team(), await world.has_event()
    if role is not None:
        await has_key(world, "Nora", role)
    await team.organizer.writes("/incidents")
    await team.organizer.presses("Case and other events")
    await team.organizer.presses("Close the case")
    team.organizer.sees("Nobody's key is here yet")
    await team.organizer.forges(pack(AskToClose(event.id)))
    team.organizer.is_told("Nobody's key is here yet")
    assert await world.look(lambda tx: PROPOSALS.count(tx, "1 = 1")) == 0


async def test_nobody_closes_while_somebody_is_in_danger(world: World) -> None:
    """Neither at the proposal nor at the confirmation: an alarm may come in between."""
    team, event = await world.has_team(), await world.has_event()
    await has_key(world, "Aigul")
    aliya = await world.has_participant(event, "Aliya")
    await proposes(team)
    await aliya.writes("sos")
    await team.second.presses("Confirm")
    team.second.is_told("An alarm is still open there.")
    await team.organizer.forges(pack(AskToClose(event.id)))
    team.organizer.is_told("An alarm is still open there.")
    assert not await world.look(lambda tx: closing.is_closed(tx, event.id))


async def test_nobody_closes_while_somebody_is_held(world: World) -> None:
    """The lawyer needs to read."""
    team, event = await world.has_team(), await world.has_event()
    await has_key(world, "Aigul")
    aliya = await world.has_participant(event, "Aliya")
    await proposes(team)
    await aliya.writes("/taken")
    await team.second.presses("Confirm")
    team.second.is_told("Somebody is still held")
    assert not await world.look(lambda tx: closing.is_closed(tx, event.id))


@pytest.mark.parametrize("is_added", [True, False])
async def test_a_key_that_came_or_went_in_between_needs_another_look(
    world: World, *, is_added: bool
) -> None:
    """Nobody slips a key in between the two people who decide."""
    team, event = await world.has_team(), await world.has_event()
    await has_key(world, "Aigul")
    _, dana = await has_key(world, "Dana")
    await proposes(team)
    if is_added:
        await has_key(world, "Mole")
    else:
        await world.change(lambda work: keyholders.remove(work, dana))
    await team.second.presses("Confirm")
    team.second.is_told("A key was added or removed since")
    assert not await world.look(lambda tx: closing.is_closed(tx, event.id))


async def test_a_deputys_key_changes_nothing_about_a_closing(world: World) -> None:
    """It is none of those that the two have looked at."""
    team, event = await world.has_team(), await world.has_event()
    await has_key(world, "Aigul")
    await proposes(team)
    await has_key(world, "Nora", Role.DEPUTY)
    await team.second.presses("Confirm")
    case = await world.look(lambda tx: closing.get(tx, event.id))
    assert case is not None
    assert [seal.name for seal in case.seals] == ["Aigul"]


async def test_a_case_is_closed_once(world: World) -> None:
    """A second proposal, an old button and a late confirmation change nothing any more."""
    team, event, _, _ = await closes(world)
    before = await world.look(lambda tx: closing.get(tx, event.id))
    for press in (pack(CloseCasePress(event.id)), pack(AskToClose(event.id))):
        await team.organizer.forges(press)
        team.organizer.is_told("out of date")

    def again(work: Work) -> int:
        intent = CloseCase(event.id, ())
        by = team.organizer.team_id
        assert by is not None
        return proposals.add(work.tx, intent, event.id, by, work.now + timedelta(hours=1)).id

    number = await world.change(again)
    await team.second.forges(pack(ProposalConfirm(number, 0)))
    assert await world.look(lambda tx: closing.get(tx, event.id)) == before
    await team.organizer.writes("/incidents")
    assert not team.organizer.can_press("Case and other events")


async def test_a_confirmation_that_comes_too_late_closes_nothing(world: World) -> None:
    """Twelve hours later nobody remembers what was looked at."""
    team, event = await world.has_team(), await world.has_event()
    await has_key(world, "Aigul")
    await proposes(team)
    late = team.second.payload_of("Confirm")
    await world.pass_time(timedelta(hours=13))
    await team.second.forges(late)
    assert not await world.look(lambda tx: closing.is_closed(tx, event.id))


async def test_a_removed_key_loses_its_seals_unless_it_is_the_last(world: World) -> None:
    """Whoever is no longer trusted gets nothing more; and no case is lost to everybody."""
    _, event, _, lawyer = await closes(world)
    assert await world.change(partial(_removes, "Aigul")) == 0
    assert await world.change(partial(_removes, "Timur")) == 1
    case = await world.look(lambda tx: closing.get(tx, event.id))
    assert case is not None
    assert [seal.name for seal in case.seals] == ["Timur"]
    closing.open_seal(case.seals[0], event.id, lawyer)


def _removes(name: str, work: Work) -> int:
    (holder,) = keyholders.called(work, name)
    return keyholders.remove(work, holder)
