"""Inbox, outbox, messages, timers, tokens, routes: each row kept and let go by its rule."""

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from typing_extensions import override

from safety.languages import Language
from safety.notices import Lane, Notice, Removal, Say, notice
from safety.people import ChatId, EventId, Recipient
from safety.timers import Timer, timer
from storage import (
    chats,
    inbox,
    messages,
    outbox,
    queues,
    restoring,
    routes,
    tickets,
    timers,
    tokens,
)
from storage.database import Database
from storage.inbox import Coming, Received
from storage.messages import NewMessage
from storage.moments import to_row
from storage.tokens import Purpose
from storage.transaction import Transaction, Value
from storage.vault.sight import NOTHING

T = TypeVar("T")
NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
EVENT = EventId(7)
DANA = Recipient(ChatId(17), Language.KK)
AIGUL = Recipient(ChatId(18), Language.RU)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Card(Notice):
    """A card of these tests."""

    lane = Lane.BOARD

    number: int

    @override
    def card(self) -> str | None:
        return "card"


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CardRings(Card):
    """The same card, ringing."""

    replaces = True


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CardAlarms(Card):
    """The same card, in an alarm."""

    lane = Lane.ALARM


@notice
@dataclass(frozen=True, slots=True, repr=False)
class CardAsks(Card):
    """The same card, asking something."""

    asks = True


@timer
@dataclass(frozen=True, slots=True, repr=False)
class Bell(Timer):
    """A timer of these tests."""

    name: str

    @override
    def key(self) -> str:
        return self.name


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Moved(Notice):
    """The old place holds no more."""

    lane = Lane.HOLD


@notice
@dataclass(frozen=True, slots=True, repr=False)
class Told(Notice):
    """A place is told."""

    lane = Lane.RELEASE


# ------------------------------------------------------------------ inbox


async def test_an_update_is_stored_once_within_a_day_and_again_after_it(
    database: Database,
) -> None:
    """Repeats are dropped; an id that restarts a week later is a new update."""

    def work(tx: Transaction) -> int:
        update = Received(5, ChatId(17), is_alarm_like=False, raw=b"{}")
        inbox.receive(tx, NOW, [update, update])
        inbox.receive(tx, NOW + timedelta(hours=24), [update])
        inbox.receive(tx, NOW + timedelta(hours=26), [update])
        return inbox.count_waiting(tx)

    assert await database.write(work) == 2


async def test_the_offset_follows_the_last_update_and_not_the_highest(
    database: Database,
) -> None:
    """Ids may restart lower."""

    def work(tx: Transaction) -> int:
        for number in (900, 3):
            inbox.receive(tx, NOW, [Received(number, None, is_alarm_like=False, raw=b"{}")])
        return inbox.offset(tx)

    assert await database.write(work) == 4


async def test_urgent_needs_both_the_words_and_a_known_sender(database: Database) -> None:
    """Strangers cannot crowd the way of alarms."""

    def work(tx: Transaction) -> list[bool]:
        routes.put(tx, None, 1, DANA)
        cases = [(17, True), (17, False), (18, True)]
        return [
            inbox.receive(tx, NOW, [Received(number, ChatId(chat), is_alarm, b"{}")])
            for number, (chat, is_alarm) in enumerate(cases)
        ]

    assert await database.write(work) == [True, False, False]


async def test_of_several_updates_one_urgent_one_is_enough(database: Database) -> None:
    """The others in its batch do not hide it."""

    def work(tx: Transaction) -> bool:
        routes.put(tx, None, 1, DANA)
        updates = [
            Received(1, ChatId(17), is_alarm_like=True, raw=b"{}"),
            Received(2, ChatId(18), is_alarm_like=False, raw=b"{}"),
        ]
        return inbox.receive(tx, NOW, updates)

    assert await database.write(work)


async def test_a_handled_update_leaves_no_words_behind(database: Database, tmp_path: Path) -> None:
    """What it said is let go with its handling."""

    def work(tx: Transaction) -> int:
        inbox.receive(tx, NOW, [Received(1, ChatId(17), is_alarm_like=False, raw=b"words")])
        inbox.done(tx, 1)
        return tx.number("SELECT COUNT(*) FROM inbox WHERE sealed IS NOT NULL")

    assert await database.write(work) == 0
    assert b"words" not in _bytes_of(tmp_path)


