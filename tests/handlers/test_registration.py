"""Inviting, registering, deciding and leaving, as people see it on their phones."""

from datetime import timedelta

import pytest

from coordination.events import cancel
from safety.events import Event
from safety.languages import Language
from safety.people import Recipient, Standing
from safety.registration import Welcome
from storage import people
from storage.people import PEOPLE
from tests.harness import Someone, World

SENTENCE = "There is nothing here for you without a personal link."


async def invited(organizer: Someone, label: str = "Dana, from the choir") -> str:
    """Make an invitation and give its link."""
    await organizer.writes("/invite")
    await organizer.writes(label)
    text = organizer.sees(f"\n{label}\n").text
    return next(word for word in text.split() if word.startswith("https://"))


async def registered(world: World, link: str, name: str = "Dana") -> Someone:
    """Have somebody open a link and answer everything, in English."""
    dana = world.person(name)
    await dana.opens(link)
    await dana.presses("Go on")
    await dana.writes(f"{name} the brave")
    await dana.presses("Yes, 18 or older")
    await dana.presses("Skip")
    await dana.presses("Say that it happened")
    await dana.presses("Skip")
    return dana


async def count(world: World, event: Event, standing: Standing) -> int:
    """Count the people of one standing."""
    counts = await world.look(lambda tx: people.count_by_standing(tx, event.id))
    return counts.get(standing, 0)


async def test_the_first_screen_says_what_this_is_before_anything_is_asked(world: World) -> None:
    """What is kept, for how long, and that Telegram reads along stands before any question."""
    await world.has_event()
    dana = world.person("Dana")
    await dana.opens(await invited(await world.has_organizer()))
    seen = dana.sees("Telegram can read this chat")
    assert "An offline phone keeps its copy." in seen.text
    assert "11 Jun" in seen.text
    assert seen.text.splitlines()[0] == "Hello."


async def test_the_organizers_see_the_two_words_of_the_person_s_own_screen(world: World) -> None:
    """The words on the invitee's phone are the ones that the organizer asks for."""
    await world.has_event()
    aigul = await world.has_organizer()
    dana = await registered(world, await invited(aigul))
    words = dana.sees("Your two words").text.split("Your two words: ")[1].splitlines()[0]
    await aigul.writes("/people")
    await aigul.presses("Who waits?")
    assert words in aigul.sees("ask for the two words").text
    assert "Dana, from the choir" in aigul.sees("ask for the two words").text


@pytest.mark.parametrize(
    ("button", "standing", "answer"),
    [
        ("Approve", Standing.APPROVED, "You are registered"),
        ("Waiting list", Standing.WAITING, "You are on the waiting list"),
        ("Decline", Standing.DECLINED, "we cannot offer you a place"),
    ],
)
async def test_each_person_gets_their_own_answer(
    world: World, button: str, standing: Standing, answer: str
) -> None:
    """Every decision is told to the person, and stands on the roster."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    dana = await registered(world, await invited(aigul))
    await aigul.writes("/people")
    await aigul.presses("Who waits?")
    await aigul.presses(button)
    dana.sees(answer)
    assert await count(world, event, standing) == 1


async def test_an_answer_under_18_stores_nothing_and_is_told_kindly(world: World) -> None:
    """No row of any kind is left, and the organizers hear nothing."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    dias = world.person("Dias")
    await dias.opens(await invited(aigul))
    await dias.presses("Go on")
    await dias.writes("Dias")
    await dias.presses("No, under 18")
    dias.sees("nothing of yours was kept")
    assert await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id)) == 0
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM invitations")) == 0
    aigul.sees_nothing_of("waits for a decision")
    await dias.writes("/here")
    dias.sees(SENTENCE)


async def test_a_second_account_gets_the_neutral_sentence_and_the_inviter_hears_of_it(
    world: World,
) -> None:
    """An invitation belongs to the first account that opens it; the inviter is told once."""
    await world.has_event()
    aigul = await world.has_organizer()
    link = await invited(aigul)
    await world.person("Dana").opens(link)
    viktor = world.person("Viktor")
    await viktor.opens(link)
    await viktor.opens(link)
    assert [seen.text for seen in viktor.screens] == [SENTENCE]
    assert sum("Somebody else has tried" in seen.text for seen in aigul.screens) == 1


