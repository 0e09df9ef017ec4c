"""What a backup brings back, and what it must never bring back."""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.backup import COPY, BackupError, own_copy, remove_leftover
from bot.cli import main
from bot.exits import explain
from bot.restoring import Restored, RestoreError, Set, Where, restore
from bot.setup import set_up
from bot.unlocking import LockedError
from coordination import retention
from coordination.detentions import mark_taken
from coordination.envelopes import leave, take_back
from coordination.erasure import erase_person
from coordination.invitations import invite, renew, revoke
from coordination.keyholders import remove as remove_key
from coordination.registration import decide
from coordination.reportlinks import stop_all
from coordination.retention import By
from coordination.secondaddresses import take_back as take_address_back
from coordination.team import dismiss
from coordination.turns import Work
from safety.events import Event, EventState
from safety.keyholders import Keyholder
from safety.people import PersonId, Role, Standing
from safety.purges import Purged, PurgeList
from safety.restoring import NUMBERS_SKIPPED
from safety.team import TeamChange
from storage import (
    backups,
    chats,
    closing,
    counters,
    disclosure,
    envelopes,
    escrows,
    events,
    evidence,
    injuries,
    invitations,
    keyholders,
    people,
    proofs,
    purges,
    resealing,
    team,
    wakings,
)
from storage.keyholders import KEYHOLDERS
from storage.retention import FORGOTTEN
from storage.tokens import look_up
from storage.transaction import Transaction
from storage.vault import derivation, identities, keyslots, prooflog, sealing
from storage.vault.derivation import Parameters
from storage.vault.keys import KEY_BYTES, Key, KeyKind, KeyName, new_case_pair, public_half
from storage.vault.streams import NEW, PART
from storage.vault.words import UnlockSecret
from tests.bot.conftest import TOKEN
from tests.copies import (
    VIDEO,
    Holder,
    back_up,
    config_of,
    has_keyholder,
    restored_to,
    set_of,
    stores_files,
    world_of,
)
from tests.handlers.test_closing import closes
from tests.handlers.test_disclosure import has_venue
from tests.handlers.test_reportlinks import takes
from tests.handlers.test_team import owner_link
from tests.handlers.test_waking import begins
from tests.harness import Someone, World
from tests.letters import address_of, has_address

CASE = {KeyKind.CASE_PUBLIC, KeyKind.CASE_PRIVATE}


async def _has_evening(world: World) -> tuple[Event, Someone, Holder]:
    """Give an event with one person at it, and a deputy who holds a key."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    return event, aliya, await has_keyholder(world)


def _purge(event: Event) -> Callable[[Work], None]:
    def work(work: Work) -> None:
        known = events.get(work.tx, event.id)
        assert known is not None
        retention.purge_event(work, known, By())

    return work


def _erase(someone: Someone) -> Callable[[Work], None]:
    def work(work: Work) -> None:
        assert someone.person_id is not None
        person = people.get(work.tx, someone.person_id)
        assert person is not None
        erase_person(work, person)

    return work


async def test_a_restored_bot_knows_its_people(world: World, tmp_path: Path) -> None:
    """Roster, team, alarms by key and evidence are there; people act as they did before."""
    _, aliya, nora = await _has_evening(world)
    await aliya.writes("/report")
    await aliya.sends_video("at the door")
    (sealed,) = await stores_files(world, tmp_path)
    made = await back_up(world, tmp_path, tmp_path / "set")
    assert (made.files, made.damaged) == (1, ())
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    assert (restored.settled.purged, restored.settled.unreadable) == (0, 0)
    assert restored.missing == ()
    assert (restored.config.evidence_path / sealed.name).read_bytes() == sealed.read_bytes()
    async with world_of(restored, world) as again:
        await again.person("Aliya").writes("sos")
        timur = again.person("Timur")
        timur.sees(f"Alarm {1 + NUMBERS_SKIPPED}")
        await timur.presses("Show")
        timur.sees("Aliya")


async def test_nothing_that_was_on_its_way_leaves_the_machine(
    world: World, tmp_path: Path
) -> None:
    """No update, notice, form or message id is in the copy; the transit key is in no escrow."""
    _, aliya, nora = await _has_evening(world)
    await aliya.writes("/report")  # a form begins, messages stand in the chat
    for table in ("forms", "messages"):
        assert await world.look(partial(_count, table))
    await back_up(world, tmp_path, tmp_path / "set")
    escrow = escrows.read(set_of(tmp_path / "set").escrow, nora.pair.private)
    kinds = {name.kind for name in escrow.keys}
    assert kinds == set(KeyKind) - {KeyKind.TRANSIT}
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    async with world_of(restored, world) as again:
        for table in ("inbox", "forms", "messages"):
            assert await again.look(partial(_count, table)) == 0, table
        kinds_owed = await again.look(
            lambda tx: tx.all(tuple[str], "SELECT DISTINCT kind FROM outbox")
        )
        assert kinds_owed == [("Restored",)]  # to the organizers, and nothing else to anybody


def _count(table: str, tx: Transaction) -> int:
    return tx.number(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - our own names


async def test_organizers_are_told_and_places_are_on_hold(world: World, tmp_path: Path) -> None:
    """A place that was left after the copy is told to nobody before people have looked."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    nora = await has_keyholder(world)
    await has_venue(world, team)
    await back_up(world, tmp_path, tmp_path / "set")
    before = len(aliya.chat)
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    async with world_of(restored, world) as again:
        await again.deliver()
        again.person("Aigul").sees("set up again from a copy")
        await again.pass_time(event.starts_at - again.now)
        assert len(again.person("Aliya").chat) == before
        venue = await again.look(lambda tx: disclosure.confirmed(tx, event.id))
        assert venue is not None
        assert venue.hold is not None