async def test_the_third_failure_sets_an_update_aside(database: Database) -> None:
    """And no failure counts after that."""

    def work(tx: Transaction) -> list[bool]:
        inbox.receive(tx, NOW, [Received(1, ChatId(17), is_alarm_like=False, raw=b"{}")])
        return [inbox.fail(tx, 1) for _ in range(3)]

    assert await database.write(work) == [False, False, True]
    assert not await database.read(lambda tx: inbox.is_waiting(tx, 1))


async def test_what_is_coming_is_told_in_order_and_from_a_place_on(database: Database) -> None:
    """Whoever has seen a place sees only what came after it, and each chat under one name."""

    def work(tx: Transaction) -> list[Coming]:
        for number, chat in enumerate([17, 18, 17, None], start=1):
            chat_id = None if chat is None else ChatId(chat)
            inbox.receive(tx, NOW, [Received(number, chat_id, is_alarm_like=False, raw=b"{}")])
        inbox.done(tx, 2)
        return inbox.coming(tx, 0, 100, is_urgent=False)

    found = await database.write(work)
    assert [one.seq for one in found] == [1, 3, 4]
    assert found[0].chat == found[1].chat
    assert found[2].chat == b""
    later = await database.read(lambda tx: inbox.coming(tx, 1, 1, is_urgent=False))
    assert [one.seq for one in later] == [3]


async def test_the_team_and_those_who_were_written_to_about_an_event_are_known(
    database: Database,
) -> None:
    """A stranger who got the one neutral sentence is none of them."""

    def work(tx: Transaction) -> list[bool]:
        routes.put(tx, None, 1, DANA)
        for number, event_id in ((18, EventId(5)), (19, None)):
            recipient = Recipient(ChatId(number), Language.EN)
            messages.add(tx, NewMessage(recipient, 1, None, event_id=event_id))
        for number in (17, 18, 19, 20):
            update = Received(number, ChatId(number), is_alarm_like=False, raw=b"{}")
            inbox.receive(tx, NOW, [update])
        return [one.is_known for one in inbox.coming(tx, 0, 100, is_urgent=False)]

    assert await database.write(work) == [True, True, False, False]


async def test_only_the_first_of_a_chat_that_is_set_aside_is_the_first(database: Database) -> None:
    """One apology to a chat, however much of it fails."""

    def work(tx: Transaction) -> list[bool]:
        firsts = []
        for number, chat in enumerate([17, 17, 18], start=1):
            update = Received(number, ChatId(chat), is_alarm_like=False, raw=b"{}")
            inbox.receive(tx, NOW, [update])
            for _ in range(3):
                inbox.fail(tx, number)
            firsts.append(inbox.is_first_set_aside(tx, number))
        assert inbox.count_set_aside(tx) == 3
        return firsts

    assert await database.write(work) == [True, False, True]


async def test_old_handled_updates_are_forgotten_and_waiting_ones_are_not(
    database: Database,
) -> None:
    """Only what can still meet a repeat is kept."""

    def work(tx: Transaction) -> int:
        for number in (1, 2):
            inbox.receive(tx, NOW, [Received(number, ChatId(17), is_alarm_like=False, raw=b"{}")])
        inbox.done(tx, 1)
        inbox.forget_handled(tx, NOW - timedelta(hours=1))
        assert tx.number("SELECT COUNT(*) FROM inbox") == 2
        inbox.forget_handled(tx, NOW + timedelta(hours=1))
        return tx.number("SELECT COUNT(*) FROM inbox")

    assert await database.write(work) == 1


# ------------------------------------------------------------------ outbox


async def test_what_is_owed_comes_back_as_it_was(database: Database) -> None:
    """Recipient, notice, target and age survive the row."""

    def work(tx: Transaction) -> outbox.Owed:
        outbox.owe(tx, NOW, DANA, Say("key", (("a", 1), ("b", "ә"))), event_id=EVENT, edits=9)
        return outbox.claim(tx, [1])[0]

    owed = await database.write(work)
    assert owed.recipient == DANA
    assert owed.notice == Say("key", (("a", 1), ("b", "ә")))
    assert (owed.edits, owed.event_id, owed.owed_at) == (9, EVENT, NOW)
    assert (owed.attempts, owed.is_repeat) == (1, False)


