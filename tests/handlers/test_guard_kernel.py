"""The guard: nothing that a stranger or a changed app sends does anything; a no is told once."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from enum import StrEnum
from functools import partial
from typing import get_type_hints

import pytest

from coordination.turns import USE_CASES, Turn, use_case
from handlers.buttons import Payload, pack, payload_kinds
from handlers.context import Command, Request
from handlers.routes import TABLE
from safety.errors import NotAllowedError, RefusalError
from safety.facts import Fact, FactKind
from safety.notices import CallbackAnswer, LeaveGroup, Say
from safety.people import ChatId, Role
from safety.permissions import ALLOWED, Action
from storage import chats, counters, outbox, tickets
from storage.chats import BLOCKED
from storage.transaction import Transaction
from storage.vault.digests import sha256
from tests.harness import Someone, World

PASSING = {"inbox", "messages", "outbox", "meta", "sqlite_sequence"}
INSIDE = Action.GET_HELP


def _fingerprint(tx: Transaction) -> bytes:
    """Give a digest of every row that is not merely on its way."""
    tables = tx.all(
        tuple[str], "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    )
    rows = [
        (name, sorted(map(repr, tx.all(tuple[object], f"SELECT * FROM {name}"))))  # noqa: S608 - ours
        for (name,) in tables
        if name not in PASSING
    ]
    return sha256(repr(rows).encode())


def _wishes(world: World, ids: list[int]) -> list[str]:
    """Pack every kind of button with every id that there is in this world."""
    routed = {button.kind for button in world.table.buttons}
    kinds = [kind for kind in payload_kinds() if kind in routed]
    return sorted({pack(_make(kind, number)) for kind in kinds for number in ids})


def _make(kind: type[Payload], number: int) -> Payload:
    hints = get_type_hints(kind)
    values: list[object] = []
    for field in fields(kind):  # type: ignore[arg-type] # payloads are dataclasses
        hint = hints[field.name]
        is_word = isinstance(hint, type) and issubclass(hint, StrEnum)
        values.append(next(iter(hint)) if is_word else "help" if hint is str else number)
    return kind(*values)


async def _busy_world(world: World) -> list[int]:
    """Have an evening going on; give the ids of all that is stored."""
    team = await world.has_team()
    event = await world.has_event()
    dana = await world.has_participant(event, "Guest")
    await dana.writes("sos")
    await team.organizer.presses("I'm on it")
    await dana.writes("/taken")

    def ids(tx: Transaction) -> list[int]:
        found = {0, 1}
        for table in ("people", "team", "events", "alarms", "detentions", "forms", "incidents"):
            found |= {row[0] for row in tx.all(tuple[int], f"SELECT id FROM {table}")}  # noqa: S608 - ours
        return sorted(found)

    return await world.look(ids)


async def test_forged_presses_of_strangers_change_nothing_at_all(world: World) -> None:
    """Every button there is, with every id that is real: only an answer on top of the chat."""
    ids = await _busy_world(world)
    stranger = world.person("Nobody")
    before = await world.look(_fingerprint)
    wishes = _wishes(world, ids)
    assert len(wishes) > 100
    await stranger.forges_all(wishes, 5)
    assert await world.look(_fingerprint) == before
    assert {seen.text for seen in stranger.screens} <= {
        "There is nothing here for you without a personal link."
    }


async def test_the_fingerprint_notices_a_change(world: World) -> None:
    """The comparison above can fail."""
    team = await world.has_team()
    before = await world.look(_fingerprint)
    await team.organizer.writes("sos")
    assert await world.look(_fingerprint) != before


async def test_whatever_a_stranger_writes_changes_nothing(world: World) -> None:
    """Every command, plain words, places and files."""
    await _busy_world(world)
    stranger = world.person("Nobody")
    before = await world.look(_fingerprint)
    for command in TABLE.commands:
        await stranger.writes(f"/{command.name} guessed")
    await stranger.writes("sos help us")
    await stranger.sends_location(43.25, 76.9)
    await stranger.sends_photo("sos")
    await stranger.edits(await stranger.writes("x"), "sos")
    await stranger.blocks()
    await stranger.unblocks()
    assert await world.look(_fingerprint) == before
    assert len(stranger.screens) == 1


@pytest.mark.parametrize("packed", ["", "nosuch|1", "fa|x", "x" * 64, "\ud83d\ude00", "sos|-1"])
async def test_a_press_that_nobody_knows_is_answered_as_out_of_date(
    world: World, packed: str
) -> None:
    """A button of another release, or of nobody's."""
    aigul = await world.has_organizer()
    before = await world.look(_fingerprint)
    await aigul.forges(packed)
    aigul.is_told("out of date")
    assert await world.look(_fingerprint) == before


