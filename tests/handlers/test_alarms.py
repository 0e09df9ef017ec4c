"""Alarms on people's phones: who is rung, what they see, what stops it and what does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coordination.telling import bring_key
from coordination.turns import Work
from safety.groups import Group, GroupKind
from safety.languages import Language
from safety.people import PersonId, Presence, Role, Standing
from storage import alarms
from storage.groups import GROUPS
from storage.people import PEOPLE
from tests.harness import Someone, World

MINUTE = timedelta(minutes=1)


async def test_the_person_is_answered_at_once_and_never_promised_help(world: World) -> None:
    """The answer says the number and what is known; "help is coming" is never known."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    aliya.sees("Alarm 1.\nReceived 10:00. Nobody has seen it yet.\n")
    aliya.sees("No answer in 15 seconds: call +7 700 000 00 00")
    aliya.sees_nothing_of("help is")


@pytest.mark.parametrize(
    "standing", [Standing.INVITED, Standing.PENDING, Standing.WAITING, Standing.DECLINED]
)
async def test_whom_nobody_has_approved_calls_but_gets_no_number(
    world: World, standing: Standing
) -> None:
    """Everybody is heard; the team's own telephone is for people whose voice was checked."""
    organizer = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", standing=standing)
    await aliya.writes("sos")
    aliya.sees("Alarm 1.\nReceived 10:00.")
    aliya.sees_nothing_of("+7 700")
    assert organizer.sees("Alarm 1.").rang


async def test_where_somebody_was_is_in_no_language_where_they_are(world: World) -> None:
    """What was said hours ago sends nobody to a place that the caller has left since."""
    lawyer = await world.has_team_person("Timur", Role.LAWYER, Language.RU)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/here")
    await world.pass_time(MINUTE)
    await aliya.writes("sos")
    await lawyer.presses("Показать")
    lawyer.sees("Последнее: на месте.")


async def test_organizers_stewards_lawyer_and_medic_are_rung_and_nobody_else(world: World) -> None:
    """Whoever can do something is rung at once; deputies only later, press and allies never."""
    team = await world.has_team()
    press = await world.has_team_person("Vera", Role.PRESS)
    ally = await world.has_team_person("Ira", Role.ALLY)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    for someone in (team.organizer, team.second, team.steward, team.lawyer, team.medic):
        assert someone.sees("Alarm 1.").rang
    for someone in (team.deputy, press, ally):
        someone.sees_nothing_of("Alarm 1.")


async def test_every_way_of_calling_raises_an_alarm(world: World) -> None:
    """The key, both commands and plain words all do the same."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    people = await world.has_participants(event, "One", "Two", "Three", "Four")
    ways = ("🆘 SOS", "/panic", "/sos men in the yard", "help me, they are beating us")
    for number, (someone, way) in enumerate(zip(people, ways, strict=True), start=1):
        await someone.writes(way)
        someone.sees("Alarm 1.")
        assert number == 1 or aigul.shows(f"{number} people are calling")


async def test_the_first_line_says_nothing_and_the_name_stands_behind_show(world: World) -> None:
    """A lock screen tells neither who called nor from where; names go after a minute."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("help me, they are beating us")
    assert aigul.sees("Alarm 1.").text.splitlines()[0] == "Alarm 1."
    aigul.sees_nothing_of("Aliya")
    await aigul.presses("Show")
    shown = aigul.sees("Aliya")
    assert shown.is_protected
    assert "they are beating us" in shown.text
    await world.pass_time(MINUTE)
    aigul.sees_nothing_of("Aliya")
    aigul.sees("Alarm 1.")


async def test_whoever_is_on_it_is_seen_by_the_others_and_by_the_person(world: World) -> None:
    """The team sees the name and the time; the caller the time and the role alone."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    card = aliya.sees("Alarm 1.")
    await world.pass_time(MINUTE)
    await team.steward.presses("I'm on it")
    for someone in (team.organizer, team.lawyer, team.medic, team.steward):
        someone.sees("10:01 Saule, steward: on it.")
    seen = aliya.sees("Seen 10:01. Alarm 1.\nSeen by: steward.")
    assert seen.message_id == card.message_id
    aliya.sees_nothing_of("Saule")


async def test_pressing_again_edits_the_cards_and_does_not_ring(world: World) -> None:
    """Fifty presses of one person are one message on each phone of the team."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    card = aigul.sees("Alarm 1.")
    for _ in range(50):
        await aliya.writes("sos")
    assert [seen.message_id for seen in aigul.screens] == [card.message_id]
    aliya.sees("Pressed 51 times")
    assert len([seen for seen in aliya.screens if "Alarm 1" in seen.text]) == 1


