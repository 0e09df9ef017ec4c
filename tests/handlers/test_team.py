"""The team grows by personal links; from the second one who decides on, it takes two."""

import re
from datetime import timedelta

from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.team import TeamLinkPress
from safety.languages import Language
from safety.people import Role, TeamId
from safety.team import TeamPerson, TeamState
from storage import chats, evidence, tokens
from storage import team as rows
from storage.team import TEAM
from storage.tokens import Purpose
from tests.harness import Someone, World

NOTHING = "There is nothing here for you without a personal link"
LINK = re.compile(r"https://t\.me/EveningBot\?start=([A-Za-z0-9_-]+)")


def link_on(someone: Someone) -> str:
    """Give the newest link that this person was given."""
    found = LINK.findall(someone.sees("https://t.me/").text)
    return str(found[-1])


async def owner_link(world: World) -> str:
    """Give a link like `aman owner-link` prints it."""

    def issue(work: Work) -> str:
        person = TeamPerson(
            TeamId(work.tx.new_id()), Role.ORGANIZER, TeamState.INVITED, "", work.now
        )
        TEAM.put(work.tx, person)
        return tokens.issue(work.tx, Purpose.OWNER, person.id, work.now + timedelta(days=2))

    return await world.change(issue)


async def first_organizer(world: World) -> Someone:
    """Give the one who has opened the owner's link."""
    aigul = world.person("Aigul")
    await aigul.opens(await owner_link(world))
    await aigul.writes("Aigul")
    return aigul


async def adds(someone: Someone, role: str, name: str) -> None:
    """Let somebody bring another one in, by the buttons."""
    await someone.writes("/team")
    await someone.presses("Add somebody")
    await someone.presses(role)
    await someone.writes(name)


async def test_the_owners_link_makes_whoever_opens_it_first_an_organizer(world: World) -> None:
    """The first organizer needs nobody's word, and is asked what to be called."""
    aigul = world.person("Aigul")
    link = await owner_link(world)
    await aigul.opens(link)
    aigul.sees("What shall the team call you?")
    await aigul.writes("Aigul")
    aigul.sees("Your role: Organizer")
    late = world.person("Late")
    await late.opens(link)
    late.sees(NOTHING)
    aigul.sees("Somebody else has tried the link")


async def test_an_unknown_and_an_outdated_link_get_the_same_sentence(world: World) -> None:
    """Nobody can tell a guessed link from one that was good once."""
    link = await owner_link(world)
    await world.pass_time(timedelta(days=3))
    guesser = world.person("Guesser")
    await guesser.opens("AAAAAAAAAAAAAAAAAAAAAAAA")
    await guesser.opens(link)
    assert [seen.text for seen in guesser.screens] == [guesser.sees(NOTHING).text]


async def test_the_first_organizer_brings_in_the_second_alone(world: World) -> None:
    """There is nobody yet who could confirm it."""
    aigul = await first_organizer(world)
    await adds(aigul, "Organizer", "Dana")
    given = aigul.sees("Dana (Organizer)")
    assert given.picture is not None
    assert given.picture.startswith(b"\x89PNG")
    dana = world.person("Dana", Language.RU)
    await dana.opens(link_on(aigul))
    dana.sees("Ваша роль: Организатор")
    aigul.sees("Dana has joined. Role: Organizer.")
    aigul.sees_nothing_of("https://t.me/")


async def test_from_the_second_on_adding_who_decides_takes_two(world: World) -> None:
    """One alone, coerced perhaps, brings in neither an organizer nor a deputy."""
    team = await world.has_team()
    await adds(team.organizer, "Deputy", "Zhanar")
    team.organizer.sees_nothing_of("https://t.me/")
    assert not team.organizer.can_press("Confirm")
    team.deputy.sees("Bring somebody into the team: Zhanar. Role: Deputy.")
    await team.second.presses("Confirm")
    team.organizer.sees("Confirmed")
    team.deputy.sees("Decided by: Dana")
    zhanar = world.person("Zhanar")
    await zhanar.opens(link_on(team.organizer))
    zhanar.sees("Your role: Deputy")
    for told in (team.organizer, team.second, team.deputy):
        told.sees("Zhanar has joined. Role: Deputy.")
    team.steward.sees_nothing_of("Zhanar")


