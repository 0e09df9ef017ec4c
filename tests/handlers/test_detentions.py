"""Detentions on people's phones: the taken person's is empty and quiet, the lawyer's is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.buttons import pack
from handlers.buttons.alarms import OnItPress
from handlers.routes import TABLE
from safety.detentions import KEPT_FORMS
from safety.people import TEAM_ROLES, EventId, Presence, Role
from safety.registration import Consent, Person
from storage import alarms, detentions
from storage.people import PEOPLE
from storage.transaction import Transaction
from tests.harness import Someone, World

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


async def test_one_tap_empties_the_phone_and_takes_the_key(world: World) -> None:
    """Nothing that either side wrote is left, and no key."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    _has_key(aliya)
    await aliya.writes("hello")
    await aliya.writes("sos")
    await aliya.presses("They are taking me")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    assert aliya.keyboard is None
    assert aliya.alerts == []


@pytest.mark.parametrize("role", sorted(TEAM_ROLES))
async def test_whoever_helps_empties_their_phone_with_one_tap(world: World, role: Role) -> None:
    """A lawyer's phone names more people than a participant's; each role is offered the tap."""
    event = await world.has_event()
    organizer = await world.has_organizer()
    aliya = await world.has_participant(event, "Aliya")
    bota = await world.has_team_person("Bota", role)
    await aliya.writes("sos")
    await bota.writes("sos")
    await bota.presses("They are taking me")
    await world.pass_time(timedelta(0))
    assert bota.chat == []
    assert bota.alerts == []
    organizer.sees("Urgent 1.")


async def test_where_nothing_is_open_the_lawyer_reads_that_and_no_row_of_noughts(
    world: World,
) -> None:
    """At two in the morning one sentence is read more surely than five numbers."""
    team = await world.has_team()
    for someone in (team.lawyer, team.organizer):
        await someone.writes("/case")
        shown = someone.sees("Nothing is open.")
        assert "Nothing has been recorded." in shown.text
        assert "0" not in shown.text
    await team.organizer.writes("/incidents")
    assert "0" not in team.organizer.screens[-1].text


async def test_nothing_is_written_to_a_taken_person_any_more(world: World) -> None:
    """No alarm's answer, no command's reply, no reminder reaches that phone."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.presses("They are taking me")
    await team.organizer.presses("I'm on it")
    for text in ("/help", "/start", "where are my things", "/taken", "/privacy"):
        await aliya.writes(text)
    await world.pass_time(HOUR)
    assert aliya.chat == []
    assert aliya.alerts == []


async def test_a_second_press_changes_nothing_and_answers_nothing(world: World) -> None:
    """Whoever holds the phone can press as often as they like."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    payload = aliya.payload_of("They are taking me")
    for _ in range(3):
        await aliya.forges(payload)
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    assert len(await world.look(detentions.unclosed)) == 1
    team.lawyer.sees_nothing_of("Urgent 2")


async def test_the_lawyer_and_the_organizers_are_rung_and_nobody_else(world: World) -> None:
    """The card's first line says nothing; a steward or medic does not get it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    for someone in (team.lawyer, team.organizer, team.second):
        card = someone.sees("Urgent 1.")
        assert card.rang
        assert card.text.splitlines()[0] == "Urgent 1."
        someone.sees("Somebody was taken at 10:00, 0 h 0 min ago.")
        someone.sees_nothing_of("Aliya")
    for someone in (team.steward, team.medic, team.deputy):
        someone.sees_nothing_of("Urgent")


async def test_the_lawyer_sees_the_consent_and_the_organizer_the_name(world: World) -> None:
    """Each sees what their task needs, for a minute."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await _consents(world, aliya, Consent.NAME_ME)
    await aliya.writes("/taken")
    await team.lawyer.presses("Show")
    assert "name me" in team.lawyer.sees("Aliya").text
    await team.organizer.presses("Show")
    assert "name me" not in team.organizer.sees("Aliya").text
    assert team.organizer.sees("Aliya").is_protected
    await world.pass_time(MINUTE)
    team.lawyer.sees_nothing_of("Aliya")
    team.organizer.sees_nothing_of("Aliya")


async def test_the_last_place_and_words_are_kept(world: World) -> None:
    """What was sent before the tap, and from the phone afterwards, is with the lawyer."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.sends_location(43.25, 76.92)
    await aliya.presses("They are taking me")
    await aliya.writes("white van, plate 123")
    await aliya.sends_location(43.30, 76.95)
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    held = (await world.look(detentions.unclosed))[0]
    assert held.place == (43.30, 76.95)
    await team.lawyer.presses("Show")
    team.lawyer.sees("white van, plate 123")
    pins = [seen.pin for seen in team.lawyer.screens if seen.pin is not None]
    assert [(pin.latitude, pin.longitude) for pin in pins] == [(43.30, 76.95)]


async def test_the_place_of_an_alarm_is_taken_over(world: World) -> None:
    """Where the person was when they called is where the lawyer begins to look."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.sends_location(43.25, 76.92)
    await aliya.presses("They are taking me")
    held = (await world.look(detentions.unclosed))[0]
    assert held.place == (43.25, 76.92)