async def test_a_second_person_joins_and_rings_again(world: World) -> None:
    """One alarm for both; a new person rings, and an answer from before does not cover them."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("sos")
    await team.steward.presses("I'm on it")
    first = team.organizer.sees("Alarm 1.")
    await bota.writes("көмектесіңдер, бізді ұрып жатыр")
    second = team.organizer.sees("2 people are calling")
    assert second.message_id != first.message_id
    assert first not in team.organizer.screens
    bota.sees("Nobody has seen it yet")
    aliya.sees("Seen 10:00")
    await world.pass_time(world.policy.escalate_after)
    team.deputy.sees("Alarm 1.")


async def test_an_unacknowledged_alarm_rings_again_and_reaches_the_deputy(world: World) -> None:
    """Every thirty seconds it rings anew; after the time in the policy deputies are rung too."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    first = team.organizer.sees("Alarm 1.")
    await world.pass_time(timedelta(seconds=29))
    assert team.organizer.sees("Alarm 1.").message_id == first.message_id
    await world.pass_time(timedelta(seconds=1))
    second = team.organizer.sees("Nobody is on it. Rung 2 times.")
    assert second.message_id != first.message_id
    assert second.rang
    assert len(team.organizer.screens) == 1
    team.deputy.sees_nothing_of("Alarm 1.")
    await world.pass_time(world.policy.escalate_after - timedelta(seconds=30))
    assert team.deputy.sees("Alarm 1.").rang
    team.organizer.sees("Rung 4 times.")


async def test_an_answer_stops_the_ringing_and_rings_again_without_news(world: World) -> None:
    """*I'm on it* holds for ten minutes; then silence rings again, since it is never safe."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await team.steward.presses("I'm on it")
    card = team.organizer.sees("Alarm 1.")
    await world.pass_time(9 * MINUTE)
    assert team.organizer.sees("Alarm 1.").message_id == card.message_id
    await world.pass_time(MINUTE)
    again = team.organizer.sees("No news. Rung again 10:10.")
    assert again.message_id != card.message_id
    await team.organizer.presses("I'm on it")
    assert "No news" not in team.organizer.sees("Alarm 1.").text


async def test_pressing_on_it_again_is_news(world: World) -> None:
    """Whoever is still on it says so, and the quiet lasts as long again."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await team.steward.presses("I'm on it")
    await world.pass_time(8 * MINUTE)
    await team.steward.presses("I'm on it")
    card = team.organizer.sees("Alarm 1.")
    await world.pass_time(9 * MINUTE)
    assert team.organizer.sees("Alarm 1.").message_id == card.message_id


async def test_a_mistake_stays_unverified_until_a_voice_was_heard(world: World) -> None:
    """A word can be forced: it closes nothing, and it does not stop the ringing."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.presses("It was a mistake")
    aliya.sees("It stays open until somebody has heard your voice")
    team.organizer.sees("Not confirmed: nobody has heard the voice")
    assert await _is_unverified(world, aliya)
    await team.organizer.presses("Resolved")
    team.organizer.is_told("First somebody has to hear their voice")
    await world.pass_time(world.policy.escalate_after)
    team.deputy.sees("Alarm 1.")
    await team.organizer.presses("I have heard their voice")
    await team.organizer.presses("Their voice says: safe")
    team.organizer.sees("it was a mistake")
    aliya.sees("Alarm 1 is closed")
    assert not await _is_unverified(world, aliya)


async def test_a_voice_that_asks_for_help_makes_the_alarm_stand_and_ring(world: World) -> None:
    """Whoever was made to press *I'm safe* can say otherwise with their voice."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.presses("I'm safe")
    first = team.medic.sees("Not confirmed")
    await team.steward.presses("I have heard their voice")
    await team.steward.presses("Their voice says: help")
    assert team.medic.sees("Alarm 1.").message_id != first.message_id
    team.medic.sees_nothing_of("Not confirmed")
    alarm = (await world.look(alarms.unresolved))[0]
    assert alarm.state == "open"


async def test_a_voice_that_is_safe_leaves_the_other_callers_ringing(world: World) -> None:
    """One caller is safe: that says nothing of another one, whom nobody is on their way to."""
    team = await world.has_team()
    aliya, asel = await world.has_participants(await world.has_event(), "Aliya", "Asel")
    await aliya.writes("sos")
    await asel.writes("sos")
    await team.steward.presses("I can't")
    await aliya.presses("I'm safe")
    await team.steward.presses("I have heard their voice")
    await team.steward.presses("Their voice says: safe")
    asel.sees("nobody is on it yet")
    team.lawyer.sees_nothing_of("on it.")
    card = team.lawyer.sees("Alarm 1.")
    await world.pass_time(MINUTE)
    assert team.lawyer.sees("Alarm 1.").message_id != card.message_id


