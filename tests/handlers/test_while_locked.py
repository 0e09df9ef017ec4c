"""While everything is locked: what people say counts, what needs names waits, nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from coordination import events
from coordination.turns import Turn, Work
from safety.events import Event
from safety.people import Presence, Standing
from safety.registration import Consent, Person, Situation
from storage import disclosure, forms, incidents, people
from storage.invitations import INVITATIONS
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind, KeyName
from tests.handlers.test_checkins import person
from tests.handlers.test_disclosure import (
    AREA,
    HOUR,
    MINUTE,
    enters,
    enters_another,
    has_venue,
    until,
)
from tests.handlers.test_groups import leaves
from tests.handlers.test_registration import invited
from tests.harness import Someone, Team, World

NAME_ME = Consent.NAME_ME
LATER = "This is locked at the moment."


async def situation(world: World, someone: Someone) -> Situation:
    """Give how things are with somebody, as it stands beside their sealed row."""
    person_id = someone.person_id
    assert person_id is not None
    found = await world.look(lambda tx: people.situation(tx, person_id))
    assert found is not None
    return found


async def begun(world: World) -> tuple[Team, Event, list[Someone]]:
    """Give an evening that is on, with three people at it."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    crowd = await world.has_participants(event, "Aliya", "Bota", "Clara")
    await world.pass_time(HOUR)
    return team, event, crowd


# ---------------------------------------------------------------- what people say


async def test_what_people_say_counts_at_once_and_is_there_when_it_is_opened(
    world: World,
) -> None:
    """Here, left, home: noted, on the board, and kept."""
    team, _, (aliya, bota, clara) = await begun(world)
    await world.locks()
    await aliya.writes("/here")
    await bota.writes("/home")
    await clara.writes("/here")
    aliya.sees("You are here.")
    assert bota.keyboard is None
    await team.organizer.writes("/board")
    board = team.organizer.sees("Here: 2").text
    assert "Home: 1" in board
    assert "The names are locked." in board
    await world.opens_again()
    for someone, presence in ((aliya, Presence.HERE), (bota, Presence.HOME)):
        assert (await person(world, someone)).presence is presence
        assert (await person(world, someone)).name == someone.name


async def test_safe_after_a_call_stays_unverified_while_locked(world: World) -> None:
    """A locked roster makes no forced word a true one."""
    team, _, (aliya, *_) = await begun(world)
    await world.locks()
    await aliya.writes("sos")
    await aliya.writes("/safe")
    await aliya.writes("/home")
    assert (await situation(world, aliya)).is_unverified
    await team.organizer.writes("/board")
    assert "Home: 0" in team.organizer.sees("Voice not heard yet: 1").text
    await world.opens_again()
    assert (await person(world, aliya)).is_unverified
    assert (await person(world, aliya)).needs_help


async def test_what_was_said_while_locked_is_not_overwritten_by_an_older_row(
    world: World,
) -> None:
    """The sealed row is written again with what stands beside it."""
    _, event, (aliya, *_) = await begun(world)
    await world.locks()
    await aliya.writes("/here")
    await world.opens_again()
    opened = await person(world, aliya)
    await world.change(lambda work: PEOPLE.put(work.tx, replace(opened, name="Aliya A")))
    await world.locks()
    assert (await situation(world, aliya)).presence is Presence.HERE
    everybody = await world.look(lambda tx: people.situations(tx, event.id, Standing.APPROVED))
    assert [one.presence for one in everybody].count(Presence.UNANSWERED) == 2


async def test_the_cards_show_a_number_where_the_name_is_locked(world: World) -> None:
    """The same one on every card, so that two cards can be seen to be of one person."""
    team, _, (aliya, *_) = await begun(world)
    await world.locks()
    await aliya.writes("sos")
    number = (await situation(world, aliya)).number
    await team.organizer.presses("Show")
    assert f"No. {number}. The name is locked." in team.organizer.sees("Pressed 1 time").text
    await aliya.writes("/taken")
    await team.lawyer.presses("Show", team.lawyer.sees("Urgent 1."))
    team.lawyer.sees(f"No. {number}. The name is locked.")
    await world.opens_again()
    await team.organizer.presses("Show", team.organizer.sees("Urgent 1."))
    team.organizer.sees("Aliya")


