"""What is owed goes out: in order, within the limits, once, and never lost."""

import asyncio
import errno
import time
from datetime import datetime, timedelta

import pytest

from bot.clock import MovableClock, SystemClock
from bot.delivery import LOOK_AT
from bot.limits import (
    CHAT_BURST,
    CHAT_KEPT_FOR_ALARMS,
    EDIT_BURST,
    EDITS_AT_ONCE,
    IN_FLIGHT,
    OVERALL,
)
from bot.rehearsal.botapi import BotApiServer, Call, Fault, FaultKind
from handlers.screens import Pin, Press, Screen
from safety.languages import Language
from safety.notices import CallbackAnswer, LeaveGroup, Notice, Removal, Say
from safety.people import ChatId, Recipient
from storage import chats, messages, outbox, routes, tickets
from storage.outbox import Owed
from storage.tickets import Ticket
from storage.transaction import Transaction
from tests.bot import notices
from tests.bot.conftest import EVENING, STANDING
from tests.bot.notices import (
    Board,
    Broadcast,
    Coming,
    Fleeting,
    KeyMessage,
    Plain,
    Ringing,
    RingingCall,
    Secret,
)
from tests.bot.posting import PATIENCE, Post

Alarm = notices.Call


async def test_what_is_owed_reaches_the_phone_and_is_owed_no_more(post: Post) -> None:
    """A notice ends when it was sent, and its message is remembered for deletion."""
    dana = await post.phone(17)
    await post.owes(dana, Plain("hello"))
    async with post.working():
        await dana.sees("hello")
        await post.empties()
    later = post.clock.now() + timedelta(hours=40)
    due = await post.database.read(messages.next_due)
    assert due == pytest.approx(later, abs=timedelta(minutes=1))


async def test_an_anchor_is_never_deleted_by_age(post: Post) -> None:
    """Housekeeping leaves the message of the permanent key alone."""
    dana = await post.phone(17)
    await post.owes(dana, KeyMessage("key"))
    async with post.working():
        await post.empties()
    assert await post.database.read(messages.next_due) is None


async def test_what_one_chat_is_owed_arrives_in_the_order_it_was_owed(post: Post) -> None:
    """Two requests to one chat never overtake each other."""
    dana = await post.phone(17)
    await post.owes(dana, *(Plain(f"word {number}") for number in range(6)))
    async with post.working():
        await post.empties()
    assert post.sent() == [f"word {number}" for number in range(6)]


async def test_an_alarm_overtakes_a_broadcast(post: Post) -> None:
    """Of many messages, the alarm goes with the first ones, though it was owed last."""
    people = [await post.phone(100 + number) for number in range(60)]
    for person in people:
        await post.owes(person, Broadcast("news"))
    async with post.working():
        await people[0].sees("news")
        await post.owes(people[59], Alarm("ALARM"))
        await people[59].sees("ALARM")
        sent = post.sent()
    assert sent.index("ALARM") < 40


async def test_nothing_that_is_owed_waits_until_a_crowd_is_taken_in(post: Post) -> None:
    """Updates are stored ahead of the ordinary; an alarm would wait behind what waits for that."""
    dana = await post.phone(17)
    await post.owes(dana, Plain("hello"))
    async with asyncio.TaskGroup() as tasks:
        storing = [
            tasks.create_task(post.database.write(lambda _tx: time.sleep(0.002), ahead=True))
            for _ in range(250)
        ]
        async with post.working():
            await dana.sees("hello")
            assert not all(one.done() for one in storing)


@pytest.mark.torture
async def test_a_broadcast_uses_the_service_fully_and_is_never_told_to_wait(post: Post) -> None:
    """Ninety messages wait for no pace but the service's, and not one is refused."""
    people = [await post.phone(100 + number) for number in range(90)]
    for person in people:
        await post.owes(person, Broadcast("news"))
    real = SystemClock()
    started = real.monotonic()
    async with post.working():
        await post.empties()
    took = real.monotonic() - started
    assert post.service.flood_refusals == 0
    assert len(post.sent()) == 90
    assert took < 30  # three seconds of work; at the pace of one chat it would be ninety


