"""The second channel at work: real outbox, real mail server; kills, faults, the chat cut off."""

import asyncio
import contextlib
import errno
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from telegram.error import Conflict

from bot import mail, settling
from bot import secondchannel as second_channel
from bot.app import Application, make_bot
from bot.bareletters import REFRESH_EVERY, RETRY, BareLetters
from bot.clock import MovableClock, SystemClock
from bot.config import Config, load
from bot.hearing import Hearing
from bot.linewatch import LineWatch
from bot.mail import Mail
from bot.rehearsal.botapi import BotApiServer, Fault, FaultKind
from bot.secondchannel import IN_FLIGHT, SecondChannel
from bot.secondconfig import MailServer, Security
from coordination import secondchannel
from coordination.turns import Work
from handlers.screens import Screen
from handlers.texts import Texts
from safety.alarms import Alarm, AlarmState, Caller, Way
from safety.intake import AGAIN_AFTER, DEAD_AFTER, Trouble
from safety.languages import Language
from safety.people import ChatId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.secondaddresses import AddressKind, Answer, SecondAddress
from safety.secondchannel import ARRIVES_WITHIN, LINE_PACE, SecondAlarm, SecondNotice, SecondTest
from safety.team import TeamPerson, TeamState
from storage import alarms, chats, counters, outbox, routes, secondaddresses, tickets
from storage import secondchannel as store
from storage.database import Database
from storage.moments import to_row
from storage.outbox import Owed
from storage.secondaddresses import SECOND_ADDRESSES
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keyslots import KeySlots
from tests.bot.conftest import EVENING, TOKEN
from tests.bot.notices import Plain
from tests.bot.posting import Post
from tests.bot.postoffice import PostOffice
from tests.faults.program import START_WITHIN, program

SAULE, AIGUL = TeamId(41), TeamId(42)
CHATS = {SAULE: Recipient(ChatId(18), Language.EN), AIGUL: Recipient(ChatId(17), Language.EN)}
ROLES = {SAULE: Role.STEWARD, AIGUL: Role.ORGANIZER}
PATIENCE = 20.0  # real seconds
HALF_A_STEP = mail.STEP / 2  # real seconds
LOOK_EVERY = 0.01  # real seconds


