"""Nothing that anybody sends reaches a use case past the guard; what no table names does nothing.

Buttons can be forged and stay clickable for ever, so every kind of payload is forged here, with
ids that exist, from everybody whose role does not include it, and nothing stored may change.
"""

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from types import FunctionType, ModuleType
from typing import get_type_hints

import coordination
from coordination.confirmations import CONFIRMED
from coordination.proposals import propose
from coordination.turns import USE_CASES, Turn
from handlers.buttons import Payload, pack, payload_kinds
from handlers.routes import TABLE
from safety.people import Role, Standing
from safety.permissions import ALLOWED, Action, is_allowed
from safety.team import RestoreTeamPerson
from storage.transaction import Transaction
from tests.harness import Someone, World

# What changes by itself: the queues, the list of messages, and the counters of both.
PASSING = frozenset({"inbox", "outbox", "messages", "meta", "sqlite_sequence"})

# What each role may use in chat (CONTRACT): everybody, then role by role. Whoever can call for
# help can say that they are taken, which the contract names for participants and stewards alone,
# and reads what to say then. What a deputy sends is a report as well (ADR-0034).
EVERYONE = {"start", "help", "language", "privacy", "cancel"}
CALLING = {"panic", "sos", "taken", "rights"}
PARTICIPANT = EVERYONE | CALLING | {"safe", "here", "home", "report", "leave"}
STEWARD = (PARTICIPANT - {"leave"}) | {"board", "rollcall", "mark"}
RESPONDER = EVERYONE | CALLING | {"board", "report"}
COMMANDS: Mapping[Role, set[str]] = {
    Role.STRANGER: EVERYONE,
    Role.PARTICIPANT: PARTICIPANT,
    Role.STEWARD: STEWARD,
    Role.MEDIC: RESPONDER,
    Role.PRESS: RESPONDER,
    Role.ALLY: RESPONDER,
    Role.LAWYER: RESPONDER | {"case"},
    Role.DEPUTY: EVERYONE | CALLING | {"confirm", "report"},
    Role.ORGANIZER: {command.name for command in TABLE.commands} - {"leave"},
}

# Functions of a turn that are no use case, each with what keeps them behind one.
LOOKS = frozenset(
    {
        "attachments.find_subject",
        "attachments.has_just_called",
        "attachments.is_called_since",
        "chats.is_card_shown",
        "checkins.participation",
        "detentions.event_to_mark",
        "detentions.held_actor",
        "detentions.known",
        "liveplaces.followed",
        "proposals.has_second_person",
        "proposals.is_alone",
        "reportlinks.used_at",
        "reports.open_report_of",
        "whereabouts.find_whereabouts",
    }
)
PARTS = frozenset(
    {
        # the guard's own, of people it knows
        "chats.note_blocked",
        "chats.note_unblocked",
        "chats.remember_incoming",
        "reports.follow",
        "returning.come_back",
        # the form engine, which requires the form's action
        "drafts.begin",
        "drafts.end",
        "drafts.keep",
        # parts of use cases
        "alarms.hear_from_actor",
        "chats.forget",
        "chats.take_away",
        "detentions.keep_words",
        "detentions.record",
        "evidence.keep_media",
        "injuries.show_card",
        "liveplaces.keep",
        "proposals.decide",
        "proposals.propose",
        "registration.open_invitation",
        "reportlinks.note_refused",
        "reportlinks.open_link",
        "reportlinks.spend",
        "reports.leave",
        "reports.note_refused",
        "team.confirm_removal",
        "team.take_up",
    }
)


# ---------------------------------------------------------------- the table


def test_every_role_and_action_is_decided() -> None:
    """Each action names who may; nobody is forgotten, nothing is granted by leaving it out."""
    assert set(ALLOWED) == set(Action)
    for action in Action:
        assert ALLOWED[action], action
        for role in Role:
            assert is_allowed(frozenset({role}), action) is (role in ALLOWED[action])


