"""Organizers read in their own chat whether updates arrive; nobody else reads anything."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from coordination import intake
from safety.intake import Outage, Trouble
from safety.languages import Language
from safety.people import ChatId, Role
from safety.secondaddresses import AddressKind
from storage import inbox, secondchannel
from storage import intake as store
from storage.inbox import ATTEMPTS, Received
from storage.transaction import Transaction
from tests.harness import Someone, World

LINES = {
    Language.EN: "Works. Heard from Telegram 4 s ago. Waiting: 1. Set aside: 1.",
    Language.RU: "Работает. Связь с Telegram была 4 с назад. В очереди: 1. Отложено: 1.",
    Language.KK: (
        "Жұмыс істеп тұр. Telegram-мен байланыс 4 с бұрын болды. Кезекте: 1. Бөлек қойылды: 1."
    ),
}


FAILS = {
    Language.EN: "Another way to wake people has taken nothing since ",
    Language.RU: "Другой способ разбудить людей не работает с ",
    Language.KK: "Адамдарды оятудың басқа жолы ",
}


@pytest.mark.parametrize("language", list(Language))
async def test_an_organizers_menu_ends_with_how_it_works(
    tmp_path: Path, language: Language
) -> None:
    """One line, in each language: when Telegram was heard, what waits, what was set aside."""
    async with World(tmp_path) as world:
        aigul = await world.has_organizer("Aigul", language)
        await world.database.write(lambda tx: _plant(world, tx))
        await aigul.writes("/help")
        assert _last(aigul).endswith("\n\n" + LINES[language])


async def test_nobody_else_reads_the_line(tmp_path: Path) -> None:
    """A menu must not tell a steward or a participant how the machine does, nor a stranger."""
    async with World(tmp_path) as world:
        event = await world.has_event()
        people = [
            await world.has_team_person(role.value, role)
            for role in (Role.DEPUTY, Role.STEWARD, Role.LAWYER, Role.MEDIC, Role.PRESS, Role.ALLY)
        ]
        people += [await world.has_participant(event, "Dana"), world.person("Somebody")]
        for someone in people:
            await someone.writes("/help")
            assert "Heard from" not in _last(someone)


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_each_trouble_says_what_is_wrong_what_to_do_and_when_it_is_over(
    tmp_path: Path, trouble: Trouble
) -> None:
    """One card: it rings once, shows nothing on a lock screen, and changes in place at the end."""
    async with World(tmp_path) as world:
        aigul = await world.has_organizer()
        saule = await world.has_team_person("Saule", Role.STEWARD)
        outage = Outage(trouble, world.now)
        await world.change(lambda work: intake.note_outage(work, outage, must_tell=True))
        card = _last(aigul)
        assert card.startswith("Please read this.\n\nSince 10:00")
        assert "Whoever " in card
        await aigul.writes("/help")
        assert "Receiving is disturbed." in _last(aigul)
        seen, rung = len(aigul.chat), [one.rang for one in aigul.chat].count(True)
        world.now += timedelta(minutes=7)
        await world.change(intake.note_good)
        assert len(aigul.chat) == seen
        assert [one.rang for one in aigul.chat].count(True) == rung
        assert any("From 10:00 to 10:07" in one.html for one in aigul.chat)
        assert saule.chat == []


async def test_somebody_else_with_the_token_is_told_with_what_to_do(tmp_path: Path) -> None:
    """The sentence names the one thing that helps."""
    async with World(tmp_path) as world:
        aigul = await world.has_organizer()
        outage = Outage(Trouble.CONFLICT, world.now)
        await world.change(lambda work: intake.note_outage(work, outage, must_tell=True))
        assert "someone else may hold the token" in _last(aigul)
        assert "send /revoke there now" in _last(aigul)


async def test_somebody_else_who_is_quiet_is_over_only_when_the_token_is_exchanged(
    tmp_path: Path,
) -> None:
    """Until then neither the card nor the line says that all is well."""
    async with World(tmp_path) as world:
        aigul = await world.has_organizer()
        outage = Outage(Trouble.CONFLICT, world.now)
        await world.change(lambda work: intake.note_token(work, 7))
        await world.change(lambda work: intake.note_outage(work, outage, must_tell=True))
        world.now += timedelta(minutes=7)
        await world.change(lambda work: intake.note_foreign(work, work.now))
        await world.change(intake.note_good)
        [card] = [one.html for one in aigul.chat if "From 10:00 to 10:07" in one.html]
        assert card.startswith("Please read this.")
        assert "may also have gone somewhere else" in card  # it may have begun as a bad line
        assert "may still hold the token" in card
        world.now += timedelta(days=1)
        await aigul.writes("/help")
        assert "Someone else used the bot's token, last on " in _last(aigul)
        await world.change(lambda work: intake.note_token(work, 8))
        [card] = [one.html for one in aigul.chat if "From 10:00 to 10:07" in one.html]
        assert card.startswith("Receiving works again.")
        await aigul.writes("/help")
        assert _last(aigul).endswith(
            "\n\n" + "Works. Heard from Telegram 0 s ago. Waiting: 0. Set aside: 0."
        )


async def test_the_line_says_that_names_are_locked(tmp_path: Path) -> None:
    """It works, and says what does not."""
    async with World(tmp_path) as world:
        await world.has_event()
        aigul = await world.has_organizer()
        await aigul.writes("/help")
        assert "locked" not in _last(aigul)
        await world.locks()
        await aigul.writes("/help")
        assert _last(aigul).endswith("Set aside: 0. Names and places are locked.")


@pytest.mark.parametrize("language", list(Language))
async def test_the_line_says_that_another_way_to_wake_people_fails(
    tmp_path: Path, language: Language
) -> None:
    """By its kind and since when; no address, and nothing of a way that is not set up."""
    async with World(tmp_path) as world:
        world.policy = replace(world.policy, second_kinds=(AddressKind.MAIL,))
        aigul = await world.has_organizer("Aigul", language)
        for kind in (AddressKind.NTFY, AddressKind.MAIL):
            note = partial(secondchannel.note_way, kind=kind, now=world.now, is_failing=True)
            await aigul.writes("/help")
            assert FAILS[language] not in _last(aigul)
            await world.database.write(note)
        world.now += timedelta(hours=3)
        await aigul.writes("/help")
        assert FAILS[language] in _last(aigul)
        assert "10:00" in _last(aigul)
        assert "ntfy" not in _last(aigul)


def _plant(world: World, tx: Transaction) -> None:
    for number in (1, 2):
        update = Received(number, ChatId(5), is_alarm_like=False, raw=b"{}")
        inbox.receive(tx, world.now, [update])
    for _ in range(ATTEMPTS):
        inbox.fail(tx, 1)
    store.note_heard(tx, world.now - timedelta(seconds=4))


def _last(someone: Someone) -> str:
    return someone.chat[-1].html