async def test_a_taken_persons_call_for_help_still_rings(world: World) -> None:
    """The bot is quiet to that phone, never deaf to it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await aliya.writes("sos")
    team.organizer.sees("Alarm 1.")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []


async def test_a_steward_marks_somebody_whose_phone_is_then_emptied(world: World) -> None:
    """Whoever cannot press any more is marked by somebody who saw it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, _ = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/help")
    await team.steward.writes("/mark")
    await team.steward.presses("Aliya")
    await team.steward.presses("They were taken")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    team.lawyer.sees("Urgent 1.")
    await team.steward.writes("side door, by two men in black")
    await team.steward.presses("10 minutes ago")
    await team.lawyer.presses("Show")
    team.lawyer.sees("09:50: seen by Saule")
    team.lawyer.sees("side door, by two men in black")


async def test_a_steward_marks_somebody_as_here(world: World) -> None:
    """A phone without a network can be at the door all the same."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await team.steward.writes("/mark")
    await team.steward.presses("Aliya")
    await team.steward.presses("here")
    assert (await _person(world, aliya)).presence is Presence.HERE
    assert await world.look(detentions.unclosed) == []


async def test_the_names_to_mark_go_after_a_minute(world: World) -> None:
    """A list of names never stays on a phone."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, "Aliya", "Bota")
    await team.steward.writes("/mark")
    assert any("Aliya" in seen.labels for seen in team.steward.screens)
    await world.pass_time(MINUTE)
    assert not any("Aliya" in seen.labels for seen in team.steward.screens)


async def test_only_organizers_and_stewards_see_names_to_mark(world: World) -> None:
    """A forged button shows nobody's name to a deputy, a lawyer or a participant."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await team.steward.writes("/mark")
    payload = team.steward.payload_of("Aliya")
    for someone in (team.deputy, team.lawyer, bota):
        await someone.writes("/mark")
        await someone.forges(payload)
        assert not any("Aliya" in " ".join([seen.text, *seen.labels]) for seen in someone.screens)
    assert await world.look(detentions.unclosed) == []
    del aliya


async def test_somebody_is_marked_once(world: World) -> None:
    """Two stewards see the same thing: one detention."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, "Aliya")
    await team.steward.writes("/mark")
    await team.steward.presses("Aliya")
    payload = team.steward.payload_of("They were taken")
    await team.steward.presses("They were taken")
    await team.organizer.forges(payload)
    team.organizer.is_told("They are marked already")
    assert len(await world.look(detentions.unclosed)) == 1


async def test_released_is_not_safe_until_a_voice_was_heard(world: World) -> None:
    """A release ends the quiet, sends nothing, and leaves the person unverified."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    assert (await _person(world, aliya)).presence is Presence.TAKEN
    await world.pass_time(timedelta(0))
    await team.lawyer.presses("Released")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    person = await _person(world, aliya)
    assert person.presence is Presence.UNANSWERED
    assert person.is_unverified
    team.organizer.sees("Not confirmed: nobody has heard the voice")
    await aliya.writes("/help")
    aliya.sees("What you can do here")
    await team.organizer.presses("I have heard their voice")
    assert not (await _person(world, aliya)).is_unverified
    team.lawyer.sees("Voice heard at 10:00")
    assert await world.look(detentions.unclosed) == []


async def test_the_key_comes_back_when_the_voice_was_heard_and_not_before(world: World) -> None:
    """A release alone sends nothing: the phone may still be in other hands."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.change(lambda work: _knows_a_stage(work.tx, event.id, aliya.person_id or 0))
    await aliya.writes("/taken")
    await world.pass_time(timedelta(0))
    await team.lawyer.presses("Released")
    assert aliya.keyboard is None
    await team.lawyer.presses("I have heard their voice")
    assert _key_of(aliya) is not None


async def test_a_released_phone_is_told_of_no_earlier_call(world: World) -> None:
    """Whoever may have that phone learns neither that there was one nor whom to ring; a new one
    is answered like any other.
    """
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.presses("They are taking me")
    await team.lawyer.presses("Released")
    await world.pass_time(timedelta(minutes=1))
    (alarm,) = await world.look(alarms.unresolved)
    await team.organizer.forges(pack(OnItPress(alarm.id)))
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    await aliya.writes("sos")
    await team.second.forges(pack(OnItPress(alarm.id)))
    aliya.sees("Seen ")


async def test_a_voice_heard_after_a_release_ends_that_persons_call_too(world: World) -> None:
    """One voice, one truth: nobody is asked to hear the same person twice."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    for someone in (aliya, bota):
        await someone.writes("sos")
    await aliya.writes("/taken")
    await team.lawyer.presses("Released")
    await team.lawyer.presses("I have heard their voice")
    alarm = (await world.look(alarms.unresolved))[0]
    assert [one.heard_by is not None for one in alarm.callers] == [True, False]


async def test_a_transfer_keeps_the_person_held_and_shows_where(world: World) -> None:
    """Where somebody was brought stands behind *Show*; the phone stays quiet."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("Transferred")
    await team.lawyer.writes("Station 3, Abay street")
    team.organizer.sees("Brought elsewhere at 10:00")
    team.organizer.sees_nothing_of("Abay")
    await team.organizer.presses("Show")
    team.organizer.sees("Station 3, Abay street")
    await aliya.writes("/help")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []


