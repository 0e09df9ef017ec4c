"""What a request leaves behind: what arrived though it was withdrawn, copies without an id."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import recording
from bot.clock import MovableClock, SystemClock
from bot.recording import GIVE_UP_AFTER
from bot.rehearsal.botapi import Fault, FaultKind
from handlers.screens import Screen
from safety.auditing import LONGEST_PAUSE
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient
from safety.undelivered import STUCK_AFTER, STUCK_FOR
from storage import counters, messages, outbox, tickets
from storage.outbox import Owed
from storage.tickets import WAITED_FOR
from storage.transaction import Transaction
from tests.bot.notices import Board, Broadcast, Call, Plain, Ringing, Wait
from tests.bot.posting import Post

EVENT = EventId(7)
STEPS = 40  # in which time passes
DANA = Recipient(ChatId(17), Language.EN)


async def test_what_was_withdrawn_by_its_kind_while_under_way_is_taken_back(post: Post) -> None:
    """A place that holds no more goes from the phone, though it was on its way already."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.DELAY, method="sendMessage", seconds=0.5))
    now = post.clock.now()
    await post.database.write(
        lambda tx: outbox.owe(tx, now, DANA, Broadcast("the place"), event_id=EVENT)
    )
    async with post.working():
        await _until(lambda: post.service.in_flight == 1)
        await post.database.write(lambda tx: outbox.withdraw_kind(tx, EVENT, Broadcast))
        await dana.sees("the place")
        await _until(lambda: not dana.shows("the place"))
        await post.empties()


@pytest.mark.parametrize("by_chat", [True, False])
async def test_what_was_withdrawn_under_way_before_a_crash_is_counted_and_not_sent_again(
    post: Post,
    by_chat: bool,  # noqa: FBT001 - of one meaning
) -> None:
    """Nobody learns its id any more, and it may stand on the phone."""
    now = post.clock.now()

    def owe_and_claim(tx: Transaction) -> None:
        outbox.owe(tx, now, DANA, Broadcast("the place"), event_id=EVENT)
        outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, now, 9)])

    def withdraw(tx: Transaction) -> None:
        if by_chat:
            outbox.withdraw_chat(tx, DANA)
        else:
            outbox.withdraw_kind(tx, EVENT, Broadcast)

    await post.database.write(owe_and_claim)
    await post.database.write(withdraw)
    assert await post.database.write(lambda tx: recording.reclaim(tx, now)) == 1
    assert await post.database.read(lambda tx: messages.nameless_in(tx, DANA.chat_id)) == 1
    assert await post.database.read(_rows) == 0
    assert await post.database.write(lambda tx: recording.reclaim(tx, now)) == 0


@pytest.mark.parametrize("end", ["done", "put back", "anew"])
async def test_what_was_withdrawn_is_over_however_its_sending_ends(post: Post, end: str) -> None:
    """And never owed again."""
    now = post.clock.now()

    def ends(tx: Transaction) -> None:
        outbox.owe(tx, now, DANA, Broadcast("the place"), event_id=EVENT)
        (owed,) = outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, now, 9)])
        outbox.withdraw_kind(tx, EVENT, Broadcast)
        assert not outbox.is_owed(tx, owed.id)
        if end == "done":
            assert not outbox.done(tx, owed.id)
        elif end == "put back":
            outbox.put_back(tx, owed.id, now, was_tried=True)
        else:
            outbox.send_anew(tx, owed)

    await post.database.write(ends)
    assert await post.database.read(_rows) == 0


async def test_a_ring_that_was_withdrawn_counts_no_more_as_one_that_is_to_come(post: Post) -> None:
    """Whoever asks whether a phone is being rung must not rely on it."""
    now = post.clock.now()

    def ends(tx: Transaction) -> None:
        notice = Ringing("alarm")
        card = notice.card()
        assert card is not None
        outbox.owe(tx, now, DANA, notice, event_id=EVENT)
        outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, now, 9)])
        assert outbox.still_rings(tx, DANA.chat_id, card)
        outbox.withdraw_chat(tx, DANA)
        assert not outbox.still_rings(tx, DANA.chat_id, card)
        outbox.withdraw_chat(tx, DANA)
        assert _rows(tx) == 1

    await post.database.write(ends)


def _rows(tx: Transaction) -> int:
    return tx.number("SELECT COUNT(*) FROM outbox")