async def test_a_chat_gets_a_short_burst_and_then_its_own_pace(
    post: Post, clock: MovableClock
) -> None:
    """Seven messages to one chat are never too many for the service."""
    dana = await post.phone(17)
    await post.owes(dana, *(Plain(f"word {number}") for number in range(7)))
    started = clock.now()
    async with post.working():
        await dana.sees("word 2")
        burst = clock.now() - started
        await post.empties()
    assert burst < (clock.now() - started) / 2  # three of seven at once, on however busy a machine
    assert post.service.flood_refusals == 0
    assert len(post.sent()) == 7


async def test_a_halted_chat_does_not_hold_up_another_one(post: Post) -> None:
    """A 429 is obeyed where it was said, to its deadline, and nothing is lost."""
    dana, aigul = await post.phone(17), await post.phone(18, "Aigul")
    halt = Fault(FaultKind.TOO_MANY, method="sendMessage", chat_id=17, retry_after=2)
    post.service.faults.add(halt)
    await post.owes(dana, Plain("for Dana"))
    await post.owes(aigul, Plain("for Aigul"))
    started = post.clock.now()
    async with post.working():
        await aigul.sees("for Aigul")
        assert not dana.shows("for Dana")
        await dana.sees("for Dana")
        await post.empties()
    assert post.clock.now() - started >= timedelta(seconds=2)
    assert [call.status for call in _calls(post.service, 17)] == [429, 200]


