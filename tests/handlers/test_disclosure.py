"""Places on people's phones: late, in stages, behind *Show*, and gone when they hold no more."""

from datetime import timedelta

import pytest

from coordination import telling
from coordination.approval import follow_approval
from coordination.confirmations import confirm
from coordination.turns import Turn, Work
from coordination.venues import ask_resume, hold, release_next
from handlers.buttons import pack
from handlers.buttons.disclosure import ShowPlace
from safety.disclosure import PlacePin, TellMore
from safety.errors import OutdatedError, RefusalError
from safety.events import Event
from safety.people import PersonId, Standing
from safety.timers import CHUNK
from safety.venues import (
    Stage,
)
from storage import disclosure, outbox, people, proposals, tickets
from tests.harness import Someone, Team, World

HOUR = timedelta(hours=1)
REST = timedelta(seconds=5)  # until the last are told
SOME = 2 * CHUNK + 5  # more people than two steps tell
MINUTE = timedelta(minutes=1)
AREA, POINT, ADDRESS = "Near the old park", "The north fountain", "Green street 40, flat 7"
OTHER_AREA, OTHER_POINT, OTHER_ADDRESS = "By the lake", "The boat house", "Shore road 2"
PIN = (43.2590, 76.9540)


async def enters(organizer: Someone) -> None:
    """Answer the form of a venue, up to its summary."""
    await organizer.writes("/venue")
    await organizer.writes(AREA)
    await organizer.writes(POINT)
    await organizer.presses("Skip")
    await organizer.writes(ADDRESS)
    await organizer.sends_location(*PIN)
    await organizer.presses("24 h, 3 h, 1 h")
    await organizer.presses("Confirm")


async def enters_another(organizer: Someone) -> None:
    """Answer the form of a relocation, up to its summary."""
    await organizer.writes("/relocate")
    await organizer.writes(OTHER_AREA)
    await organizer.writes(OTHER_POINT)
    await organizer.presses("Skip")
    await organizer.writes(OTHER_ADDRESS)
    await organizer.presses("Skip")
    await organizer.presses("the place was cancelled")
    await organizer.presses("Confirm")


async def has_venue(world: World, team: Team) -> None:
    """Let a venue hold that two people have decided."""
    await enters(team.organizer)
    await team.second.presses("Confirm")
    del world


async def has_plan(world: World) -> tuple[Team, Event]:
    """Give a team, and an event with a venue that two people have decided."""
    team = await world.has_team()
    event = await world.has_event()
    await has_venue(world, team)
    return team, event


async def until(world: World, event: Event, before: timedelta) -> None:
    """Let time pass until so long before the start."""
    await world.pass_time(event.starts_at - before - world.now)


async def test_nobody_learns_a_place_before_its_stage(world: World) -> None:
    """One minute before there is nothing; at the stage everybody approved is told."""
    team = await world.has_team()
    event = await world.has_event()
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    waiting = await world.has_participant(event, "Tim", standing=Standing.WAITING)
    await has_venue(world, team)
    await until(world, event, 24 * HOUR + MINUTE)
    assert (dana.screens, erik.screens) == ([], [])
    await until(world, event, 24 * HOUR)
    for someone in (dana, erik):
        news = someone.sees("There is something new.")
        assert AREA not in news.text
        assert news.is_protected
        await someone.presses("Show")
        assert someone.sees(AREA).is_protected
        someone.sees_nothing_of(POINT)
        someone.sees_nothing_of(ADDRESS)
    assert waiting.screens == []