async def test_the_most_urgent_lane_comes_first_then_the_oldest(database: Database) -> None:
    """Busy chats are left out."""

    def work(tx: Transaction) -> list[int]:
        outbox.owe(tx, NOW, DANA, Card(1))
        outbox.owe(tx, NOW, AIGUL, Removal((1,)))
        outbox.owe(tx, NOW, DANA, Say("one"))
        outbox.owe(tx, NOW, DANA, Say("two"))
        all_of_them = [ticket.id for ticket in tickets.ready(tx, NOW, 10)]
        busy = [chats.chat_digest(tx, DANA.chat_id)]
        assert [ticket.id for ticket in tickets.ready(tx, NOW, 10, busy)] == [2]
        only = tickets.beside(tx, NOW, 10, (), Removal)
        assert [ticket.kind for ticket in only] == ["Removal"]
        return all_of_them

    assert await database.write(work) == [3, 4, 1, 2]


async def test_a_newer_card_replaces_the_one_not_yet_sent(database: Database) -> None:
    """One that is under way stays: it is being sent."""

    def work(tx: Transaction) -> list[int]:
        outbox.owe(tx, NOW, DANA, Card(1))
        outbox.claim(tx, [1])
        outbox.owe(tx, NOW, DANA, Card(2))
        outbox.owe(tx, NOW, DANA, Card(3))
        outbox.owe(tx, NOW, AIGUL, Card(4))
        return [row[0] for row in tx.all(tuple[int], "SELECT id FROM outbox ORDER BY id")]

    assert await database.write(work) == [1, 2, 3]


async def test_a_question_on_a_card_that_has_still_to_ring_comes_right_after(
    database: Database,
) -> None:
    """A change needs no message of its own there; what somebody has pressed for is never lost."""

    def work(tx: Transaction) -> list[str]:
        outbox.owe(tx, NOW, DANA, CardRings(1))
        outbox.owe(tx, NOW, DANA, Card(1))
        outbox.owe(tx, NOW, DANA, CardAsks(1))
        return [ticket.kind for ticket in tickets.ready(tx, NOW, 10)]

    assert await database.write(work) == ["CardRings", "CardAsks"]


async def test_a_row_is_claimed_once(database: Database) -> None:
    """Two claims never both send."""

    def work(tx: Transaction) -> list[int]:
        outbox.owe(tx, NOW, DANA, Say("x"))
        return [len(outbox.claim(tx, [1])) for _ in range(2)]

    assert await database.write(work) == [1, 0]


async def test_what_is_put_back_waits_for_its_moment(database: Database) -> None:
    """An attempt that never left does not count as one."""

    def work(tx: Transaction) -> None:
        outbox.owe(tx, NOW, DANA, Say("x"))
        outbox.claim(tx, [1])
        outbox.put_back(tx, 1, NOW + timedelta(seconds=5), was_tried=False)
        assert tickets.ready(tx, NOW, 10) == []
        assert outbox.next_moment(tx, NOW) == NOW + timedelta(seconds=5)
        assert not outbox.claim(tx, [1])[0].is_repeat
        outbox.put_back(tx, 1, NOW, was_tried=True)
        assert outbox.claim(tx, [1])[0].is_repeat

    await database.write(work)


async def test_a_crash_in_the_middle_of_sending_makes_a_repeat(database: Database) -> None:
    """Nobody knows whether it arrived."""

    def work(tx: Transaction) -> bool:
        outbox.owe(tx, NOW, DANA, Say("x"))
        outbox.claim(tx, [1])
        assert len(outbox.reclaim(tx)) == 1
        return outbox.claim(tx, [1])[0].is_repeat

    assert await database.write(work)


async def test_sending_anew_forgets_the_message_that_was_to_change(database: Database) -> None:
    """And does not count as an attempt."""

    def work(tx: Transaction) -> outbox.Owed:
        outbox.owe(tx, NOW, DANA, Say("x"), edits=5)
        outbox.send_anew(tx, outbox.claim(tx, [1])[0])
        return outbox.claim(tx, [1])[0]

    owed = await database.write(work)
    assert (owed.edits, owed.attempts, owed.notice) == (None, 1, Say("x"))