async def test_a_steward_needs_one_persons_word(world: World) -> None:
    """Who decides nothing comes by one organizer's link."""
    team = await world.has_team()
    await adds(team.organizer, "Steward", "Bota")
    bota = world.person("Bota")
    await bota.opens(link_on(team.organizer))
    bota.sees("Your role: Steward")


async def test_nobody_confirms_what_they_have_proposed(world: World) -> None:
    """A forged press of one's own Confirm changes nothing."""
    team = await world.has_team()
    await adds(team.organizer, "Organizer", "Mole")
    await team.organizer.forges(team.second.payload_of("Confirm"))
    team.organizer.is_told("One person alone cannot")
    team.organizer.sees_nothing_of("https://t.me/")


async def test_a_declined_person_is_forgotten(world: World) -> None:
    """A no leaves nothing of whoever was proposed."""
    team = await world.has_team()
    await adds(team.organizer, "Organizer", "Mole")
    await team.deputy.presses("Decline")
    await team.organizer.writes("/team")
    assert not team.organizer.can_press("Mole")


async def test_what_nobody_confirms_is_over(world: World) -> None:
    """A proposal does not wait for ever, and who was meant is forgotten."""
    team = await world.has_team()
    await adds(team.organizer, "Organizer", "Mole")
    await world.pass_time(timedelta(hours=13))
    team.second.sees("Nobody has confirmed this in time")
    await team.second.writes("/confirm")
    team.second.sees("Nothing waits for a second person")


async def test_what_waits_is_listed(world: World) -> None:
    """/confirm shows all that waits, and can be answered there."""
    team = await world.has_team()
    await adds(team.organizer, "Organizer", "Botagoz")
    await team.deputy.writes("/confirm")
    await team.deputy.presses("Confirm 1")
    team.deputy.sees("Nothing waits for a second person")
    assert link_on(team.organizer)


async def test_a_link_made_alone_ends_when_somebody_can_confirm(world: World) -> None:
    """Links prepared while one was alone do not get round the second person."""
    aigul = await first_organizer(world)
    await adds(aigul, "Organizer", "Dana")
    dana_link = link_on(aigul)
    await adds(aigul, "Organizer", "Mole")
    mole_link = link_on(aigul)
    await world.person("Dana").opens(dana_link)
    aigul.sees("The link for Mole (Organizer) no longer works")
    mole = world.person("Mole")
    await mole.opens(mole_link)
    mole.sees(NOTHING)


async def test_a_new_link_makes_the_old_one_worthless(world: World) -> None:
    """Whoever has found the first one comes too late."""
    team = await world.has_team()
    await adds(team.organizer, "Medic", "Bota")
    old = link_on(team.organizer)
    await team.organizer.writes("/team")
    await team.organizer.finds("Bota")
    await team.organizer.presses("New link")
    new = link_on(team.organizer)
    finder, bota = world.person("Finder"), world.person("Bota")
    await finder.opens(old)
    finder.sees(NOTHING)
    await bota.opens(new)
    bota.sees("Your role: Medic")


async def test_nobody_gets_the_link_of_a_decider_whom_another_has_asked_for(world: World) -> None:
    """Whoever holds a link can open it: one organizer alone would have two voices, and agree with
    themselves to tell a place, or to forget everybody.
    """
    team = await world.has_team()
    await adds(team.organizer, "Deputy", "Erik")
    await team.second.presses("Confirm")
    erik = world.person("Erik")
    for _ in range(2):
        await team.second.writes("/team")
        await team.second.finds("Erik")
        await team.second.presses("New link")
        team.second.is_told("Only whoever asked for them")
        team.second.sees_nothing_of("https://t.me/")
    await team.organizer.writes("/team")
    await team.organizer.finds("Erik")
    await team.organizer.presses("New link")
    await erik.opens(link_on(team.organizer))
    erik.sees("Your role: Deputy")


