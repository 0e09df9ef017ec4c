"""Rows tampered with, moved, or written by another release: noticed, and set aside alone.

One bad row never keeps a queue's other rows from being handled, sent, deleted or run.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from coordination.turns import Work
from safety.events import Event, EventState
from safety.forms import Draft
from safety.languages import Language
from safety.notices import NOTICES, Lane, Notice, Removal, Say, notice
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.registration import Person
from safety.team import TeamPerson, TeamState
from safety.timers import TIMERS, Timer, timer
from storage import chats, forms, inbox, messages, outbox, queues, routes, tickets, timers
from storage.database import Database
from storage.events import EVENTS
from storage.inbox import Received
from storage.messages import NewMessage
from storage.people import PEOPLE
from storage.team import TEAM
from storage.transaction import LockedError, Transaction
from storage.vault.errors import BrokenSealError
from storage.vault.keys import KeyKind
from tests.made import somebody

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
EVENT, OTHER = EventId(7), EventId(8)
DANA = Recipient(ChatId(17), Language.KK)
AIGUL = Recipient(ChatId(18), Language.RU)


@notice
@dataclass(frozen=True, slots=True, repr=False)
class RestlessBoard(Notice):
    """A card of these tests that changes often."""

    lane = Lane.BOARD

    number: int

    @override
    def card(self) -> str | None:
        return "board"


@timer
@dataclass(frozen=True, slots=True, repr=False)
class Chime(Timer):
    """A timer of these tests."""

    name: str

    @override
    def key(self) -> str:
        return self.name


def _person(number: int, event_id: EventId, name: str) -> Person:
    return somebody(event_id, number, NOW, name)


def _colleague(number: int, name: str) -> TeamPerson:
    return TeamPerson(TeamId(number), Role.ORGANIZER, TeamState.ACTIVE, name, NOW)


# ------------------------------------------------------------------ shelves


async def test_what_is_put_on_a_shelf_comes_back_and_can_be_changed(database: Database) -> None:
    """Clear columns follow the value, or rows would be found by what they no longer are."""

    def work(tx: Transaction) -> None:
        for event in (EVENT, OTHER):
            tx.create_event_keys(event)
        PEOPLE.put(tx, _person(1, EVENT, "Dana"))
        PEOPLE.put(tx, _person(2, OTHER, "Aigul"))
        changed = _person(1, EVENT, "Dana!")
        PEOPLE.put(tx, changed)
        assert PEOPLE.get(tx, 1) == changed
        assert PEOPLE.get(tx, 3) is None
        assert [one.id for one in PEOPLE.find(tx, "event_id = ?", OTHER)] == [2]
        assert PEOPLE.count(tx, "event_id = ?", EVENT) == 1
        assert PEOPLE.remove(tx, "event_id = ?", EVENT) == 1
        assert PEOPLE.get(tx, 1) is None

    await database.write(work)


async def test_no_word_of_a_person_stands_in_a_clear_column(database: Database) -> None:
    """Inside the encrypted file, names and titles are sealed once more."""

    def work(tx: Transaction) -> str:
        tx.create_event_keys(EVENT)
        PEOPLE.put(tx, _person(1, EVENT, "a-telling-name"))
        TEAM.put(tx, _colleague(1, "a-telling-name"))
        event = Event(
            EVENT, EventState.OPEN, "a-telling-name", "a-telling-name", "Asia/Almaty",
            NOW, NOW, 30, Language.RU, TeamId(1),
        )  # fmt: skip
        EVENTS.put(tx, event)
        assert EVENTS.get(tx, EVENT) == event
        sql = "SELECT * FROM {}"
        return repr(
            [tx.all(tuple[object], sql.format(name)) for name in ("people", "team", "events")]
        )

    assert "a-telling-name" not in await database.write(work)


async def test_two_rows_that_were_exchanged_do_not_open(database: Database) -> None:
    """Whoever writes into the file cannot make one person another."""

    def work(tx: Transaction) -> None:
        TEAM.put(tx, _colleague(1, "Dana"))
        TEAM.put(tx, _colleague(2, "Aigul"))
        tx.run("UPDATE team SET sealed = (SELECT sealed FROM team WHERE id = 2) WHERE id = 1")
        assert TEAM.get(tx, 2) is not None
        with pytest.raises(BrokenSealError):
            TEAM.get(tx, 1)

    await database.write(work)


async def test_a_row_moved_to_another_table_does_not_open(database: Database) -> None:
    """The same key, the same row number, another table."""

    def work(tx: Transaction) -> None:
        TEAM.put(tx, _colleague(1, "Dana"))
        event = Event(
            EventId(1), EventState.OPEN, "t", "c", "Asia/Almaty",
            NOW, NOW, 30, Language.RU, TeamId(1),
        )  # fmt: skip
        EVENTS.put(tx, event)
        tx.run("UPDATE events SET sealed = (SELECT sealed FROM team WHERE id = 1) WHERE id = 1")
        with pytest.raises(BrokenSealError):
            EVENTS.get(tx, EventId(1))

    await database.write(work)


async def test_a_row_moved_to_another_event_does_not_open(database: Database) -> None:
    """Each event's people are sealed under its own key."""

    def work(tx: Transaction) -> None:
        for event in (EVENT, OTHER):
            tx.create_event_keys(event)
        PEOPLE.put(tx, _person(1, EVENT, "Dana"))
        tx.run("UPDATE people SET event_id = ? WHERE id = 1", OTHER)
        with pytest.raises(BrokenSealError):
            PEOPLE.get(tx, 1)

    await database.write(work)