@pytest.mark.parametrize(
    ("older", "newer", "left"),
    [
        (Card(1), Card(2), ["Card"]),
        (CardRings(1), CardRings(2), ["CardRings"]),
        (Card(1), CardRings(2), ["CardRings"]),
        (CardRings(1), Card(2), ["CardRings", "Card"]),
    ],
)
async def test_what_comes_back_from_sending_is_owed_unless_a_newer_one_says_it(
    database: Database, older: Notice, newer: Notice, left: list[str]
) -> None:
    """A ring is never replaced by a change; and the newer one knows that it may be a repeat."""

    def work(tx: Transaction) -> list[outbox.Owed]:
        outbox.owe(tx, NOW, DANA, older)
        outbox.claim(tx, [1])
        outbox.owe(tx, NOW, DANA, newer)
        outbox.put_back(tx, 1, NOW, was_tried=True)
        return outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, NOW, 10)])

    owed = await database.write(work)
    assert [type(one.notice).__name__ for one in owed] == left
    assert owed[0].is_repeat


async def test_a_cards_change_is_found_behind_everything_that_waits(database: Database) -> None:
    """It is no message: it needs the card that stands in this chat, and no place in the second."""

    def work(tx: Transaction) -> list[tickets.Ticket]:
        messages.add(tx, NewMessage(DANA, 5, NOW + timedelta(hours=1), card="card"))
        for number in range(200):
            outbox.owe(tx, NOW, Recipient(ChatId(1000 + number), Language.RU), Say("x"))
        outbox.owe(tx, NOW, AIGUL, Card(1))
        outbox.owe(tx, NOW, DANA, Card(1))
        outbox.owe(tx, NOW, AIGUL, Removal((1,)))
        return tickets.beside(tx, NOW, 10, (), Removal)

    found = await database.write(work)
    assert [(ticket.kind, ticket.is_edit) for ticket in found] == [
        ("Removal", False), ("Card", True),
    ]  # fmt: skip
    assert found[1].chat == await database.read(lambda tx: chats.chat_digest(tx, DANA.chat_id))


async def test_changes_of_cards_can_be_left_out_except_an_alarms(database: Database) -> None:
    """Where hundreds of them wait already, what is no change is found among the first."""

    def work(tx: Transaction) -> list[list[str]]:
        for person in (DANA, AIGUL):
            messages.add(tx, NewMessage(person, 5, NOW + timedelta(hours=1), card="card"))
        outbox.owe(tx, NOW, DANA, Card(1))
        outbox.owe(tx, NOW, AIGUL, CardAlarms(1))
        outbox.owe(tx, NOW, Recipient(ChatId(1000), Language.RU), Card(1))  # none stands there
        outbox.owe(tx, NOW, DANA, Say("x"))
        found = tickets.ready(tx, NOW, 10, edits=Lane.ALARM)
        beside = tickets.beside(tx, NOW, 10, (), Removal, edits=Lane.ALARM)
        return [[ticket.kind for ticket in some] for some in (found, beside)]

    assert await database.write(work) == [["CardAlarms", "Say", "Card"], ["CardAlarms"]]