async def test_the_first_stage_brings_card_and_key_once(world: World) -> None:
    """What to do in trouble, one voice number, and the permanent key."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    assert "call +7 700 000 00 00" in dana.sees("Trouble: SOS, or write sos.").text
    assert dana.keyboard == "🆘 SOS"
    brought = [seen.message_id for seen in dana.screens if seen.key or "Trouble" in seen.text]
    await until(world, event, HOUR)
    after = [seen.message_id for seen in dana.screens if seen.key or "Trouble" in seen.text]
    assert after == brought


async def test_each_stage_tells_more_and_the_pin_comes_with_show(world: World) -> None:
    """The address comes last, protected, with its point on the map."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await dana.presses("Show")
    dana.sees(POINT)
    dana.sees_nothing_of(ADDRESS)
    await until(world, event, HOUR)
    await dana.presses("Show")
    shown = dana.sees(ADDRESS)
    assert "Don't forward it. Telegram can read this chat." in shown.text
    assert "comes here, late" not in shown.text  # it is here; whoever reads that waits for another
    pins = [seen for seen in dana.screens if seen.pin is not None]
    assert [(one.pin.latitude, one.pin.longitude) for one in pins if one.pin] == [PIN]
    assert all(one.is_protected for one in pins)
    await dana.forges(pack(ShowPlace(await _venue(world, event))))
    assert len([seen for seen in dana.screens if seen.pin is not None]) == 1


async def test_a_pin_that_never_came_comes_with_the_place_again(world: World) -> None:
    """It is not repeated by itself, since a point says nothing of that: the menu brings it."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.presses("Show")
    dana.chat[:] = [seen for seen in dana.chat if seen.pin is None]
    await dana.writes("/help")
    await dana.presses("The place")
    assert [seen.pin.latitude for seen in dana.screens if seen.pin is not None] == [PIN[0]]


async def test_a_venue_takes_two_people_and_nobody_alone(world: World) -> None:
    """Whoever entered it cannot confirm it; without a second person nothing is told."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await enters(team.organizer)
    card = team.second.sees("A place for Evening of tea")
    assert not any(words in card.text for words in (AREA, POINT, ADDRESS))
    await until(world, event, HOUR)
    assert dana.screens == []


async def test_a_deputy_sees_the_place_on_a_tap_while_it_waits_and_no_names(world: World) -> None:
    """The exact address stands behind a button for a minute; the roster nowhere."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, "Dana P", "Erik")
    await enters(team.organizer)
    team.deputy.sees("A place for Evening of tea")
    team.deputy.sees_nothing_of(ADDRESS)
    await team.deputy.presses("Show")
    details = team.deputy.sees(ADDRESS)
    assert details.is_protected
    await world.pass_time(MINUTE)
    team.deputy.sees_nothing_of(ADDRESS)
    payload = team.deputy.payload_of("Show")
    await team.deputy.presses("Confirm")
    await team.deputy.forges(payload)
    team.deputy.sees_nothing_of(ADDRESS)
    assert not any("Dana P" in seen.text for seen in team.deputy.screens)


async def test_somebody_approved_late_learns_it_at_once(world: World) -> None:
    """All the stages so far, with card and key."""
    team = await world.has_team()
    event = await world.has_event()
    late = await world.has_participant(event, "Late", standing=Standing.WAITING)
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    assert late.screens == []
    late = await world.has_participant(event, "Late")
    person_id = late.person_id
    assert person_id is not None
    person = await world.look(lambda tx: people.get(tx, PersonId(person_id)))
    assert person is not None
    await world.change(lambda work: follow_approval(work, person))
    await late.presses("Show")
    assert AREA in late.sees(POINT).text
    late.sees_nothing_of(ADDRESS)
    assert late.keyboard == "🆘 SOS"


async def test_messages_with_places_go_by_themselves(world: World) -> None:
    """Twelve hours after they were told nothing of them is left; the key stays."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, HOUR)
    await dana.presses("Show")
    await world.pass_time(12 * HOUR)
    for place in (AREA, POINT, ADDRESS):
        dana.sees_nothing_of(place)
    assert not any(seen.pin for seen in dana.screens)
    assert dana.keyboard == "🆘 SOS"