async def test_rows_under_a_destroyed_key_are_locked_and_can_still_be_counted(
    database: Database,
) -> None:
    """Crypto-shredding: what is left tells a number and nothing else."""

    def fill(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)
        PEOPLE.put(tx, _person(1, EVENT, "Dana"))

    await database.write(fill)
    await database.write(lambda tx: tx.destroy_keys(EVENT, KeyKind.PEOPLE))
    with pytest.raises(LockedError):
        await database.read(lambda tx: PEOPLE.get(tx, 1))
    assert await database.read(lambda tx: PEOPLE.count(tx, "event_id = ?", EVENT)) == 1


# ------------------------------------------------------------------ queues with one bad row


async def test_an_update_that_does_not_open_is_set_aside_alone(database: Database) -> None:
    """The others of its batch are handed out as they came."""

    def work(tx: Transaction) -> list[bytes | None]:
        for number, raw in enumerate((b"one", b"two", b"three"), start=1):
            inbox.receive(tx, NOW, [Received(number, DANA.chat_id, is_alarm_like=False, raw=raw)])
        tx.run("UPDATE inbox SET sealed = (SELECT sealed FROM inbox WHERE seq = 1) WHERE seq = 2")
        return [inbox.words(tx, seq) for seq in (1, 2, 3)]

    assert await database.write(work) == [b"one", b"", b"three"]


async def test_a_notice_that_does_not_open_is_set_aside_alone(database: Database) -> None:
    """Delivery goes on with the others, and the operator sees that there is one."""

    def work(tx: Transaction) -> list[Notice]:
        for key in ("one", "two", "three"):
            outbox.owe(tx, NOW, DANA, Say(key))
        tx.run("UPDATE outbox SET sealed = (SELECT sealed FROM outbox WHERE id = 1) WHERE id = 2")
        claimed = [owed.notice for owed in outbox.claim(tx, [1, 2, 3])]
        assert outbox.claim(tx, [2]) == []
        assert len(outbox.reclaim(tx)) == 2
        aside = next(q for q in queues.lengths(tx, NOW) if q.name == "notices set aside")
        assert aside.count == 1
        return claimed

    assert await database.write(work) == [Say("one"), Say("three")]


async def test_a_notice_of_a_forgotten_kind_is_set_aside_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older release owed it, and this one has no words for it."""

    def work(tx: Transaction) -> list[Notice]:
        outbox.owe(tx, NOW, DANA, RestlessBoard(1))
        outbox.owe(tx, NOW, DANA, Say("two"))
        monkeypatch.delitem(NOTICES, "RestlessBoard")
        outbox.owe(tx, NOW, AIGUL, Say("three"))
        return [owed.notice for owed in outbox.claim(tx, [1, 2, 3])]

    assert await database.write(work) == [Say("two"), Say("three")]


async def test_a_timer_of_a_forgotten_kind_keeps_no_other_from_running(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is passed over and stays visible as late."""

    def work(tx: Transaction) -> list[str]:
        for name in ("one", "two", "three"):
            timers.put(tx, NOW, Chime(name))
        tx.run(
            "UPDATE timers SET sealed = (SELECT sealed FROM timers WHERE key = 'one') "
            "WHERE key = 'two'"
        )
        return sorted(due.key for due in timers.due(tx, NOW))

    assert await database.write(work) == ["one", "three"]
    monkeypatch.delitem(TIMERS, "Chime")
    assert await database.read(lambda tx: timers.due(tx, NOW)) == []