async def test_bad_links_of_every_kind_get_one_and_the_same_sentence(world: World) -> None:
    """Revoked, expired and guessed links cannot be told apart."""
    await world.has_event(starts_in=timedelta(days=40))
    aigul = await world.has_organizer()
    revoked = await invited(aigul, "first")
    await aigul.presses("Not opened yet")
    await aigul.presses("Take back")
    expired = await invited(aigul, "second")
    await world.pass_time(timedelta(days=15))
    for name, link in (("A", revoked), ("B", expired), ("C", "x" * 24), ("D", "…" * 9)):
        stranger = world.person(name)
        await stranger.opens(link)
        assert [seen.text for seen in stranger.screens] == [SENTENCE]


async def test_opening_one_s_own_link_again_goes_on_where_one_was(world: World) -> None:
    """The same account may open its link again, before and after registering."""
    await world.has_event()
    aigul = await world.has_organizer()
    link = await invited(aigul)
    dana = world.person("Dana")
    await dana.opens(link)
    await dana.opens(link)
    assert sum("Telegram can read" in seen.text for seen in dana.screens) == 2
    await registered(world, link)
    await dana.opens(link)
    dana.sees("somebody will decide")


async def test_a_form_that_was_given_up_is_gone_on_with_without_the_link(world: World) -> None:
    """The message with the link is deleted after a while: a start alone brings back the way on."""
    await world.has_event()
    dana = world.person("Dana")
    await dana.opens(await invited(await world.has_organizer()))
    await dana.presses("Go on")
    await dana.writes("/cancel")
    await world.pass_time(timedelta(hours=41))
    await dana.writes("/start")
    await dana.presses("Go on", within=dana.sees("Telegram can read this chat"))
    dana.sees("What shall we call you?")


async def test_an_event_that_is_called_off_asks_nobody_to_the_end(world: World) -> None:
    """In the middle of the questions it is told; what is answered after that registers nobody."""
    event = await world.has_event(starts_in=timedelta(days=9))
    aigul = await world.has_organizer()
    dana = world.person("Dana")
    await dana.opens(await invited(aigul))
    begin = dana.payload_of("Go on")
    await dana.presses("Go on")
    await dana.writes("Dana the brave")
    await world.do(aigul, lambda turn: cancel(turn, event.id))
    await world.pass_time(timedelta(minutes=5))
    dana.sees("it will not take place")
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM forms")) == 0
    seen = len(dana.screens)
    await dana.presses("Yes, 18 or older")
    dana.is_told("out of date")
    await dana.forges(begin)
    dana.is_told("out of date")
    await dana.presses("Cancel")
    (person_id,) = await world.look(
        lambda tx: people.ids_with_standing(tx, event.id, Standing.INVITED)
    )
    me = Recipient(dana.chat_id, Language.EN)
    await world.change(lambda work: work.owe(me, Welcome(person_id), event.id))  # a late one
    await world.pass_time(timedelta(minutes=5))
    assert [one.text for one in dana.screens[seen:] if "Go on" in one.labels] == []
    assert await count(world, event, Standing.PENDING) == 0
    aigul.sees_nothing_of("waits for a decision")


async def test_nobody_waits_for_what_is_called_off_and_the_infiltrator_still_goes(
    world: World,
) -> None:
    """The card says so at once; who was approved can be taken out, as on any other day."""
    event = await world.has_event(starts_in=timedelta(days=9))
    aigul = await world.has_organizer()
    bota = await world.has_participant(event, "Bota")
    await registered(world, await invited(aigul))
    queue = aigul.payload_of("Who waits?")
    await world.do(aigul, lambda turn: cancel(turn, event.id))
    aigul.sees("Nobody waits for a decision")
    seen = len(aigul.screens)
    await aigul.forges(queue)
    assert "two words" not in "".join(one.text for one in aigul.screens[seen:])
    await aigul.writes("/people")
    assert not [one for one in aigul.screens[-1].labels if one == "Who waits?"]
    await aigul.presses("Approved (1)")
    await aigul.presses("Bota")
    await aigul.presses("Decline")
    assert await count(world, event, Standing.DECLINED) == 1
    assert len(bota.chat) == 1  # the answer


async def test_whoever_waits_for_a_decision_finds_the_two_words_again(world: World) -> None:
    """They are asked for by voice, days later; until then the message with them is long gone."""
    await world.has_event()
    aigul = await world.has_organizer()
    dana = await registered(world, await invited(aigul))
    words = dana.sees("Your two words").text.split("Your two words: ")[1].splitlines()[0]
    await world.pass_time(timedelta(hours=41))
    dana.sees_nothing_of(words)
    await dana.writes("/start")
    dana.sees(words)
    await aigul.writes("/people")
    await aigul.presses("Who waits?")
    await aigul.presses("Approve")
    seen = len(dana.screens)
    await dana.writes("/start")
    assert len(dana.screens) == seen + 1