async def test_a_backup_from_before_a_purge_brings_nobody_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with the newest escrow, and not with the one that came with the backup either.

    What that one opens never enters the new key slots.
    """
    entered = _notes_what_enters(monkeypatch)
    event, aliya, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "before")
    await world.change(_purge(event))
    await back_up(world, tmp_path, tmp_path / "after")
    before, after = set_of(tmp_path / "before"), set_of(tmp_path / "before", tmp_path / "after")
    newest = escrows.read(after.escrow, nora.pair.private)
    assert {name.kind for name in newest.keys if name.event_id == event.id} == CASE
    old_keys = Set(before.backup, before.escrow, after.purges, before.evidence)
    for number, files in enumerate((after, old_keys)):
        restored = await restored_to(tmp_path / f"new-{number}", files, nora, world.now)
        assert restored.settled.purged == 1
        assert {name.kind for name in entered if name.event_id == event.id} == CASE
        async with world_of(restored, world) as again:
            names = again._slots.names  # noqa: SLF001 - what the file holds
            assert {name.kind for name in names if name.event_id == event.id} == CASE
            await again.look(lambda tx: _nobody_is_there(tx, event))
            stranger = again.person("Aliya")
            await stranger.writes("sos")
            stranger.sees("nothing here for you")
    assert aliya.person_id is not None


def _notes_what_enters(monkeypatch: pytest.MonkeyPatch) -> set[KeyName]:
    """Give the names of all keys that new key slots are made with, once they are made."""
    entered: set[KeyName] = set()
    create = keyslots.create

    def made(
        path: Path, parameters: Parameters, *, brought: Mapping[KeyName, Key]
    ) -> tuple[keyslots.KeySlots, UnlockSecret]:
        entered.update(brought)
        return create(path, parameters, brought=brought)

    monkeypatch.setattr(keyslots, "create", made)
    return entered


def _nobody_is_there(tx: Transaction, event: Event, listed: Purged = Purged.EVENT) -> None:
    for table in FORGOTTEN:
        sql = f"SELECT COUNT(*) FROM {table} WHERE event_id = ?"  # noqa: S608 - our own names
        assert tx.number(sql, event.id) == 0, table
    known = events.get(tx, event.id)
    assert known is not None
    assert known.state is EventState.CLOSED
    assert [purge.kind for purge in purges.every(tx)] == [listed]


async def test_whoever_was_held_at_an_event_that_was_purged_since_can_be_released_after_a_restore(
    world: World, tmp_path: Path
) -> None:
    """What said that they are held went with the event: their phone was mute for ever."""
    event, _, nora = await _has_evening(world)
    taken = (await world.has_participant(event, "Saule")).person_id
    assert taken is not None
    await world.do(world.person("Aigul"), lambda turn: mark_taken(turn, taken))
    await back_up(world, tmp_path, tmp_path / "before")
    await world.change(_purge(event))
    await back_up(world, tmp_path, tmp_path / "after")
    files = set_of(tmp_path / "before", tmp_path / "after")
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    async with world_of(restored, world) as again:
        await again.pass_time(timedelta(minutes=10))
        saule, timur = again.person("Saule"), again.person("Timur")
        assert await again.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
        await timur.presses("Released", within=timur.sees("Urgent"))
        await again.person("Aigul").writes("sos")
        saule.sees("Alarm")


async def test_without_the_purge_list_a_backup_brings_everybody_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing: the copy alone does not know of the purge."""
    event, _, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "before")
    await world.change(_purge(event))
    monkeypatch.setattr(purges, "read", lambda *_: PurgeList(world.now, []))
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "before"), nora, world.now)
    async with world_of(restored, world) as again:
        with pytest.raises(AssertionError):
            await again.look(lambda tx: _nobody_is_there(tx, event))
        await again.person("Aliya").writes("sos")
        again.person("Aliya").sees("Alarm")


async def test_a_backup_from_before_an_erasure_does_not_bring_that_person_back(
    world: World, tmp_path: Path
) -> None:
    """The others are there, as far as their keys are; nor is it known that they were hurt.

    Nor which chat a file came from, nor that this chat had blocked the bot.
    """
    event, aliya, nora = await _has_evening(world)
    bota = await world.has_participant(event, "Bota")
    for someone in (aliya, bota):
        await someone.writes("/help")
        await someone.presses("I'm hurt")
    await aliya.sends_video("at the door")
    blocked = partial(chats.silence, reason=chats.BLOCKED, since=0)
    await world.change(lambda work: blocked(work.tx, aliya.chat_id))
    await back_up(world, tmp_path, tmp_path / "before")
    await world.change(_erase(aliya))
    await back_up(world, tmp_path, tmp_path / "after")
    before = set_of(tmp_path / "before")
    files = Set(before.backup, before.escrow, set_of(tmp_path / "after").purges, before.evidence)
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    async with world_of(restored, world) as again:
        assert [one.person_id for one in await again.look(injuries.every)] == [bota.person_id]
        (file,) = await again.look(lambda tx: evidence.unfetched_at(tx, event.id))
        assert file.recipient is None
        await again.person("Aliya").writes("sos")
        again.person("Aliya").sees("nothing here for you")
        await again.person("Bota").writes("sos")
        await again.person("Timur").presses("Show")
        again.person("Timur").sees("Bota")