async def test_a_message_that_nobody_can_name_is_counted(post: Post) -> None:
    """Cut off after it was sent, it stands in the chat and cannot be taken back."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.CUT_AFTER, method="sendMessage"))
    await post.owes(dana, Call("ALARM"))
    async with post.working():
        await dana.sees("ALARM (again)")
        await post.empties()
    assert await post.database.read(lambda tx: messages.nameless_in(tx, DANA.chat_id)) == 1


async def test_an_edit_that_nobody_has_confirmed_leaves_no_second_copy(post: Post) -> None:
    """It changes what stands, and is made again."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Board("6"))
        await dana.sees("6")
        await post.empties()
        post.service.faults.add(Fault(FaultKind.CUT_AFTER, method="editMessageText"))
        await post.owes(dana, Board("5"))
        await dana.sees("5 (again)")
        await post.empties()
    assert await post.database.read(lambda tx: messages.nameless_in(tx, DANA.chat_id)) == 0


async def test_a_crash_leaves_a_copy_that_may_stand_of_new_messages_alone(post: Post) -> None:
    """A card that is changed where it stands is no copy; one that rings anew is."""
    dana, now = await post.phone(17), post.clock.now()
    async with post.working():
        await post.owes(dana, Board("6"), Ringing("one"))
        await post.empties()
    await post.owes(dana, Board("5"), Ringing("two"), Plain("hello"))

    await post.database.write(
        lambda tx: outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, now, 9)])
    )
    assert await post.database.write(lambda tx: recording.reclaim(tx, now)) == 3
    assert await post.database.read(lambda tx: messages.nameless_in(tx, DANA.chat_id)) == 2