async def test_whoever_cannot_come_and_hears_a_call_for_help_is_not_on_it(world: World) -> None:
    """Handing on holds until *I'm on it*: a voice that needs help goes on ringing the others."""
    team = await world.has_team()
    aliya = await world.has_participant(await world.has_event(), "Aliya")
    await aliya.writes("sos")
    await team.steward.presses("I can't")
    await aliya.presses("I'm safe")
    await team.steward.presses("I have heard their voice")
    await team.steward.presses("Their voice says: help")
    aliya.sees("nobody is on it yet")
    card = team.lawyer.sees("Alarm 1.")
    await world.pass_time(MINUTE)
    assert team.lawyer.sees("Alarm 1.").message_id != card.message_id


async def test_calling_again_after_a_mistake_rings_again(world: World) -> None:
    """A mistake taken back by a new press is a new call."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.presses("It was a mistake")
    card = aigul.sees("Alarm 1.")
    await aliya.presses("I need help")
    assert aigul.sees("Alarm 1.").message_id != card.message_id
    aigul.sees_nothing_of("Not confirmed")
    assert not await _is_unverified(world, aliya)


async def test_whose_alarm_a_colleague_closed_reads_how_to_call_again(world: World) -> None:
    """It was closed for all who called, and somebody may still be in danger."""
    team = await world.has_team()
    aliya, bota = await world.has_participants(await world.has_event(), "Aliya", "Bota")
    await aliya.writes("sos")
    await bota.writes("sos")
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    for someone in (aliya, bota):
        someone.sees("Alarm 1 is closed. 10:00.\nNeed help? SOS, or write sos.")


async def test_whoever_closes_an_alarm_reads_for_how_many_it_ends(world: World) -> None:
    """One of two is safe and was heard: the other one is not, and closing ends that call too."""
    team = await world.has_team()
    aliya, bota = await world.has_participants(await world.has_event(), "Aliya", "Bota")
    await aliya.writes("sos")
    await bota.writes("sos")
    await team.organizer.presses("Resolved")
    team.organizer.sees("Callers who have not said that it is over: 2.")
    await aliya.presses("I'm safe")
    await team.lawyer.presses("I have heard their voice")
    await team.lawyer.presses("Their voice says: safe")
    await team.second.presses("Resolved")
    team.second.sees("Callers who have not said that it is over: 1.")


async def test_resolving_asks_which_way_and_ends_the_ringing(world: World) -> None:
    """An organizer or steward closes an alarm as real or mistaken; then everybody sees it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    assert not team.lawyer.can_press("Resolved")
    await team.steward.presses("Resolved")
    await team.steward.presses("It was real")
    for someone in (team.organizer, team.lawyer, team.medic, team.steward):
        someone.sees("Closed 10:00: it was real.\nClosed by: Saule, steward.")
        assert not someone.can_press("I'm on it")
    aliya.sees("Alarm 1 is closed")
    await world.pass_time(timedelta(hours=1))
    team.deputy.sees_nothing_of("Alarm 1.")
    await aliya.writes("sos")
    team.organizer.sees("Alarm 2.")


async def test_going_back_from_a_question_shows_the_card(world: World) -> None:
    """A question on the card can be left without an answer."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aigul.presses("Resolved")
    aigul.sees("Was it real?")
    await aigul.presses("Back")
    aigul.sees_nothing_of("Was it real?")
    assert aigul.can_press("I'm on it")


async def test_somebody_of_the_team_calls_without_any_event(world: World) -> None:
    """`/sos` works before there is an event; the caller gets their own card, not the team's."""
    team = await world.has_team()
    await team.steward.writes("/sos")
    team.steward.sees("Received 10:00")
    assert not team.steward.can_press("Resolved")
    await team.organizer.presses("I'm on it")
    team.steward.sees("Seen 10:00. Alarm 1.")
    await team.organizer.presses("Show")
    team.organizer.sees("Saule, steward")


async def test_a_deputy_can_answer_but_sees_nobodys_name(world: World) -> None:
    """Deputies are rung when nobody answers; the roster stays closed to them."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    payload = team.organizer.payload_of("Show")
    await world.pass_time(world.policy.escalate_after)
    assert not team.deputy.can_press("Show")
    await team.deputy.forges(payload)
    team.deputy.sees_nothing_of("Aliya")
    await team.deputy.presses("I'm on it")
    aliya.sees("Seen by: deputy")


async def test_words_in_doubt_are_asked_about(world: World) -> None:
    """Asking for help with a form rings nobody; the bot asks, and a press rings."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", Language.RU)
    await aliya.writes("помогите зарегистрироваться")
    aigul.sees_nothing_of("Alarm")
    aliya.sees("Вам нужна помощь прямо сейчас?")
    await aliya.presses("Нет")
    aliya.sees_nothing_of("Вам нужна помощь прямо сейчас?")
    aigul.sees_nothing_of("Alarm")
    await aliya.writes("помогите зарегистрироваться")
    await aliya.presses("Мне нужна помощь")
    aigul.sees("Alarm 1.")
    aliya.sees_nothing_of("Вам нужна помощь прямо сейчас?")


