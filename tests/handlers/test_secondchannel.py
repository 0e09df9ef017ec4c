"""Each of the team gives another way to be woken, in their own chat; nobody else sees it."""

from dataclasses import replace

import pytest

from coordination import restoring, secondaddresses, team
from safety.languages import Language
from safety.people import Role
from safety.purges import Purge, Purged, PurgeList
from safety.secondaddresses import TEST_PACE, AddressKind, Answer
from safety.secondchannel import SecondNotice, SecondTest
from safety.team import TeamWelcome
from tests.harness import Someone, World
from tests.letters import address_of, has_address, letters, owed

pytestmark = pytest.mark.usefixtures("ways")
BUTTON = "Another way to wake me"


async def opens_menu(someone: Someone, page: str = "Myself") -> None:
    """Show the page of the menu where it is offered."""
    await someone.writes("/help")
    if someone.can_press(page):
        await someone.presses(page)


async def gives(someone: Someone, kind: str, *typed: str) -> None:
    """Let somebody give an address, by the buttons."""
    await opens_menu(someone)
    await someone.presses(BUTTON)
    await someone.presses("Give another one" if someone.can_press("Give another") else "Add it")
    await someone.presses(kind)
    for answer in typed:
        await someone.writes(answer)


async def answers(world: World, someone: Someone, answer: Answer) -> None:
    """Let the service behind somebody's address answer what is owed to it."""
    [notice] = [one for one in await owed(world) if one.team_id == someone.team_id]
    await letters(world)
    await world.change(lambda work: secondaddresses.note_answer(work, notice, answer))


async def test_a_mail_address_is_given_and_leaves_the_chat(world: World) -> None:
    """It is kept, and shown to nobody: not even to whoever gave it."""
    steward = (await world.has_team()).steward
    await gives(steward, "E-mail", "saule.k@example.org")
    steward.sees("By e-mail, since")
    kept = await address_of(world, steward)
    assert kept is not None
    assert (kept.kind, kept.text) == (AddressKind.MAIL, "saule.k@example.org")
    assert not any("example.org" in seen.text for seen in steward.chat)


@pytest.mark.parametrize(
    "typed",
    ["saule@example.org\nBcc: mole@example.org", "a b@c.org", "saule@127.0.0.1", "x" * 400],
)
async def test_what_is_no_address_is_refused_and_asked_again(world: World, typed: str) -> None:
    """Nothing of it is kept; the next answer can be right."""
    steward = (await world.has_team()).steward
    await gives(steward, "E-mail", typed)
    assert await address_of(world, steward) is None
    await steward.writes("saule@example.org")
    assert await address_of(world, steward) is not None


async def test_a_service_that_reaches_into_the_machine_is_refused(world: World) -> None:
    """Somebody else may be holding the account."""
    steward = (await world.has_team()).steward
    await gives(steward, "Another service", "json://127.0.0.1:8080/")
    steward.sees("This service cannot be used here")
    assert await address_of(world, steward) is None
    await steward.writes("pover://user@token")
    steward.sees("By another service")


async def test_a_topic_is_made_here_and_shown_once(world: World) -> None:
    """Behind a tap, in words and as a picture; nobody guesses it, and it is not shown again."""
    medic = (await world.has_team()).medic
    await gives(medic, "ntfy")
    kept = await address_of(world, medic)
    assert kept is not None
    assert len(kept.text) >= 22
    medic.sees_nothing_of(kept.text)
    forged = medic.payload_of("Show the topic")
    await medic.presses("Show the topic")
    shown = medic.sees(f"https://ntfy.example.org/{kept.text}")
    assert shown.picture is not None
    assert shown.is_protected
    assert not medic.can_press("Show the topic")
    await medic.forges(forged)
    assert sum(kept.text in seen.text for seen in medic.screens) == 1
    await gives(medic, "ntfy")
    fresh = await address_of(world, medic)
    assert fresh is not None
    assert fresh.text != kept.text