@pytest.mark.parametrize("role", [Role.PRESS, Role.ALLY, Role.DEPUTY, Role.MEDIC])
async def test_presses_beyond_ones_role_change_nothing(world: World, role: Role) -> None:
    """A callback carries no authority; the table is asked anew."""
    ids = await _busy_world(world)
    someone = await world.has_team_person("Someone", role)
    denied = {
        button.kind.code for button in world.table.buttons if role not in ALLOWED[button.action]
    }
    assert denied
    before = await world.look(_fingerprint)
    told = len(someone.alerts)
    wishes = [packed for packed in _wishes(world, ids) if packed.split("|")[0] in denied]
    await someone.forges_all(wishes)
    assert len(someone.alerts) - told == len(wishes)
    assert all("There is nothing here for you" in alert for alert in someone.alerts[told:])
    assert await world.look(_fingerprint) == before


async def test_commands_beyond_ones_role_change_nothing(world: World) -> None:
    """They are answered like a command that there is not: by what this person can do.

    Somebody who is with us is not told that nothing is here for them, nor the second time nothing.
    """
    await _busy_world(world)
    nora = await world.has_team_person("Other", Role.PRESS)
    before = await world.look(_fingerprint)
    for command in TABLE.commands:
        if Role.PRESS not in ALLOWED[command.action]:
            seen = len(nora.screens)
            await nora.writes(f"/{command.name}")
            assert len(nora.screens) == seen + 1
            assert nora.screens[-1].text.startswith("What you can do here:")
    await nora.writes("/nosuchcommand")
    assert nora.screens[-1].text == nora.screens[-2].text
    assert await world.look(_fingerprint) == before


# ------------------------------------------------------------------ refusals and faults


def _begins_and_refuses(request: Request) -> None:
    counters.next_number(request.turn.tx, "begun")
    request.turn.tell(Say("saved"))
    request.turn.record(Fact(FactKind.REPORT, request.turn.now, 1))
    raise RefusalError("form-empty-answer")


def _stops(_request: Request) -> None:
    next(iter(()))


def _with(world: World, name: str, run: Callable[[Request], None]) -> World:
    command = Command(name, INSIDE, run, help="help-help")
    world.table = replace(world.table, menu=(*world.table.menu, command))
    world.guard = replace(world.guard, table=world.table)
    return world


async def test_a_refusal_takes_back_what_was_begun_and_is_told(world: World) -> None:
    """Rows, notices and facts alike; only the sentence stays."""
    aigul = await _with(world, "refuse", _begins_and_refuses).has_organizer()
    before = await world.look(_fingerprint)
    await aigul.writes("/refuse")
    aigul.sees("Please write at least one word")
    aigul.sees_nothing_of("Saved")
    assert await world.look(lambda tx: counters.value(tx, "begun")) == 0
    assert await world.look(_fingerprint) == before


async def test_a_fault_leaves_nothing_and_an_apology_is_told_once_to_whom_we_know(
    world: World,
) -> None:
    """Ours, not theirs; a stranger is told nothing, and neither is what names nobody."""
    aigul = await _with(world, "stop", _stops).has_organizer()
    with pytest.raises(RuntimeError):
        await aigul.writes("/stop")
    raw = _text(aigul.chat_id, "/stop")
    stranger = world.person("Nobody")
    for update in (raw, _text(stranger.chat_id, "/stop"), b"", b"{"):
        await world.change(partial(world.guard.give_up, raw=update, is_first=False))
    aigul.sees_nothing_of("That did not work on our side")
    for update in (raw, _text(stranger.chat_id, "/stop"), b"", b"{"):
        await world.change(partial(world.guard.give_up, raw=update, is_first=True))
    aigul.sees("That did not work on our side")
    assert stranger.screens == []


