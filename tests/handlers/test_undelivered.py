"""What does not get out is told to the organizers: somebody has to call."""

from datetime import timedelta

import pytest

from coordination import undelivered
from coordination.turns import Work
from safety.ballast import StorageLow
from safety.checkpoints import KeepCheckpoint
from safety.intake import IntakeTrouble
from safety.languages import Language
from safety.notices import STAYS, CallbackAnswer, LeaveGroup, Notice, Removal, Say
from safety.people import ChatId, Recipient, TeamId
from safety.undelivered import STUCK_AFTER, TellUndelivered, Undelivered
from storage import counters, outbox, tickets, timers
from storage.transaction import Transaction
from tests.harness import World

FAR = Recipient(ChatId(17), Language.EN)
MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7, minutes=1)
STUCK, GIVEN_UP = "Urgent messages that do not get out: 1", "were given up: "


async def _is_stuck(
    world: World, notice: Notice, tries: int = STUCK_AFTER, *, is_noted: bool = True
) -> None:
    """Owe a notice that was tried so often; organizers are to hear of it, if that was noted."""
    later = world.now + timedelta(days=900)

    def try_often(work: Work) -> None:
        outbox.owe(work.tx, work.now, FAR, notice)
        for _ in range(tries):
            (ticket,) = tickets.ready(work.tx, work.now, 1)
            outbox.claim(work.tx, [ticket.id])
            outbox.put_back(work.tx, ticket.id, work.now, was_tried=True)
        work.tx.run("UPDATE outbox SET not_before = ?", int(later.timestamp() * 1000))
        if is_noted:
            undelivered.note(work, notice)

    await world.change(try_often)


async def test_organizers_hear_within_a_minute_of_what_is_urgent_and_does_not_get_out(
    world: World,
) -> None:
    """It rings, names nobody, and says what helps now; the team's others are spared."""
    team = await world.has_team()
    await _is_stuck(world, StorageLow())
    await world.pass_time(MINUTE)
    for organizer in (team.organizer, team.second):
        card = organizer.sees(STUCK)
        assert card.rang
        assert "Call, by voice" in card.text
    assert team.deputy.screens == []


async def test_what_stays_stuck_rings_once_and_what_is_stuck_beside_it_rings_anew(
    world: World,
) -> None:
    """One card, however often it is tried; a second hold that does not get out is news."""
    team = await world.has_team()
    await _is_stuck(world, StorageLow())
    await world.pass_time(MINUTE)
    first = team.organizer.sees(STUCK)
    for _ in range(3):
        await world.change(lambda work: undelivered.note(work, StorageLow()))
        await world.sweeps()
        await world.pass_time(MINUTE)
    assert team.organizer.screens == [first]
    await _is_stuck(world, IntakeTrouble())
    await world.pass_time(MINUTE)
    assert [seen.rang for seen in team.organizer.screens] == [True]
    assert "do not get out: 2" in team.organizer.screens[0].text


async def test_what_gets_out_and_is_stuck_again_later_is_told_again(world: World) -> None:
    """That it was told last week helps nobody today."""
    team = await world.has_team()
    for _ in range(2):
        await _is_stuck(world, StorageLow())
        await world.pass_time(MINUTE)
        assert team.organizer.sees(STUCK).rang
        await world.change(lambda work: outbox.withdraw_chat(work.tx, FAR))
        await world.sweeps()
        await world.pass_time(STAYS)
        assert team.organizer.screens == []


async def test_what_is_stuck_though_nobody_noted_it_is_told_by_the_sweep(world: World) -> None:
    """Tries whose outcome nobody knows meet no fault: within an hour somebody hears of it."""
    team = await world.has_team()
    await _is_stuck(world, StorageLow(), is_noted=False)
    await world.sweeps()
    await world.pass_time(MINUTE)
    assert team.organizer.sees(STUCK).rang