async def test_a_taken_persons_phone_is_emptied_while_locked(world: World) -> None:
    """And they are on the board as taken, before and after the opening."""
    team, _, (aliya, *_) = await begun(world)
    await world.locks()
    await aliya.writes("/taken")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    await team.steward.writes("/board")
    team.steward.sees("Taken: 1")
    await world.opens_again()
    assert (await person(world, aliya)).presence is Presence.TAKEN
    await team.organizer.presses("Released")
    await team.organizer.presses("I have heard their voice")
    assert not (await person(world, aliya)).needs_help


async def test_a_steward_marks_by_number(world: World) -> None:
    """Whoever knows the number from a card can mark; here as well as taken."""
    team, _, (aliya, bota, _) = await begun(world)
    await world.locks()
    await team.steward.writes("/mark")
    assert "The names are locked." in team.steward.sees("Whom did you see?").text
    await team.steward.presses((await situation(world, aliya)).number)
    await team.steward.presses("They are here")
    await team.steward.presses((await situation(world, bota)).number)
    await team.steward.presses("They were taken")
    await world.pass_time(timedelta(0))
    assert bota.chat == []
    await world.opens_again()
    assert (await person(world, aliya)).presence is Presence.HERE
    assert (await person(world, bota)).presence is Presence.TAKEN


async def test_everybody_is_asked_and_counted_while_locked(world: World) -> None:
    """A roll call shows all its numbers, and its names once they are open."""
    team, _, (aliya, bota, clara) = await begun(world)
    await world.locks()
    await team.organizer.writes("/rollcall")
    await aliya.presses("I'm safe")
    await bota.presses("I need help")
    card = team.organizer.sees("Say they are safe: 1").text
    assert "Need help: 1" in card
    assert "Silent: 1" in card
    await team.organizer.presses("Names", team.organizer.sees("Roll call 1"))
    team.organizer.is_told(LATER)
    asked = len([one for one in clara.screens if "Are you safe?" in one.text])
    await world.pass_time(15 * MINUTE)
    assert asked == 1
    team.organizer.sees("Silent: 1")
    await world.opens_again()
    await team.organizer.presses("Names", team.organizer.sees("Roll call 1"))
    team.organizer.sees("Clara")


async def test_groups_leave_while_locked(world: World) -> None:
    """Heads and numbers stand side by side, a participant's ride joins, and names follow."""
    team, _, (aliya, bota, clara) = await begun(world)
    for someone in (aliya, bota, clara):
        await someone.writes("/here")
    await world.locks()
    await team.steward.writes("/board")
    await leaves(team.steward, "Bus", "123 ABC 02", "2")
    await team.steward.presses((await situation(world, aliya)).number)
    await bota.presses("In a vehicle")
    await bota.presses("Bus")
    await bota.writes("123 ABC 02")
    await team.organizer.writes("/board")
    assert "Left with a group: 2" in team.organizer.sees("The names are locked.").text
    await clara.writes("sos")
    await world.opens_again()
    joined = [(await person(world, one)).group_id for one in (aliya, bota, clara)]
    assert joined[0] == joined[1] != joined[2] is None


async def test_what_a_person_allows_is_told_to_the_case_when_it_is_opened(world: World) -> None:
    """A record that began while locked knows afterwards who may be named; who left, never."""
    _, event, (aliya, bota, _) = await begun(world)
    for someone in (aliya, bota):
        named = replace(await person(world, someone), consent=NAME_ME)
        await world.change(partial(_put, named))
    await world.locks()
    await aliya.writes("sos")
    await bota.writes("sos")
    await bota.writes("/leave")
    await bota.presses("withdraw and erase me")
    await world.opens_again()
    said = [details for details in await world.look(lambda tx: _said(tx, event)) if details]
    assert [details for details in said if ("name", "Aliya") in details]
    assert not [details for details in said if ("name", "Bota") in details]