def test_a_stranger_may_do_next_to_nothing() -> None:
    """Opening a link, asking what this is, speaking another language: that is all."""
    assert {action for action in Action if Role.STRANGER in ALLOWED[action]} == {
        Action.START,
        Action.GET_HELP,
        Action.CHOOSE_LANGUAGE,
        Action.SEE_PRIVACY,
        Action.CANCEL,
        Action.CLEAR_CHAT,
    }


def test_each_role_has_the_commands_that_are_promised() -> None:
    """No role can use more commands, or fewer, than the contract says."""
    for role, names in COMMANDS.items():
        may = {
            command.name
            for command in TABLE.commands
            if is_allowed(frozenset({role}), command.action)
        }
        assert may <= names, (role, may - names)
        assert may >= names & {command.name for command in TABLE.commands}, role


def test_the_menu_tells_nobody_who_is_an_organizer() -> None:
    """Telegram's own menu is the same four commands for everyone."""
    shown = {command.name for command in TABLE.commands if command.is_in_menu}
    assert shown == {"help", "sos", "report", "privacy"}


def test_every_kind_of_button_has_exactly_one_route() -> None:
    """A payload without a route would be a button that does nothing."""
    routed = [button.kind for button in TABLE.buttons]
    assert len(routed) == len(set(routed))
    assert set(routed) == set(payload_kinds())


def test_everything_that_changes_something_is_a_use_case() -> None:
    """Whoever adds a function that acts for somebody has to say which action it takes."""
    found = {f"{run.__module__}.{run.__qualname__}" for run in _functions_of_a_turn()}
    carried = {f"{run.__module__}.{run.__qualname__}" for run in CONFIRMED.values()}
    known = set(USE_CASES) | carried
    exempt = {f"coordination.{name}" for name in LOOKS | PARTS}
    assert found - known == exempt & found
    assert exempt <= found, exempt - found


def _functions_of_a_turn() -> Iterator[FunctionType]:
    for module in _modules():
        for name, run in inspect.getmembers(module, inspect.isfunction):
            if run.__module__ == module.__name__ and not name.startswith("_"):
                inner = inspect.unwrap(run)
                first = next(iter(inspect.signature(inner).parameters), "")
                if get_type_hints(inner).get(first) is Turn:
                    yield run


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(coordination.__path__):
        yield importlib.import_module(f"coordination.{found.name}")


# ---------------------------------------------------------------- forging


async def _everybody(world: World) -> tuple[dict[Role, Someone], tuple[int, ...]]:
    """Give somebody in each role, and ids that exist."""
    people = {Role.STRANGER: world.person("Nobody")}
    for role in Role:
        if role not in {Role.STRANGER, Role.PARTICIPANT}:
            people[role] = await world.has_team_person(f"the {role.value}", role)
    other = await world.has_organizer("another organizer")
    event = await world.has_event()
    people[Role.PARTICIPANT] = await world.has_participant(event, "Dana")
    pending = await world.has_participant(event, "Zoya", standing=Standing.PENDING)
    await pending.writes("sos")
    frozen = await world.has_organizer("frozen")
    assert frozen.team_id is not None
    intent = RestoreTeamPerson(frozen.team_id)
    proposal = await world.do(other, lambda turn: propose(turn, intent))
    alarms = await world.look(lambda tx: tx.all(tuple[int], "SELECT id FROM alarms"))
    ids = (event.id, pending.person_id, other.team_id, proposal.id, *(row[0] for row in alarms))
    return people, tuple(number for number in ids if number is not None)