async def test_what_may_go_out_while_it_is_looked_for_is_not_waited_for(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow look misses a moment that comes meanwhile; then the next look is at once."""
    dana = await post.phone(17)
    halt = Fault(FaultKind.TOO_MANY, method="sendMessage", chat_id=17, retry_after=1)
    post.service.faults.add(halt)
    await post.owes(dana, Plain("for Dana"))
    look = tickets.ready

    def slow(*values: object, **names: object) -> list[Ticket]:
        found = look(*values, **names)  # type: ignore[arg-type] # passed on as they came
        time.sleep(0.0 if found else 0.25)  # a busy machine, on the reader's own thread
        return found

    monkeypatch.setattr(tickets, "ready", slow)
    async with post.working():
        await dana.sees("for Dana", within=PATIENCE)


@pytest.mark.torture
async def test_halts_of_different_chats_hold_everything_but_a_probing_alarm(post: Post) -> None:
    """When the service says it to several, it means all; an alarm still tries."""
    dana, aigul, saule = [await post.phone(number) for number in (17, 18, 19)]
    for number in (17, 18):
        halt = Fault(FaultKind.TOO_MANY, method="sendMessage", chat_id=number, retry_after=5)
        post.service.faults.add(halt)
    await post.owes(dana, Plain("one"))
    await post.owes(aigul, Plain("two"))
    started = post.clock.now()
    async with post.working():
        await _until(lambda: len(_calls(post.service, 17) + _calls(post.service, 18)) == 2)
        await post.owes(saule, Plain("later"))
        await post.owes(saule, Alarm("ALARM"))
        await saule.sees("ALARM")
        assert post.clock.now() - started < timedelta(seconds=4)
        await saule.sees("later", within=10)
        assert post.clock.now() - started >= timedelta(seconds=5)
        await post.empties()


async def test_an_alarm_that_was_told_to_wait_for_long_finds_out_whether_it_must(
    post: Post,
) -> None:
    """Its own chat's halt is one, too: it is tried every two seconds, and not in an hour."""
    dana = await post.phone(17)
    halt = Fault(FaultKind.TOO_MANY, method="sendMessage", retry_after=3000, times=2)
    post.service.faults.add(halt)
    await post.owes(dana, Alarm("ALARM"))
    async with post.working():
        await dana.sees("ALARM", within=PATIENCE)
    assert [call.status for call in _calls(post.service, 17)] == [429, 429, 200]


async def test_what_was_never_sent_is_tried_until_it_is(post: Post) -> None:
    """A service that cannot serve costs time, never a message, and nothing is sent twice."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.SERVER_ERROR, method="sendMessage", times=3))
    await post.owes(dana, Plain("hello"))
    async with post.working():
        await dana.sees("hello")
        await post.empties()
    assert post.sent() == ["hello"]


async def test_an_alarm_cut_off_after_sending_is_sent_again_and_says_so(post: Post) -> None:
    """Of an alarm's arrival nobody may be unsure."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.CUT_AFTER, method="sendMessage"))
    await post.owes(dana, Alarm("ALARM"))
    async with post.working():
        await dana.sees("ALARM (again)")
        await post.empties()
    assert post.sent() == ["ALARM", "ALARM (again)"]


async def test_a_release_cut_off_after_sending_asks_whether_it_arrived(post: Post) -> None:
    """The repeat knows that it is one; what it says then is the release's own affair."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.CUT_AFTER, method="sendMessage"))
    await post.owes(dana, Broadcast("news"))
    async with post.working():
        await dana.sees("news (again)")
        await post.empties()


async def test_a_reply_cut_off_after_sending_is_left_alone(post: Post) -> None:
    """Nobody gets an ordinary answer twice."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.CUT_AFTER, method="sendMessage"))
    await post.owes(dana, Plain("hello"), Plain("next"))
    async with post.working():
        await dana.sees("next")
        await post.empties()
    assert post.sent() == ["hello", "next"]


async def test_what_a_crash_cut_off_is_sent_again_after_the_start(post: Post) -> None:
    """A claimed notice that never ended is owed again, as a repeat; a reply is left alone."""
    dana = await post.phone(17)
    await post.owes(dana, Alarm("ALARM"), Plain("hello"))
    await post.database.write(lambda tx: outbox.claim(tx, [1, 2]))
    async with post.working():
        await dana.sees("ALARM (again)")
        await post.empties()
    assert post.sent() == ["ALARM (again)"]
    assert await post.database.read(lambda tx: messages.nameless_in(tx, ChatId(17))) == 2


async def test_a_blocked_bot_stops_writing_and_says_so_once(post: Post) -> None:
    """A chat that takes nothing is owed nothing; whoever must know is told."""
    dana = await post.phone(17)
    known = Recipient(ChatId(17), Language.EN)
    await post.database.write(lambda tx: routes.put(tx, None, 1, known))
    await dana.blocks()
    await post.owes(dana, Plain("one"), Plain("two"), Alarm("ALARM"))
    async with post.working():
        await post.empties()
        await post.owes(dana, Plain("three"))
        await post.empties()
    assert post.unreachable == [17]
    assert len(_calls(post.service, 17)) == 1
    reason = await post.database.read(lambda tx: chats.silence_reason(tx, ChatId(17)))
    assert reason == "blocked"


async def test_of_a_stranger_who_blocks_the_bot_nothing_is_kept(post: Post) -> None:
    """Not even that they did."""
    somebody = await post.phone(17)
    await somebody.blocks()
    await post.owes(somebody, Plain("one"), Plain("two"))
    async with post.working():
        await post.empties()
    assert post.unreachable == []
    assert await post.database.read(lambda tx: chats.silence_reason(tx, ChatId(17))) is None


async def test_a_card_is_edited_where_it_stands(post: Post) -> None:
    """The board is one message, and changing it rings nowhere."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Board("expected 6"))
        await dana.sees("expected 6")
        await post.empties()
        await post.owes(dana, Board("expected 5"))
        await dana.sees("expected 5")
        await post.empties()
    assert len([message for message in dana.messages if message.from_bot]) == 1
    assert dana.lock_screen == ()


async def test_changes_of_a_card_that_come_quickly_become_few_edits(post: Post) -> None:
    """What is not sent yet is replaced by what is newer."""
    dana = await post.phone(17)
    async with post.working():
        for number in range(40):
            await post.owes(dana, Board(f"here {number}"))
        await dana.sees("here 39", within=10)
        await post.empties()
    assert len(_calls(post.service, 17)) < 20
    assert post.service.flood_refusals == 0


async def test_a_card_that_rings_anew_replaces_the_old_message(post: Post) -> None:
    """A new person on an alarm rings again, and only one card stands."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Ringing("one person"))
        await dana.sees("one person")
        await post.empties()
        await post.owes(dana, Ringing("two people"))
        await dana.sees("two people")
        await post.empties()
    assert [message.text for message in dana.messages if message.from_bot] == ["two people"]
    assert len(dana.lock_screen) == 2


async def test_a_card_that_has_just_rung_is_changed_where_it_stands(
    post: Post, clock: MovableClock
) -> None:
    """A phone that rang a moment ago shows the next caller at once, and rings when it is time."""
    dana = await post.phone(17)
    async with post.working():
        for words in ("one person", "two people"):
            await post.owes(dana, RingingCall(words))
            await dana.sees(words)
            await post.empties()
        assert len(dana.lock_screen) == 1
        clock.move(RingingCall.apart)
        await post.owes(dana, RingingCall("three people"))
        await dana.sees("three people")
        await post.empties()
    assert [message.text for message in dana.messages if message.from_bot] == ["three people"]
    assert len(dana.lock_screen) == 2


async def test_a_second_call_waits_for_no_second_where_all_of_it_was_used_to_ring(
    post: Post,
) -> None:
    """The service takes so many messages, and no more: what has just rung needs none of them."""
    post.clock = MovableClock(EVENING, speed=STANDING)  # no second passes
    phones = [await post.phone(100 + number) for number in range(OVERALL)]
    async with post.working():
        for phone in phones:
            await post.owes(phone, RingingCall("one person"))
        await post.empties()
        await post.owes(phones[0], RingingCall("two people"))
        await phones[0].sees("two people")
        await post.empties()


async def test_a_second_call_waits_for_no_second_where_its_chat_takes_no_message(
    post: Post,
) -> None:
    """Several alarms have rung there: the card of one that has just done so is changed at once."""
    post.clock = MovableClock(EVENING, speed=STANDING)  # no second passes
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, RingingCall("one person"))
        await dana.sees("one person")
        for number in range(1, CHAT_BURST + CHAT_KEPT_FOR_ALARMS):
            await post.owes(dana, Alarm(f"alarm {number}"))
            await dana.sees(f"alarm {number}")
        await post.empties()
        await post.owes(dana, RingingCall("two people"))
        await dana.sees("two people")
        await post.empties()


