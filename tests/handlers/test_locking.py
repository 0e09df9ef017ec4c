"""*Lock*: one organizer is enough, a colleague can object while an alarm is open, all are told."""

from datetime import timedelta

from coordination.locking import follow_keys
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.locking import LockObject, LockPress
from safety.groups import Group, GroupKind
from safety.people import Role
from storage import groups
from storage.vault.keys import LOCKABLE, KeyKind
from tests.handlers.test_disclosure import has_venue
from tests.harness import Someone, World

MINUTE = timedelta(minutes=1)
LOCKED = "are locked: nobody can read them"


async def lock(someone: Someone) -> None:
    """Press *Lock* on the screen of /lock."""
    await someone.writes("/lock")
    await someone.presses("Lock", someone.sees("Only somebody with an unlock secret"))


def is_locked(world: World) -> bool:
    """Say whether no key of people or of what was said is in memory."""
    return not world.open_kinds & LOCKABLE


async def test_one_organizer_locks_at_once(world: World) -> None:
    """The keys are gone from memory, and everybody whose task it changes knows."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await team.organizer.writes("/lock")
    assert not is_locked(world)
    await lock(team.organizer)
    assert is_locked(world)
    assert {KeyKind.ROUTING, KeyKind.CASE_PUBLIC, KeyKind.TRANSIT} <= world.open_kinds
    team.organizer.is_told("It is locked.")
    for one in (team.organizer, team.second, team.deputy, team.steward, team.lawyer, team.medic):
        news = one.sees(LOCKED)
        assert news.text.startswith("10:00."), "the first line says nothing on a locked phone"
    assert aliya.screens == []


async def test_a_second_press_is_told_that_it_is_locked(world: World) -> None:
    """Nothing happens twice, and the screen says how it is opened."""
    team = await world.has_team()
    await world.has_event()
    await lock(team.organizer)
    told = len(team.deputy.screens)
    await team.second.forges(pack(LockPress()))
    team.second.is_told("It is locked. Only an unlock secret on the server")
    await team.second.writes("/lock")
    assert not team.second.sees("It is locked. Only an unlock secret").presses
    assert len(team.deputy.screens) == told


async def test_there_is_nothing_to_lock_without_an_event(world: World) -> None:
    """Nobody is told of a lock that hides nothing."""
    aigul = await world.has_organizer()
    await aigul.writes("/lock")
    aigul.sees("There is nothing to lock")
    await aigul.forges(pack(LockPress()))
    aigul.is_told("There is nothing to lock")


async def test_only_organizers_lock(world: World) -> None:
    """Neither a steward nor a deputy nor a frozen account nor a participant."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await team.second.writes("/freeze")
    await team.second.presses("Aigul")
    await team.second.presses("Freeze")
    for one in (team.organizer, team.deputy, team.steward, team.lawyer, team.medic, aliya):
        await one.writes("/lock")
        await one.forges(pack(LockPress()))
    assert not is_locked(world)