def _forgeries(kind: type[Payload], ids: tuple[int, ...]) -> Iterator[str]:
    """Give callback data of this kind, once for each id that exists."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type] # dataclasses
    for number in ids if any(_is_number(hints[name]) for name in names) else (0,):
        values = {name: _value(hints[name], name, number) for name in names}
        yield pack(kind(**values))


def _is_number(hint: object) -> bool:
    return getattr(hint, "__supertype__", hint) is int


def _value(hint: object, name: str, number: int) -> int | str:
    if _is_number(hint):
        return number if name.endswith("_id") else 1
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return next(iter(hint))
    return "purge"


def _digest(tx: Transaction) -> str:
    """Give a digest of everything stored that does not pass by itself."""
    total = hashlib.sha256()
    names = tx.all(tuple[str], "SELECT name FROM sqlite_master WHERE type = 'table'")
    for (name,) in sorted(names):
        if name not in PASSING:
            total.update(name.encode())
            rows = tx.all(tuple[object, ...], f"SELECT * FROM {name}")  # noqa: S608 - its own names
            for row in sorted(map(repr, rows)):
                total.update(row.encode())
    return total.hexdigest()


async def test_no_forged_press_changes_anything_without_authority(world: World) -> None:
    """Every kind of button, with ids that exist, from every role that does not include it."""
    people, ids = await _everybody(world)
    before = await world.look(_digest)
    for button in TABLE.buttons:
        for role, someone in people.items():
            if not is_allowed(frozenset({role}), button.action):
                await someone.forges_all(_forgeries(button.kind, ids))
        assert await world.look(_digest) == before, button.kind


async def test_no_command_changes_anything_without_authority(world: World) -> None:
    """Every command, bare and with something behind it, from every role that has it not."""
    people, _ = await _everybody(world)
    before = await world.look(_digest)
    for command in TABLE.commands:
        for role, someone in people.items():
            if not is_allowed(frozenset({role}), command.action):
                await someone.writes(f"/{command.name}")
                await someone.writes(f"/{command.name.upper()}@EveningBot now")
        assert await world.look(_digest) == before, command.name


async def test_a_stranger_changes_nothing_with_anything(world: World) -> None:
    """Words, places, files, blocking, links and presses of somebody unknown leave no trace."""
    people, ids = await _everybody(world)
    stranger = people[Role.STRANGER]
    before = await world.look(_digest)
    for command in TABLE.commands:
        await stranger.writes(f"/{command.name} {'A' * 24}")
    for kind in payload_kinds():
        await stranger.forges_all(_forgeries(kind, ids))
    for text in ("sos", "help me", "hello", "\x00", "x" * 4_000):
        await stranger.writes(text)
    await stranger.sends_location(43.2, 76.9)
    await stranger.sends_photo("sos")
    await stranger.sends_voice()
    await stranger.blocks()
    await stranger.unblocks()
    assert await world.look(_digest) == before
    assert {seen.text for seen in stranger.screens} <= {
        "There is nothing here for you without a personal link.",
        *(seen.text for seen in stranger.screens if "kept about you" in seen.text),
        *(seen.text for seen in stranger.screens if "Which language" in seen.text),
    }


async def test_no_forged_press_is_a_fault(world: World) -> None:
    """Whatever ids stand in a press, whoever may press it gets an answer, not an apology."""
    people, ids = await _everybody(world)
    for button in TABLE.buttons:
        for role, someone in people.items():
            if is_allowed(frozenset({role}), button.action):
                for forged in _forgeries(button.kind, (*ids, 1, 2**62)):
                    await someone.forges(forged)


async def test_garbage_in_a_press_is_an_outdated_press(world: World) -> None:
    """What no button ever held is answered like a button that is out of date.

    Nothing comes with the answer, so it says where what holds can be read.
    """
    aigul = await world.has_organizer()
    before = await world.look(_digest)
    for packed in ("", "|", "xx|1", "fa", "fa|1", "tr|zz|1", "tr|-0", "tr|" + "z" * 60, "pd|1|x"):
        await aigul.forges(packed)
        aigul.is_told("out of date. How things stand now: /help")
        assert aigul.screens == []
    assert await world.look(_digest) == before


async def test_a_refused_press_leaves_nothing_half_done(world: World) -> None:
    """A refusal takes back whatever the use case had begun."""
    aigul = await world.has_organizer()
    before = await world.look(_digest)
    await aigul.forges(f"fz|{_base36(aigul.team_id or 0)}")
    aigul.is_told("You cannot freeze your own account")
    assert await world.look(_digest) == before


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    rest, last = divmod(number, 36)
    return (_base36(rest) if rest else "") + digits[last]