async def test_a_ring_whose_answer_came_late_is_as_old_as_it_is(
    post: Post, clock: MovableClock
) -> None:
    """On a slow line a phone may have rung long before anybody knows: then it rings again."""
    dana = await post.phone(17)
    slow = 2 * RingingCall.apart
    post.service.faults.add(
        Fault(FaultKind.DELAY, method="sendMessage", seconds=slow.total_seconds())
    )
    async with post.working():
        await post.owes(dana, RingingCall("one person"))
        await _until(lambda: post.service.in_flight == 1)
        clock.move(slow)
        await dana.sees("one person")
        await post.empties()
        await post.owes(dana, RingingCall("two people"))
        await dana.sees("two people")
        await post.empties()
    assert len(dana.lock_screen) == 2


async def test_a_ring_on_a_card_that_takes_no_more_edits_rings(post: Post) -> None:
    """It waits neither for an edit's turn, nor until it may ring again."""
    post.clock = MovableClock(EVENING, speed=STANDING)  # no second passes
    dana = await post.phone(17)
    async with post.working():
        for number in range(EDIT_BURST + 2):
            await post.owes(dana, RingingCall(f"{number} people"))
            await dana.sees(f"{number} people", within=PATIENCE)
            await post.empties()
    assert len(dana.lock_screen) == 2


