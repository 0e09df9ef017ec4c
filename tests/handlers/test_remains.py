"""What cannot be read is answered all the same, and a call for help in it is heard."""

import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.buttons import pack
from handlers.buttons.menu import MenuEntry
from handlers.incoming import UnreadableError, read_update
from handlers.remains import find_sender, read_call
from safety.people import ChatId
from storage import alarms, outbox, tickets
from storage.transaction import Transaction
from tests.harness import Someone, World

APOLOGY = "That did not work on our side"

Broken = dict[str, object]


def _message(someone: Someone, text: str, **wrong: object) -> Broken:
    """Give a text of somebody in which some part is of a type that it never has."""
    chat = {"id": someone.chat_id, "type": "private"}
    person = {"id": someone.chat_id, "is_bot": False, "first_name": "A", "language_code": "en"}
    whole = {"message_id": 9, "date": 1_800_000_000, "chat": chat, "from": person, "text": text}
    return {"update_id": 1, "message": {**whole, **wrong}}


def _edited(someone: Someone, text: str) -> Broken:
    return {"update_id": 1, "edited_message": _message(someone, text, date="now")["message"]}


def _press(someone: Someone, data: str) -> Broken:
    person = {"id": someone.chat_id, "first_name": 7, "language_code": "en"}
    return {"update_id": 1, "callback_query": {"id": "77", "from": person, "data": data}}


def _raw(update: Broken) -> bytes:
    return json.dumps(update).encode()


def _refused(raw: bytes) -> bytes:
    """Make sure that nobody can read this."""
    with pytest.raises(UnreadableError):
        read_update(raw)
    return raw


UNREAD: dict[str, Callable[[Someone], Broken]] = {
    "a message": lambda who: _message(who, "/report they are at the door", message_id="x"),
    "a file": lambda who: _message(who, "see", photo=["x"]),
    "a changed message": lambda who: _edited(who, "they are at the door"),
    "a press": lambda who: _press(who, "mn|help"),
}


@pytest.mark.parametrize("name", UNREAD)
async def test_whoever_we_know_is_told_once_that_their_words_could_not_be_read(
    world: World, name: str
) -> None:
    """The same apology as for a fault of ours; strangers learn nothing."""
    aigul, stranger = await world.has_organizer(), world.person("Nobody")
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    for who in (aigul, dana, stranger):
        raw = _refused(_raw(UNREAD[name](who)))
        for is_first in (True, False):
            await world.change(partial(world.guard.give_up, raw=raw, is_first=is_first))
    for who in (aigul, dana):
        assert len([seen for seen in who.screens if APOLOGY in seen.text]) == 1
    assert (stranger.screens, stranger.alerts) == ([], [])


async def test_no_button_waits_that_nobody_could_read(world: World) -> None:
    """It stops turning, as every other does."""
    aigul = await world.has_organizer()

    def presses(tx: Transaction) -> list[str]:
        raw = _raw(_press(aigul, "mn|help"))
        world.guard.give_up(world.work(tx), raw, is_first=False)
        return [ticket.kind for ticket in tickets.ready(tx, world.now, 9)]

    assert await world.database.write(presses) == ["CallbackAnswer"]


async def test_a_quiet_phone_shows_nothing_of_what_could_not_be_read(world: World) -> None:
    """Somebody else may be holding it."""
    event = await world.has_event()
    await world.has_team()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/taken")
    seen = len(dana.screens)
    raw = _raw(_message(dana, "hello", date="now"))
    await world.change(partial(world.guard.give_up, raw=raw, is_first=True))
    assert len(dana.screens) == seen


CALLS: dict[str, Callable[[Someone], Broken]] = {
    "words": lambda who: _message(who, "sos", message_id="x", date="now"),
    "words below a picture": lambda who: _message(who, "", caption="SOS", photo=7),
    "a press": lambda who: _press(who, pack(MenuEntry("panic"))),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_for_help_counts_whatever_else_is_wrong_with_it(
    world: World, name: str
) -> None:
    """It rings with its name, as any other, and is answered with its number."""
    team, event = await world.has_team(), await world.has_event()
    dana = await world.has_participant(event, "Dana")
    raw = _refused(_raw(CALLS[name](dana)))
    await world.change(lambda work: world.guard.handle(work, 1, raw))
    assert len(await world.look(alarms.unresolved)) == 1
    team.organizer.sees("Alarm 1")
    dana.sees("Alarm 1")


async def test_a_strangers_broken_call_rings_nobody(world: World) -> None:
    """Whoever calls must be known."""
    team, stranger = await world.has_team(), world.person("Nobody")
    raw = _refused(_raw(CALLS["words"](stranger)))
    await world.change(lambda work: world.guard.handle(work, 1, raw))
    assert await world.look(alarms.unresolved) == []
    assert team.organizer.screens == []


async def test_what_is_no_call_stays_unread(world: World) -> None:
    """It does nothing: half an update is no command and no report."""
    aigul = await world.has_organizer()
    raw = _raw(UNREAD["a message"](aigul))
    with pytest.raises(UnreadableError):
        await world.change(lambda work: world.guard.handle(work, 1, raw))
    assert await world.look(outbox.waiting) == 0


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"chat": {"id": -5, "type": "group"}, "from": {"id": 5}, "text": "sos"}},
        {"message": {"chat": {"id": "5", "type": "private"}, "text": "sos"}},
        {"message": {"chat": {"id": True, "type": "private"}, "text": "sos"}},
        {"my_chat_member": {"chat": {"id": 5, "type": "private"}}},
        {"callback_query": {"id": "7", "from": 5, "data": "sos"}},
    ],
    ids=str,
)
def test_what_names_no_private_chat_is_nobodys(update: Broken) -> None:
    """Nor is the news of a chat: nobody has said or pressed anything."""
    assert find_sender(_raw(update)) is None
    assert read_call(_raw(update)) is None


def test_a_press_whose_id_is_gone_calls_nobody_twice() -> None:
    """Nothing could be answered: it is set aside, and wakes the team in bare words."""
    assert read_call(_raw({"callback_query": {"from": {"id": 5}, "data": "sos|1"}})) is None


def test_half_a_character_costs_no_more_than_itself() -> None:
    """What is found can be stored."""
    found = read_call(
        b'{"message": {"chat": {"id": 5, "type": "private"}, "text": "SOS \\ud800"}}'
    )
    assert found is not None
    assert (found.chat_id, found.text.encode()) == (ChatId(5), b"SOS ?")


_LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from(["sos", "private", "\ud800"])
_NAMES = ("message", "edited_message", "callback_query", "chat", "from", "id", "type", "text",
          "caption", "data", "message_id", "language_code")  # fmt: skip
_JSON = st.recursive(
    _LEAVES, lambda inner: st.dictionaries(st.sampled_from(_NAMES), inner) | st.lists(inner)
)


@given(_JSON)
def test_nothing_is_found_where_nothing_is_and_nothing_raises(item: object) -> None:
    """Whatever comes in."""
    for raw in (json.dumps(item).encode(), repr(item).encode()):
        sender, call = find_sender(raw), read_call(raw)
        assert call is None or sender is not None