@dataclass(slots=True)
class Desk:
    """A second channel of its own: what is owed to somebody goes to a mail server on loopback."""

    database: Database
    clock: MovableClock
    office: PostOffice
    answers: list[tuple[TeamId, Answer]] = field(default_factory=list)
    is_over: bool = False

    async def owes(self, team_id: TeamId, *, alarm: int | None = 17) -> None:
        """Owe somebody an alarm, or a test."""
        notice = SecondTest(team_id) if alarm is None else SecondAlarm(team_id, alarm)
        now = self.clock.now()
        chat = CHATS.get(team_id, Recipient(ChatId(team_id), Language.EN))
        await self.database.write(lambda tx: outbox.owe(tx, now, chat, notice))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[SecondChannel]:
        """Let it work while the block lasts."""
        server = MailServer(
            "127.0.0.1", self.office.port, Security.NONE, "", "", "ring@example.net"
        )
        way = Mail(server, self.clock)
        channel = SecondChannel(
            self.database,
            self.clock,
            {AddressKind.MAIL: way},
            self._render,
            self._find,
            self._note,
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(channel.run(tasks))
            yield channel
            running.cancel()
            await asyncio.wait([running])
            await channel.drain()

    async def empties(self) -> None:
        """Wait until nothing is owed any more."""
        await _until(self._is_empty)

    async def _is_empty(self) -> bool:
        return await self.database.read(outbox.waiting) == 0

    def _render(self, tx: Transaction, now: datetime, owed: Owed) -> Screen | None:
        del tx, now
        notice = owed.notice
        again = "\nThis may come twice." if owed.is_repeat else ""
        if isinstance(notice, SecondAlarm):
            return None if self.is_over else Screen(f"Alarm {notice.alarm_id}.{again}")
        return Screen(f"Test.{again}")

    def _find(self, tx: Transaction, now: datetime, team_id: TeamId) -> SecondAddress:
        del tx
        return SecondAddress(team_id, AddressKind.MAIL, f"t{team_id}@example.org", now)

    def _note(self, tx: Transaction, now: datetime, notice: SecondNotice, answer: Answer) -> None:
        del tx, now
        self.answers.append((notice.team_id, answer))


async def _until(is_so: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = is_so()
            if found if isinstance(found, bool) else await found:
                return
            await SystemClock().sleep(LOOK_EVERY)


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """Open a mail server for one test."""
    async with PostOffice().open() as opened:
        yield opened


@pytest.fixture
def desk(database: Database, clock: MovableClock, office: PostOffice) -> Desk:
    """Give a second channel that can be set to work."""
    return Desk(database, clock, office)


async def test_what_is_due_while_it_is_looked_for_goes_out_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow look misses a moment that comes meanwhile; then the next look is at once."""
    await desk.owes(SAULE)
    soon = desk.clock.now() + timedelta(seconds=0.3)
    sql = "UPDATE outbox SET not_before = ?"
    await desk.database.write(lambda tx: tx.run(sql, to_row(soon)))
    look = store.due

    def slow(tx: Transaction, now: datetime, limit: int) -> list[tuple[int, int]]:
        found = look(tx, now, limit)
        time.sleep(0.0 if found else 0.6)  # a busy machine, on the reader's own thread
        return found

    monkeypatch.setattr(store, "due", slow)
    async with desk.working():
        await desk.empties()


async def test_what_is_owed_is_sent_once_and_owed_no_more(desk: Desk) -> None:
    """And its taking is noted."""
    await desk.owes(SAULE)
    async with desk.working():
        await desk.empties()
    assert [mailed.subject for mailed in desk.office.mailed] == ["Alarm 17."]
    assert desk.answers == [(SAULE, Answer.TAKEN)]


async def test_the_chats_own_delivery_never_takes_it(desk: Desk) -> None:
    """Nor the other way round."""
    await desk.owes(SAULE)
    now = desk.clock.now()
    assert await desk.database.read(lambda tx: tickets.ready(tx, now, 10)) == []
    await desk.database.write(lambda tx: outbox.claim(tx, [1]))
    await desk.database.write(outbox.reclaim)
    assert await desk.database.read(lambda tx: store.due(tx, now, 10)) == []


async def test_what_was_cut_after_the_message_is_sent_again_and_says_so(desk: Desk) -> None:
    """Of an alarm's arrival nobody may be unsure."""
    desk.office.cuts_after_content = 1
    await desk.owes(SAULE)
    async with desk.working():
        await desk.office.gets(1)
        await _pass(desk.clock, 10)
        await desk.empties()
    assert ["twice" in mailed.text for mailed in desk.office.mailed] == [False, True]


async def test_a_server_that_is_away_is_tried_until_it_is_there_ever_more_slowly(
    desk: Desk,
) -> None:
    """And what comes then is no repeat."""
    desk.office.answers["RCPT"] = b"450 later"
    await desk.owes(SAULE)
    async with desk.working():
        tries = []
        for _ in range(60):
            await _pass(desk.clock, 1)
            tries.append(sum(line.startswith(b"RCPT") for line in desk.office.heard))
        assert 3 <= tries[-1] <= 8
        desk.office.answers.clear()
        await _pass(desk.clock, 40)
        await desk.empties()
    assert ["twice" in mailed.text for mailed in desk.office.mailed] == [False]


async def test_what_has_nothing_to_say_any_more_ends(desk: Desk) -> None:
    """The alarm was answered while the server was away."""
    desk.office.answers["RCPT"] = b"450 later"
    await desk.owes(SAULE)
    async with desk.working():
        await _until(lambda: any(line.startswith(b"RCPT") for line in desk.office.heard))
        desk.is_over = True
        desk.office.answers.clear()
        await _pass(desk.clock, 40)
        await desk.empties()
    assert desk.office.mailed == []


async def test_a_refusal_for_good_ends_it_and_is_noted(desk: Desk) -> None:
    """It is not tried again; another one comes with the next alarm."""
    desk.office.answers["RCPT"] = b"550 nobody"
    await desk.owes(SAULE)
    async with desk.working():
        await desk.empties()
    assert desk.answers == [(SAULE, Answer.REFUSED)]


async def test_since_when_a_way_takes_nothing_is_kept_until_it_takes_something(
    desk: Desk,
) -> None:
    """Also over a restart; an address that is refused is that person's own trouble."""
    mails = partial(store.failing_since, kind=AddressKind.MAIL)
    desk.office.answers["RCPT"] = b"550 nobody"
    await desk.owes(SAULE)
    async with desk.working():
        await desk.empties()
    assert await desk.database.read(mails) is None
    desk.office.answers.clear()
    desk.office.cuts.add("RCPT")
    await desk.owes(SAULE)
    async with desk.working():
        await _until(lambda: _is_kept(desk, mails))
        since = await desk.database.read(mails)
        await _pass(desk.clock, 10)
    desk.office.heard.clear()
    async with desk.working():
        await _pass(desk.clock, 40)
        assert any(line.startswith(b"RCPT") for line in desk.office.heard)
        assert await desk.database.read(mails) == since
        desk.office.cuts.clear()
        await _pass(desk.clock, 40)
        await desk.empties()
    assert await desk.database.read(mails) is None


async def _is_kept(desk: Desk, look: Callable[[Transaction], datetime | None]) -> bool:
    return await desk.database.read(look) is not None


async def test_one_server_that_hangs_holds_up_nobody_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters go out side by side."""
    monkeypatch.setattr(settling, "DRAIN", 0.1)
    desk.office.is_silent = True
    await desk.owes(SAULE)
    async with desk.working():
        await SystemClock().sleep(0.2)
        desk.office.is_silent = False
        await desk.owes(AIGUL)
        [mailed] = await desk.office.gets(1, within=HALF_A_STEP)
        assert mailed.recipient == f"t{AIGUL}@example.org"


async def test_what_is_no_alarm_leaves_room_for_one_at_a_server_that_hangs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many letters wait for an answer that does not come, an alarm is not behind them."""
    monkeypatch.setattr(settling, "DRAIN", 0.1)
    desk.office.is_silent = True
    for number in range(2 * IN_FLIGHT):
        await desk.owes(TeamId(100 + number), alarm=None)
    async with desk.working():
        await SystemClock().sleep(0.3)
        desk.office.is_silent = False
        await desk.owes(AIGUL)
        [mailed] = await desk.office.gets(1, within=HALF_A_STEP)
        assert mailed.recipient == f"t{AIGUL}@example.org"


async def test_a_disk_that_takes_nothing_keeps_no_letter(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each goes out once, however many: what cannot be stored takes no room from others."""
    people = [TeamId(number) for number in range(100, 100 + 2 * second_channel.IN_FLIGHT)]
    now = desk.clock.now()

    def owe(tx: Transaction) -> None:
        for team_id in people:
            recipient = Recipient(ChatId(int(team_id)), Language.EN)
            outbox.owe(tx, now, recipient, SecondAlarm(team_id, 17))

    await desk.database.write(owe)
    monkeypatch.setattr(desk.database, "write", _takes_nothing)
    async with desk.working():
        await desk.office.gets(len(people))
        await _pass(desk.clock, 5)
        monkeypatch.undo()
        await _pass(desk.clock, 3)
        await desk.empties()
    assert len(desk.office.mailed) == len(people)
    assert sorted(desk.answers) == [(team_id, Answer.TAKEN) for team_id in people]


async def _takes_nothing(work: object, **how: bool) -> None:
    del work, how
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_test_that_is_too_old_is_dropped_and_an_alarm_never(desk: Desk) -> None:
    """Nobody wants to be woken by a test from last night."""
    await desk.owes(SAULE, alarm=None)
    await desk.owes(AIGUL)
    desk.clock.move(timedelta(days=9))
    later = desk.clock.now() - timedelta(days=7)
    await desk.database.write(lambda tx: outbox.forget_old(tx, later))
    async with desk.working():
        await desk.empties()
    assert [mailed.recipient for mailed in desk.office.mailed] == [f"t{AIGUL}@example.org"]


async def test_a_blocked_chat_is_still_woken_and_a_taken_persons_is_not(desk: Desk) -> None:
    """What is refused in the chat is not refused here."""

    async def silence(team_id: TeamId, reason: str) -> None:
        chat = CHATS[team_id].chat_id
        await desk.database.write(lambda tx: chats.silence(tx, chat, reason, 1))

    await silence(SAULE, chats.BLOCKED)
    await silence(AIGUL, chats.TAKEN)
    await desk.owes(SAULE)
    await desk.owes(AIGUL)
    async with desk.working():
        await desk.empties()
    assert [mailed.recipient for mailed in desk.office.mailed] == [f"t{SAULE}@example.org"]


async def test_a_chat_that_refuses_keeps_what_is_owed_beside_it(post: Post) -> None:
    """The service says that somebody has blocked the bot: that is no reason to let them sleep."""
    saule = await post.phone(18, "Saule")
    await saule.blocks()
    await post.owes(saule, Plain("hello"), SecondAlarm(SAULE, 17))
    async with post.working():
        await _until(lambda: bool(post.unreachable) or _is_blocked(post))
        await _until(lambda: _owes(post, 1))
    now = post.clock.now()
    assert len(await post.database.read(lambda tx: store.due(tx, now, 10))) == 1


async def _owes(post: Post, count: int) -> bool:
    return await post.waiting() == count


async def _is_blocked(post: Post) -> bool:
    return any(call.status == 403 for call in post.service.calls)


async def test_no_address_ever_stands_in_a_log(desk: Desk, log: io.StringIO) -> None:
    """Whatever goes wrong, and however much is logged."""
    desk.office.answers["RCPT"] = b"550 no such user t41@example.org"
    await desk.owes(SAULE)
    await desk.owes(AIGUL)
    async with desk.working():
        await desk.empties()
    written = log.getvalue()
    assert "second-channel-failed" in written
    assert "example" not in written


async def _pass(clock: MovableClock, seconds: int) -> None:
    """Let seconds pass one by one, with a moment of real time in each."""
    for _ in range(seconds):
        clock.move(timedelta(seconds=1))
        await SystemClock().sleep(LOOK_EVERY)


# ---------------------------------------------------------------- the whole application


@pytest.fixture
def reachable(home: Path, service: BotApiServer, office: PostOffice) -> Config:
    """Give a configuration with a mail server on this machine."""
    telegram = {"AMAN_TELEGRAM_TOKEN": TOKEN, "AMAN_TELEGRAM_API_URL": service.url}
    return load(home / "config.toml", {**telegram, **_surroundings(office)})


def _surroundings(office: PostOffice) -> dict[str, str]:
    return {
        "AMAN_SECOND_CHANNEL_SMTP_HOST": "127.0.0.1",
        "AMAN_SECOND_CHANNEL_SMTP_PORT": str(office.port),
        "AMAN_SECOND_CHANNEL_SMTP_SECURITY": "none",
        "AMAN_SECOND_CHANNEL_SMTP_SENDER": "ring@example.net",
    }


def _has_team(tx: Transaction, now: datetime) -> None:
    for team_id, recipient in CHATS.items():
        name = f"person {team_id}"
        TEAM.put(tx, TeamPerson(team_id, ROLES[team_id], TeamState.ACTIVE, name, now))
        routes.put(tx, None, team_id, recipient)
        where = f"t{team_id}@example.org"
        SECOND_ADDRESSES.put(tx, SecondAddress(team_id, AddressKind.MAIL, where, now))
    routes.put(tx, None, TeamId(43), Recipient(ChatId(19), Language.EN))
    TEAM.put(tx, TeamPerson(TeamId(43), Role.MEDIC, TeamState.ACTIVE, "Madina", now))


@asynccontextmanager
async def _running(
    config: Config, slots: KeySlots, clock: MovableClock
) -> AsyncIterator[Application]:
    application = Application(config, slots, clock)
    async with application, asyncio.TaskGroup() as tasks:
        tasks.create_task(application.run())
        await application.has_started()
        await application.database.write(lambda tx: _has_team(tx, clock.now()))
        yield application
        application.stop()


async def test_a_phone_that_the_service_cannot_reach_is_woken_by_mail(
    service: BotApiServer,
    reachable: Config,
    slots: KeySlots,
    clock: MovableClock,
    office: PostOffice,
) -> None:
    """The alarm came in, nothing goes out: within the limit a letter is there."""
    madina = service.person(19, "Madina", language_code="en")
    service.faults.add(Fault(FaultKind.SERVER_ERROR, method="sendMessage", times=10_000))
    async with _running(reachable, slots, clock) as application:
        await madina.writes("/sos")
        await _until(lambda: _has_alarm(application.database))
        assert office.mailed == []
        clock.move(timedelta(seconds=15))
        await office.gets(2)
    recipients = sorted(mailed.recipient for mailed in office.mailed[:2])
    assert recipients == [f"t{SAULE}@example.org", f"t{AIGUL}@example.org"]
    assert {mailed.text for mailed in office.mailed[:2]} == {"Alarm 1.\nOpen the chat.\n"}


async def test_while_the_service_halts_everything_an_alarm_goes_out_at_once(
    service: BotApiServer,
    reachable: Config,
    slots: KeySlots,
    clock: MovableClock,
    office: PostOffice,
) -> None:
    """A 429 to one after the other: the next alarm does not wait fifteen seconds to find out."""
    madina, aigul = (service.person(19, "Madina"), service.person(17, "Aigul"))
    service.faults.add(
        Fault(FaultKind.TOO_MANY, method="sendMessage", times=10_000, retry_after=300)
    )
    async with _running(reachable, slots, clock) as application:
        await madina.writes("hello")
        await aigul.writes("hello")
        await _until(lambda: _is_down(application.database, clock))
        await madina.writes("/sos")
        before = clock.now()
        await office.gets(2)
        assert clock.now() - before < ARRIVES_WITHIN


async def _is_down(database: Database, clock: MovableClock) -> bool:
    is_down, _ = await _state(database, clock)
    return is_down


async def test_a_minute_without_a_word_from_the_service_wakes_the_organizers(
    service: BotApiServer,
    reachable: Config,
    slots: KeySlots,
    clock: MovableClock,
    office: PostOffice,
) -> None:
    """The line is down: whoever looks after the server hears of it elsewhere."""
    async with _running(reachable, slots, clock):
        madina = service.person(19, "Madina", language_code="en")
        await madina.writes("hello")
        await _until(lambda: _polled(service, 200))
        service.faults.add(Fault(FaultKind.SERVER_ERROR, method="getUpdates", times=10_000))
        await madina.writes("hello again")
        await _until(lambda: _polled(service, 500))
        await _pass(clock, 50)
        assert office.mailed == []
        await _pass(clock, 20)
        [mailed] = await office.gets(1)
    assert mailed.recipient == f"t{AIGUL}@example.org"
    assert mailed.text.startswith("The line is down since ")


async def test_a_minute_in_which_the_disk_takes_nothing_in_wakes_the_organizers(  # noqa: PLR0913, PLR0917 - fixtures
    service: BotApiServer,
    reachable: Config,
    slots: KeySlots,
    clock: MovableClock,
    office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What people write waits at the service, and the letter that says so passes the disk."""
    async with _running(reachable, slots, clock) as application:
        madina = service.person(19, "Madina", language_code="en")
        await madina.writes("hello")
        await _until(lambda: _polled(service, 200))
        await _pass(clock, int(REFRESH_EVERY))
        monkeypatch.setattr(application.database, "write", _takes_nothing)
        await madina.writes("hello again")
        await _pass(clock, 70)
        [mailed] = await office.gets(1)
        monkeypatch.undo()
    assert mailed.recipient == f"t{AIGUL}@example.org"
    assert mailed.text.startswith("The bot receives nothing")


async def test_somebody_who_takes_updates_in_turn_with_us_wakes_the_organizers(
    service: BotApiServer,
    reachable: Config,
    slots: KeySlots,
    clock: MovableClock,
    office: PostOffice,
) -> None:
    """What they take is not heard, so the chat's own card may not be enough."""
    madina = service.person(19, "Madina", language_code="en")
    async with make_bot(reachable) as other, _running(reachable, slots, clock) as application:
        began = clock.now()
        while not office.mailed:
            assert clock.now() - began < 2 * DEAD_AFTER
            count = application.hearing.failures
            while application.hearing.failures == count:
                with contextlib.suppress(Conflict):  # the newer poll wins, and that may be ours
                    await other.get_updates(timeout=0)
                await SystemClock().sleep(LOOK_EVERY)
            taken = clock.now()
            await _pass(clock, 6)
            await madina.writes("hello")
            await _until(partial(_is_heard_since, application, taken))
        assert clock.now() - began >= DEAD_AFTER
        [mailed] = office.mailed
    assert mailed.recipient == f"t{AIGUL}@example.org"
    assert mailed.text.startswith("The line is not safe since ")


def _is_heard_since(application: Application, moment: datetime) -> bool:
    heard_at = application.hearing.heard_at
    return heard_at is not None and heard_at > moment


def _polled(service: BotApiServer, status: int) -> bool:
    """Say whether a poll was answered like that."""
    codes = [call.status for call in service.calls if call.method == "getUpdates"]
    return any(code // 100 == status // 100 for code in codes)


@pytest.mark.torture
async def test_a_kill_between_sending_and_storing_sends_it_again_with_its_number(
    tmp_path: Path, office: PostOffice
) -> None:
    """The real program, by SIGKILL: the server has the letter, and nothing says so.

    It comes twice.
    """
    async with program(tmp_path) as running:
        running.surroundings = _surroundings(office)
        await running.stores(_has_called)

        async def is_killed() -> None:
            if len(office.mailed) == 1:
                await running.is_killed()

        office.after_content = is_killed
        await running.starts()
        first, second = await office.gets(2, within=2 * START_WITHIN)
    assert first.text == "Alarm 17.\nOpen the chat.\n"
    assert second.text == "Alarm 17.\nOpen the chat.\nThis may come twice.\n"


def _has_called(tx: Transaction) -> None:
    now = SystemClock().now()
    _has_team(tx, now)
    caller = Caller(None, TeamId(43), Way.KEY, now, 1, 1, now, now)
    alarms.put(tx, Alarm(7, None, 17, AlarmState.OPEN, now, now, (caller,)))
    outbox.owe(tx, now, CHATS[SAULE], SecondAlarm(SAULE, 7))


async def _has_alarm(database: Database) -> bool:
    return await database.read(lambda tx: tx.number("SELECT COUNT(*) FROM alarms")) > 0


# ---------------------------------------------------------------- the line


@dataclass(slots=True)
class _Line:
    hearing: Hearing
    is_halted: bool = False


def _letters(database: Database, clock: MovableClock, office: PostOffice) -> BareLetters:
    policy = Policy(second_kinds=(AddressKind.MAIL,))
    server = MailServer("127.0.0.1", office.port, Security.NONE, "", "", "ring@example.net")
    return BareLetters(
        database,
        clock,
        lambda tx, now: Work(tx, now, policy),
        {AddressKind.MAIL: Mail(server, clock)},
        Texts.load(default=Language.EN),
    )


@pytest.fixture
async def line(
    database: Database, clock: MovableClock, office: PostOffice
) -> AsyncIterator[_Line]:
    """Watch a line that the test breaks; the organizer and the steward have a second address."""
    await database.write(lambda tx: _has_team(tx, clock.now()))
    found = _Line(Hearing(clock))
    found.hearing.note_heard()
    watch = LineWatch(
        database,
        clock,
        lambda tx, now: Work(tx, now, Policy()),
        found.hearing,
        lambda: found.is_halted,
        _letters(database, clock, office),
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        await _pass(clock, 3)
        yield found
        running.cancel()


async def _state(database: Database, clock: MovableClock) -> tuple[bool, bool]:
    def look(tx: Transaction) -> tuple[bool, bool]:
        work = Work(tx, clock.now(), Policy())
        is_silent = secondchannel.line_silent_since(work) is not None
        return secondchannel.is_line_down(work), is_silent

    return await database.read(look)


async def test_a_halt_of_everything_is_seen_within_seconds_and_so_is_its_end(
    line: _Line, database: Database, clock: MovableClock
) -> None:
    """A new alarm need not wait to find out; a halt is no reason to look at the server."""
    line.is_halted = True
    await _pass(clock, 3)
    assert await _state(database, clock) == (True, False)
    line.is_halted = False
    await _pass(clock, 3)
    assert await _state(database, clock) == (False, False)


async def test_a_silent_line_is_down_until_a_poll_goes_well(
    line: _Line, database: Database, clock: MovableClock
) -> None:
    """After a minute, not before."""
    await _pass(clock, 55)
    assert await _state(database, clock) == (False, False)
    await _pass(clock, 10)
    assert await _state(database, clock) == (True, True)
    line.hearing.note_heard()
    await _pass(clock, 3)
    assert await _state(database, clock) == (False, False)


async def test_a_line_that_is_dead_because_the_disk_takes_nothing_is_told_past_the_disk(
    line: _Line,
    database: Database,
    clock: MovableClock,
    office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The organizers alone, once, and again at the pace of such letters; the watch goes on."""
    monkeypatch.setattr(database, "write", _takes_nothing)
    line.hearing.note_trouble(Trouble.NOT_STORED)
    await _pass(clock, 55)
    assert office.mailed == []
    await _pass(clock, 10)
    [mailed] = await office.gets(1)
    assert mailed.recipient == f"t{AIGUL}@example.org"
    assert (
        mailed.text == "The bot receives nothing: its disk stores nothing.\nLook at the server.\n"
    )
    await _pass(clock, 60)
    assert len(office.mailed) == 1
    clock.move(LINE_PACE)
    await _pass(clock, 3)
    await office.gets(2)
    monkeypatch.undo()
    await _pass(clock, 3)
    assert await _state(database, clock) == (True, True)
    line.hearing.note_heard()
    await _pass(clock, 3)
    assert await _state(database, clock) == (False, False)


async def test_whom_to_tell_past_the_disk_is_known_though_nothing_can_be_read_any_more(
    database: Database, clock: MovableClock, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is held in memory; an address that was taken back, for a minute more."""
    await database.write(lambda tx: _has_team(tx, clock.now()))
    letters = _letters(database, clock, office)
    await letters.keep_fresh()
    monkeypatch.setattr(database, "read", _takes_nothing)
    clock.move(timedelta(seconds=REFRESH_EVERY))
    await letters.keep_fresh()
    await letters.tell()
    assert [mailed.recipient for mailed in office.mailed] == [f"t{AIGUL}@example.org"]
    monkeypatch.undo()
    await database.write(lambda tx: secondaddresses.remove(tx, AIGUL))
    clock.move(timedelta(seconds=REFRESH_EVERY))
    await letters.keep_fresh()
    letters.forget_told()
    await letters.tell()
    assert len(office.mailed) == 1


async def test_an_address_that_takes_nothing_past_the_disk_is_tried_again(
    database: Database, clock: MovableClock, office: PostOffice
) -> None:
    """Not at each look: after half a minute."""
    await database.write(lambda tx: _has_team(tx, clock.now()))
    letters = _letters(database, clock, office)
    await letters.keep_fresh()
    office.answers["RCPT"] = b"451 later"
    await letters.tell()
    office.answers.clear()
    await letters.tell()
    assert office.mailed == []
    clock.move(timedelta(seconds=RETRY))
    await letters.tell()
    assert len(office.mailed) == 1


async def test_a_line_on_which_somebody_else_keeps_showing_is_shared_though_polls_are_good(
    line: _Line, database: Database, clock: MovableClock
) -> None:
    """After a minute of turns, until it was quiet for ten; the line works meanwhile."""

    async def is_shared() -> bool:
        return await database.read(lambda tx: counters.value(tx, secondchannel.LINE_SHARED)) != 0

    for _ in range(6):
        line.hearing.note_trouble(Trouble.CONFLICT)
        assert not await is_shared()
        await _pass(clock, 5)
        line.hearing.note_heard()
        await _pass(clock, 5)
    line.hearing.note_trouble(Trouble.CONFLICT)
    line.hearing.note_heard()
    await _pass(clock, 3)
    assert await is_shared()
    assert await _state(database, clock) == (False, False)
    clock.move(AGAIN_AFTER)
    line.hearing.note_heard()
    await _pass(clock, 3)
    assert not await is_shared()


async def test_a_restart_in_an_outage_leaves_what_is_known_as_it_is(
    database: Database, clock: MovableClock, office: PostOffice
) -> None:
    """A worker that has heard nothing yet knows no better than the one before."""
    since = clock.now()

    def note(tx: Transaction) -> None:
        work = Work(tx, clock.now(), Policy())
        secondchannel.note_line(work, since)
        secondchannel.note_silence(work, since)

    await database.write(note)
    watch = LineWatch(
        database,
        clock,
        lambda tx, now: Work(tx, now, Policy()),
        Hearing(clock),
        lambda: False,
        _letters(database, clock, office),
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        await _pass(clock, 70)
        assert await _state(database, clock) == (True, True)
        running.cancel()
    kept = await database.read(
        lambda tx: secondchannel.line_silent_since(Work(tx, clock.now(), Policy()))
    )
    assert kept is not None
    assert abs(kept - since) < timedelta(seconds=1)


async def test_a_machine_that_slept_has_not_waited_for_an_answer(
    line: _Line, database: Database, clock: MovableClock
) -> None:
    """An hour that passed at once says nothing about the line."""
    assert not line.is_halted
    clock.move(timedelta(hours=1))
    await _pass(clock, 5)
    assert await _state(database, clock) == (False, False)


def test_the_address_itself_is_never_printed() -> None:
    """Neither it nor the password, wherever a value is shown."""
    address = SecondAddress(SAULE, AddressKind.MAIL, "saule@example.org", EVENING)
    server = MailServer("mail.example.net", 587, Security.TLS, "user", "secret", "a@example.net")
    for value in (address, replace(address, text="x"), server):
        assert "example" not in repr(value)
        assert "secret" not in repr(value)
