"""Between a release and a heard voice: the phone may be in other hands, and is told nothing."""

from datetime import timedelta

from coordination import events
from coordination.detentions import mark_taken
from coordination.schedule import schedule
from safety.people import Standing
from tests.handlers.test_disclosure import AREA, HOUR, POINT, has_plan, until
from tests.handlers.test_returning import brings_back, freezes
from tests.harness import World

AT_ONCE = timedelta(0)


async def test_whoever_is_out_and_was_not_heard_is_told_and_asked_nothing(world: World) -> None:
    """No place, no hold, no roll call on a phone that others may hold; what is asked is answered.

    They count as silent, and learn what holds as soon as somebody has heard their voice.
    """
    team, event = await has_plan(world)
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await until(world, event, 24 * HOUR)
    await aliya.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await until(world, event, 3 * HOUR)
    await bota.presses("Show")
    bota.sees(POINT)
    await team.organizer.writes("/rollcall")
    bota.sees("Are you safe?")
    await team.organizer.writes("/hold")
    await until(world, event, 2 * HOUR)
    assert aliya.chat == []
    card = team.organizer.sees("Roll call 1")
    assert "Voice not heard yet: 1" in card.text
    await aliya.writes("/help")
    aliya.sees("What you can do here")
    await team.lawyer.presses("I have heard their voice")
    aliya.sees("Wait. Do not set out.")
    assert aliya.keyboard == "🆘 SOS"


async def test_a_place_is_shown_to_no_phone_whose_owner_was_not_heard(world: World) -> None:
    """A press that was kept from before shows nothing; after the voice it is news again."""
    team, event = await has_plan(world)
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await until(world, event, 24 * HOUR)
    kept = aliya.payload_of("Show")
    await aliya.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await aliya.forges(kept)
    aliya.sees_nothing_of(AREA)
    await until(world, event, 3 * HOUR)
    await team.lawyer.presses("I have heard their voice")
    await aliya.presses("Show", within=aliya.sees("There is something new."))
    aliya.sees(POINT)
    bota.sees("There is something new.")


async def test_home_is_asked_of_no_phone_whose_owner_was_not_heard(world: World) -> None:
    """Neither at once nor in the second round; the organizers are told whom to call."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    await world.change(lambda work: schedule(work, event))
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    for someone in (aliya, bota):
        await someone.writes("/taken")
        await team.lawyer.presses("Released")
    await team.lawyer.presses("I have heard")
    await world.pass_time(event.ends_at + HOUR - world.now)
    await world.pass_time(HOUR)
    bota.sees("Did you get home?")
    assert aliya.chat == []
    await world.pass_time(HOUR)
    assert aliya.chat == []
    team.organizer.sees("2 people have not answered whether they got home.")


async def test_a_released_stewards_phone_learns_no_place_either(world: World) -> None:
    """They decide about none, so nothing is lost; who was heard finds it again under /help."""
    team, event = await has_plan(world)
    await until(world, event, 24 * HOUR)
    kept = team.steward.payload_of("Show")
    await team.steward.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await until(world, event, 3 * HOUR)
    assert team.steward.chat == []
    await team.steward.forges(kept)
    team.steward.sees_nothing_of(AREA)
    team.steward.sees_nothing_of(POINT)
    await team.lawyer.presses("I have heard their voice")
    await team.steward.forges(kept)
    team.steward.sees(POINT)


async def test_a_decision_is_told_to_no_phone_whose_owner_was_not_heard(world: World) -> None:
    """It holds day, hour and city; whoever decides reads the truth of it, the person later."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", standing=Standing.PENDING)
    await aliya.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await team.organizer.writes("/people")
    await team.organizer.presses("Who waits?")
    await team.organizer.presses("Approve")
    assert aliya.chat == []
    team.organizer.is_told("Nothing is sent to that chat now")
    await team.lawyer.presses("I have heard their voice")
    aliya.sees("You are registered: Fri 28 May, 18:00, Almaty.")