async def test_a_message_that_does_not_open_keeps_no_other_from_going(database: Database) -> None:
    """It leaves the list with them, or the sweep would meet it for ever."""

    def work(tx: Transaction) -> list[int]:
        for number in (1, 2, 3):
            messages.add(tx, NewMessage(DANA, number, NOW, card=f"card-{number}"))
        tx.run(
            "UPDATE messages SET sealed = (SELECT sealed FROM messages WHERE id = 1) WHERE id = 2"
        )
        assert messages.on_card(tx, DANA.chat_id, "card-2") is None
        taken = [standing.message_id for standing in messages.take_due(tx, NOW)]
        assert messages.next_due(tx) is None
        return sorted(taken)

    assert await database.write(work) == [1, 3]


async def test_a_draft_that_does_not_open_counts_as_none_and_can_be_replaced(
    database: Database,
) -> None:
    """A chat whose draft is broken would otherwise be deaf, also for a call for help."""

    def work(tx: Transaction) -> None:
        forms.put(tx, DANA.chat_id, Draft(1, "form", "step"))
        assert forms.get(tx, DANA.chat_id) == Draft(1, "form", "step")
        tx.run("UPDATE forms SET sealed = zeroblob(40)")
        assert forms.get(tx, DANA.chat_id) is None
        forms.put(tx, DANA.chat_id, Draft(2, "form", "step"))
        assert forms.get(tx, DANA.chat_id) == Draft(2, "form", "step")
        assert forms.get(tx, AIGUL.chat_id) is None

    await database.write(work)


# ------------------------------------------------------------------ drafts


async def test_a_chat_has_one_draft_and_an_events_drafts_go_with_it(database: Database) -> None:
    """A new form takes the old one's place."""

    def work(tx: Transaction) -> None:
        forms.put(tx, DANA.chat_id, Draft(1, "form", "step", EVENT, answers=(("a", "б"),)))
        forms.put(tx, DANA.chat_id, Draft(2, "form", "step", EVENT))
        forms.put(tx, AIGUL.chat_id, Draft(3, "form", "step", OTHER))
        assert tx.number("SELECT COUNT(*) FROM forms") == 2
        forms.remove_event(tx, EVENT)
        assert forms.get(tx, DANA.chat_id) is None
        assert forms.get(tx, AIGUL.chat_id) is not None
        assert forms.remove(tx, AIGUL.chat_id)
        assert not forms.remove(tx, AIGUL.chat_id)

    await database.write(work)


# ------------------------------------------------------------------ cards and removals


async def test_a_card_that_changes_often_keeps_its_place_in_the_queue(database: Database) -> None:
    """Each change took the place at the end, so a busy board was never sent."""

    def work(tx: Transaction) -> list[bytes]:
        outbox.owe(tx, NOW, DANA, RestlessBoard(1))
        outbox.owe(tx, NOW, AIGUL, RestlessBoard(1))
        for number in range(2, 9):
            outbox.owe(tx, NOW, DANA, RestlessBoard(number))
        found = tickets.ready(tx, NOW, 10)
        assert outbox.claim(tx, [found[0].id])[0].notice == RestlessBoard(8)
        return [ticket.chat for ticket in found]

    order = await database.write(work)
    digests = await database.read(
        lambda tx: [chats.chat_digest(tx, one.chat_id) for one in (DANA, AIGUL)]
    )
    assert order == digests