async def test_a_chat_is_silent_from_that_statement_on_and_not_where_it_was_taken_back(
    database: Database,
) -> None:
    """Why is looked up once in a transaction, and anew after each change, undone ones too."""

    def work(tx: Transaction) -> list[str | None]:
        def silences() -> None:
            chats.silence(tx, DANA.chat_id, chats.TAKEN, 0)
            found.append(chats.silence_reason(tx, DANA.chat_id))
            raise ValueError

        found = [chats.silence_reason(tx, DANA.chat_id)]
        with contextlib.suppress(ValueError):
            tx.nested(silences)
        found.append(chats.silence_reason(tx, DANA.chat_id))
        chats.silence(tx, DANA.chat_id, chats.BLOCKED, 0)
        found.append(chats.silence_reason(tx, DANA.chat_id))
        assert not chats.unsilence(tx, DANA.chat_id, chats.TAKEN)
        assert chats.unsilence(tx, DANA.chat_id, chats.BLOCKED)
        found.append(chats.silence_reason(tx, DANA.chat_id))
        chats.silence(tx, DANA.chat_id, chats.TAKEN, 0)
        found.append(chats.silence_reason(tx, DANA.chat_id))
        restoring.forget_unknown_chats(tx)
        return [*found, chats.silence_reason(tx, DANA.chat_id)]

    assert await database.write(work) == [
        None, chats.TAKEN, None, chats.BLOCKED, None, chats.TAKEN, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "again", "how", "is_kept"),
    [
        (Card(1), Card(1), "owed", True),  # a board that changes often: one row for all of it
        (Card(1), Card(2), "owed", False),
        (Card(1), CardAsks(1), "owed", False),
        (Card(1), CardRings(1), "owed", False),
        (CardAlarms(1), CardAlarms(1), "owed", True),
        (Card(1), Card(1), "tried", False),  # it goes at once, and knows that it may repeat itself
        (Card(1), Card(1), "halted", False),
        (Card(1), Card(1), "about another event", False),
        (Card(1), Card(1), "broken", False),
    ],
)
async def test_what_says_the_very_same_is_left_as_it_is(
    database: Database, before: Card, again: Card, how: str, *, is_kept: bool
) -> None:
    """Nothing is sealed and stored anew for it; its age alone is of today, unless it rings."""
    later = NOW + timedelta(minutes=5)

    def rows(tx: Transaction) -> list[tuple[int, bytes, int]]:
        return tx.all(tuple[int, bytes, int], "SELECT id, sealed, owed_at FROM outbox")

    def work(tx: Transaction) -> tuple[list[tuple[int, bytes, int]], ...]:
        outbox.owe(tx, NOW, DANA, before, event_id=EVENT)
        if how in ("tried", "halted"):
            outbox.claim(tx, [1])
            outbox.put_back(tx, 1, later + timedelta(minutes=1), was_tried=how == "tried")
        elif how == "broken":
            tx.run("UPDATE outbox SET sealed = x'00'")
        first = rows(tx)
        event_id = EventId(8) if how == "about another event" else EVENT
        outbox.owe(tx, later, DANA, again, event_id=event_id)
        return first, rows(tx)

    ((_, sealed, _),), ((number, blob, owed_at),) = await database.write(work)
    assert number == 1
    assert (blob == sealed) is is_kept
    is_alarm = isinstance(before, CardAlarms)
    assert owed_at == to_row(NOW if is_alarm else later)
    kind = type(again).__name__
    found = await database.read(lambda tx: tickets.ready(tx, later, 10))
    assert [ticket.kind for ticket in found] == [kind]


async def test_what_is_asked_last_is_shown_last_though_it_was_asked_before(
    database: Database,
) -> None:
    """Two questions wait beside a ring; the first one, asked again, takes the place of both."""

    def work(tx: Transaction) -> list[outbox.Owed]:
        outbox.owe(tx, NOW, DANA, CardRings(1))
        outbox.owe(tx, NOW, DANA, CardAsks(1))
        outbox.owe(tx, NOW, DANA, CardAsks(2))
        outbox.claim(tx, [1])
        outbox.done(tx, 1)
        outbox.owe(tx, NOW, DANA, CardAsks(1))
        return outbox.claim(tx, [ticket.id for ticket in tickets.ready(tx, NOW, 10)])

    assert [one.notice for one in await database.write(work)] == [CardAsks(1)]


async def test_looking_for_what_may_go_reads_no_more_rows_than_it_gives(
    database: Database,
) -> None:
    """Ten thousand messages that wait their turn do not slow an alarm down."""

    class Planned(Transaction):
        """Says how it would find rows, and finds none."""

        @override
        def all(self, shape: type[T], sql: str, *parameters: Value) -> list[T]:
            plan = f"EXPLAIN QUERY PLAN {sql}"
            found = super().all(tuple[int, int, int, str], plan, *parameters)
            plans.extend(line for _, _, _, line in found)
            return []

    def look(tx: Transaction) -> None:
        planned = Planned(tx._connection, NOTHING)  # noqa: SLF001 - the same snapshot
        tickets.ready(planned, NOW, 10)
        tickets.beside(planned, NOW, 10, (), Removal)
        tickets.ready(planned, NOW, 10, edits=Lane.ALARM)
        tickets.beside(planned, NOW, 10, (), Removal, edits=Lane.ALARM)

    plans: list[str] = []
    await database.read(look)
    assert any("outbox_by_kind (state=? AND kind=?)" in line for line in plans)
    assert any("outbox_owed (state=? AND lane" in line for line in plans)
    assert not [line for line in plans if "SCAN" in line or "outbox_by_moment" in line]


async def test_a_withdrawal_takes_what_is_under_way_too(database: Database) -> None:
    """Its end finds nothing owed any more, and what arrived is taken back."""

    def work(tx: Transaction) -> bool:
        outbox.owe(tx, NOW, DANA, Told(), event_id=EVENT)
        outbox.claim(tx, [1])
        assert outbox.withdraw_kind(tx, EVENT, Told) == 1
        outbox.put_back(tx, 1, NOW, was_tried=True)
        assert not outbox.is_owed(tx, 1)
        return outbox.done(tx, 1)

    assert not await database.write(work)