async def test_whoever_left_the_team_or_lost_a_key_does_not_come_back_with_a_copy(
    world: World, tmp_path: Path
) -> None:
    """A removed account decides nothing again, a removed key opens no new copy."""
    await world.has_team()
    nora = await has_keyholder(world)
    zarina = await has_keyholder(world, "Zarina", Role.LAWYER)
    await has_keyholder(world, "Timur", Role.LAWYER)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.do(aliya, lambda turn: leave(turn, event.id, "my real name"))
    dana = world.person("Dana")
    await has_address(world, dana)
    await back_up(world, tmp_path, tmp_path / "before")
    (left,) = await world.look(lambda tx: envelopes.at_event(tx, event.id))
    assert len(left.seals) == 2

    def part(work: Work) -> None:
        assert dana.team_id is not None
        person = team.TEAM.get(work.tx, dana.team_id)
        assert person is not None
        dismiss(work, person, TeamChange.REMOVED)
        holders = keyholders.current(work.tx)
        remove_key(work, next(one for one in holders if one.name == "Zarina"))

    left_at = world.now
    await world.change(part)
    await back_up(world, tmp_path, tmp_path / "after")
    world.now += timedelta(days=1)
    files = set_of(tmp_path / "before", tmp_path / "after")
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    assert restored.settled.purged == 2
    with pytest.raises(LockedError):
        await restored_to(tmp_path / "other", files, zarina, world.now)
    async with world_of(restored, world) as again:
        known = await again.look(keyholders.current)
        assert {one.name for one in known} == {"Nora", "Timur"}
        (left,) = await again.look(lambda tx: envelopes.at_event(tx, event.id))
        assert {seal.holder_id for seal in left.seals} <= {one.id for one in known}
        assert await address_of(again, dana) is None
        assert dana.team_id is not None
        gone = await again.look(partial(team.TEAM.get, row_id=dana.team_id))
        assert gone is not None
        assert gone.gone_at == left_at  # what it was kept for lasts from then on
        await again.person("Dana").writes("/team")
        again.person("Dana").sees("nothing here for you")
        await again.person("Aigul").writes("/team")
        again.person("Aigul").sees_nothing_of("Dana: Organizer")


async def test_a_key_that_was_removed_since_opens_no_closed_case_of_a_copy(
    world: World, tmp_path: Path
) -> None:
    """What was sealed to it is dropped from the copy, as it was where the copy was made."""
    _, event, _, _ = await closes(world)
    nora = await has_keyholder(world)
    await back_up(world, tmp_path, tmp_path / "before")

    def part(work: Work) -> None:
        holders = keyholders.current(work.tx)
        remove_key(work, next(one for one in holders if one.name == "Timur"))

    await world.change(part)
    await back_up(world, tmp_path, tmp_path / "after")
    files = set_of(tmp_path / "before", tmp_path / "after")
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    async with world_of(restored, world) as again:
        case = await again.look(partial(closing.get, event_id=event.id))
        assert case is not None
        assert [seal.name for seal in case.seals] == ["Aigul"]


async def test_a_link_into_the_team_that_was_made_before_a_copy_makes_nobody_one_of_it(
    world: World, tmp_path: Path
) -> None:
    """It may have been used since, or taken back: the copy cannot know."""
    _, _, nora = await _has_evening(world)
    link = await owner_link(world)
    await back_up(world, tmp_path, tmp_path / "set")
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    async with world_of(restored, world) as again:
        stranger = again.person("Somebody")
        await stranger.opens(link)
        stranger.sees("nothing here for you")


async def test_no_wake_test_goes_on_in_a_copy(world: World, tmp_path: Path) -> None:
    """They were rung where the copy was made; nor is anything of it kept of who has left since."""
    await world.has_team()
    nora = await has_keyholder(world)
    await begins(world, world.person("Aigul"), "Unannounced")
    await back_up(world, tmp_path, tmp_path / "before")
    dana = world.person("Dana")

    def leave(work: Work) -> None:
        assert dana.team_id is not None
        person = team.TEAM.get(work.tx, dana.team_id)
        assert person is not None
        dismiss(work, person, TeamChange.REMOVED)

    await world.change(leave)
    await back_up(world, tmp_path, tmp_path / "after")
    files = set_of(tmp_path / "before", tmp_path / "after")
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    async with world_of(restored, world) as again:
        known = await again.look(wakings.latest)
        assert known
        assert not any(one.is_open for one in known.values())
        assert dana.team_id not in known


async def test_an_envelope_that_was_taken_back_does_not_come_back(
    world: World, tmp_path: Path
) -> None:
    """It was theirs to take back, also from a copy."""
    event, aliya, nora = await _has_evening(world)
    await has_keyholder(world, "Timur", Role.LAWYER)
    await world.do(aliya, lambda turn: leave(turn, event.id, "my real name"))
    await back_up(world, tmp_path, tmp_path / "before")
    await world.do(aliya, lambda turn: take_back(turn, event.id))
    await back_up(world, tmp_path, tmp_path / "after")
    for beside, count in (("before", 1), ("after", 0)):
        files = set_of(tmp_path / "before", tmp_path / beside)
        restored = await restored_to(tmp_path / f"new {beside}", files, nora, world.now)
        async with world_of(restored, world) as again:
            left = await again.look(lambda tx: len(envelopes.at_event(tx, event.id)))
            assert left == count