async def test_with_one_kind_alone_nobody_is_asked_which(world: World) -> None:
    """A question with one answer is none."""
    world.policy = replace(world.policy, second_kinds=(AddressKind.MAIL,))
    steward = (await world.has_team()).steward
    await opens_menu(steward)
    await steward.presses(BUTTON)
    await steward.presses("Add it")
    await steward.writes("saule@example.org")
    assert await address_of(world, steward) is not None


async def test_where_nothing_is_configured_nothing_is_offered(world: World) -> None:
    """Nor does a forged press do anything."""
    team = await world.has_team()
    await opens_menu(team.steward)
    offered = team.steward.payload_of(BUTTON)
    world.policy = replace(world.policy, second_kinds=())
    await opens_menu(team.steward)
    assert BUTTON not in team.steward.screens[-1].labels
    await team.steward.forges(offered)
    team.steward.sees_nothing_of("Another way to wake you")
    await team.organizer.writes("/team")
    team.organizer.sees_nothing_of("Another way")


@pytest.mark.parametrize("role", [Role.PRESS, Role.ALLY])
async def test_whoever_is_not_rung_is_offered_nothing(world: World, role: Role) -> None:
    """No alarm ever goes to them."""
    ally = await world.has_team_person("Bota", role)
    await opens_menu(ally)
    assert not ally.can_press(BUTTON)


async def test_whoever_joins_is_offered_it_at_once(world: World) -> None:
    """Not only to those who look for it."""
    bota = await world.has_team_person("Bota", Role.STEWARD)
    ally = await world.has_team_person("Erlan", Role.ALLY)
    for one in (bota, ally):
        assert one.team_id is not None
        welcome = TeamWelcome(one.team_id)
        await world.change(lambda work, one=one, notice=welcome: work.owe(one.recipient, notice))  # type: ignore[misc] # defaults
    assert bota.can_press(BUTTON)
    assert not ally.can_press(BUTTON)


async def test_organizers_see_who_has_one_and_never_which(world: World) -> None:
    """Yes or no, in the list and on a person's card."""
    team = await world.has_team()
    await has_address(world, team.steward, "secret.saule@example.org")
    await team.organizer.writes("/team")
    text = team.organizer.sees("Saule: Steward").text
    assert "Saule: Steward. Another way: yes" in text
    assert "Madina: Medic. Another way: no" in text
    await team.organizer.finds("Saule · Steward")
    team.organizer.sees("Saule: Steward. Another way: yes")
    for one in (team.organizer, team.second, team.deputy, team.lawyer):
        one.sees_nothing_of("secret.saule")


async def test_a_test_goes_through_the_outbox_and_its_answer_comes_back(world: World) -> None:
    """*No answer yet*, then *sent*: on the same screen."""
    steward = (await world.has_team()).steward
    await gives(steward, "E-mail", "saule@example.org")
    await steward.presses("Send a test")
    steward.sees("No answer yet")
    assert [type(one) for one in await owed(world)] == [SecondTest]
    await answers(world, steward, Answer.TAKEN)
    steward.sees("Test sent")
    steward.sees_nothing_of("No answer yet")


async def test_the_words_of_a_test_say_that_nothing_has_happened(world: World) -> None:
    """In the person's language."""
    bota = await world.has_team_person("Bota", Role.STEWARD, Language.RU)
    await has_address(world, bota)
    await opens_menu(bota, "О себе")
    await bota.presses("Как ещё меня разбудить")
    await bota.presses("Отправить проверку")
    [letter] = await letters(world)
    assert letter.address == "bota@example.org"
    assert letter.words == "Это проверка.\nНичего не случилось."