async def test_a_strangers_call_rings_nobody(world: World) -> None:
    """Whoever the bot does not know gets the neutral sentence, whatever they write or forge."""
    aigul = await world.has_organizer()
    stranger = world.person("Nobody")
    for text in ("sos", "/sos", "help me they are beating us"):
        await stranger.writes(text)
    await stranger.forges("sos|0")
    aigul.sees_nothing_of("Alarm")
    assert len(stranger.screens) == 1


async def test_an_outdated_or_forged_press_changes_nothing(world: World) -> None:
    """Old buttons stay clickable; a participant cannot resolve, the resolved stays resolved."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    on_it, show = team.organizer.payload_of("I'm on it"), team.organizer.payload_of("Show")
    mistake = aliya.payload_of("It was a mistake")
    for payload in (on_it, show):
        await aliya.forges(payload)
    aliya.sees("Nobody has seen it yet")
    await team.organizer.presses("Resolved")
    await team.organizer.presses("It was real")
    await team.steward.forges(on_it)
    team.steward.is_told("out of date")
    await aliya.forges(mistake)
    aliya.is_told("out of date")
    team.organizer.sees("it was real")


async def test_an_alarm_shows_that_the_person_needs_help(world: World) -> None:
    """The roster knows it as well, so that no list calls this person safe."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    assert aliya.person_id is not None
    person_id = aliya.person_id
    person = await world.look(lambda tx: PEOPLE.get(tx, person_id))
    assert person is not None
    assert person.needs_help


async def test_each_reads_it_in_their_own_language(world: World) -> None:
    """One alarm, three languages."""
    sanzhar = await world.has_organizer("Sanzhar", Language.KK)
    olga = await world.has_organizer("Olga", Language.RU)
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya", Language.EN)
    await aliya.writes("sos")
    sanzhar.sees("Дабыл 1.")
    olga.sees("Тревога 1.")
    await olga.presses("Я занимаюсь")
    aliya.sees("Seen 10:00. Alarm 1.")


def _key_of(someone: Someone) -> str | None:
    return someone.keyboard


def _id(someone: Someone) -> PersonId:
    assert someone.person_id is not None
    return someone.person_id


async def _is_unverified(world: World, someone: Someone) -> bool:
    assert someone.person_id is not None
    person_id = someone.person_id
    person = await world.look(lambda tx: PEOPLE.get(tx, person_id))
    return person is not None and person.is_unverified


async def test_the_details_say_with_what_somebody_left(world: World) -> None:
    """Whoever calls from a bus is looked for in that bus."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    group = Group(77, event.id, 1, GroupKind.POLICE_CAR, world.now, "123 ABC 02")

    def leave(work: Work) -> None:
        GROUPS.put(work.tx, group)
        person = PEOPLE.get(work.tx, aliya.person_id or 0)
        assert person is not None
        PEOPLE.put(work.tx, replace(person, group_id=77, presence=Presence.LEFT))

    await world.change(leave)
    await aliya.writes("sos")
    await aigul.presses("Show")
    aigul.sees("Left: police car, 123 ABC 02.")


async def test_a_heard_voice_takes_the_key_from_whoever_is_home(world: World) -> None:
    """*I got home* after an alarm leaves the key, until somebody has heard the person."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.change(lambda work: bring_key(work, event.id, _id(aliya), aliya.recipient))
    assert _key_of(aliya) is not None
    await aliya.writes("sos")
    await aliya.writes("/home")
    assert _key_of(aliya) is not None
    await aigul.presses("I have heard their voice")
    await aigul.presses("Their voice says: safe")
    assert _key_of(aliya) is None


async def test_a_word_that_resolves_verifies_nobody(world: World) -> None:
    """Who said *I'm safe* elsewhere, unheard, stays unverified when a colleague closes it."""
    aigul = await world.has_organizer()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")

    def say_safe(work: Work) -> None:
        person = PEOPLE.get(work.tx, aliya.person_id or 0)
        assert person is not None
        PEOPLE.put(work.tx, replace(person, is_unverified=True))

    await world.change(say_safe)
    await aigul.presses("Resolved")
    await aigul.presses("It was real")
    assert await _is_unverified(world, aliya)