async def test_an_invitation_and_an_address_that_were_taken_back_do_not_come_back(
    world: World, tmp_path: Path
) -> None:
    """Whoever took a link back fears that others have it; a renewed one has another."""
    event, _, nora = await _has_evening(world)
    aigul = world.person("Aigul")
    await has_address(world, aigul)
    tokens = [await _invited(world, event, label) for label in ("sister", "aunt", "friend")]
    await back_up(world, tmp_path, tmp_path / "before")
    ids = await world.look(lambda tx: [one.id for one in invitations.open_ones(tx, event.id)])
    await world.do(aigul, lambda turn: revoke(turn, ids[0]))
    await world.do(aigul, lambda turn: renew(turn, ids[1]))
    await world.do(aigul, take_address_back)
    await back_up(world, tmp_path, tmp_path / "after")
    for beside, left in (("before", 3), ("after", 1)):
        files = set_of(tmp_path / "before", tmp_path / beside)
        restored = await restored_to(tmp_path / f"new {beside}", files, nora, world.now)
        async with world_of(restored, world) as again:
            there = await again.look(lambda tx: len(invitations.open_ones(tx, event.id)))
            good = await again.look(lambda tx: [look_up(tx, world.now, one) for one in tokens])
            address = await address_of(again, again.person("Aigul"))
            assert (there, sum(one is not None for one in good)) == (left, left)
            assert (address is None) == (left == 1)


async def _invited(world: World, event: Event, label: str) -> str:
    """Have somebody invited; give the token of the link."""
    await world.do(world.person("Aigul"), lambda turn: invite(turn, event.id, label))
    found = re.search(r"start=([\w-]+)", world.person("Aigul").screens[-1].text)
    assert found is not None
    return found[1]


async def test_a_link_for_reporting_that_was_stopped_does_not_come_back(
    world: World, tmp_path: Path
) -> None:
    """Whoever stopped it meant it; one that works goes on, and its chats are forgotten."""
    event, aliya, nora = await _has_evening(world)
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await world.person("Nobody").opens(token)
    await back_up(world, tmp_path, tmp_path / "before")
    await world.do(world.person("Aigul"), lambda turn: stop_all(turn, event.id))
    await back_up(world, tmp_path, tmp_path / "after")
    for beside, words in (("before", "What happened?"), ("after", "nothing here for you")):
        files = set_of(tmp_path / "before", tmp_path / beside)
        restored = await restored_to(tmp_path / f"new {beside}", files, nora, world.now)
        async with world_of(restored, world) as again:
            assert await again.look(partial(_count, "report_chats")) == 0
            somebody = again.person("Somebody")
            await somebody.opens(token)
            somebody.sees(words)


async def test_a_backup_whose_keys_were_replaced_since_forgets_that_event_and_restores_the_rest(
    world: World, tmp_path: Path
) -> None:
    """The newest escrow opens the team, the case and the other events: nobody stands without."""
    event, aliya, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "before")
    await world.change(_erase(aliya))
    while await world.database.write(resealing.step):
        pass
    await back_up(world, tmp_path, tmp_path / "after")
    files = set_of(tmp_path / "before", tmp_path / "after")
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    assert (restored.settled.unreadable, restored.settled.unreadable_cases) == (1, 0)
    async with world_of(restored, world) as again:
        await again.look(lambda tx: _nobody_is_there(tx, event, Purged.PERSON))
        await again.person("Aigul").writes("/team")
        again.person("Aigul").sees("Dana: Organizer")


@pytest.mark.parametrize("is_newest", [False, True])
@pytest.mark.parametrize("kind", [KeyKind.PEOPLE, KeyKind.ROUTING])
async def test_a_copy_made_while_rows_moved_to_the_next_key_restores_with_either_escrow(
    world: World, tmp_path: Path, kind: KeyKind, *, is_newest: bool
) -> None:
    """Its own escrow opens all; with the newest, whoever cannot be read keeps their place."""
    event, _, nora = await _has_evening(world)
    await world.has_participants(event, "Bota", "Zhanna")
    await world.change(lambda work: resealing.ask(work.tx, kind, event.id))
    await world.change(lambda work: resealing.step(work.tx, 1))  # one row has moved
    await back_up(world, tmp_path, tmp_path / "middle")
    while await world.database.write(resealing.step):
        pass
    await back_up(world, tmp_path, tmp_path / "after")
    files = set_of(tmp_path / "middle", tmp_path / ("after" if is_newest else "middle"))
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    lost = (2, 0) if kind is KeyKind.PEOPLE else (0, 2)
    assert restored.settled.unreadable == 0
    assert (restored.settled.nameless, restored.settled.dropped) == (lost if is_newest else (0, 0))
    async with world_of(restored, world) as again:
        while await again.database.write(resealing.step):
            pass
        await again.person("Aigul").writes("/people")
        known = await again.look(lambda tx: people.with_standing(tx, event.id, Standing.APPROVED))
        assert len(known) == 3
        names = {one.name for one in known} & {"Aliya", "Bota", "Zhanna"}
        assert len(names) == (1 if is_newest and kind is KeyKind.PEOPLE else 3)
        assert all(one.name in {"Aliya", "Bota", "Zhanna", one.number} for one in known)
        heard = [name for name in ("Aliya", "Bota", "Zhanna") if await _is_heard(again, name)]
        assert len(heard) == (1 if is_newest and kind is KeyKind.ROUTING else 3)