async def test_what_is_stuck_waits_for_the_first_organizer(world: World) -> None:
    """Nobody could be told when it got stuck: it is said as soon as somebody can."""
    await _is_stuck(world, StorageLow())
    await world.pass_time(MINUTE)
    aigul = await world.has_organizer()
    await world.sweeps()
    await world.pass_time(MINUTE)
    assert aigul.sees(STUCK).rang


async def test_nobody_hears_of_what_arrived_within_the_minute(world: World) -> None:
    """There is nothing to call for."""
    team = await world.has_team()
    await _is_stuck(world, StorageLow())
    await world.change(lambda work: outbox.withdraw_chat(work.tx, FAR))
    await world.pass_time(MINUTE)
    assert team.organizer.screens == []


@pytest.mark.parametrize(
    ("notice", "tries"), [(Say("saved"), STUCK_AFTER), (StorageLow(), STUCK_AFTER - 1)]
)
async def test_what_is_not_urgent_or_has_just_begun_counts_as_on_its_way(
    world: World, notice: Notice, tries: int
) -> None:
    """A line that breaks for a moment rings nobody."""
    await _is_stuck(world, notice, tries)
    assert await world.look(lambda tx: outbox.count_stuck(tx, world.now)) == 0


async def test_what_was_given_up_is_told_once_with_its_number(world: World) -> None:
    """A hold of a week ago helps nobody any more, and is not lost in silence."""
    team = await world.has_team()
    await _is_stuck(world, StorageLow(), tries=1)
    await world.pass_time(WEEK)
    await world.sweeps()
    await world.pass_time(MINUTE)
    assert GIVEN_UP + "1" in team.organizer.sees(GIVEN_UP).text
    seen = len(team.organizer.screens)
    await world.sweeps()
    await world.pass_time(MINUTE)
    assert len(team.organizer.screens) == seen


async def test_what_was_withdrawn_counts_as_no_loss(world: World) -> None:
    """Erased, purged or overtaken is an outcome of its own."""
    await world.has_team()
    await _is_stuck(world, StorageLow(), tries=1)

    def withdraw(work: Work) -> None:
        work.tx.run("UPDATE outbox SET state = 'sending'")
        outbox.withdraw_chat(work.tx, FAR)

    await world.change(withdraw)
    await world.pass_time(WEEK)
    await world.sweeps()
    assert await world.look(lambda tx: timers.is_set(tx, TellUndelivered().key())) is False


@pytest.mark.parametrize(
    "notice",
    [
        Removal((1,)),
        CallbackAnswer("1", "saved"),
        LeaveGroup(),
        KeepCheckpoint(TeamId(1)),
    ],
)
async def test_what_is_no_message_to_a_chat_counts_as_none_that_was_given_up(
    world: World, notice: Notice
) -> None:
    """The number is of messages that did not get out: people act on it."""
    await world.change(lambda work: _owe_late(work, notice))
    await world.pass_time(WEEK)
    await world.sweeps()
    assert await world.look(_rows) == 0
    assert await world.look(_given_up) == 0


async def test_a_change_of_a_message_counts_as_none_that_was_given_up(world: World) -> None:
    """What stands in the chat stays as it was."""
    await world.change(lambda work: _owe_late(work, Say("saved"), edits=7))
    await world.pass_time(WEEK)
    await world.sweeps()
    assert await world.look(_given_up) == 0


async def test_a_message_that_does_not_open_any_more_counts_as_given_up(world: World) -> None:
    """Nobody knows what it said, and somebody waited for it."""
    await world.change(lambda work: _owe_late(work, Say("saved")))
    await world.change(lambda work: work.tx.run("UPDATE outbox SET sealed = x'00'"))
    await world.pass_time(WEEK)
    await world.sweeps()
    assert await world.look(_given_up) == 1