async def test_a_start_shows_no_registration_on_a_phone_whose_owner_was_not_heard(
    world: World,
) -> None:
    """Whoever holds it would read the decision, and the two words to pass for its owner with."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", standing=Standing.PENDING)
    await aliya.writes("/start")
    aliya.sees("Your two words")
    await aliya.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await aliya.writes("/start")
    aliya.sees("What you can do here")
    aliya.sees_nothing_of("Your two words")
    await team.lawyer.presses("I have heard their voice")
    await aliya.writes("/start")
    aliya.sees("Your two words")


async def test_a_released_stewards_phone_learns_no_change_of_the_event(world: World) -> None:
    """A new day and hour are for nobody who holds that phone; its owner reads them once heard."""
    team = await world.has_team()
    event = await world.has_event()
    await team.steward.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    starts, ends = event.starts_at + 24 * HOUR, event.ends_at + 24 * HOUR
    await world.do(team.organizer, lambda turn: events.move(turn, event.id, starts, ends))
    team.second.sees("a new time.")
    await world.do(team.organizer, lambda turn: events.set_number(turn, event.id, "+77005550011"))
    team.second.sees("whom everybody calls in trouble was changed")
    assert team.steward.chat == []
    await team.lawyer.presses("I have heard their voice")
    team.steward.sees("a new time.")


async def test_whoever_was_declined_meanwhile_learns_it_once_heard(world: World) -> None:
    """They knew a place: without a word they would go there, and nobody would expect them."""
    team, event = await has_plan(world)
    aliya = await world.has_participant(event, "Aliya")
    await until(world, event, 3 * HOUR)
    await aliya.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await team.organizer.writes("/people")
    await team.organizer.presses("Approved (1)")
    await team.organizer.presses("Aliya")
    await team.organizer.presses("Decline")
    assert aliya.chat == []
    await team.lawyer.presses("I have heard their voice")
    aliya.sees("we cannot offer you a place")


async def test_once_heard_they_learn_what_they_missed_at_their_other_event_too(
    world: World,
) -> None:
    """That chat was told of neither; told of one alone they would wait at the other in vain."""
    team = await world.has_team()
    event, other = await world.has_event(), await world.has_event(starts_in=80 * HOUR)
    aliya = await world.has_participant(event, "Aliya")
    taken = aliya.person_id
    await world.has_participant(other, "Aliya")
    assert taken is not None
    await world.do(team.organizer, lambda turn: mark_taken(turn, taken))
    await team.lawyer.presses("Released")
    await world.do(team.organizer, lambda turn: events.cancel(turn, other.id))
    assert aliya.chat == []
    await team.lawyer.presses("I have heard their voice")
    aliya.sees("it will not take place")


async def test_a_steward_who_was_taken_as_a_participant_learns_what_changed_once_heard(
    world: World,
) -> None:
    """Of that chat it was kept as well; a steward at the wrong hour leaves people alone."""
    team = await world.has_team()
    event = await world.has_event()
    taken = (await world.has_participant(event, "Saule")).person_id
    assert taken is not None
    await world.do(team.organizer, lambda turn: mark_taken(turn, taken))
    await team.lawyer.presses("Released")
    starts, ends = event.starts_at + 24 * HOUR, event.ends_at + 24 * HOUR
    await world.do(team.organizer, lambda turn: events.move(turn, event.id, starts, ends))
    assert team.steward.chat == []
    await team.lawyer.presses("I have heard their voice")
    team.steward.sees("a new time.")


async def test_a_steward_who_was_taken_as_a_participant_is_told_of_other_events_too(
    world: World,
) -> None:
    """Left out while unheard, they have duties at an event where they do not take part."""
    team = await world.has_team()
    event = await world.has_event(starts_in=HOUR)
    await world.has_participant(event, "Saule")
    other = await world.has_event()
    await team.steward.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    starts, ends = other.starts_at + 24 * HOUR, other.ends_at + 24 * HOUR
    await world.do(team.organizer, lambda turn: events.move(turn, other.id, starts, ends))
    assert team.steward.chat == []
    await team.lawyer.presses("I have heard their voice")
    team.steward.sees("a new time.")


async def test_whoever_is_told_no_change_of_an_event_is_not_told_once_heard(world: World) -> None:
    """A medic's task needs neither its day nor its hour."""
    team = await world.has_team()
    event = await world.has_event()
    await team.medic.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    starts, ends = event.starts_at + 24 * HOUR, event.ends_at + 24 * HOUR
    await world.do(team.organizer, lambda turn: events.move(turn, event.id, starts, ends))
    await team.lawyer.presses("I have heard their voice")
    team.medic.sees_nothing_of("a new time.")


async def test_a_frozen_account_learns_no_change_when_its_owner_is_heard(world: World) -> None:
    """Whoever has the account would read day and hour; its owner reads them once restored."""
    team = await world.has_team()
    event = await world.has_event()
    await team.steward.writes("/taken")
    await world.pass_time(AT_ONCE)
    await team.lawyer.presses("Released")
    await freezes(team, "Saule")
    starts, ends = event.starts_at + 24 * HOUR, event.ends_at + 24 * HOUR
    await world.do(team.organizer, lambda turn: events.move(turn, event.id, starts, ends))
    await team.lawyer.presses("I have heard their voice")
    assert team.steward.chat == []
    await brings_back(team, "Saule")
    team.steward.sees("a new time.")