async def _is_heard(world: World, name: str) -> bool:
    someone = world.person(name)
    await someone.writes("sos")
    return not someone.shows("nothing here for you")


@pytest.mark.parametrize("is_purged", [False, True])
async def test_what_an_erased_person_left_goes_even_if_their_event_went_as_a_whole(
    world: World, tmp_path: Path, *, is_purged: bool
) -> None:
    """Purged since, or no key opens it any more: envelope and name stay gone all the same."""
    event, aliya, nora = await _has_evening(world)
    await has_keyholder(world, "Timur", Role.LAWYER)
    await world.do(aliya, lambda turn: leave(turn, event.id, "my real name"))
    await aliya.writes("sos")  # the incident says who called
    await back_up(world, tmp_path, tmp_path / "before")
    assert await world.look(lambda tx: _count_left(tx, aliya)) == 2
    await world.change(_erase(aliya))
    if is_purged:
        await world.change(_purge(event))
    while await world.database.write(resealing.step):
        pass
    await back_up(world, tmp_path, tmp_path / "after")
    files = set_of(tmp_path / "before", tmp_path / "after")
    restored = await restored_to(tmp_path / "new", files, nora, world.now)
    async with world_of(restored, world) as again:
        assert await again.look(lambda tx: _count_left(tx, aliya)) == 0


def _count_left(tx: Transaction, someone: Someone) -> int:
    return sum(
        tx.number(f"SELECT COUNT(*) FROM {table} WHERE person_id = ?", someone.person_id)  # noqa: S608 - our own names
        for table in ("envelopes", "incident_entries")
    )


async def test_an_older_purge_list_is_refused(world: World, tmp_path: Path) -> None:
    """Older than the escrow, older than the backup, or none at all."""
    event, _, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "one")
    await world.change(_purge(event))
    await back_up(world, tmp_path, tmp_path / "two")
    one, two = set_of(tmp_path / "one"), set_of(tmp_path / "two")
    for files, words in (
        (Set(one.backup, two.escrow, one.purges, one.evidence), "older than the escrow"),
        (Set(two.backup, one.escrow, one.purges, one.evidence), "older than the backup"),
        (Set(two.backup, two.escrow, tmp_path / "none", one.evidence), "No such file"),
    ):
        with pytest.raises(RestoreError, match=words):
            await restored_to(tmp_path / "new", files, nora, world.now)
        _nothing_was_made(tmp_path / "new")


def _nothing_was_made(folder: Path) -> None:
    if folder.exists():
        assert [path.name for path in folder.iterdir() if path.name != "config.toml"] == []


@pytest.mark.parametrize("version", [1, 2])
async def test_an_old_set_restores_only_for_somebody_who_says_that_there_is_no_newer_list(
    world: World, tmp_path: Path, version: int
) -> None:
    """A whole set from before a purge names nobody, and no program can know of the newer list.

    A bot writes its list anew each day: where this one is older, people must have looked.
    """
    event, _, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "old")
    made_at = world.now
    files = set_of(tmp_path / "old")
    if version == 1:
        _write_undated(files.purges, await world.look(proofs.signing_key))
    await world.change(_purge(event))
    world.now += timedelta(days=1, minutes=1)
    words = f"of {made_at:%Y-%m-%d %H:%M} UTC" if version == 2 else "undated"
    with pytest.raises(RestoreError, match=f"{words}: whoever.*--no-newer-list"):
        await restored_to(tmp_path / "new", files, nora, world.now)
    _nothing_was_made(tmp_path / "new")
    last = replace(files, has_newest=True)
    restored = await restored_to(tmp_path / "new", last, nora, world.now)
    assert restored.settled.purged == 0
    async with world_of(restored, world) as again:  # the limit that is left: they are back
        known = await again.look(lambda tx: people.with_standing(tx, event.id, Standing.APPROVED))
        assert [one.name for one in known] == ["Aliya"]


def _write_undated(path: Path, key: Key) -> None:
    """Write a list as the first version did, without the moment."""
    note = prooflog.sign_note(key, proofs.KEY_NAME, "purge list, version 1\n0\n")
    path.write_text(note, encoding="utf-8")


async def test_who_may_be_back_is_said_where_it_is_restored_and_to_the_organizers(
    world: World, tmp_path: Path
) -> None:
    """Within a day an old list looks like the newest: so everybody is told until when it knows."""
    _, _, nora = await _has_evening(world)
    listed_at = world.now
    await back_up(world, tmp_path, tmp_path / "set")
    world.now += timedelta(hours=23)
    said: list[Restored] = []
    where = Where(tmp_path / "new", world.now, derivation.FLOOR)
    files = set_of(tmp_path / "set")
    restored = await asyncio.to_thread(restore, files, nora.pair.private, where, said.append)
    assert said == [restored]
    assert restored.listed_at == listed_at
    async with world_of(restored, world) as again:
        await again.deliver()
        hour = listed_at.astimezone(ZoneInfo(again.policy.zone))
        again.person("Aigul").sees(f"{hour:%H:%M} is here again: forget them again")


