"""The menu follows from the table and from who asks; strangers learn nothing."""

from datetime import timedelta

from handlers.routes import TABLE
from handlers.texts import Texts
from safety.languages import Language
from safety.menu import MANY, PAGES
from safety.people import Role
from safety.permissions import ALLOWED
from tests.harness import Someone, World


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


def _pages_of(someone: Someone) -> dict[str, list[str]]:
    """Give the labels that lead to commands on the newest screen, and those that lead on."""
    presses = someone.screens[-1].presses
    return {
        "commands": [one.label for one in presses if one.payload.startswith("mn|")],
        "pages": [one.label for one in presses if one.payload.startswith("mt|")],
    }


async def test_an_organizer_finds_first_what_cannot_wait(world: World) -> None:
    """Alarm, board, event, people; the rest behind five names, and all of it is somewhere."""
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    first = _pages_of(aigul)
    assert first["commands"][:5] == ["SOS", "They are taking me", "Board", "Event", "People"]
    assert len(first["commands"]) < MANY
    assert len(first["pages"]) == 5
    found = list(first["commands"])
    for label in first["pages"]:
        await aigul.presses(label)
        assert aigul.screens[-1].text.startswith(f"{label}:\n")
        found += _pages_of(aigul)["commands"]
        await aigul.presses("Back")
        assert _pages_of(aigul) == first
    texts = Texts.load()
    offered = [
        texts.plain(Language.EN, f"menu-{one.name}")
        for one in TABLE.commands
        if one.is_in_help and Role.ORGANIZER in ALLOWED[one.action] and one.name != "help"
    ]
    assert sorted(found) == sorted(offered)
    assert len(aigul.screens) == 1


async def test_whoever_can_do_little_finds_first_what_cannot_wait(world: World) -> None:
    """The call for help is the first button, and what can wait is below."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/help")
    found = _pages_of(dana)
    assert found["pages"] == []
    assert found["commands"][:3] == ["SOS", "They are taking me", "Report"]
    assert found["commands"][-3:] == ["Leave", "Privacy", "Language"]


async def test_a_page_pressed_twice_is_the_same_page(world: World) -> None:
    """And an old button still leads to a command that works."""
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    packed = aigul.payload_of("Team and access")
    for _ in range(2):
        await aigul.forges(packed, aigul.screens[-1].message_id)
        assert _pages_of(aigul)["commands"] == ["Team", "Freeze an account"]
    assert len(aigul.screens) == 1
    assert not any(aigul.alerts)
    await aigul.presses("Freeze an account")
    assert "Freeze an account" not in _pages_of(aigul)["commands"]


async def test_whoever_can_do_little_has_it_on_one_page(world: World) -> None:
    """A participant looks for nothing; a page of somebody else's is their own first one."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    await dana.writes("/help")
    shown = _pages_of(dana)
    assert shown["pages"] == []
    assert {"SOS", "I'm safe", "They are taking me"} <= set(shown["commands"])
    await dana.forges(aigul.payload_of("Safety of data"), dana.screens[-1].message_id)
    assert _pages_of(dana) == shown
    steward = await world.has_team_person("Saule", Role.STEWARD)
    await steward.writes("/help")
    assert _pages_of(steward)["pages"] == []


def test_every_command_has_its_page_once() -> None:
    """Whoever adds one decides where it stands."""
    listed = [name for names in PAGES.values() for name in names]
    assert len(listed) == len(set(listed))
    in_help = {command.name for command in TABLE.commands if command.is_in_help} - {"help"}
    assert set(listed) == in_help