async def test_withdrawing_takes_what_is_unsent(database: Database) -> None:
    """By chat, by event, by kind."""

    def work(tx: Transaction) -> list[int]:
        counts = []
        outbox.owe(tx, NOW, DANA, Say("x"), event_id=EVENT)
        outbox.owe(tx, NOW, AIGUL, Card(1), event_id=EVENT)
        outbox.owe(tx, NOW, AIGUL, Say("y"))
        counts.append(outbox.withdraw_kind(tx, EVENT, Card, Removal))
        outbox.withdraw_chat(tx, AIGUL)
        counts.append(outbox.waiting(tx))
        counts.append(outbox.withdraw_event(tx, EVENT))
        return counts

    assert await database.write(work) == [1, 1, 1]


# ------------------------------------------------------------------ messages


async def test_a_copy_that_nobody_can_name_is_counted_until_its_time_is_over(
    database: Database,
) -> None:
    """It cannot be deleted, so it is shown; taking the others away does not forget it."""

    def work(tx: Transaction) -> list[int]:
        until = NOW + timedelta(hours=40)
        for number in (5, messages.NAMELESS):
            add = messages.add_nameless if number == messages.NAMELESS else messages.add
            message = NewMessage(DANA, number, NOW + timedelta(hours=1), tag="t", card="c")
            add(tx, replace(message, can_go_until=until))
        assert messages.on_card(tx, DANA.chat_id, "c") == 5
        taken = messages.take_tagged(tx, "t") + messages.take_chat(tx, DANA.chat_id)
        assert [standing.message_id for standing in taken] == [5]
        counts = [messages.nameless_in(tx, DANA.chat_id), messages.nameless_tagged(tx, "t")]
        assert messages.take_due(tx, until) == []
        return [*counts, messages.nameless_in(tx, DANA.chat_id)]

    assert await database.write(work) == [1, 1, 0]


async def test_a_card_is_its_newest_message(database: Database) -> None:
    """An older message on the same card is no longer that card."""

    def work(tx: Transaction) -> tuple[int | None, int | None]:
        for number in (5, 6):
            messages.add(tx, NewMessage(DANA, number, None, card="card"))
        return (
            messages.on_card(tx, DANA.chat_id, "card"),
            messages.on_card(tx, AIGUL.chat_id, "card"),
        )

    assert await database.write(work) == (6, None)


async def test_a_changed_message_keeps_its_last_moment_and_its_protection(
    database: Database,
) -> None:
    """What it shows is new; until when it can be deleted is not."""

    def work(tx: Transaction) -> None:
        last = NOW + timedelta(hours=40)
        messages.add(
            tx, NewMessage(DANA, 5, last, tag="old", can_go_until=last, is_protected=True)
        )
        later = NOW + timedelta(hours=70)
        messages.change(tx, NewMessage(DANA, 5, later, tag="new", can_go_until=later))
        assert messages.next_due(tx) == last
        assert messages.is_protected(tx, DANA.chat_id, 5)
        soon = NOW + timedelta(minutes=1)
        messages.change(tx, NewMessage(DANA, 5, soon, tag="new"))
        assert messages.next_due(tx) == soon
        assert messages.take_tagged(tx, "old") == []
        assert len(messages.take_tagged(tx, "new")) == 1

    await database.write(work)


async def test_messages_go_by_time_by_tag_by_chat_and_by_event(database: Database) -> None:
    """Anchors only when it is said."""

    def work(tx: Transaction) -> None:
        at = NOW + timedelta(hours=1)
        messages.add(tx, NewMessage(DANA, 1, at))
        messages.add(tx, NewMessage(DANA, 2, None))
        messages.add(tx, NewMessage(DANA, 3, at, is_incoming=True))
        messages.add(tx, NewMessage(DANA, 4, None, event_id=EVENT))
        assert messages.take_due(tx, NOW) == []
        assert _ids(messages.take_chat(tx, DANA.chat_id)) == [1, 3]
        assert _ids(messages.take_event(tx, EVENT)) == [4]
        assert _ids(messages.take_chat(tx, DANA.chat_id, anchors=True)) == [2]

    await database.write(work)