async def test_what_was_given_up_waits_for_the_first_organizer(world: World) -> None:
    """Nobody is there to be told: it is said as soon as somebody is."""
    await world.change(lambda work: _owe_and_give_up(work.tx, work))
    await world.sweeps()
    await world.pass_time(MINUTE)
    aigul = await world.has_organizer()
    await world.sweeps()
    await world.pass_time(MINUTE)
    assert GIVEN_UP + "1" in aigul.sees(GIVEN_UP).text


async def _gives_up(world: World, number: int) -> None:
    """Lose as much, have it swept, and give the minute in which it is gathered."""
    for _ in range(number):
        await world.change(lambda work: _owe_and_give_up(work.tx, work))
    await world.sweeps()
    await world.pass_time(MINUTE)


async def test_a_number_that_has_not_gone_out_is_part_of_the_next_one(world: World) -> None:
    """An unsent card is replaced by the next: what it said must not be lost where it is much."""
    team = await world.has_team()
    world.is_cut = True
    await _gives_up(world, 3)
    await _gives_up(world, 2)
    world.is_cut = False
    await world.deliver()
    assert GIVEN_UP + "5" in team.organizer.sees(GIVEN_UP).text


async def test_a_number_that_stands_on_a_phone_is_part_of_the_next_one(world: World) -> None:
    """The newer card takes its place, read or not; once it is gone, the count begins anew."""
    team = await world.has_team()
    await _gives_up(world, 3)
    await _gives_up(world, 2)
    assert GIVEN_UP + "5" in team.organizer.sees(GIVEN_UP).text
    await world.pass_time(STAYS)
    assert not team.organizer.shows(GIVEN_UP)
    await _gives_up(world, 1)
    assert GIVEN_UP + "1" in team.organizer.sees(GIVEN_UP).text


async def test_what_was_given_up_waits_for_an_organizer_who_can_be_written_to(
    world: World,
) -> None:
    """Whoever has blocked the bot reads nothing: the number is kept until somebody does."""
    aigul = await world.has_organizer()
    await aigul.blocks()
    await _gives_up(world, 3)
    await aigul.unblocks()
    await _gives_up(world, 1)
    assert GIVEN_UP + "4" in aigul.sees(GIVEN_UP).text


async def test_news_of_what_does_not_get_out_never_tells_of_itself(world: World) -> None:
    """Or it would ring for ever."""
    await world.has_team()
    await _is_stuck(world, Undelivered(1))
    assert await world.look(lambda tx: outbox.count_stuck(tx, world.now)) == 0
    assert await world.look(lambda tx: timers.is_set(tx, TellUndelivered().key())) is False


@pytest.mark.parametrize("language", list(Language))
async def test_it_is_said_in_every_language(world: World, language: Language) -> None:
    """Both numbers, below a first line that tells nothing."""
    aigul = await world.has_organizer("Aigul", language)
    await world.change(lambda work: _owe_and_give_up(work.tx, work))
    await _is_stuck(world, StorageLow())
    await world.pass_time(MINUTE)
    first, *lines = aigul.screens[-1].text.splitlines()
    assert not any(digit in first for digit in "01")
    assert ["1" in line for line in lines] == [True, True]


def _owe_and_give_up(tx: Transaction, work: Work) -> None:
    outbox.owe(tx, work.now, FAR, Say("saved"))
    outbox.give_up(tx, tx.number("SELECT MAX(id) FROM outbox"))


def _owe_late(work: Work, notice: Notice, edits: int | None = None) -> None:
    """Owe a notice that may not be tried for years."""
    outbox.owe(work.tx, work.now, FAR, notice, edits=edits)
    later = work.now + timedelta(days=900)
    work.tx.run("UPDATE outbox SET not_before = ?", int(later.timestamp() * 1000))


def _rows(tx: Transaction) -> int:
    return tx.number("SELECT COUNT(*) FROM outbox")


def _given_up(tx: Transaction) -> int:
    return counters.value(tx, outbox.GIVEN_UP)