async def test_an_address_that_takes_nothing_is_told_of_once(world: World) -> None:
    """To the person with a way out, to the organizers by name; and again only after it worked."""
    team = await world.has_team()
    await gives(team.steward, "E-mail", "saule@example.org")
    await team.steward.presses("Send a test")
    await answers(world, team.steward, Answer.REFUSED)
    team.steward.sees("Test refused")
    team.steward.sees("Your other way takes nothing")
    for one in (team.organizer, team.second):
        one.sees("The other way to wake Saule (Steward) takes nothing")
    team.deputy.sees_nothing_of("takes nothing")
    await world.pass_time(TEST_PACE)
    await team.steward.presses("Send a test")
    await answers(world, team.steward, Answer.REFUSED)
    assert _told(team.organizer) == 1
    await world.pass_time(TEST_PACE)
    await team.steward.presses("Send a test")
    await answers(world, team.steward, Answer.TAKEN)
    team.steward.sees("Test sent")
    await world.pass_time(TEST_PACE)
    await team.steward.presses("Send a test")
    await answers(world, team.steward, Answer.REFUSED)
    assert _told(team.organizer) == 2


def _told(someone: Someone) -> int:
    return sum("takes nothing" in seen.text for seen in someone.screens)


async def test_nobody_floods_a_mailbox_with_tests(world: World) -> None:
    """One a minute, whatever address is given in between."""
    steward = (await world.has_team()).steward
    await gives(steward, "E-mail", "victim@example.org")
    await steward.presses("Send a test")
    await steward.presses("Send a test")
    steward.is_told("A test was sent a moment ago")
    assert len(await letters(world)) == 1
    await gives(steward, "E-mail", "another.victim@example.org")
    await steward.presses("Send a test")
    assert await letters(world) == []
    await world.pass_time(TEST_PACE)
    await steward.presses("Send a test")
    assert len(await letters(world)) == 1


async def test_it_can_be_taken_back(world: World) -> None:
    """Nothing of it is left, and nothing goes there any more."""
    steward = (await world.has_team()).steward
    await gives(steward, "E-mail", "saule@example.org")
    await steward.presses("Send a test")
    await steward.presses("Take it back")
    steward.sees("There is none yet")
    assert await address_of(world, steward) is None
    assert await letters(world) == []


@pytest.mark.parametrize("ends_by", ["leaving", "dismissal"])
async def test_whoever_leaves_the_team_leaves_no_address(world: World, ends_by: str) -> None:
    """Nor does anything that was owed go there."""
    people = await world.has_team()
    steward = people.steward
    await gives(steward, "E-mail", "saule@example.org")
    await steward.presses("Send a test")
    if ends_by == "leaving":
        await steward.writes("/privacy")
        await steward.presses("Leave")
        await steward.presses("Yes, I leave")
    else:
        team_id = steward.team_id
        assert team_id is not None
        await world.do(people.organizer, lambda turn: team.remove(turn, team_id))
    assert await address_of(world, steward) is None
    assert await owed(world) == []


async def test_a_restored_copy_knows_no_address_of_whoever_has_left_since(world: World) -> None:
    """A copy from before brings nobody back."""
    people = await world.has_team()
    steward = people.steward
    assert steward.team_id is not None
    await has_address(world, steward)
    await has_address(world, people.medic)
    listed = PurgeList(world.now, [Purge(1, Purged.TEAM, steward.team_id, world.now)])
    await world.change(lambda work: restoring.settle(work, world.now, listed))
    assert await address_of(world, steward) is None
    assert await address_of(world, people.medic) is not None


async def test_it_is_given_and_tried_while_everything_is_locked(world: World) -> None:
    """It needs nobody's name."""
    steward = (await world.has_team()).steward
    await world.locks()
    await gives(steward, "E-mail", "saule@example.org")
    await steward.presses("Send a test")
    assert [letter.address for letter in await letters(world)] == ["saule@example.org"]


def test_what_goes_out_is_bound_to_one_person() -> None:
    """A notice of this channel always says whose address is meant, and never holds it."""
    for kind in SecondNotice.__subclasses__():
        assert "team_id" in kind.__dataclass_fields__
        assert not {"address", "text"} & set(kind.__dataclass_fields__)