async def test_a_card_that_may_have_arrived_is_a_repeat_also_in_its_newest_shape(
    database: Database,
) -> None:
    """The attempts go with the place."""

    def work(tx: Transaction) -> bool:
        outbox.owe(tx, NOW, DANA, RestlessBoard(1))
        outbox.claim(tx, [1])
        outbox.put_back(tx, 1, NOW + timedelta(hours=1), was_tried=True)
        outbox.owe(tx, NOW, DANA, RestlessBoard(2))
        return outbox.claim(tx, [tickets.ready(tx, NOW, 1)[0].id])[0].is_repeat

    assert await database.write(work)


async def test_a_silenced_chat_is_owed_nothing_but_removals(database: Database) -> None:
    """What stands there must still go."""

    def work(tx: Transaction) -> list[str]:
        outbox.owe(tx, NOW, DANA, Say("before"))
        chats.silence(tx, DANA.chat_id, chats.BLOCKED, 0)
        outbox.withdraw_chat(tx, DANA)
        outbox.owe(tx, NOW, DANA, Say("after"))
        outbox.owe(tx, NOW, DANA, Removal((1,)))
        outbox.owe(tx, NOW, AIGUL, Say("other"))
        return [ticket.kind for ticket in tickets.ready(tx, NOW, 10)]

    assert await database.write(work) == ["Say", "Removal"]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
async def test_no_removal_names_more_messages_than_the_service_takes(
    database: Database, count: int
) -> None:
    """A hundred each, in every chat of its own, and each message once."""

    def work(tx: Transaction) -> list[Notice]:
        for number in range(count):
            for someone in (DANA, AIGUL):
                messages.add(tx, NewMessage(someone, number, NOW, tag="t"))
        Work(tx, NOW, Policy()).remove_tagged("t")
        found = tickets.ready(tx, NOW, 100)
        return [owed.notice for owed in outbox.claim(tx, [ticket.id for ticket in found])]

    removals = [one for one in await database.write(work) if isinstance(one, Removal)]
    assert all(len(one.message_ids) <= 100 for one in removals)
    removed = [number for one in removals for number in one.message_ids]
    assert sorted(removed) == sorted([*range(count), *range(count)])


async def test_due_messages_go_in_portions(database: Database) -> None:
    """A thousand at once would hold up an alarm."""

    def work(tx: Transaction) -> list[int]:
        for number in range(12):
            messages.add(tx, NewMessage(DANA, number, NOW + timedelta(seconds=number)))
        later = NOW + timedelta(minutes=1)
        return [len(messages.take_due(tx, later, limit=5)) for _ in range(4)]

    assert await database.write(work) == [5, 5, 2, 0]


async def test_a_quiet_chat_keeps_nothing_not_even_an_anchor(database: Database) -> None:
    """Whatever still arrives on a taken phone goes at once."""

    def work(tx: Transaction) -> int:
        chats.silence(tx, DANA.chat_id, chats.TAKEN, 0)
        messages.add(tx, NewMessage(DANA, 1, None))
        messages.add(tx, NewMessage(DANA, 2, NOW + timedelta(hours=40), is_incoming=True))
        return len(messages.take_due(tx, NOW))

    assert await database.write(work) == 2


# ------------------------------------------------------------------ the routing index


async def test_a_chat_that_registers_again_has_one_place(database: Database) -> None:
    """The same chat at the same event under another registration takes the place over."""

    def work(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)
        routes.put(tx, EVENT, 1, DANA)
        routes.put(tx, EVENT, 2, DANA)
        assert [route.holder_id for route in routes.of_chat(tx, DANA.chat_id)] == [2]
        routes.put(tx, EVENT, 2, AIGUL)
        assert routes.of_chat(tx, DANA.chat_id) == []
        assert routes.of_holder(tx, 2) == AIGUL

    await database.write(work)


async def test_a_destroyed_events_places_are_not_found(database: Database) -> None:
    """After a purge the same person is a stranger, also while rows are still there."""

    def fill(tx: Transaction) -> None:
        tx.create_event_keys(EVENT)
        routes.put(tx, EVENT, 1, DANA)

    await database.write(fill)
    assert len(await database.read(lambda tx: routes.of_chat(tx, DANA.chat_id))) == 1
    await database.write(lambda tx: tx.destroy_keys(EVENT, KeyKind.ROUTING))
    assert await database.read(lambda tx: routes.of_chat(tx, DANA.chat_id)) == []