async def test_a_press_that_failed_for_good_leaves_no_phone_waiting(world: World) -> None:
    """However many fail, each button stops turning; one apology stands in the chat."""
    aigul, stranger = await world.has_organizer(), world.person("Nobody")

    def fails_for_good(tx: Transaction, chat_id: int, press: str, *, is_first: bool) -> list[str]:
        raw = _press(chat_id, press)
        world.guard.give_up(world.work(tx), raw, is_first=is_first)
        found = tickets.ready(tx, world.now, 100)
        owed = outbox.look(tx, [ticket.id for ticket in found])
        return [one.notice.callback_id for one in owed if isinstance(one.notice, CallbackAnswer)]

    for press, who, is_first in (
        ("77", aigul, True),
        ("78", aigul, False),
        ("79", aigul, False),
        ("80", stranger, True),
        ("81", stranger, False),
    ):
        fails = partial(fails_for_good, chat_id=who.chat_id, press=press, is_first=is_first)
        assert await world.database.write(fails) == [press]
        await world.deliver()
    apologies = [one for one in aigul.screens if "That did not work on our side" in one.text]
    assert len(apologies) == 1
    assert stranger.screens == []


def _press(chat_id: int, press: str) -> bytes:
    person = {"id": chat_id, "is_bot": False, "first_name": "A", "language_code": "en"}
    query = {"id": press, "from": person, "chat_instance": "1", "data": "mn|help"}
    return json.dumps({"update_id": 1, "callback_query": query}).encode()


def _text(chat_id: int, text: str) -> bytes:
    person = {"id": chat_id, "is_bot": False, "first_name": "A", "language_code": "en"}
    chat = {"id": chat_id, "type": "private", "first_name": "A"}
    message = {"message_id": 9, "date": 1_800_000_000, "chat": chat, "from": person, "text": text}
    return json.dumps({"update_id": 1, "message": message}).encode()


def test_a_use_case_asks_the_table_whoever_calls_it() -> None:
    """Twice is not too often: a handler added in haste opens no door (ADR-0004)."""
    assert USE_CASES
    assert all(isinstance(action, Action) for action in USE_CASES.values())


async def test_a_use_case_refuses_whom_the_table_does_not_name(world: World) -> None:
    """Before it has touched anything."""

    @use_case(Action.PURGE)
    def destroy(turn: Turn) -> None:
        counters.next_number(turn.tx, "destroyed")

    steward = await world.has_team_person("Saule", Role.STEWARD)
    with pytest.raises(NotAllowedError):
        await world.do(steward, destroy)
    assert await world.look(lambda tx: counters.value(tx, "destroyed")) == 0
    await world.do(await world.has_organizer(), destroy)
    assert await world.look(lambda tx: counters.value(tx, "destroyed")) == 1


# ------------------------------------------------------------------ chats


async def test_whoever_writes_can_be_written_to_again(world: World) -> None:
    """The news of their coming back may have been lost; their words say it as well."""
    aigul = await world.has_organizer()
    await world.change(lambda work: chats.silence(work.tx, aigul.chat_id, BLOCKED, 0))
    await aigul.writes("/help")
    aigul.sees("What you can do here")


async def test_a_group_is_left_without_a_word_and_owed_once(world: World) -> None:
    """However much is said in it before the bot is gone."""
    group = {"id": -55, "type": "group", "title": "x"}
    person = {"id": 5, "is_bot": False, "first_name": "A"}
    message = {"message_id": 9, "date": 1, "chat": group, "from": person, "text": "sos"}
    raw = json.dumps({"update_id": 1, "message": message}).encode()

    def say_much(tx: Transaction) -> list[str]:
        for seq in range(20):
            world.guard.handle(world.work(tx), seq, raw)
        return [ticket.kind for ticket in tickets.ready(tx, world.now, 100)]

    assert await world.database.write(say_much) == [LeaveGroup.__name__]
    await world.deliver()
    assert world.left_groups == [ChatId(-55)]


@pytest.mark.parametrize("words", ["/help", "hello", "/nosuchcommand", "/", "/HELP@EveningBot"])
async def test_whoever_is_known_always_gets_an_answer(world: World, words: str) -> None:
    """Silence would look like a bot that is down."""
    aigul: Someone = await world.has_organizer()
    await aigul.writes(words)
    assert len(aigul.screens) == 1