async def test_a_shortened_or_foreign_purge_list_is_refused(world: World, tmp_path: Path) -> None:
    """A line less would bring somebody back."""
    event, aliya, nora = await _has_evening(world)
    await world.change(_erase(aliya))
    await world.change(_purge(event))
    await back_up(world, tmp_path, tmp_path / "set")
    files = set_of(tmp_path / "set")
    whole = files.purges.read_text(encoding="utf-8")
    lines = whole.splitlines(keepends=True)
    for broken in ("".join(lines[:2] + lines[3:]), whole.replace("event", "person"), "", "x"):
        files.purges.write_text(broken, encoding="utf-8")
        with pytest.raises(RestoreError, match="purge list is altered, or belongs to others"):
            await restored_to(tmp_path / "new", files, nora, world.now)
    _nothing_was_made(tmp_path / "new")


async def test_a_wrong_or_revoked_identity_is_told_so(world: World, tmp_path: Path) -> None:
    """In one sentence, and nothing is made."""
    _, _, nora = await _has_evening(world)
    await has_keyholder(world, "Zarina", Role.ORGANIZER)
    lawyer = await has_keyholder(world, "Timur", Role.LAWYER)
    holders = await world.look(keyholders.current)
    deputy = next(one for one in holders if one.name == "Nora")
    await world.change(lambda work: KEYHOLDERS.remove(work.tx, "id = ?", deputy.id))
    await back_up(world, tmp_path, tmp_path / "set")
    for holder in (nora, lawyer, Holder("Stranger", new_case_pair())):
        with pytest.raises(LockedError, match="This escrow is not sealed to this identity"):
            await restored_to(tmp_path / "new", set_of(tmp_path / "set"), holder, world.now)
    _nothing_was_made(tmp_path / "new")


async def test_unless_it_is_known_whose_a_set_is_a_wrong_identity_is_told_of_damage(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing: else one looks for a fault in what is whole."""
    await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    stranger = Holder("Stranger", new_case_pair())
    monkeypatch.setattr(sealing, "unwrap", lambda *_: bytes(KEY_BYTES))
    with pytest.raises(RestoreError, match="cut short or altered"):
        await restored_to(tmp_path / "new", set_of(tmp_path / "set"), stranger, world.now)
    _nothing_was_made(tmp_path / "new")


async def test_an_escrow_sealed_also_to_who_was_removed_lets_them_in(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing: who may open it is decided when it is sealed."""
    _, _, nora = await _has_evening(world)
    before = await world.look(escrows.holders)
    await world.change(lambda work: KEYHOLDERS.remove(work.tx, "1 = 1"))
    monkeypatch.setattr(escrows, "holders", lambda _: before)
    await back_up(world, tmp_path, tmp_path / "set")
    await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)


@pytest.mark.parametrize("which", ["backup", "escrow"])
@pytest.mark.parametrize("damage", ["cut", "altered", "appended", "another file", "swapped"])
async def test_a_damaged_set_is_refused_and_leaves_nothing(
    world: World, tmp_path: Path, which: str, damage: str
) -> None:
    """One sentence, and no half of anything on the disk."""
    _, _, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    files = set_of(tmp_path / "set")
    _break(files, which, damage)
    with pytest.raises(RestoreError, match=f"[Tt]his (file|{which})"):
        await restored_to(tmp_path / "new", files, nora, world.now)
    _nothing_was_made(tmp_path / "new")


def _break(files: Set, which: str, damage: str) -> None:
    path: Path = getattr(files, which)
    other = files.escrow if which == "backup" else files.backup
    whole = path.read_bytes()
    half = len(whole) // 2
    broken = {
        "cut": whole[:half],
        "altered": whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :],
        "appended": whole + b"x",
        "another file": os.urandom(len(whole)),
        "swapped": other.read_bytes(),
    }
    path.write_bytes(broken[damage])


async def test_a_set_mixed_from_two_installations_is_refused(world: World, tmp_path: Path) -> None:
    """The database of one does not open with the keys of another."""
    _, _, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    (tmp_path / "other").mkdir()
    keys = keyslots.create(tmp_path / "other" / "keys", derivation.FLOOR)
    async with World(tmp_path / "other", keys=keys) as other:
        await has_keyholder(other)
        await other.change(
            lambda work: KEYHOLDERS.put(work.tx, _renewed(keyholders.current(work.tx)[0], nora))
        )
        await back_up(other, tmp_path / "other", tmp_path / "foreign")
    files = set_of(tmp_path / "set", tmp_path / "foreign")
    with pytest.raises(RestoreError, match="do not belong together"):
        await restored_to(tmp_path / "new", files, nora, world.now)
    _nothing_was_made(tmp_path / "new")


def _renewed(one: Keyholder, holder: Holder) -> Keyholder:
    return replace(one, public=holder.pair.public.reveal())