async def test_one_organizer_holds_and_nothing_is_told_any_more(world: World) -> None:
    """Whoever knew something waits; the place leaves the phones; later stages do not come."""
    team = await world.has_team()
    event = await world.has_event()
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await dana.presses("Show")
    await team.second.writes("/hold")
    for someone in (dana, erik):
        assert someone.sees("Wait. Do not set out.").rang
        someone.sees_nothing_of(POINT)
        someone.sees_nothing_of("something new")
    await until(world, event, MINUTE)
    for someone in (dana, erik):
        someone.sees_nothing_of(ADDRESS)
    await dana.forges(pack(ShowPlace(await _venue(world, event))))
    dana.is_told("Wait. Do not set out.")
    team.organizer.sees("On hold since 15:00")


async def test_a_place_that_is_on_its_way_when_it_is_held_is_taken_back(world: World) -> None:
    """It was put into words before: only whoever records that it has arrived can still help."""
    team, event = await has_plan(world)
    (dana,) = await world.has_participants(event, "Dana P")
    await until(world, event, 3 * HOUR)
    pin = PlacePin(await _venue(world, event), Stage.MEETING_POINT)

    def hold_while_it_is_sent(turn: Turn) -> bool:
        turn.owe(dana.recipient, pin, event.id)
        ready = tickets.ready(turn.tx, turn.now, 10)
        (sending,) = outbox.claim(turn.tx, [ticket.id for ticket in ready])
        hold(turn, event.id)
        return outbox.done(turn.tx, sending.id)

    assert not await world.do(team.second, hold_while_it_is_sent)


async def test_the_end_of_one_hold_ends_no_later_one(world: World) -> None:
    """Two had asked for it; by the second yes somebody has held it again, for a reason."""
    team, event = await has_plan(world)
    await world.do(team.second, lambda turn: hold(turn, event.id))
    for someone in (team.organizer, team.second):
        await world.do(someone, lambda turn: ask_resume(turn, event.id))
    first, second = await world.look(lambda tx: proposals.open_ones(tx, world.now))
    await world.do(team.deputy, lambda turn: confirm(turn, first.id))
    await world.do(team.second, lambda turn: hold(turn, event.id))
    with pytest.raises(OutdatedError):
        await world.do(team.deputy, lambda turn: confirm(turn, second.id))


async def test_nothing_is_released_early_while_it_is_on_hold(world: World) -> None:
    """The yes came after the hold: the end of the hold tells what is due, and nothing else."""
    team, event = await has_plan(world)
    await world.do(team.organizer, lambda turn: release_next(turn, event.id))
    (proposal,) = await world.look(lambda tx: proposals.open_ones(tx, world.now))
    await world.do(team.second, lambda turn: hold(turn, event.id))
    with pytest.raises(RefusalError):
        await world.do(team.deputy, lambda turn: confirm(turn, proposal.id))


async def test_a_hold_asks_why_afterwards_and_the_card_shows_it(world: World) -> None:
    """The hold counts at once; its reason is optional."""
    team = await world.has_team()
    event = await world.has_event()
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await team.second.writes("/hold")
    team.organizer.sees("On hold since 15:00.")
    await team.second.presses("it is not safe there")
    team.organizer.sees("On hold since 15:00: it is not safe there.")


async def test_a_hold_ends_by_two_and_what_was_due_is_told(world: World) -> None:
    """One alone cannot resume; afterwards everybody is told what is due by then."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await team.organizer.writes("/hold")
    await team.organizer.presses("Skip")
    await until(world, event, 30 * MINUTE)
    await team.organizer.presses("End the hold")
    dana.sees("Wait. Do not set out.")
    await team.deputy.presses("Confirm")
    dana.sees_nothing_of("Wait")
    await dana.presses("Show")
    dana.sees(ADDRESS)


async def test_the_next_stage_is_released_early_by_two(world: World) -> None:
    """`/release` alone tells nothing."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await team.organizer.writes("/release")
    assert dana.screens == []
    await team.second.presses("Confirm")
    await dana.presses("Show")
    dana.sees(AREA)
    dana.sees_nothing_of(POINT)


