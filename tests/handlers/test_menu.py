"""The menu follows from the table and from who asks; strangers learn nothing."""

from datetime import timedelta

import pytest

from handlers.context import Offer
from handlers.routes import TABLE
from handlers.texts import Texts
from safety.languages import Language
from safety.menu import MenuPage, Place, spread
from safety.paging import MOST
from safety.people import TEAM_ROLES, Role
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
    """Give the labels on the newest screen: of what can be done, and of pages."""
    presses = someone.screens[-1].presses
    return {
        "buttons": [one.label for one in presses if not one.payload.startswith("mt|")],
        "pages": [one.label for one in presses if one.payload.startswith("mt|")],
    }


ROLES = [frozenset({role}) for role in Role if role is not Role.STRANGER]
ROLES += [roles | {Role.PARTICIPANT} for roles in ROLES if roles <= TEAM_ROLES]


def _places(roles: frozenset[Role]) -> list[Place]:
    """Give all that a menu can hold for these roles, with whatever is offered beside commands."""
    allowed = [one for one in TABLE.menu if isinstance(one, Offer) or roles & ALLOWED[one.action]]
    return [Place(one.page, one.is_urgent) for one in allowed if one.page is not None]


@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: "-".join(sorted(roles)))
def test_nothing_is_missing_and_no_page_is_longer_than_a_screen(roles: frozenset[Role]) -> None:
    """Whoever somebody is: each thing stands once, with the way back or on beside it."""
    places = _places(roles)
    pages = spread(places)
    assert sorted(number for page in pages.values() for number in page) == list(range(len(places)))
    assert len(pages[MenuPage.FIRST]) + len(pages) - 1 <= MOST
    behind = [len(numbers) for page, numbers in pages.items() if page is not MenuPage.FIRST]
    assert all(size < MOST for size in behind) or len(roles) > 1  # else such a page is cut
    if Role.REPORTER not in roles:
        assert TABLE.menu[0] == TABLE.command("sos")
        assert pages[MenuPage.FIRST][0] == 0


async def test_an_organizer_finds_first_what_cannot_wait(world: World) -> None:
    """Alarm, being taken, the hold; the rest behind five names, and all of it is somewhere."""
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    first = _pages_of(aigul)
    assert first["buttons"] == ["SOS", "They are taking me", "Hold"]
    assert len(first["pages"]) == 5
    found = list(first["buttons"])
    for label in first["pages"]:
        await aigul.presses(label)
        assert aigul.screens[-1].text.startswith(f"{label}:\n")
        found += _pages_of(aigul)["buttons"]
        await aigul.presses("Back")
        assert _pages_of(aigul) == first
    texts = Texts.load()
    offered = [
        texts.plain(Language.EN, f"menu-{one.name}")
        for one in TABLE.commands
        if one.page is not None and Role.ORGANIZER in ALLOWED[one.action]
    ]
    offered += ["I'm hurt", "Who is hurt", "How this works, in 3 minutes"]
    assert sorted(found) == sorted(offered)
    assert len(aigul.screens) == 1


async def test_whoever_can_do_little_finds_first_what_cannot_wait(world: World) -> None:
    """A participant calls, says how it is and reports by one tap; what can wait is behind."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/help")
    urgent = ["SOS", "They are taking me", "I'm hurt", "I'm safe", "I'm here", "Report"]
    assert _pages_of(dana) == {"buttons": [*urgent, "If I am held"], "pages": ["Myself"]}
    await dana.presses("Myself")
    assert _pages_of(dana)["buttons"] == [
        *("I got home", "How this works, in 3 minutes", "Privacy", "Language", "Leave"),
    ]


async def test_a_page_pressed_twice_is_the_same_page(world: World) -> None:
    """And an old button still leads to a command that works."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    await world.has_participant(event, "Dana")
    await aigul.writes("/help")
    packed = aigul.payload_of("People")
    for _ in range(2):
        await aigul.forges(packed, aigul.screens[-1].message_id)
        assert _pages_of(aigul)["buttons"][:2] == ["Board", "Roll call"]
    assert len(aigul.screens) == 1
    assert not any(aigul.alerts)
    await aigul.presses("Mark")
    assert not any("mt|" in one.payload for one in aigul.screens[-1].presses)


async def test_a_page_of_somebody_elses_is_ones_own_first_one(world: World) -> None:
    """A button that was never theirs, or is no longer, shows what they can do."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana")
    aigul = await world.has_organizer()
    await aigul.writes("/help")
    await dana.writes("/help")
    shown = _pages_of(dana)
    await dana.forges(aigul.payload_of("Team and access"), dana.screens[-1].message_id)
    assert _pages_of(dana) == shown


def test_few_stay_together_and_a_page_with_one_thing_is_that_thing() -> None:
    """Nobody presses twice for what would have fitted."""
    few = [Place(MenuPage.SELF)] * MOST
    assert spread(few) == {MenuPage.FIRST: range(MOST)}
    alone = [Place(MenuPage.TEAM), *few]
    assert spread(alone) == {MenuPage.FIRST: [0], MenuPage.SELF: [*range(1, MOST + 1)]}


def test_what_is_left_alone_behind_a_page_needs_no_page() -> None:
    """What cannot wait comes ahead while there is room, and makes room where it empties a page."""
    urgent = [Place(page, is_urgent=True) for page in (MenuPage.CASE, MenuPage.TEAM)]
    pages = spread([*urgent, *[Place(MenuPage.SELF)] * MOST])
    assert pages[MenuPage.FIRST] == [0, 1]
    assert list(pages) == [MenuPage.FIRST, MenuPage.SELF]