async def test_a_card_that_has_just_rung_and_is_gone_rings(post: Post) -> None:
    """Whoever deleted it within the second learns all the same."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, RingingCall("one person"))
        shown = await dana.sees("one person")
        await post.empties()
        await dana.deletes(shown)
        await post.owes(dana, RingingCall("two people"))
        await dana.sees("two people")
        await post.empties()
    assert len(dana.lock_screen) == 2


async def test_hundreds_of_changed_cards_hide_nothing_that_waits_for_none_of_them(
    post: Post, clock: MovableClock
) -> None:
    """Six at a time are changed, on a line that is slow: a place goes out all the same."""
    dana = await post.phone(17)
    slow = Fault(FaultKind.DELAY, method="editMessageText", seconds=60, times=None)
    post.service.faults.add(slow)
    later = clock.now() + timedelta(hours=1)
    numbers = range(1000, 1000 + LOOK_AT + EDITS_AT_ONCE)
    callers = [Recipient(ChatId(number), Language.EN) for number in numbers]

    def owe(tx: Transaction) -> None:
        for caller in callers:
            messages.add(tx, messages.NewMessage(caller, 5, later, card=Coming("").card()))
            outbox.owe(tx, EVENING, caller, Coming("somebody comes"))

    await post.database.write(owe)
    await post.owes(dana, Broadcast("the place"))
    async with post.working():
        await _until(lambda: post.service.in_flight == EDITS_AT_ONCE)
        await dana.sees("the place", within=PATIENCE)
        assert post.service.in_flight == EDITS_AT_ONCE
        clock.move(timedelta(seconds=slow.seconds))


async def test_a_card_that_the_person_deleted_comes_as_a_new_message(post: Post) -> None:
    """What cannot be changed any more is sent again."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Board("expected 6"))
        shown = await dana.sees("expected 6")
        await post.empties()
        await post.bot.delete_message(17, shown.message_id)
        await post.owes(dana, Board("expected 5"))
        await dana.sees("expected 5")
        await post.empties()


async def test_an_answer_to_a_press_changes_the_message_that_was_pressed(post: Post) -> None:
    """A reply stands where the person looks."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Plain("question"))
        shown = await dana.sees("question")
        await post.empties()
        await post.owes(dana, Plain("answer"), edits=shown.message_id)
        answer = await dana.sees("answer")
        await post.empties()
    assert answer.message_id == shown.message_id


async def test_a_protected_text_is_never_put_into_an_open_message(post: Post) -> None:
    """A place behind *Show* cannot be forwarded, even if the button stood under an open text."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Plain("Show"))
        shown = await dana.sees("Show")
        await post.empties()
        await post.owes(dana, Secret("the address"), edits=shown.message_id)
        place = await dana.sees("the address")
        await post.empties()
    assert place.is_protected
    assert place.message_id != shown.message_id
    assert not dana.shows("Show")


async def test_a_protected_message_is_edited_as_a_protected_one(post: Post) -> None:
    """Protection is decided when a message is sent, and stays."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Secret("Show"))
        shown = await dana.sees("Show")
        await post.empties()
        await post.owes(dana, Secret("the address"), edits=shown.message_id)
        place = await dana.sees("the address")
        await post.empties()
    assert place.is_protected
    assert place.message_id == shown.message_id


async def test_an_edited_message_still_goes_while_it_can(post: Post, clock: MovableClock) -> None:
    """Editing never keeps a message beyond the hours in which a bot may delete it."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Plain("question"))
        shown = await dana.sees("question")
        await post.empties()
        first = await post.database.read(messages.next_due)
        clock.move(timedelta(hours=30))
        await post.owes(dana, Plain("answer"), edits=shown.message_id)
        await dana.sees("answer")
        await post.empties()
    assert await post.database.read(messages.next_due) == first


async def test_removed_messages_leave_the_phone(post: Post) -> None:
    """A removal is a request like any other; one that finds nothing is done as well."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Secret("the address"))
        shown = await dana.sees("the address")
        await post.empties()
        await post.owes(dana, Removal((shown.message_id,)), Removal((999_999,)))
        await post.empties()
    assert not dana.shows("the address")


async def test_a_notice_whose_time_is_over_is_dropped(post: Post, clock: MovableClock) -> None:
    """Nobody is answered about something that they pressed a quarter of an hour ago."""
    dana = await post.phone(17)
    await post.owes(dana, Fleeting("soon"), Plain("hello"))
    clock.move(timedelta(minutes=15))
    async with post.working():
        await dana.sees("hello")
        await post.empties()
    assert post.sent() == ["hello"]


async def test_a_press_is_answered_while_its_chat_waits_for_its_pace(post: Post) -> None:
    """Ending a button's waiting costs nothing."""
    dana = await post.phone(17)
    post.render = _with_a_button
    async with post.working():
        await post.owes(dana, *(Plain(f"word {number}") for number in range(3)))
        await dana.sees("word 2")
        await post.empties()
        await dana.presses("Press me")
        callback = _callback_id(post.service)
        started = post.clock.now()
        await post.owes(dana, Plain("slow"), CallbackAnswer(callback, "key"))
        await _until(lambda: "top" in dana.alerts)
        assert post.clock.now() - started < timedelta(seconds=0.7)
        await post.empties()