async def test_the_lawyer_is_rung_again_until_answering_then_reminded(world: World) -> None:
    """Soon while nobody is on it, then every half hour, and at three hours exactly."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    first = team.lawyer.sees("Urgent 1.")
    await world.pass_time(world.policy.escalate_after)
    second = team.lawyer.sees("Nobody is on it. Rung 2 times.")
    assert second.message_id != first.message_id
    await team.lawyer.presses("I'm on it")
    await world.pass_time(29 * MINUTE - world.policy.escalate_after)
    assert team.lawyer.sees("Urgent 1.").message_id == second.message_id
    await world.pass_time(3 * MINUTE)
    third = team.lawyer.sees("Urgent 1.")
    assert third.message_id != second.message_id
    await world.pass_time(3 * HOUR)
    team.lawyer.sees("3 hours are over")


async def test_whoever_is_on_it_is_seen_by_the_others(world: World) -> None:
    """The organizers see that the lawyer works on it, and since when."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("I'm on it")
    team.organizer.sees("10:00 Timur, lawyer: on it.")


async def test_the_lawyers_list_holds_what_is_not_closed(world: World) -> None:
    """`/case` lists detentions and alarms without names; a press opens the card."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/taken")
    await bota.writes("sos")
    await team.lawyer.writes("/case")
    shown = team.lawyer.sees("Taken: 1 person.")
    assert "Open: 1 alarm." in shown.text
    await team.lawyer.presses("Urgent 1, since 10:00", within=shown)
    assert team.lawyer.screens[-1].text.startswith("Urgent 1.")
    await team.lawyer.presses("Alarm 1, since 10:00", within=shown)
    assert team.lawyer.screens[-1].text.startswith("Alarm 1.")
    await team.steward.writes("/case")
    team.steward.sees_nothing_of("Taken:")


async def test_blocking_and_unblocking_does_not_end_the_quiet(world: World) -> None:
    """Whoever holds the phone cannot make the bot talk."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await aliya.blocks()
    await aliya.unblocks()
    await aliya.writes("/help")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []


async def test_an_organizer_who_is_taken_can_do_nothing_with_that_phone(world: World) -> None:
    """An organizer's phone in other hands confirms, shows and answers nothing."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    on_it, show = team.organizer.payload_of("I'm on it"), team.organizer.payload_of("Show")
    await team.organizer.writes("/taken")
    for payload in (on_it, show):
        await team.organizer.forges(payload)
    await world.pass_time(timedelta(0))
    assert team.organizer.chat == []
    aliya.sees("Nobody has seen it yet")
    team.second.sees("Urgent 1.")
    await team.second.presses("Show")
    team.second.sees("Aigul, organizer")


async def test_what_was_begun_to_write_is_kept(world: World) -> None:
    """A form in the middle is gone from the phone; its answers are with the detention."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participants(event, "Aliya", "Bota")
    await team.steward.writes("/mark")
    await team.steward.presses("Aliya")
    await team.steward.presses("They were taken")
    await team.steward.writes("side door")
    await team.steward.writes("/taken")
    await world.pass_time(timedelta(0))
    assert team.steward.chat == []
    held = (await world.look(detentions.unclosed))[-1]
    assert held.words == ("side door",)


async def test_a_place_that_was_half_entered_is_kept_for_nobody(world: World) -> None:
    """The lawyer reads where somebody is held, and not where the others will meet."""
    team = await world.has_team()
    await world.has_event()
    await team.organizer.writes("/venue")
    await team.organizer.writes("Old town")
    await team.organizer.writes("The fountain")
    await team.organizer.writes("/taken")
    assert (await world.look(detentions.unclosed))[-1].words == ()
    await team.lawyer.presses("Show")
    team.lawyer.sees_nothing_of("fountain")


def test_the_forms_that_are_kept_are_there() -> None:
    """A form that is renamed would go unnoticed with what was answered in it."""
    assert {form.name for form in TABLE.forms} >= KEPT_FORMS


def _key_of(someone: Someone) -> str | None:
    return someone.keyboard


def _knows_a_stage(tx: Transaction, event_id: EventId, person_id: int) -> None:
    tx.run(
        "INSERT INTO disclosures (venue_id, stage, person_id, event_id, told_at) "
        "VALUES (1, 'area', ?, ?, 0)",
        person_id,
        event_id,
    )


def _has_key(someone: Someone) -> None:
    someone.keyboard = "🆘 SOS"


async def _person(world: World, someone: Someone) -> Person:
    assert someone.person_id is not None
    person_id = someone.person_id
    person = await world.look(lambda tx: PEOPLE.get(tx, person_id))
    assert person is not None
    return person


async def _consents(world: World, someone: Someone, consent: Consent) -> None:
    person = await _person(world, someone)
    await world.change(lambda work: PEOPLE.put(work.tx, replace(person, consent=consent)))
