"""What each person can see and do about what is kept of them, as seen on the phone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coordination import privacy
from handlers.texts import Texts
from safety.kinds import Told
from safety.languages import Language
from storage import resealing
from storage.people import PEOPLE
from storage.vault.keys import KeyKind
from tests.harness import World


async def test_a_participant_sees_what_is_kept_and_until_when(world: World) -> None:
    """/privacy names what is kept and the day on which it goes."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/privacy")
    dana.sees("What is kept about you")
    dana.sees("11 Jun")  # 28 May and fourteen days


async def test_erase_mine_leaves_no_row_and_no_message(world: World) -> None:
    """After *Erase mine* the roster, the routing index and the chat know the person no more."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/privacy")
    await dana.presses("Erase mine")
    await dana.presses("Yes, erase mine")
    left = await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id))
    assert left == 0
    dana.sees("It is erased.")
    dana.sees_nothing_of("What is kept")
    await dana.writes("/help")
    dana.sees("There is nothing here for you")


async def test_whoever_keeps_theirs_loses_nothing(world: World) -> None:
    """*Cancel* at the question changes nothing."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/privacy")
    await dana.presses("Erase mine")
    await dana.presses("Cancel")
    dana.sees("What is kept about you")
    assert await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id)) == 1


async def test_clearing_takes_both_sides_of_the_chat(world: World) -> None:
    """*Clear this chat* deletes what the person wrote, too."""
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    await aigul.writes("/privacy")
    await aigul.presses("Clear this chat")
    aigul.is_told("The chat is being cleared.")
    assert aigul.chat == []


async def test_a_question_goes_with_the_chat_that_is_cleared(world: World) -> None:
    """Nobody sees any more what the next words would answer."""
    team = await world.has_team()
    await world.has_event()
    await team.organizer.writes("/privacy")
    await team.organizer.writes("/venue")
    await team.organizer.presses("Clear this chat")
    await team.organizer.writes("Near the old park")
    team.organizer.sees_nothing_of("meeting point")


async def test_a_language_is_spoken_from_the_next_word_on(world: World) -> None:
    """/language offers each in its own words, and the choice holds."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana", Language.RU)
    await dana.writes("/language")
    await dana.presses("Қазақша")
    await dana.writes("/privacy")
    dana.sees("Сіз туралы не сақталады")


async def test_strangers_get_the_neutral_sentence_for_every_command(world: World) -> None:
    """Nobody learns from /privacy, /help or /language whether an event exists."""
    viktor = world.person("Viktor")
    for command in ("/privacy", "/help", "/language", "/cancel", "/board", "/sos", "hello"):
        await viktor.writes(command)
    assert [seen.text for seen in viktor.screens] == [
        "There is nothing here for you without a personal link."
    ]


async def test_whoever_stays_is_heard_while_and_after_another_ones_keys_are_replaced(
    world: World,
) -> None:
    """An erasure replaces the keys under which everybody else is known: alarms are never deaf."""
    team = await world.has_team()
    event = await world.has_event()
    dana, madi, olga = await world.has_participants(event, "Madina K.", "Madi", "Olga")
    await dana.writes("/privacy")
    await dana.presses("Erase mine")
    await dana.presses("Yes, erase mine")
    assert await world.look(resealing.count_owed) == 2
    while await world.look(lambda tx: len(tx.keys(KeyKind.ROUTING, event.id))) == 1:
        await world.database.write(lambda tx: resealing.step(tx, 1))
    await madi.writes("/panic")  # one of the two is still known under the old version
    await olga.writes("/panic")
    await team.organizer.presses("Show")
    team.organizer.sees("Madi")
    team.organizer.sees("Olga")
    while await world.database.write(lambda tx: resealing.step(tx, 1)):
        pass
    assert await world.look(lambda tx: tx.version(KeyKind.ROUTING, event.id).version) == 2
    await dana.writes("/panic")
    dana.sees("There is nothing here for you")


TOLD = {
    Language.EN: (
        "Your answers",
        "11 Jun",
        "Who invited you",
        "28 May",
        "Where you were",
        "31 May",
    ),
    Language.RU: ("Ваши ответы", "11 июн", "Кто вас пригласил", "28 мая", "Где вы были", "31 мая"),
    Language.KK: (
        "жауаптарыңыз",
        "11 мау",
        "кім шақырғаны",
        "28 мам",
        "Қайда болғаныңыз",
        "31 мам",
    ),
}


@pytest.mark.parametrize("language", Language)
async def test_each_life_is_told_with_its_own_day(world: World, language: Language) -> None:
    """Answers, vouching and traces end on three different days, and each is named."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana", language)
    await dana.writes("/privacy")
    said = dana.screens[-1].text
    assert [part for part in TOLD[language] if part not in said] == []
    assert len(said) < 1000
    assert "{" not in said


async def test_what_is_over_is_told_no_more(world: World) -> None:
    """A week after the evening only the answers are left."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await world.pass_time(event.ends_at - world.now + timedelta(days=7))
    await dana.writes("/privacy")
    dana.sees("Your answers")
    dana.sees_nothing_of("Who invited you")
    dana.sees_nothing_of("Where you were")


async def test_the_figures_are_the_settings(world: World) -> None:
    """Whoever reads the screen reads what holds, not what the defaults are."""
    world.policy = replace(
        world.policy, places_stay=timedelta(hours=5), people_kept=timedelta(days=2)
    )
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/privacy")
    said = dana.sees("Your answers").text
    assert "with a place after 5 hours" in said
    assert "30 May" in said
    assert "31 May" not in said


def test_every_line_that_the_table_speaks_of_has_its_words() -> None:
    """A kind that is told in a new way has its sentence in three languages."""
    others = set(Told) - {Told.ENVELOPE}
    Texts.load().require(["envelope-kept", *(f"privacy-told-{told.value}" for told in others)])


async def test_nobody_whose_voice_was_not_heard_is_told_to_clear_a_chat(world: World) -> None:
    """Whoever holds that phone learns nothing that they do not see; others are told once."""
    event = await world.has_event()
    dana, asel = await world.has_participants(event, "Dana", "Asel")
    for someone in (dana, asel):
        await someone.writes("/privacy")
    world.now += timedelta(hours=50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coordination.quiet.unheard_chats", lambda _work: {asel.chat_id})
        await world.change(lambda work: privacy.remove_due(work, limit=1))
        await world.change(lambda work: privacy.remove_due(work, limit=500))
    assert [seen.text.startswith("Older messages") for seen in dana.screens].count(True) == 1
    asel.sees_nothing_of("Older messages")