async def test_a_group_is_left(post: Post) -> None:
    """The bot speaks in private chats alone; one that it cannot leave is no trouble."""
    now = post.clock.now()
    group = Recipient(ChatId(-100_1), Language.EN)
    await post.database.write(lambda tx: outbox.owe(tx, now, group, LeaveGroup()))
    async with post.working():
        await post.empties()
    assert [call.method for call in post.service.calls].count("leaveChat") == 1
    assert post.unreachable == []


async def test_a_fault_in_putting_into_words_stops_nobody_else(post: Post) -> None:
    """What cannot be rendered waits; everybody else gets their message."""
    dana, aigul = await post.phone(17), await post.phone(18)
    post.render = _breaks_for_dana
    await post.owes(dana, Plain("hello"))
    await post.owes(aigul, Plain("hello"))
    async with post.working():
        await aigul.sees("hello")
        await _until_async(post.waiting, 1)
    assert not dana.shows("hello")


async def test_markup_that_the_service_refuses_goes_out_as_bare_words(post: Post) -> None:
    """A mistake in a text must not swallow the alarm in it."""
    dana = await post.phone(17)
    post.render = lambda _tx, _now, _owed: Screen("<b>ALARM</i> &amp; <u>you")
    await post.owes(dana, Alarm("x"))
    async with post.working():
        await dana.sees("ALARM & you")
        await post.empties()


async def test_a_key_a_pin_and_a_picture_arrive_as_such(post: Post) -> None:
    """Each kind of screen has its own request."""
    dana = await post.phone(17)
    screens = iter(
        (
            Screen("anchor", key="🆘 SOS"),
            Screen("", pin=Pin(43.2, 76.9)),
            Screen("your code", picture=_png()),
            Screen("no key", removes_key=True),
        )
    )
    post.render = lambda _tx, _now, _owed: next(screens)
    async with post.working():
        await post.owes(dana, KeyMessage("x"))
        await post.empties()
        assert "🆘 SOS" in dana.keyboard
        await post.owes(dana, Plain("x"), Plain("x"))
        await post.empties()
        kinds = [message.kind for message in dana.messages if message.from_bot]
        assert kinds == ["text", "location", "photo"]
        await post.owes(dana, Plain("x"))
        await post.empties()
    assert not dana.keyboard


async def test_a_notice_with_nothing_to_show_is_withdrawn(post: Post) -> None:
    """What has become untrue while it waited is not said."""
    dana = await post.phone(17)
    post.render = lambda _tx, _now, _owed: None
    await post.owes(dana, Plain("old news"))
    async with post.working():
        await post.empties()
    assert post.sent() == []


async def test_a_long_text_is_cut_at_a_line_and_still_arrives(post: Post) -> None:
    """The service's limit is met before it refuses."""
    dana = await post.phone(17)
    post.render = lambda _tx, _now, _owed: Screen("<b>" + "line 😀\n" * 2000 + "</b>")
    await post.owes(dana, Plain("x"))
    async with post.working():
        shown = await dana.sees("line")
        await post.empties()
    assert shown.text.endswith("…")
    assert post.service.violations == ()


async def test_a_stop_lets_what_is_under_way_end(post: Post) -> None:
    """A clean end leaves no message that nobody knows about."""
    dana = await post.phone(17)
    post.service.faults.add(Fault(FaultKind.DELAY, method="sendMessage", seconds=0.5))
    await post.owes(dana, Plain("hello"))
    async with post.working() as delivery:
        await _until(lambda: delivery.in_flight == 1)
        await _until(lambda: post.service.in_flight == 1)
    assert await post.waiting() == 0
    assert dana.shows("hello")