def _put(named: Person, work: Work) -> None:
    PEOPLE.put(work.tx, named)


def _said(tx: Transaction, event: Event) -> list[tuple[tuple[str, str], ...]]:
    found = incidents.at_event(tx, event.id)
    return [one.entry.details for each in found for one in incidents.entries(tx, each)]


# ---------------------------------------------------------------- places


async def test_a_release_that_falls_due_while_locked_is_told_at_once_afterwards(
    world: World,
) -> None:
    """Late, by the rule, and without a fault in between."""
    team = await world.has_team()
    event = await world.has_event()
    (aliya,) = await world.has_participants(event, "Aliya")
    await has_venue(world, team)
    await world.locks()
    await until(world, event, 20 * HOUR)
    assert aliya.screens == []
    await world.opens_again()
    await aliya.presses("Show", aliya.sees("There is something new."))
    aliya.sees(AREA)


async def test_what_was_told_before_is_announced_and_shown_later(world: World) -> None:
    """*Show* is refused kindly, and works after the opening; the card stays where it is."""
    team = await world.has_team()
    event = await world.has_event()
    (aliya,) = await world.has_participants(event, "Aliya")
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await world.locks()
    await aliya.presses("Show")
    aliya.is_told(LATER)
    aliya.sees_nothing_of(AREA)
    await world.opens_again()
    await aliya.presses("Show")
    aliya.sees(AREA)


async def test_who_still_has_the_old_place_is_counted_while_locked(world: World) -> None:
    """*I have seen the new place* counts, though nobody can read which place that is."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    for someone in (aliya, bota):
        await someone.presses("Show")
    await world.locks()
    await team.organizer.writes("/board")
    team.organizer.sees("New place not confirmed: 2")
    await aliya.presses("I have seen the new place")
    team.organizer.sees("New place not confirmed: 1")
    await world.opens_again()
    await team.organizer.writes("/board")
    team.organizer.sees("New place not confirmed: 1")


async def test_hold_works_while_locked_and_holds_when_it_is_opened(world: World) -> None:
    """Whoever knows the place is told to wait at once, and nothing is told afterwards."""
    team = await world.has_team()
    event = await world.has_event()
    (aliya,) = await world.has_participants(event, "Aliya")
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await world.locks()
    await team.second.writes("/hold")
    aliya.sees("Wait")
    team.organizer.sees("On hold since 18:00")
    await team.second.writes("/hold")
    team.second.sees("It is on hold already")
    await until(world, event, 2 * HOUR)
    await world.opens_again()
    assert not aliya.can_press("Show")
    venue = await world.look(lambda tx: disclosure.confirmed(tx, event.id))
    assert venue is not None
    assert venue.hold is not None
    assert venue.hold.by == team.second.team_id
    await team.organizer.presses("End the hold")
    await team.second.presses("Confirm")
    await aliya.presses("Show")
    aliya.sees(AREA)


async def test_an_event_that_is_moved_while_locked_tells_its_stages_by_the_new_time(
    world: World,
) -> None:
    """What has moved is told when it is due by then, no sooner."""
    team = await world.has_team()
    event = await world.has_event()
    (aliya,) = await world.has_participants(event, "Aliya")
    await has_venue(world, team)
    await world.locks()
    starts_at, ends_at = event.starts_at + 48 * HOUR, event.ends_at + 48 * HOUR

    def move(turn: Turn) -> None:
        events.move(turn, event.id, starts_at, ends_at)

    await world.do(team.organizer, move)
    await until(world, event, 20 * HOUR)
    await world.opens_again()
    assert not aliya.shows("something new")
    await world.pass_time(starts_at - 24 * HOUR - world.now)
    aliya.sees("There is something new.")


async def test_a_stolen_account_is_frozen_while_locked_with_all_that_it_has_proposed(
    world: World,
) -> None:
    """A place that waits is put aside, though nobody can read it."""
    team = await world.has_team()
    event = await world.has_event()
    await enters(team.organizer)
    await world.locks()
    await team.second.presses("Confirm")
    team.second.is_told(LATER)
    await team.second.writes("/freeze")
    await team.second.presses("Aigul")
    await team.second.presses("Freeze")
    await world.opens_again()
    assert await world.look(lambda tx: disclosure.proposed(tx, event.id)) is None
    assert await world.look(lambda tx: disclosure.confirmed(tx, event.id)) is None


# ---------------------------------------------------------------- coming and going


async def test_a_link_that_is_opened_while_locked_is_good_afterwards(world: World) -> None:
    """The newcomer is answered kindly, and the link is not used up."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    link = await invited(aigul)
    await world.locks()
    dana = world.person("Dana")
    await dana.opens(link)
    dana.sees(LATER)
    await world.opens_again()
    await dana.opens(link)
    await dana.presses("Go on")
    assert await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id)) == 1