async def test_a_forgotten_message_is_nobodys_card(database: Database) -> None:
    """What is gone from the chat is gone from the list."""

    def work(tx: Transaction) -> int | None:
        messages.add(tx, NewMessage(DANA, 5, None, card="card"))
        messages.forget(tx, DANA.chat_id, [5])
        return messages.on_card(tx, DANA.chat_id, "card")

    assert await database.write(work) is None


# ------------------------------------------------------------------ timers


async def test_a_timer_set_again_replaces_the_old_one(database: Database) -> None:
    """With its moment and its event."""

    def work(tx: Transaction) -> None:
        timers.put(tx, NOW, Bell("x"), EVENT)
        timers.put(tx, NOW + timedelta(hours=1), Bell("x"))
        assert timers.due(tx, NOW) == []
        assert timers.moment_of(tx, Bell("x")) == NOW + timedelta(hours=1)
        assert timers.next_due(tx) == NOW + timedelta(hours=1)

    await database.write(work)


async def test_a_timer_that_was_set_anew_is_not_taken_by_an_old_look(
    database: Database,
) -> None:
    """Whoever saw the old moment does not remove the new one."""

    def work(tx: Transaction) -> bool:
        timers.put(tx, NOW, Bell("x"))
        seen = timers.due(tx, NOW)[0]
        timers.put(tx, NOW + timedelta(hours=1), Bell("x"))
        return timers.take(tx, seen)

    assert not await database.write(work)


async def test_however_many_timers_do_not_open_they_hide_none_behind_them(
    database: Database,
) -> None:
    """An older program's kinds may stand there by the thousand; a ring is behind them."""

    def work(tx: Transaction) -> list[str]:
        for number in range(7):
            timers.put(tx, NOW - timedelta(hours=1), Bell(f"lost {number}"))
        tx.run("UPDATE timers SET sealed = x'00'")
        timers.put(tx, NOW, Bell("x"))
        timers.put(tx, NOW, Bell("y"))
        assert len(timers.due(tx, NOW, 1)) == 1
        return sorted(due.key for due in timers.due(tx, NOW, 3))

    assert await database.write(work) == [Bell("x").key(), Bell("y").key()]


async def test_the_next_moment_can_be_asked_beyond_what_is_late(database: Database) -> None:
    """A failing timer does not hide the others."""

    def work(tx: Transaction) -> datetime | None:
        timers.put(tx, NOW, Bell("late"))
        timers.put(tx, NOW + timedelta(hours=1), Bell("next"))
        return timers.next_due(tx, NOW)

    assert await database.write(work) == NOW + timedelta(hours=1)


# ------------------------------------------------------------------ tokens and routes


async def test_a_token_is_known_until_its_time_is_over(database: Database) -> None:
    """Guessed, revoked and expired ones give nothing."""

    def work(tx: Transaction) -> None:
        token = tokens.issue(tx, Purpose.TEAM, 5, NOW + timedelta(days=1), EVENT)
        grant = tokens.look_up(tx, NOW, token)
        assert grant == tokens.Grant(Purpose.TEAM, EVENT, 5)
        assert tokens.look_up(tx, NOW + timedelta(days=1), token) is None
        assert tokens.look_up(tx, NOW, token[:-1]) is None
        assert tokens.look_up(tx, NOW, "") is None
        tokens.revoke(tx, 5)
        assert tokens.look_up(tx, NOW, token) is None

    await database.write(work)


async def test_no_row_holds_a_telegram_id(database: Database) -> None:
    """Chats are digests, and what is sealed is sealed."""
    big = Recipient(ChatId(7_700_123_456), Language.EN)

    def work(tx: Transaction) -> str:
        tx.create_event_keys(EVENT)
        routes.put(tx, EVENT, 1, big)
        routes.put(tx, None, 2, big)
        outbox.owe(tx, NOW, big, Say("x"))
        messages.add(tx, NewMessage(big, 5, NOW))
        inbox.receive(tx, NOW, [Received(1, big.chat_id, is_alarm_like=False, raw=b"7700123456")])
        tables = ("routes", "outbox", "messages", "inbox", "meta")
        rows = [tx.all(tuple[object], f"SELECT * FROM {name}") for name in tables]  # noqa: S608 - ours
        return repr(rows)

    everything = await database.write(work)
    assert "7700123456" not in everything
    assert (7_700_123_456).to_bytes(8, "big").hex() not in everything