@pytest.mark.parametrize("edits", [False, True])
async def test_what_was_withdrawn_while_under_way_goes_from_the_phone_at_once(
    post: Post,
    edits: bool,  # noqa: FBT001 - a table of cases
) -> None:
    """A phone that is being emptied gets nothing more, not even what was on its way."""
    dana = await post.phone(17)
    async with post.working():
        await post.owes(dana, Plain("question"))
        shown = await dana.sees("question")
        await post.empties()
        delay = Fault(FaultKind.DELAY, seconds=0.5, times=1, chat_id=17)
        post.service.faults.add(delay)
        await post.owes(dana, Plain("the place"), edits=shown.message_id if edits else None)
        await _until(lambda: post.service.in_flight == 1)
        await post.database.write(
            lambda tx: outbox.withdraw_chat(tx, Recipient(ChatId(17), Language.EN))
        )
        await dana.sees("the place")
        await _until(lambda: not dana.shows("the place"))
        await post.empties()


async def test_a_silenced_chat_is_owed_nothing_but_removals(post: Post) -> None:
    """After *They are taking me* the bot is quiet to that person."""
    dana = await post.phone(17)
    await post.database.write(lambda tx: chats.silence(tx, ChatId(17), "taken", 0))
    await post.owes(dana, Say("hello"), Removal((1,)))
    assert await post.waiting() == 1


def _calls(service: BotApiServer, chat_id: int) -> list[Call]:
    return [call for call in service.calls if call.chat_id == chat_id]


def _callback_id(service: BotApiServer) -> str:
    updates = service.messenger.updates._waiting  # noqa: SLF001 - no intake runs here
    bodies = [update.body for update in updates if update.kind == "callback_query"]
    return str(bodies[-1]["id"])


def _with_a_button(tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
    del tx, now
    if isinstance(owed.notice, CallbackAnswer):
        return Screen("top")
    return Screen(_words(owed.notice), ((Press("Press me", "x"),),))


def _breaks_for_dana(tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
    del tx, now
    if owed.recipient.chat_id == 17:
        raise KeyError("a name that must not be logged")
    return Screen(_words(owed.notice))


def _words(notice: Notice) -> str:
    return str(getattr(notice, "words", ""))


def _png() -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
        b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\x1b\xb6\xeeV"
        b"\x00\x00\x00\x00IEND\xaeB`\x82"
    )


async def _until(is_so: object) -> None:
    assert callable(is_so)
    async with asyncio.timeout(10):
        while not is_so():
            await SystemClock().sleep(0.01)


async def _until_async(ask: object, expected: int) -> None:
    assert callable(ask)
    async with asyncio.timeout(10):
        while await ask() != expected:
            await SystemClock().sleep(0.01)


async def test_a_disk_that_takes_no_claims_keeps_no_alarm(
    post: Post, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is owed already must not wait for room either; all else waits, and comes once."""
    dana, erik = await post.phone(17), await post.phone(18, "Erik")
    await post.owes(dana, Alarm("a cry for help"), Plain("a reply"))
    await post.owes(erik, Plain("another reply"))
    monkeypatch.setattr(post.database, "write", _takes_nothing)
    async with post.working():
        await dana.sees("a cry for help", within=20)
        clock.move(timedelta(seconds=5))
        await SystemClock().sleep(0.2)
        assert post.sent() == ["a cry for help"]
        monkeypatch.undo()
        clock.move(timedelta(seconds=5))
        await post.empties()
    assert sorted(post.sent()) == ["a cry for help", "a reply", "another reply"]


async def test_answers_that_cannot_be_stored_take_no_room_from_alarms(
    post: Post, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk stops the storing of outcomes; the requests themselves are over."""
    phones = [await post.phone(100 + number, f"P{number}") for number in range(2 * IN_FLIGHT)]
    for phone in phones:
        await post.owes(phone, Alarm("a cry for help"))
    monkeypatch.setattr(post.database, "write", _takes_nothing)
    async with post.working():
        for phone in phones:
            while not phone.shows("a cry for help"):
                clock.move(timedelta(seconds=1))
                await SystemClock().sleep(0.02)
        monkeypatch.undo()
        clock.move(timedelta(seconds=5))
        await post.empties()
    assert len(post.sent()) == len(phones)


async def _takes_nothing(work: object, *, urgent: bool = False) -> None:
    del work, urgent
    raise OSError(errno.ENOSPC, "No space left on device")