async def test_cancelled_held_and_moved_whoever_had_the_old_place_is_first(world: World) -> None:
    """The old place leaves every phone, and the board counts who has not seen the new one."""
    team = await world.has_team()
    event = await world.has_event()
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await dana.presses("Show")
    await team.organizer.writes("/board")
    await team.organizer.writes("/hold")
    await team.organizer.presses("the place was cancelled")
    late = await world.has_participant(event, "Aaa new")
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    for someone in (dana, erik):
        assert "does not count any more" in someone.sees("Something has changed.").text
        someone.sees_nothing_of(POINT)
        someone.sees_nothing_of("Wait.")
    late.sees("There is something new.")
    assert dana.screens[-1].message_id < late.screens[0].message_id
    team.organizer.sees("New place not confirmed: 2")
    await dana.presses("Show")
    dana.sees(OTHER_POINT)
    dana.sees_nothing_of(OTHER_ADDRESS)
    await dana.presses("I have seen the new place")
    assert not dana.can_press("I have seen the new place")
    team.organizer.sees("New place not confirmed: 1")
    await until(world, event, HOUR)
    await erik.presses("Show")
    erik.sees(OTHER_ADDRESS)
    erik.sees_nothing_of(ADDRESS)


async def test_an_old_show_button_tells_nothing_after_a_relocation(world: World) -> None:
    """A button stays clickable for ever; the old place does not come back."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    payload = dana.payload_of("Show")
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    await dana.forges(payload)
    dana.is_told("out of date")
    dana.sees_nothing_of(POINT)


async def test_a_move_before_anything_was_told_tells_nobody(world: World) -> None:
    """Nobody had the old place, so the new one comes at its own stages."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    assert dana.screens == []
    await until(world, event, 24 * HOUR)
    await dana.presses("Show")
    dana.sees(OTHER_AREA)


async def test_no_address_is_ever_sent_where_a_steward_walks_people_in(world: World) -> None:
    """The meeting point is the last thing that stands on any phone."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/venue")
    await team.organizer.writes(AREA)
    await team.organizer.writes(POINT)
    await team.organizer.presses("Skip")
    await team.organizer.presses("a steward walks people in")
    await team.organizer.presses("24 h, 3 h, 1 h")
    await team.organizer.presses("Confirm")
    await team.second.presses("Confirm")
    await until(world, event, MINUTE)
    await dana.presses("Show")
    assert "A steward walks people in" in dana.sees(POINT).text


async def test_own_times_are_kept_and_an_impossible_order_is_explained(world: World) -> None:
    """What is exact never comes before what is vague."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await team.organizer.writes("/venue")
    await team.organizer.writes(AREA)
    await team.organizer.writes(POINT)
    await team.organizer.presses("Skip")
    await team.organizer.writes(ADDRESS)
    await team.organizer.presses("Skip")
    await team.organizer.presses("Other times")
    await team.organizer.writes("4:30")
    await team.organizer.writes("soon")
    team.organizer.sees("Write hours and minutes")
    await team.organizer.writes("6:00")
    team.organizer.sees("cannot be told before what is vague")
    await team.organizer.writes("2:00")
    await team.organizer.presses("30 min")
    team.organizer.sees("meeting point: comes Fri 28 May 16:00")
    await team.organizer.presses("Confirm")
    await team.second.presses("Confirm")
    await until(world, event, 4 * HOUR + 31 * MINUTE)
    assert dana.screens == []
    await until(world, event, 4 * HOUR + 30 * MINUTE)
    dana.sees("There is something new.")


async def test_a_bare_number_is_no_time_before_the_start(world: World) -> None:
    """Whoever writes 24 means hours or minutes; a place told too early cannot be untold.

    What would come before the stage before it is not offered.
    """
    team = await world.has_team()
    await world.has_event()
    organizer = team.organizer
    await organizer.writes("/venue")
    for answer in (AREA, POINT):
        await organizer.writes(answer)
    await organizer.presses("Skip")
    await organizer.writes(ADDRESS)
    await organizer.presses("Skip")
    await organizer.presses("Other times")
    for answer in ("24", "2:75", "-1:00"):
        await organizer.writes(answer)
        assert "Write hours and minutes" in organizer.screens[-1].text
    await organizer.writes("2:00")
    assert organizer.screens[-1].labels == ["2 h", "1 h", "Cancel"]


