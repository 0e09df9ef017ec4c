"""What may arrive twice says so, or comes once: every kind of notice has its rule, and keeps it.

With the words that people read this is held in every test (`_says_when_it_is_sent_again`).
"""

from dataclasses import replace
from functools import partial

import pytest

from bot.requests import Edit, NewMessage, Standing, choose
from handlers.context import Showing
from handlers.rendering import render
from handlers.routes import TABLE
from handlers.screens import Pin, Screen
from safety.alarmnotices import AlarmPlace
from safety.disclosure import PlacePin, Release
from safety.languages import Language
from safety.notices import (
    NOTICES,
    CallbackAnswer,
    Channel,
    Emptying,
    IfUnknown,
    LeaveGroup,
    Notice,
    Removal,
)
from safety.people import ChatId, Recipient
from storage.transaction import Transaction
from tests.handlers.test_disclosure import HOUR, has_plan, until
from tests.harness import World

CHAT, HELLO = ChatId(17), Screen("hello")
MANY_CARDS = 5
NO_MESSAGE = {CallbackAnswer, Removal, Emptying, LeaveGroup}  # done twice, it is done once
RULES = {Release: IfUnknown.ASK, PlacePin: IfUnknown.LEAVE}
SENT = [
    kind
    for kind in NOTICES.values()
    if kind.__module__.startswith("safety.")
    and kind.channel is Channel.CHAT
    and kind not in NO_MESSAGE
]
NUMBERED = {
    Language.EN: "Sent again (3).",
    Language.RU: "Отправлено ещё раз (3).",
    Language.KK: "Қайта жіберілді (3).",
}
ASKED = {
    Language.EN: "Did it arrive already?",
    Language.RU: "Возможно, оно уже пришло?",
    Language.KK: "Ол бұрын келді ме?",
}


@pytest.mark.parametrize("kind", SENT, ids=lambda kind: kind.__name__)
def test_every_kind_is_sent_again_but_for_those_named_here(kind: type[Notice]) -> None:
    """Nobody is left without an answer; whoever adds an exception says so here."""
    assert kind.if_unknown is RULES.get(kind, IfUnknown.SEND_AGAIN)


@pytest.mark.parametrize("language", list(Language))
async def test_what_is_sent_again_carries_its_number(world: World, language: Language) -> None:
    """As its last line, in each language; what asks, or is left, carries none."""

    async def show(kind: type[Notice], attempt: int) -> str:
        shown = await _render_as(world, kind, attempt, language)
        request = choose(CHAT, _some(kind), shown, Standing())
        assert isinstance(request, NewMessage)
        return request.screen.text

    for kind in SENT:
        is_again = kind.if_unknown is IfUnknown.SEND_AGAIN
        assert await show(kind, 1) == "hello"
        third = await show(kind, 3)
        assert third == (f"hello\n{NUMBERED[language]}" if is_again else "hello"), kind.__name__


async def test_a_card_that_is_changed_twice_is_changed_once(world: World) -> None:
    """It reads the same, however often that was tried: it stands there once."""
    cards = [kind for kind in SENT if not kind.replaces and _some(kind).card() is not None]
    assert len(cards) > MANY_CARDS
    for kind in cards:
        for attempt in (1, 3):
            shown = await _render_as(world, kind, attempt)
            change = choose(CHAT, _some(kind), shown, Standing(card=5))
            assert isinstance(change, Edit), kind.__name__
            assert (change.message_id, change.screen.text) == (5, "hello"), kind.__name__


async def test_a_pin_that_is_repeated_is_a_pin(world: World) -> None:
    """It has no words: a number below it would be a message of its own."""
    pin = Screen("", pin=Pin(1.0, 2.0))
    assert await _render_as(world, AlarmPlace, 3, Language.EN, pin) == pin


@pytest.mark.parametrize("language", list(Language))
async def test_a_release_that_may_have_arrived_asks_in_every_language(
    world: World, language: Language
) -> None:
    """It shows no place and no number, but a button that brings it again."""
    _, event = await has_plan(world)
    dana = await world.has_participant(event, "Dana P", language)
    await until(world, event, HOUR)
    (venue_id,) = await world.look(
        lambda tx: [row[0] for row in tx.all(tuple[int], "SELECT id FROM venues")]
    )

    def show(tx: Transaction, attempt: int) -> Screen | None:
        work, notice = world.work(tx), Release(venue_id)
        return render(work, TABLE, world.texts, dana.recipient, notice, attempt=attempt)

    first, second = [await world.look(partial(show, attempt=n)) for n in (1, 2)]
    assert first is not None
    assert second is not None
    assert ASKED[language] in second.text
    assert ASKED[language] not in first.text
    assert (second.again, second.rows) == ("", first.rows)


async def _render_as(
    world: World,
    kind: type[Notice],
    attempt: int,
    language: Language = Language.EN,
    screen: Screen = HELLO,
) -> Screen | None:
    """Render a notice of this kind in the words of `screen`."""

    def shows(_showing: Showing, _notice: Notice) -> Screen:
        return screen

    def show(tx: Transaction) -> Screen | None:
        work, owed = world.work(tx), _some(kind)
        to = Recipient(CHAT, language)
        return render(work, table, world.texts, to, owed, attempt=attempt)

    table = replace(TABLE, renderers={kind: shows})
    return await world.look(show)


def _some(kind: type[Notice]) -> Notice:
    """Give a notice of this kind, with 1 for whatever it refers to."""
    names = getattr(kind, "__dataclass_fields__", {})
    return kind(*(1 for _ in names))