async def test_without_an_enrolled_key_no_backup_is_made(world: World, tmp_path: Path) -> None:
    """A file that nobody could open would only look like safety."""
    await world.has_team()
    with pytest.raises(BackupError, match="aman keys add"):
        await back_up(world, tmp_path, tmp_path / "set")
    await has_keyholder(world, "Timur", Role.LAWYER)  # who may read cases, and restore nothing
    with pytest.raises(BackupError, match="aman keys add"):
        await back_up(world, tmp_path, tmp_path / "set")
    assert _found(tmp_path, "set*") == []


async def test_a_locked_bot_still_replaces_the_escrow(world: World, tmp_path: Path) -> None:
    """What was purged is left out, what is locked is taken over without having been opened."""
    event, _, nora = await _has_evening(world)
    second = await world.has_event()
    slots = world._slots  # noqa: SLF001 - the keys of this world
    path = tmp_path / "escrow"

    async def put() -> set[tuple[KeyKind, int | None]]:
        draft = await world.look(lambda tx: escrows.draft(tx, world.now))
        escrows.write(path, draft)
        return {(one.kind, one.event_id) for one in escrows.read(path, nora.pair.private).keys}

    before = await put()
    slots.lock()
    await world.change(_purge(event))
    assert await put() == before - {(KeyKind.PEOPLE, event.id), (KeyKind.ROUTING, event.id)}
    assert (KeyKind.PEOPLE, second.id) in before