async def test_during_an_alarm_it_waits_a_minute_for_an_objection(world: World) -> None:
    """A phone in wrong hands must not blind the team: silence locks, a minute later."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await lock(team.organizer)
    team.organizer.is_told("it waits")
    asked = team.second.sees("unless one of you objects")
    assert "Aigul" not in asked.text
    assert asked.rang
    assert not team.steward.shows("objects")
    await world.pass_time(timedelta(seconds=59))
    assert not is_locked(world)
    await team.organizer.forges(pack(LockPress()))
    team.organizer.is_told("it waits")
    await world.pass_time(timedelta(seconds=1))
    assert is_locked(world)
    team.second.sees_nothing_of("objects")
    team.second.sees(LOCKED)


async def test_one_objection_stops_it_and_is_told(world: World) -> None:
    """It stays open, everybody who could have objected knows, and it can be asked for again."""
    team = await world.has_team()
    await world.has_event()
    await team.medic.writes("/sos")
    await lock(team.organizer)
    await team.second.presses("Object")
    for organizer in (team.organizer, team.second):
        organizer.sees("Somebody objected: nothing was locked.")
        organizer.sees_nothing_of("unless one of you objects")
    await world.pass_time(2 * MINUTE)
    assert not is_locked(world)
    await lock(team.organizer)
    await world.pass_time(MINUTE)
    assert is_locked(world)


async def test_a_late_objection_is_told_that_it_is_late(world: World) -> None:
    """Whatever a phone still shows, it opens nothing again."""
    team = await world.has_team()
    await world.has_event()
    await team.medic.writes("/sos")
    await lock(team.organizer)
    await world.pass_time(MINUTE)
    await team.second.forges(pack(LockObject()))
    team.second.is_told("Too late")
    assert is_locked(world)


async def test_the_only_organizer_waits_for_nobody(world: World) -> None:
    """Nobody could object, so an alarm makes no minute."""
    aigul = await world.has_organizer()
    await world.has_team_person("Nora", Role.DEPUTY)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await lock(aigul)
    assert is_locked(world)


async def test_an_account_that_was_frozen_meanwhile_locks_nothing(world: World) -> None:
    """Freezing is an objection as well."""
    team = await world.has_team()
    await world.has_event()
    await team.medic.writes("/sos")
    await lock(team.organizer)
    await team.second.writes("/freeze")
    await team.second.presses("Aigul")
    await team.second.presses("Freeze")
    await world.pass_time(MINUTE)
    assert not is_locked(world)
    team.second.sees("Nothing was locked: whoever asked")


async def test_the_team_is_told_once_when_it_is_opened_again(world: World) -> None:
    """On the server, with the unlock secret; a start without a change tells nothing."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await lock(team.organizer)
    await world.change(follow_keys)
    assert not team.second.shows("can be read again")
    await world.opens_again()
    assert not is_locked(world)
    for one in (team.organizer, team.second, team.deputy, team.steward, team.lawyer, team.medic):
        one.sees("can be read again")
        one.sees_nothing_of(LOCKED)
    told = len(team.second.screens)
    await world.change(follow_keys)
    assert len(team.second.screens) == told


async def test_a_row_that_does_not_open_keeps_nothing_else_locked_up(world: World) -> None:
    """The team hears that it is open again, and the other rows are brought up to date."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await has_venue(world, team)
    await lock(team.organizer)

    def alter(work: Work) -> None:
        group = Group(5, event.id, 1, GroupKind.BUS, work.now, "123 ABC 02")
        groups.put(work.tx, group)
        work.tx.run("UPDATE people SET is_unverified = NULL")  # as an earlier release left them
        work.tx.run("UPDATE people SET sealed = x'00' WHERE id = ?", aliya.person_id)
        for table in ("groups", "venues"):
            work.tx.run(f"UPDATE {table} SET sealed = x'00'")  # noqa: S608 - our own names

    await world.change(alter)
    await world.opens_again()
    team.second.sees("can be read again")
    sql = "SELECT id FROM people WHERE is_unverified IS NULL"
    assert await world.look(lambda tx: tx.all(tuple[int], sql)) == [(aliya.person_id,)]
    assert bota.person_id is not None


async def test_a_lock_on_the_server_is_told_like_one_in_chat(world: World) -> None:
    """Whoever locks: the team must not find out by a refusal."""
    team = await world.has_team()
    await world.has_event()
    await team.medic.writes("/sos")
    await lock(team.organizer)
    await world.locks()
    team.second.sees(LOCKED)
    team.second.sees_nothing_of("objects")
    await world.pass_time(MINUTE)
    assert len([one for one in team.second.screens if LOCKED in one.text]) == 1


async def test_what_was_opened_again_is_not_locked_by_a_minute_from_before(world: World) -> None:
    """The lock that was asked for has come, from the server; whoever opens decides anew."""
    team = await world.has_team()
    await world.has_event()
    await team.medic.writes("/sos")
    await lock(team.organizer)
    await world.locks()
    await world.opens_again()
    await world.pass_time(MINUTE)
    assert not is_locked(world)