async def test_nobody_of_the_team_gets_the_link_that_the_server_made(world: World) -> None:
    """It is for whoever was given it at the server's shell."""
    team = await world.has_team()
    await owner_link(world)
    (invited,) = await world.look(lambda tx: rows.in_state(tx, TeamState.INVITED))
    await team.second.forges(pack(TeamLinkPress(invited.id)))
    team.second.is_told("Only whoever asked for them")
    assert not team.second.shows("https://t.me/")


async def test_with_whoever_is_taken_out_goes_what_they_proposed_and_their_links(
    world: World,
) -> None:
    """As where an account is frozen: else somebody confirms later what a stranger has asked for,
    or lets in whom nobody else knows.
    """
    team = await world.has_team()
    event = await world.has_event()
    await adds(team.second, "Steward", "Mole")
    link = link_on(team.second)
    await team.second.writes("/purge")
    await team.second.presses(event.title)
    await team.second.presses("Forget")
    purge = team.deputy.payload_of("Confirm")
    await team.organizer.writes("/team")
    await team.organizer.finds("Dana")
    await team.organizer.presses("Take out of the team")
    await team.deputy.presses("Confirm", within=team.deputy.sees("Take somebody out"))
    await team.deputy.forges(purge)
    team.organizer.sees_nothing_of("everybody is forgotten")
    await team.deputy.writes("/confirm")
    team.deputy.sees("Nothing waits for a second person")
    mole = world.person("Mole")
    await mole.opens(link)
    mole.sees(NOTHING)


async def test_whoever_is_taken_out_while_held_can_come_again(world: World) -> None:
    """The chat stayed quiet for ever: no link opened there any more, and nobody could end it."""
    team = await world.has_team()
    saule = team.steward
    await saule.writes("/taken")
    await team.organizer.writes("/team")
    await team.organizer.finds("Saule")
    await team.organizer.presses("Take out of the team")
    assert not await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    await team.lawyer.presses("Released")
    await adds(team.organizer, "Steward", "Saule")
    await saule.opens(link_on(team.organizer))
    saule.sees("Your role: Steward")


async def test_whoever_is_taken_out_while_held_is_still_held_where_they_take_part(
    world: World,
) -> None:
    """Their phone stays quiet there until they are released; after that it must hear calls."""
    team = await world.has_team()
    await world.has_event(starts_in=timedelta(hours=1))
    saule = team.steward
    await saule.writes("/taken")
    later = await world.has_event(starts_in=timedelta(days=5))
    await world.has_participant(later, "Saule")
    await team.organizer.writes("/team")
    await team.organizer.finds("Saule")
    await team.organizer.presses("Take out of the team")
    assert await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    await team.lawyer.presses("Released")
    assert not await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    named = "SELECT COUNT(*) FROM incident_entries WHERE person_id = ?"
    assert await world.look(lambda tx: tx.number(named, saule.person_id)) == 0


async def test_a_file_that_is_still_owed_names_nobody_who_was_taken_out(world: World) -> None:
    """It is fetched all the same, and tells nobody who may hold that phone that it was."""
    team = await world.has_team()
    await team.steward.writes("sos")
    await team.steward.sends_photo()
    await team.organizer.writes("/team")
    await team.organizer.finds("Saule")
    await team.organizer.presses("Take out of the team")
    (file,) = await world.look(evidence.owed)
    assert (file.recipient, file.message_id) == (None, None)