async def test_a_stage_whose_time_is_over_is_said_to_be_told_at_once(world: World) -> None:
    """Whoever enters a place late sees, before Confirm, what everybody learns in that minute."""
    team = await world.has_team()
    event = await world.has_event()
    await until(world, event, 2 * HOUR)
    organizer = team.organizer
    await organizer.writes("/venue")
    for answer in (AREA, POINT):
        await organizer.writes(answer)
    await organizer.presses("Skip")
    await organizer.writes(ADDRESS)
    await organizer.presses("Skip")
    await organizer.presses("24 h, 3 h, 1 h")
    lines = organizer.sees("Is this right?").text.splitlines()
    at_once = "to everybody at once, when a second person confirms"
    assert [line for line in lines if at_once in line] == [
        f"– area: {at_once}",
        f"– meeting point: {at_once}",
    ]
    assert "– address: comes Fri 28 May 17:00" in lines


async def test_whoever_has_cleared_the_chat_finds_the_place_again(world: World) -> None:
    """Who empties their phone before a check on the way still has to arrive."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    waiting = await world.has_participant(event, "Tim", standing=Standing.WAITING)
    await has_venue(world, team)
    await dana.writes("/help")
    assert not dana.can_press("The place")
    await until(world, event, 3 * HOUR)
    await dana.writes("/privacy")
    await dana.presses("Clear this chat")
    dana.sees_nothing_of("There is something new.")
    for someone in (dana, team.steward):
        await someone.writes("/help")
        await someone.presses("The place: Fri 28 May")
        assert someone.sees(POINT).is_protected
        someone.sees_nothing_of(ADDRESS)
    for someone in (waiting, team.lawyer, team.deputy):
        await someone.writes("/help")
        assert not someone.can_press("The place")
    await team.organizer.writes("/hold")
    await dana.writes("/help")
    assert not dana.can_press("The place")


async def test_a_steward_is_told_and_other_responders_are_not(world: World) -> None:
    """Whoever receives people needs the place; lawyer and medic do not."""
    team = await world.has_team()
    event = await world.has_event()
    await has_venue(world, team)
    await until(world, event, HOUR)
    await team.steward.presses("Show")
    team.steward.sees(ADDRESS)
    for someone in (team.lawyer, team.medic, team.deputy):
        await someone.forges(pack(ShowPlace(await _venue(world, event))))
        someone.sees_nothing_of(ADDRESS)


async def test_two_events_at_once_keep_their_places_apart(world: World) -> None:
    """A person of one learns nothing of the other; a command asks which one is meant."""
    team = await world.has_team()
    first = await world.has_event()
    second = await world.has_event(starts_in=57 * HOUR)
    dana = await world.has_participant(first, "Dana P")
    erik = await world.has_participant(second, "Erik")
    await team.organizer.writes("/venue")
    team.organizer.sees("Which one?")
    *labels, cancel = team.organizer.sees("Which one?").labels
    assert (len(labels), cancel) == (2, "Cancel")
    screen = team.organizer.sees("Which one?")
    await team.organizer.forges(screen.presses[0].payload, screen.message_id)
    for words in (AREA, POINT):
        await team.organizer.writes(words)
    await team.organizer.presses("Skip")
    await team.organizer.writes(ADDRESS)
    await team.organizer.presses("Skip")
    await team.organizer.presses("24 h, 3 h, 1 h")
    await team.organizer.presses("Confirm")
    await team.second.presses("Confirm")
    await until(world, first, HOUR)
    dana.sees("There is something new.")
    assert erik.screens == []
    await erik.forges(dana.payload_of("Show"))
    assert erik.screens == []


async def test_a_taken_person_is_told_nothing_more(world: World) -> None:
    """A phone in other hands learns no place, neither by a stage nor by a move."""
    team = await world.has_team()
    event = await world.has_event()
    dana, erik = await world.has_participants(event, "Dana P", "Erik")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await dana.writes("/taken")
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    await until(world, event, MINUTE)
    assert dana.chat == []
    erik.sees("There is something new.")
    venue = await _venue(world, event)
    told = await world.look(lambda tx: disclosure.told_stages(tx, venue, dana.person_id or 0))
    assert told == []


async def test_a_few_are_told_in_one_transaction_and_all_in_the_end(world: World) -> None:
    """More people than one chunk: everybody is told, nobody twice."""
    team = await world.has_team()
    event = await world.has_event()
    crowd = await world.has_participants(event, *(f"P{number}" for number in range(SOME)))
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    assert sum(someone.shows("There is something new.") for someone in crowd) == CHUNK
    await world.pass_time(REST)
    assert all(someone.shows("There is something new.") for someone in crowd)
    assert {len(someone.screens) for someone in crowd} == {3}
    venue = await _venue(world, event)
    counted = await world.look(lambda tx: disclosure.count_told(tx, venue, Stage.AREA))
    assert counted == (SOME, 0)
    await team.organizer.writes("/hold")
    await world.pass_time(REST)
    assert all(someone.shows("Wait. Do not set out.") for someone in crowd)


async def _venue(world: World, event: Event) -> int:
    venue = await world.look(lambda tx: disclosure.confirmed(tx, event.id))
    assert venue is not None
    return venue.id


async def test_in_a_crowd_whoever_had_the_old_place_is_told_first(world: World) -> None:
    """Newcomers wait for the next chunk; the old place has left before the new one is there."""
    team = await world.has_team()
    event = await world.has_event()
    had_it = await world.has_participants(event, *(f"Old{number}" for number in range(CHUNK // 2)))
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    for someone in had_it[:3]:
        await someone.presses("Show")
    await team.organizer.writes("/hold")
    newcomers = await world.has_participants(event, *(f"New{number}" for number in range(SOME)))
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    assert all(someone.shows("Something has changed.") for someone in had_it)
    assert not any(someone.shows("Wait.") or someone.shows(POINT) for someone in had_it)
    assert sum(someone.shows("There is something new.") for someone in newcomers) == CHUNK // 2
    await world.pass_time(REST)
    assert all(someone.shows("There is something new.") for someone in newcomers)


async def test_old_places_leave_the_phones_of_the_first_before_the_rest(
    world: World,
) -> None:
    """In a crowd nobody has two places at once, however long the rest takes."""
    team, crowd = await has_crowd_that_knows(world)
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    moved = [someone for someone in crowd if someone.shows("Something has changed.")]
    assert len(moved) == CHUNK
    assert not any(someone.shows(POINT) for someone in moved)


async def test_a_hold_after_a_move_was_proposed_outlives_its_confirmation(world: World) -> None:
    """Whoever stops may mean the new place: it takes two to go on."""
    team = await world.has_team()
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana P")
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await enters_another(team.organizer)
    await team.steward.writes("/hold")
    dana.sees_nothing_of("Wait.")
    await team.organizer.writes("/hold")
    await team.second.presses("Confirm")
    dana.sees_nothing_of("Something has changed.")
    dana.sees_nothing_of("There is something new.")
    await team.organizer.presses("End the hold")
    await team.second.presses("Confirm")
    await dana.presses("Show")
    dana.sees(OTHER_POINT)


async def test_the_key_is_renewed_while_its_old_message_can_still_be_deleted(
    world: World,
) -> None:
    """Days before the event the key moves to a new message; at home none is left behind."""
    team = await world.has_team()
    event = await world.has_event(starts_in=80 * HOUR)
    asel = await world.has_participant(event, "Asel")
    await has_venue(world, team)
    await until(world, event, before=23 * HOUR)
    before = [seen.message_id for seen in asel.screens if seen.key]
    await world.pass_time(37 * HOUR)
    after = [seen.message_id for seen in asel.screens if seen.key]
    assert len(after) == 1
    assert after != before
    await asel.writes("/home")
    assert not [seen for seen in asel.screens if seen.key]


async def has_crowd_that_knows(world: World) -> tuple[Team, list[Someone]]:
    """Have a team, and more people than are told at once, who have all looked at the place."""
    team = await world.has_team()
    event = await world.has_event()
    crowd = await world.has_participants(event, *(f"P{number}" for number in range(SOME)))
    await has_venue(world, team)
    await until(world, event, 3 * HOUR)
    await world.pass_time(REST)
    for someone in crowd:
        await someone.presses("Show")
    return team, crowd


async def test_a_hold_in_the_middle_of_a_move_reaches_whoever_only_had_the_old_place(
    world: World,
) -> None:
    """In a crowd most have not heard of the move yet: they wait too, and have no place left."""
    team, crowd = await has_crowd_that_knows(world)
    await enters_another(team.organizer)
    await team.second.presses("Confirm")
    await team.organizer.writes("/hold")
    await world.pass_time(REST)
    assert not any(someone.shows(POINT) for someone in crowd)
    assert all(someone.shows("Wait. Do not set out.") for someone in crowd)
    await team.organizer.presses("End the hold")
    await team.second.presses("Confirm")
    await world.pass_time(REST)
    assert not any(someone.shows("Wait. Do not set out.") for someone in crowd)
    for someone in crowd:
        await someone.presses("Show")
        someone.sees(OTHER_POINT)


async def test_a_hold_in_the_middle_of_a_stage_and_its_end_tell_nobody_twice(
    world: World,
) -> None:
    """Whoever learns the place because the hold has ended is not told once more by its end."""
    team = await world.has_team()
    event = await world.has_event()
    crowd = await world.has_participants(event, *(f"P{number}" for number in range(SOME)))
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await team.organizer.writes("/hold")
    await world.pass_time(REST)
    await team.organizer.presses("End the hold")
    await team.second.presses("Confirm")
    told = [someone for someone in crowd if someone.shows("There is something new.")]
    first = [someone.sees("There is something new.").message_id for someone in told]
    await world.pass_time(REST)
    assert all(someone.shows("There is something new.") for someone in crowd)
    assert [someone.sees("There is something new.").message_id for someone in told] == first


async def test_a_move_confirmed_in_the_middle_of_a_hold_leaves_everybody_waiting(
    world: World,
) -> None:
    """The new place is on hold as well, so whoever was not told to wait yet is told for it."""
    team, crowd = await has_crowd_that_knows(world)
    await enters_another(team.organizer)
    await team.organizer.writes("/hold")
    await team.second.presses("Confirm")
    await world.pass_time(REST)
    assert all(someone.shows("Wait. Do not set out.") for someone in crowd)
    assert not any(someone.shows(POINT) for someone in crowd)


async def test_a_timer_that_was_altered_keeps_the_place_from_nobody_else(world: World) -> None:
    """Who waits goes first, but not for ever: the others are told all the same."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, *(f"P{number}" for number in range(SOME)))
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await world.pass_time(REST)
    await team.organizer.writes("/hold")
    await world.pass_time(REST)
    newcomers = await world.has_participants(event, "New1", "New2")
    await team.organizer.presses("End the hold")
    await team.second.presses("Confirm")
    await world.change(_alters)
    assert not any(one.shows("There is something new.") for one in newcomers)
    world.now += 2 * MINUTE  # the altered one stays due
    more = TellMore(await _venue(world, event))
    await world.change(lambda work: telling.tell_more(work, more))
    assert all(one.shows("There is something new.") for one in newcomers)


def _alters(work: Work) -> None:
    changed = work.tx.run("UPDATE timers SET sealed = x'00' WHERE key LIKE 'holders:%'")
    assert changed == 1