async def test_evidence_comes_from_the_copies_where_the_backup_has_none(
    world: World, tmp_path: Path
) -> None:
    """A file that is nowhere is named; the rest is restored all the same."""
    _, aliya, nora = await _has_evening(world)
    for number in range(2):
        await aliya.writes("/report")
        await aliya.sends_document(f"file {number}.pdf", size=1_000 + number)
    one, two = await stores_files(world, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "elsewhere" / "set"
    await back_up(world, tmp_path, out, with_evidence=False)
    (file, _) = await world.look(evidence.kept_files)
    evidence.copy_file(tmp_path / "evidence", tmp_path / "elsewhere" / "evidence", file)
    restored = await restored_to(tmp_path / "new", set_of(out), nora, world.now)
    assert restored.missing == (2,)
    assert (restored.config.evidence_path / one.name).read_bytes() == one.read_bytes()
    assert not (restored.config.evidence_path / two.name).exists()
    assert len(VIDEO) < one.stat().st_size


async def test_damaged_evidence_is_named_and_stops_nothing(world: World, tmp_path: Path) -> None:
    """A bad sector does not keep the rest from leaving the machine."""
    _, aliya, _ = await _has_evening(world)
    await aliya.writes("/report")
    await aliya.sends_video("at the door")
    (sealed,) = await stores_files(world, tmp_path)
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    made = await back_up(world, tmp_path, tmp_path / "set")
    assert (made.files, made.damaged) == (0, (1,))


async def test_a_used_directory_is_not_touched(world: World, tmp_path: Path) -> None:
    """Nothing that is there is ever overwritten."""
    _, _, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    (tmp_path / "new" / "data").mkdir(parents=True)
    (tmp_path / "new" / "data" / "aman.db").write_text("somebody's")
    with pytest.raises(RestoreError, match="already"):
        await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    assert (tmp_path / "new" / "data" / "aman.db").read_text() == "somebody's"


async def test_settings_come_along_and_secrets_do_not(world: World, tmp_path: Path) -> None:
    """The restored bot is called as before and keeps the same times; its token is put in anew."""
    _, _, nora = await _has_evening(world)
    (tmp_path / "config.toml").write_text(
        f'[storage]\ndirectory = "{tmp_path}"\n[telegram]\ntoken = "{TOKEN}"\n'
        '[community]\ndisplay_name = "Вечер \\"чая\\""\n[retention]\npeople_days = 9\n'
    )
    (tmp_path / "config.toml").chmod(0o600)
    await back_up(world, tmp_path, tmp_path / "set")
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    assert restored.config.policy == config_of(tmp_path).policy
    assert restored.config.token is None
    assert TOKEN not in (tmp_path / "new" / "config.toml").read_text(encoding="utf-8")


async def test_numbers_that_people_said_are_not_given_again(world: World, tmp_path: Path) -> None:
    """Two alarms of one number would send help to the wrong place."""
    _, aliya, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    await aliya.writes("sos")
    lost = await world.look(lambda tx: counters.value(tx, "alarm"))
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    async with world_of(restored, world) as again:
        await again.person("Aliya").writes("sos")
        assert await again.look(lambda tx: counters.value(tx, "alarm")) > lost
        said = ("alarm", "detention", "injury", "incident", "evidence", "complaint")
        given = await again.look(lambda tx: [counters.value(tx, name) for name in said])
        assert min(given) >= NUMBERS_SKIPPED


async def test_whoever_was_declined_after_the_copy_is_named_before_places_go_on(
    world: World, tmp_path: Path
) -> None:
    """The copy has them approved: it would tell them the place that they were thrown out for."""
    _, aliya, nora = await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    aigul = world.person("Aigul")
    await world.do(aigul, lambda turn: decide(turn, _id_of(aliya), Standing.DECLINED))
    restored = await restored_to(tmp_path / "new", set_of(tmp_path / "set"), nora, world.now)
    async with world_of(restored, world) as again:
        situation = await again.look(lambda tx: people.situation(tx, _id_of(aliya)))
        assert situation is not None
        assert situation.standing is Standing.APPROVED
        await again.deliver()
        card = again.person("Aigul").sees("set up again from a copy")
        assert "declined after that is approved again" in card.text


def _id_of(someone: Someone) -> PersonId:
    assert someone.person_id is not None
    return someone.person_id


def test_the_copy_on_the_way_is_overwritten_where_it_lies(tmp_path: Path) -> None:
    """Freed blocks would show what was deleted since, to whoever has the database's key."""
    witness = tmp_path / "witness"  # the same blocks under a second name
    (tmp_path / COPY).write_bytes(b"left by a crash")
    witness.hardlink_to(tmp_path / COPY)
    with own_copy(tmp_path) as copy:
        assert witness.read_bytes() == b""
        copy.write_bytes(b"a copy")
    assert witness.read_bytes() == bytes(len(b"a copy"))
    assert not (tmp_path / COPY).exists()


def test_the_copy_on_the_way_takes_no_more_room_while_it_goes(tmp_path: Path) -> None:
    """On a full disk SQLite does not come to the first page: filling that hole would need the very
    room that only this file holds, and the disk stayed full.
    """
    witness = tmp_path / "witness"
    (tmp_path / COPY).touch()
    witness.hardlink_to(tmp_path / COPY)
    with own_copy(tmp_path) as copy, copy.open("r+b") as file:
        file.seek(10**6)
        file.write(b"a page" * 1000)
        file.flush()
        os.fsync(file.fileno())
        taken = witness.stat().st_blocks
    assert witness.stat().st_blocks == taken
    assert not witness.read_bytes().strip(b"\0")


async def test_what_a_crash_left_of_a_backup_goes(world: World, tmp_path: Path) -> None:
    """The encrypted copy on the way is in the data directory, and not for long."""
    (tmp_path / COPY).write_bytes(b"half")
    remove_leftover(tmp_path)
    assert not (tmp_path / COPY).exists()
    await _has_evening(world)
    await back_up(world, tmp_path, tmp_path / "set")
    assert [_found(tmp_path, f"*{end}") for end in (COPY, PART, NEW)] == [[], [], []]


def _found(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


async def test_a_full_disk_is_no_mistake_of_whoever_restores(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was code 2, as for a wrong file, and did not say what to do; nothing half made stays."""
    nora = await has_keyholder(world)
    await back_up(world, tmp_path, tmp_path / "backup")
    files, full = set_of(tmp_path / "backup"), OSError(28, "No space left on device")

    def fails(*_: object) -> None:
        raise full

    with monkeypatch.context() as filled:
        filled.setattr(backups, "unpack", fails)
        with pytest.raises(OSError, match="No space") as refused:
            await restored_to(tmp_path / "new", files, nora, world.now)
    assert explain(refused.value) == (
        "The disk is full, or cannot be written: make room, look whether it is read-only.",
        1,
    )
    await restored_to(tmp_path / "new", files, nora, world.now)


def test_the_commands_say_in_one_sentence_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 for wrong usage, 3 for an identity that opens nothing; never a trace."""
    made = set_up(tmp_path / "home", {}, derivation.FLOOR)
    monkeypatch.setenv("AMAN_VAULT_UNLOCK", "env")
    monkeypatch.setenv("AMAN_VAULT_SECRET", made.words)
    config = ("--config", str(made.config_path))
    out = str(tmp_path / "set")

    def aman(*arguments: str) -> tuple[int, str]:
        code = main(arguments)
        return code, capsys.readouterr().err

    code, said = aman("backup", *config, "--out", out)
    assert (code, said.count("\n")) == (2, 1)
    assert "aman keys add" in said
    keys = {name: tmp_path / f"{name}.key" for name in ("nora", "stranger")}
    for path in keys.values():
        path.write_text(identities.private_text(identities.new_identity()))
    nora = public_half(identities.read_private(keys["nora"].read_text()))
    (tmp_path / "nora.pub").write_text(identities.public_line(nora))
    assert aman("keys", "add", str(tmp_path / "nora.pub"), "--role", "deputy", *config)[0] == 0
    assert aman("backup", *config, "--out", out) == (0, "")
    assert aman("backup", *config, "--out", out)[0] == 2
    for identity, code_, words in (
        ("stranger", 3, "not sealed to this identity"),
        ("none", 2, "cannot be read"),
    ):
        file = str(keys.get(identity, tmp_path / "none"))
        code, said = aman("restore", out, "--identity", file, "--dir", str(tmp_path / "new"))
        assert (code, said.count("\n")) == (code_, 1)
        assert words in said
    code, said = aman("restore", str(tmp_path / "x"), "--identity", str(keys["nora"]))
    missing = tmp_path / "x.escrow"
    assert (code, said) == (2, f"Not restored: {missing}: No such file or directory.\n")
    log = escrows.read(set_of(Path(out)).escrow, identities.read_private(keys["nora"].read_text()))
    _write_undated(set_of(Path(out)).purges, log.keys[KeyName(KeyKind.LOG_SIGNING)])
    arguments = ("restore", out, "--identity", str(keys["nora"]), "--dir", str(tmp_path / "new"))
    code, said = aman(*arguments)
    assert (code, said.count("\n")) == (2, 1)
    assert "undated" in said
    locked: list[bool] = []
    monkeypatch.setattr("bot.restoring.lock_memory", lambda: locked.append(True))
    assert aman(*arguments, "--no-newer-list") == (0, "")
    assert locked  # it holds every key