async def test_a_cards_change_does_not_wait_behind_a_thousand_messages(post: Post) -> None:
    """The board is right while everybody is being told something."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Board("6"))
        await dana.sees("6")
        await post.empties()
        now = post.clock.now()

        def tell_everybody(tx: Transaction) -> None:
            for number in range(1000):
                crowd = Recipient(ChatId(1000 + number), Language.EN)
                outbox.owe(tx, now, crowd, Plain("news"))

        await post.database.write(tell_everybody)
        await post.owes(dana, Board("5"))
        await dana.sees("5", within=5)
        assert await post.waiting() > 800


async def test_a_message_that_the_service_never_serves_holds_up_nobody_else(
    post: Post, clock: MovableClock
) -> None:
    """Its chat is tried more and more seldom; everybody else gets theirs at once."""
    post.service.faults.add(
        Fault(FaultKind.SERVER_ERROR, method="sendMessage", chat_id=17, times=None)
    )
    dana, aigul = await post.phone(17), await post.phone(18, "Aigul")
    await post.owes(dana, Call("never"))
    async with post.working():
        for number in range(8):
            await post.owes(aigul, Plain(f"word {number}"))
            await aigul.sees(f"word {number}", within=5)
            clock.move(timedelta(seconds=2))
        post.service.faults.clear()
        clock.move(timedelta(seconds=10))
        await dana.sees("never")
        await post.empties()
    tries = [call for call in post.service.calls if call.chat_id == 17]
    assert len(tries) < 12


@pytest.mark.torture
async def test_one_chat_that_the_service_never_serves_keeps_the_place_from_nobody_else(
    post: Post, clock: MovableClock
) -> None:
    """It is owed that the old place is void; the new one reaches the others all the same."""
    post.service.faults.add(
        Fault(FaultKind.SERVER_ERROR, method="sendMessage", chat_id=17, times=None)
    )
    await post.phone(17)
    aigul = await post.phone(18, "Aigul")

    def owe(tx: Transaction) -> None:
        for chat, notice in ((17, Wait("void")), (18, Broadcast("news"))):
            recipient = Recipient(ChatId(chat), Language.EN)
            outbox.owe(tx, clock.now(), recipient, notice, event_id=EVENT)

    await post.database.write(owe)
    async with post.working():
        await _passes(post, WAITED_FOR)
        await aigul.sees("news")
        assert post.undelivered == []
        await _passes(post, STUCK_FOR)
        assert [type(one) for one in post.undelivered[:1]] == [Wait]
        assert await post.database.read(lambda tx: outbox.count_stuck(tx, clock.now())) == 1


@pytest.mark.torture
async def test_what_is_urgent_and_cannot_be_put_into_words_is_never_given_up(post: Post) -> None:
    """Organizers are to hear of it after a few tries, and it goes out when it can."""
    dana = await post.phone(17)
    post.render, words = _breaks, post.render
    await post.owes(dana, Wait("wait"))
    async with post.working():
        await _passes(post, GIVE_UP_AFTER + timedelta(hours=1))
        assert {type(one) for one in post.undelivered} == {Wait}
        assert await post.waiting() == 1
        post.render = words
        await _passes(post, LONGEST_PAUSE + timedelta(minutes=1))
        await dana.sees("wait")
        await post.empties()
    assert await post.database.read(_given_up) == 0


@pytest.mark.parametrize(("notice", "is_kept"), [(Wait("wait"), True), (Plain("news"), False)])
async def test_what_meets_faults_for_a_day_is_kept_if_it_is_urgent(
    post: Post, notice: Wait | Plain, *, is_kept: bool
) -> None:
    """Somebody has to call meanwhile; what is not urgent is given up, and they hear of either."""
    dana = await post.phone(17)
    await post.owes(dana, notice)

    def meets_a_fault(tx: Transaction) -> tuple[bool, int]:
        (ticket,) = tickets.ready(tx, post.clock.now(), 1)
        (owed,) = outbox.claim(tx, [ticket.id])
        late = owed.owed_at + GIVE_UP_AFTER + timedelta(seconds=1)
        hears = recording.after_fault(tx, late, replace(owed, attempts=STUCK_AFTER))
        return hears, counters.value(tx, outbox.GIVEN_UP)

    assert await post.database.write(meets_a_fault) == (True, 0 if is_kept else 1)
    assert await post.waiting() == (1 if is_kept else 0)


async def test_what_was_tried_often_before_it_met_a_fault_is_told_all_the_same(
    post: Post,
) -> None:
    """Tries whose outcome nobody knows count as well, and those of a card that it replaced."""
    dana = await post.phone(17)
    post.render = _breaks
    await post.owes(dana, Wait("wait"))
    often = "UPDATE outbox SET attempts = ?"
    await post.database.write(lambda tx: tx.run(often, STUCK_AFTER + 1))
    async with post.working():
        await _until(lambda: post.undelivered)
    assert [type(one) for one in post.undelivered] == [Wait]


@pytest.mark.torture
async def test_what_is_not_urgent_is_given_up_after_a_day_and_said_to_be(post: Post) -> None:
    """An answer of yesterday helps nobody; that it never came is counted and told."""
    dana = await post.phone(17)
    post.render = _breaks
    await post.owes(dana, Plain("hello"))
    async with post.working():
        await _passes(post, GIVE_UP_AFTER - timedelta(hours=1))
        assert post.undelivered == []
        await _passes(post, timedelta(hours=2))
        await post.empties()
    assert [type(one) for one in post.undelivered] == [Plain]
    assert await post.database.read(_given_up) == 1


async def test_what_is_urgent_and_refused_is_tried_for_a_day_and_counts_once(post: Post) -> None:
    """Its chat may take it yet; but one chat keeps no alarm owed, and the bot unwell, for ever."""
    dana = await post.phone(17)
    post.render = lambda _tx, _now, _owed: Screen(" ")
    await post.owes(dana, Wait("wait"))
    async with post.working():
        await _passes(post, GIVE_UP_AFTER - timedelta(hours=1))
        assert {type(one) for one in post.undelivered} == {Wait}
        assert await post.waiting() == 1
        assert await post.database.read(_given_up) == 0
        await _passes(post, timedelta(hours=2))
        await post.empties()
    assert await post.database.read(_given_up) == 1


async def test_a_message_that_the_service_refuses_for_good_is_counted_and_told(post: Post) -> None:
    """A fault of ours: it can never be sent."""
    dana = await post.phone(17)
    await post.owes(dana, Plain(" "))
    async with post.working():
        await post.empties()
    assert [type(one) for one in post.undelivered] == [Plain]
    assert await post.database.read(_given_up) == 1


def _given_up(tx: Transaction) -> int:
    return counters.value(tx, outbox.GIVEN_UP)


def _breaks(tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
    del tx, now, owed
    raise KeyError


async def _passes(post: Post, by: timedelta) -> None:
    """Let time pass in steps, and the bot work in each."""
    assert isinstance(post.clock, MovableClock)
    for _ in range(STEPS):
        post.clock.move(by / STEPS)
        await SystemClock().sleep(0.05)


async def _until(is_so: object) -> None:
    assert callable(is_so)
    async with asyncio.timeout(10):
        while not is_so():
            await SystemClock().sleep(0.01)
