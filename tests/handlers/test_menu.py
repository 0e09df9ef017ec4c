"""The menu follows from the table and from who asks; strangers learn nothing."""

from datetime import timedelta

from tests.harness import World


async def test_an_organizer_gets_the_menu(world: World) -> None:
    """Whoever the bot knows can ask what can be done here."""
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    aigul.sees("What you can do here")


async def test_a_stranger_gets_one_neutral_sentence(world: World) -> None:
    """Whatever a stranger writes, and however often, one sentence stands in the chat."""
    stranger = world.person("Nobody")
    for text in ("/help", "hello", "/board", "/start", "/start guessedtoken"):
        await stranger.writes(text)
    assert len(stranger.screens) == 1
    stranger.sees("There is nothing here for you without a personal link")


async def test_an_approved_person_is_known(world: World) -> None:
    """A registered person is no stranger."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/help")
    dana.sees("What you can do here")


async def test_messages_leave_a_chat_in_both_directions(world: World) -> None:
    """Well before the service's 48 hours nothing of a talk is left on the phone."""
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    await world.pass_time(timedelta(hours=41))
    assert aigul.chat == []
