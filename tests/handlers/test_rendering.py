"""Rendering: words are made when something is sent, from what is true then, only by looking."""

from dataclasses import dataclass

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from handlers.context import Showing
from handlers.rendering import render
from handlers.routes import TABLE
from handlers.screens import Screen
from safety.languages import Language
from safety.notices import CallbackAnswer, Notice, Say, notice
from safety.people import ChatId, Recipient
from storage import counters
from storage.transaction import Transaction
from tests.harness import World

DANA = Recipient(ChatId(17), Language.EN)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Wordless(Notice):
    """A notice that nothing renders."""


def _render(world: World, tx: Transaction, owed: Notice) -> Screen | None:
    return render(world.work(tx), world.table, world.texts, DANA, owed)


async def test_a_text_is_shown_with_its_values_escaped(world: World) -> None:
    """What people wrote is text, whatever it looks like."""
    shown = await world.look(lambda tx: _render(world, tx, Say("saved")))
    assert shown == Screen("Saved.")


async def test_an_answer_without_words_only_ends_the_waiting(world: World) -> None:
    """And one with words has no markup."""
    empty = await world.look(lambda tx: _render(world, tx, CallbackAnswer("1")))
    assert empty == Screen("")
    said = await world.look(lambda tx: _render(world, tx, CallbackAnswer("1", "outdated-press")))
    assert said is not None
    assert "<" not in said.text
    assert "out of date" in said.text


async def test_what_nothing_renders_is_withdrawn(world: World) -> None:
    """A notice of another release is dropped, not shown as nonsense."""
    assert Wordless not in TABLE.renderers
    assert await world.look(lambda tx: _render(world, tx, Wordless())) is None


async def test_rendering_changes_nothing(world: World) -> None:
    """It runs on the reader's connection, which refuses to write."""

    def writes(showing: Showing, _owed: Notice) -> Screen:
        counters.next_number(showing.work.tx, "x")
        return Screen("x")

    with pytest.raises(sqlcipher.OperationalError):
        await world.look(lambda tx: writes(Showing(
            world.work(tx), world.texts, world.table, DANA.language, DANA.chat_id
        ), Wordless()))  # fmt: skip


async def test_a_notice_is_put_into_the_language_of_its_recipient(world: World) -> None:
    """Each their own."""

    def say(tx: Transaction) -> list[Screen | None]:
        people = [Recipient(ChatId(17), language) for language in Language]
        work = world.work(tx)
        return [render(work, world.table, world.texts, one, Say("saved")) for one in people]

    texts = {screen.text for screen in await world.look(say) if screen is not None}
    assert len(texts) == len(Language)