async def test_answers_that_are_given_while_locked_stay_in_the_form(world: World) -> None:
    """The last press is refused in one sentence, and works when it is opened."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    dana = world.person("Dana")
    await dana.opens(await invited(aigul))
    await dana.presses("Go on")
    await dana.writes("Dana the brave")
    await world.locks()
    await dana.presses("Yes, 18 or older")
    await dana.presses("Skip")
    await dana.presses("Say that it happened")
    await dana.presses("Skip")
    dana.is_told(LATER)
    await world.opens_again()
    await dana.presses("Skip")
    dana.sees("Your two words")
    (known,) = await world.look(lambda tx: people.with_standing(tx, event.id, Standing.PENDING))
    assert known.name == "Dana the brave"


async def test_erasing_oneself_works_while_locked(world: World) -> None:
    """Every row of the person goes at once: registration, invitation, check-ins."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    dana = world.person("Dana")
    await dana.opens(await invited(aigul))
    await world.locks()
    await dana.writes("/privacy")
    await dana.presses("Erase")
    await dana.presses("Yes, erase mine")
    dana.sees("It is erased.")
    assert await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id)) == 0
    assert await world.look(lambda tx: INVITATIONS.count(tx, "event_id = ?", event.id)) == 0
    await world.opens_again()
    assert await world.look(lambda tx: people.with_standing(tx, event.id, *Standing)) == []


async def test_a_purge_while_locked_destroys_at_once_and_the_receipt_says_what_follows(
    world: World,
) -> None:
    """The slot is overwritten now; the epoch of the others is replaced at the next opening."""
    team = await world.has_team()
    event, other = await world.has_event(), await world.has_event(starts_in=80 * HOUR)
    await world.has_participants(event, "Aliya")
    (bota,) = await world.has_participants(other, "Bota")
    await world.locks()
    await team.organizer.writes("/purge")
    await team.organizer.presses("Evening of tea", team.organizer.sees("Whose people"))
    await team.organizer.presses("Forget these people")
    await team.second.presses("Confirm")
    team.organizer.sees("It was locked then")
    slots = world._slots  # noqa: SLF001 - what the file holds
    gone = [one for one in (event, other) if KeyName(KeyKind.PEOPLE, one.id) not in slots.names]
    assert len(gone) == 1
    owed_before = slots.is_rotation_owed
    await world.opens_again()
    owed_after = slots.is_rotation_owed
    assert (owed_before, owed_after) == (True, False)
    if gone == [event]:
        assert (await person(world, bota)).name == "Bota"


async def test_nobody_new_can_be_known_while_locked(world: World) -> None:
    """A new event's keys would stand open beside the locked ones."""
    team = await world.has_team()
    await world.has_event()
    await world.locks()
    await team.organizer.writes("/event")
    await team.organizer.presses("New event")
    team.organizer.is_told(LATER)
    assert await world.look(lambda tx: forms.get(tx, team.organizer.chat_id)) is None