async def test_a_chat_has_one_place_in_each_event_and_one_in_the_team(
    database: Database,
) -> None:
    """The team's comes first; a removed person cannot be reached."""

    def work(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)
        routes.put(tx, EVENT, 1, DANA)
        routes.put(tx, None, 2, DANA)
        assert [route.holder_id for route in routes.of_chat(tx, DANA.chat_id)] == [2, 1]
        assert routes.of_holder(tx, 1) == DANA
        routes.remove(tx, 1)
        assert routes.of_holder(tx, 1) is None
        assert [route.holder_id for route in routes.of_chat(tx, DANA.chat_id)] == [2]

    await database.write(work)


async def test_a_silence_ends_only_for_its_own_reason(database: Database) -> None:
    """Coming back after blocking does not undo *They are taking me*."""

    def work(tx: Transaction) -> None:
        chats.silence(tx, DANA.chat_id, "taken", 0)
        assert not chats.unsilence(tx, DANA.chat_id, "blocked")
        assert chats.silence_reason(tx, DANA.chat_id) == "taken"
        assert chats.unsilence(tx, DANA.chat_id, "taken")
        assert chats.silence_reason(tx, DANA.chat_id) is None

    await database.write(work)


@pytest.mark.parametrize("name", ["updates waiting", "notices owed", "timers", "timers late"])
async def test_the_operator_sees_how_much_waits(database: Database, name: str) -> None:
    """Counts and ages, nobody's data."""

    def work(tx: Transaction) -> dict[str, queues.Queue]:
        inbox.receive(tx, NOW, [Received(1, ChatId(17), is_alarm_like=False, raw=b"{}")])
        outbox.owe(tx, NOW, DANA, Say("x"))
        timers.put(tx, NOW, Bell("x"))
        return {queue.name: queue for queue in queues.lengths(tx, NOW + timedelta(hours=1))}

    found = await database.write(work)
    assert found[name].count == 1
    assert found[name].oldest in {NOW, None}


def _ids(standing: list[messages.Standing]) -> list[int]:
    return [message.message_id for message in standing]


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("aman.db*"))


async def test_a_release_waits_until_everybody_heard_that_the_old_place_is_void(
    database: Database,
) -> None:
    """While a relocation is being sent, its event's releases stay; another event's go."""

    def owe(tx: Transaction) -> None:
        outbox.owe(tx, NOW, DANA, Moved(), event_id=EVENT)
        outbox.owe(tx, NOW, AIGUL, Told(), event_id=EVENT)
        outbox.owe(tx, NOW, AIGUL, Told(), event_id=EventId(8))

    await database.write(owe)
    first = await database.read(lambda tx: tickets.ready(tx, NOW, 10))
    assert [ticket.lane for ticket in first] == [Lane.HOLD, Lane.RELEASE]
    await database.write(lambda tx: outbox.claim(tx, [first[0].id]))
    assert len(await database.read(lambda tx: tickets.ready(tx, NOW, 10))) == 1
    await database.write(lambda tx: outbox.done(tx, first[0].id))
    assert len(await database.read(lambda tx: tickets.ready(tx, NOW, 10))) == 2


async def test_a_release_waits_for_the_old_place_however_often_a_crash_comes_between(
    database: Database,
) -> None:
    """What was cut off has not failed: whoever had the old place learns the new one first."""

    def work(tx: Transaction) -> list[int]:
        outbox.owe(tx, NOW, DANA, Moved(), event_id=EVENT)
        outbox.owe(tx, NOW, AIGUL, Told(), event_id=EVENT)
        for _ in range(3):
            outbox.claim(tx, [1])
            outbox.reclaim(tx)
        return [ticket.id for ticket in tickets.ready(tx, NOW, 10)]

    assert await database.write(work) == [1]


async def test_a_release_waits_for_no_message_that_fails_again_and_again(
    database: Database,
) -> None:
    """One phone that cannot be reached keeps the place from nobody else."""

    def work(tx: Transaction) -> list[int]:
        outbox.owe(tx, NOW, DANA, Moved(), event_id=EVENT)
        outbox.owe(tx, NOW, AIGUL, Told(), event_id=EVENT)
        for _ in range(2):
            outbox.claim(tx, [1])
            outbox.put_back(tx, 1, NOW, was_tried=True)
        return [ticket.id for ticket in tickets.ready(tx, NOW, 10)]

    assert await database.write(work) == [1, 2]