async def test_whoever_is_taken_out_while_held_and_takes_part_can_still_be_released(
    world: World,
) -> None:
    """Their chat is a participant's from now on: it stays quiet, and a release ends that."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Saule")
    saule = team.steward
    await saule.writes("/taken")
    await team.organizer.writes("/team")
    await team.organizer.finds("Saule")
    await team.organizer.presses("Take out of the team")
    assert await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    await team.lawyer.presses("Released")
    assert not await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    await saule.writes("sos")
    saule.sees("No answer in 15 seconds")


async def test_removing_who_decides_takes_two(world: World) -> None:
    """Nobody becomes the only one by taking the others out."""
    team = await world.has_team()
    await team.organizer.writes("/team")
    await team.organizer.finds("Dana")
    await team.organizer.presses("Take out of the team")
    team.organizer.is_told("Somebody else has to confirm")
    await team.second.presses("Confirm")
    team.second.is_told("One person alone cannot")
    await team.deputy.presses("Confirm")
    assert team.second.chat == []
    await team.second.writes("/team")
    team.second.sees(NOTHING)


async def test_one_colleague_freezes_an_account(world: World) -> None:
    """Role void, proposals and links void, chat emptied, everybody asked about the place."""
    team = await world.has_team()
    await adds(team.second, "Organizer", "Mole")
    await adds(team.second, "Steward", "Friend")
    link = link_on(team.second)
    await team.organizer.writes("/freeze")
    await team.organizer.finds("Dana")
    await team.organizer.presses("Freeze")
    assert team.second.chat == []
    assert team.second.keyboard is None
    team.deputy.sees("The account of Dana (Organizer) is frozen, by Aigul")
    assert team.organizer.can_press("Change the place")
    await team.second.writes("/team")
    assert [seen.text for seen in team.second.screens] == [team.second.sees(NOTHING).text]
    await team.deputy.writes("/confirm")
    team.deputy.sees("Nothing waits for a second person")
    friend = world.person("Friend")
    await friend.opens(link)
    friend.sees(NOTHING)


async def test_a_frozen_account_takes_up_no_other_role(world: World) -> None:
    """Whoever has it would be back in the team with a link that was meant for somebody else."""
    team = await world.has_team()
    await adds(team.organizer, "Steward", "Friend")
    link = link_on(team.organizer)
    await team.organizer.writes("/freeze")
    await team.organizer.finds("Dana")
    await team.organizer.presses("Freeze")
    await team.second.opens(link)
    team.second.sees(NOTHING)
    friend = world.person("Friend")
    await friend.opens(link)
    friend.sees("Friend")


async def test_two_bring_a_frozen_account_back(world: World) -> None:
    """The account itself has no say in it."""
    team = await world.has_team()
    await team.organizer.writes("/freeze")
    await team.organizer.finds("Dana")
    await team.organizer.presses("Freeze")
    await team.organizer.presses("Bring back: Dana")
    team.organizer.is_told("Somebody else has to confirm")
    await team.second.forges(team.deputy.payload_of("Confirm"))
    await team.deputy.presses("Confirm")
    team.second.sees("Good, you are in.")
    await team.second.writes("/team")
    team.second.sees("Here is the list")


async def test_freezing_everybody_else_gives_no_power(world: World) -> None:
    """A frozen colleague still counts: what takes two cannot be done by the one who is left."""
    team = await world.has_team()
    for name in ("Dana", "Nora"):
        await team.organizer.writes("/freeze")
        await team.organizer.presses(name)
        await team.organizer.presses("Freeze")
    await adds(team.organizer, "Organizer", "Mole")
    team.organizer.sees("This takes two people")
    team.organizer.sees_nothing_of("https://t.me/")


async def test_nobody_freezes_themselves(world: World) -> None:
    """An account in wrong hands is stopped by a colleague, not by itself by mistake."""
    team = await world.has_team()
    await team.organizer.writes("/freeze")
    await team.organizer.presses("Aigul")
    await team.organizer.presses("Freeze")
    team.organizer.is_told("You cannot freeze your own account")


async def test_a_deputy_cannot_see_the_team(world: World) -> None:
    """Whoever only confirms learns no list."""
    team = await world.has_team()
    await team.deputy.writes("/team")
    team.deputy.sees_nothing_of("Here is the list")