async def test_a_second_link_to_the_same_event_shows_how_things_stand(world: World) -> None:
    """Whoever is registered is not told that nothing is here for them; the link stays good."""
    await world.has_event()
    aigul = await world.has_organizer()
    dana = await registered(world, await invited(aigul))
    link = await invited(aigul, "Asel")
    await dana.opens(link)
    dana.sees_nothing_of(SENTENCE)
    assert sum("somebody will decide" in seen.text for seen in dana.screens) == 2
    asel = world.person("Asel")
    await asel.opens(link)
    asel.sees("You were invited in person.")


async def test_whoever_leaves_is_erased_and_organizers_learn_only_a_number(world: World) -> None:
    """/leave takes one more tap, leaves no row and no message, and names nobody."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    dana = await registered(world, await invited(aigul))
    await dana.writes("/leave")
    await dana.presses("Yes, withdraw and erase me")
    assert await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id)) == 0
    (receipt,) = dana.chat
    assert receipt.text.splitlines()[1] == "It is erased."
    assert "the brave" not in aigul.sees("Somebody has left").text


async def test_nobody_is_approved_beyond_the_room_there_is(world: World) -> None:
    """With the capacity reached, one more approval is refused in a sentence."""
    event = await world.has_event(capacity=1)
    aigul = await world.has_organizer()
    await world.has_participant(event, "Asel")
    await registered(world, await invited(aigul))
    await aigul.writes("/people")
    await aigul.presses("Who waits?")
    await aigul.presses("Approve")
    aigul.is_told("There is room for 1")
    assert await count(world, event, Standing.APPROVED) == 1


async def test_a_decline_after_an_approval_empties_the_phone_first(world: World) -> None:
    """Whoever is no longer approved keeps nothing that an approved person was told."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    dana = await world.has_participant(event, "Dana")
    await dana.writes("/help")
    await aigul.writes("/people")
    await aigul.presses("Approved (1)")
    await aigul.presses("Dana")
    await aigul.presses("Decline")
    assert [seen.text.splitlines()[-1] for seen in dana.chat] == [
        "Thank you for your interest. This time we cannot offer you a place."
    ]


async def test_it_can_be_read_and_answered_in_another_language(world: World) -> None:
    """The first screen offers the other languages, and the questions follow the choice."""
    await world.has_event()
    aigul = await world.has_organizer()
    kamila = world.person("Kamila", Language.RU)
    await kamila.opens(await invited(aigul))
    kamila.sees("Telegram может читать этот чат")
    await kamila.presses("Қазақша")
    kamila.sees("Telegram бұл чатты оқи алады")
    await kamila.presses("Әрі қарай")
    kamila.sees("Сізді қалай атайық?")


async def test_a_decision_rings_nobody_to_say_that_nobody_waits(world: World) -> None:
    """The number changes where it stands; a phone on which it does not stays silent."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    other = await world.has_organizer("Dana")
    await world.has_participant(event, "Erik", standing=Standing.WAITING)
    await aigul.writes("/people")
    await aigul.presses("Waiting list (1)")
    await aigul.presses("Erik")
    await aigul.presses("Approve")
    assert other.screens == []
    aigul.sees_nothing_of("Nobody waits")


async def test_nobody_is_no_contact_however_it_is_written(world: World) -> None:
    """Whoever types "nobody" is not asked what to tell them, and no such person is kept."""
    event = await world.has_event()
    organizer = await world.has_organizer()
    link = await invited(organizer, "Madina")
    madina = world.person("Madina", Language.RU)
    await madina.opens(link)
    await madina.presses("Дальше")
    await madina.writes("Ласточка")
    await madina.presses("Да, 18")
    await madina.writes("нет")
    await madina.presses("юристу")
    await madina.writes("Никому")
    madina.sees("Ваши два слова")
    found = await world.look(lambda tx: people.with_standing(tx, event.id, Standing.PENDING))
    assert [(one.needs, one.contact, one.contact_sentence) for one in found] == [(None,) * 3]


async def test_the_second_press_of_a_decision_changes_nothing(world: World) -> None:
    """Two organizers press *Approve* on the same person: the second is told how things stand."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    nora = await world.has_organizer("Nora")
    dana = await registered(world, await invited(aigul))
    for organizer in (aigul, nora):
        await organizer.writes("/people")
        await organizer.presses("Who waits?")
    await aigul.presses("Approve")
    await nora.presses("Approve")
    nora.is_told("out of date")
    assert sum("You are registered" in seen.text for seen in dana.screens) == 1
    assert await count(world, event, Standing.APPROVED) == 1
