"""`aman status`: the running bot is asked, soon and without a secret, and nobody is named."""

import asyncio
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot import control, figures, supervisor
from bot.clock import MovableClock, SystemClock
from bot.config import load
from bot.control import UnansweredError
from bot.doctor import look_at_running
from bot.hardening import can_lock_memory
from bot.hearing import Hearing
from bot.rehearsal.botapi import Fault, FaultKind
from coordination.turns import Work
from safety.alarmnotices import AlarmRing
from safety.intake import AGAIN_AFTER, DEAD_AFTER, IntakeUpdate, Outage, Trouble
from safety.languages import Language
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.policy import Policy
from safety.secondaddresses import AddressKind
from safety.secondchannel import SecondAlarm
from safety.team import TeamPerson, TeamState
from safety.waking import WakeAgain, WakeState, Waking
from storage import inbox, intake, lease, outbox, routes, secondchannel, timers, wakings
from storage.database import Database
from storage.inbox import Received
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault import keyslots, keywire, words
from storage.vault.keys import keys_of_new_event
from storage.vault.keywire import Lock, Standing, WorkerState
from tests.bot.conftest import EVENING, Shell
from tests.faults.program import START_WITHIN, Program, program, supervised

MAIL = AddressKind.MAIL
NOBODY = 65534  # a user id
NAMED = "Aigerim Sadykova"
AS_WORKER = """
import os, socket, sys, time
from storage.vault import keywire
from storage.vault.keywire import Counted, Started
line = socket.socket(fileno=int(sys.argv[1]))
told = keywire.receive(line, keywire.TOLD)
line.sendall(keywire.pack(Started()))
while not told.is_asked:
    told = keywire.receive(line, keywire.TOLD)
"""
SAYS = AS_WORKER + "line.sendall(keywire.pack(Counted({lines!r}))); time.sleep(600)"
SILENT = AS_WORKER + "time.sleep(600)"
DIES = AS_WORKER + "open({asked!r}, 'w').close(); os._exit(1)"
HANGS = (
    AS_WORKER
    + """
while True:
    if told.is_asked:
        open({asked!r}, "a").write("x")
    told = keywire.receive(line, keywire.TOLD)
"""
)
AMISS = (
    AS_WORKER
    + """
while True:
    if told.is_asked:
        lines = ["last poll: never", "trouble: no-line", "timers late: 2"]
        line.sendall(keywire.pack(Counted(lines, ["trouble"])))
    told = keywire.receive(line, keywire.TOLD)
"""
)
NEVER_STARTS = "import time; time.sleep(600)"
ESCAPES = ["\x1b]0;title\x07", "two\nlines", "ends so\n", "Қазақша", "x" * 201]
SHOWN = """\
bot: works
records: {records}
last poll: AGO
trouble: none
clock: steady
somebody else with the token: not seen
last backup: never
updates waiting: 0
updates set aside: 0
notices owed: 0
notices being sent: 0
notices withdrawn while being sent: 0
notices owed over the second channel: 0
notices set aside: 0
notices given up, in all: 0
chats that take nothing: 0
files to fetch: 0
files to fetch by hand: 0
keys to replace: 0
timers: {timers}
timers late: 0
next timer: {next}
wake tests: 0 of 1 woke
second addresses: 0
second channel trouble: none
lease: number {lease}
service's clock: agrees
fence: open
last audit: not known yet
heartbeat: none
files to copy elsewhere: 0
memory: {memory}
updates come by: polling
second channel: none
room kept for a full disk: held
rules of the lawyer: none
"""


def _have_somebody(tx: Transaction) -> None:
    tx.create_event_keys(EventId(7))
    now = SystemClock().now()
    TEAM.put(tx, TeamPerson(TeamId(1), Role.ORGANIZER, TeamState.ACTIVE, NAMED, now))
    routes.put(tx, None, 1, Recipient(ChatId(17), Language.EN))
    intake.note_heard(tx, now)


async def _status(running: Program) -> str:
    ended = await running.aman("status")
    assert (ended.code, ended.err) == (0, "")
    return ended.out


async def test_a_running_bot_is_asked_and_no_secret_is_needed(tmp_path: Path) -> None:
    """Open or locked: counts and ages, in words that are all ours, so nobody can be among them."""
    async with program(tmp_path) as running:
        await running.stores(_have_somebody)
        await running.starts()
        await running.works()
        running.surroundings["AMAN_VAULT_SECRET"] = ""
        out = await _status(running)
        assert (await running.aman("lock")).code == 0
        locked = await _status(running)
    _shows(out, "open")
    assert "records: locked\n" in locked
    assert "wake tests: 0 of 1 woke\n" in locked


def _shows(out: str, records: str) -> None:
    """Compare every line: what is not foreseen here is not said."""
    found = re.sub(r"last poll: 0:00:\d\d ago", "last poll: AGO", out)
    numbers = [
        re.search(pattern, found, re.MULTILINE)
        for pattern in (
            r"^timers: (\d+)$",
            r"^next timer: (in [\d:]+|none)$",
            r"^lease: .* (\d+)$",
        )
    ]
    timers, due, lease = (one[1] for one in numbers if one is not None)
    memory = "locked" if can_lock_memory() else "not locked"
    assert found == SHOWN.format(
        records=records, timers=timers, next=due, lease=lease, memory=memory
    )


async def test_what_was_woken_and_what_is_due_is_counted(database: Database) -> None:
    """Three of five would wake in the night; the others slept, or nobody has looked."""
    policy, ends = Policy(), (*[WakeState.AWAKE] * 3, WakeState.ASLEEP)

    def plant(tx: Transaction) -> list[str]:
        for number in range(1, 6):
            who = TeamPerson(TeamId(number), Role.ORGANIZER, TeamState.ACTIVE, NAMED, EVENING)
            TEAM.put(tx, who)
        for number, state in enumerate(ends, 1):
            wakings.put(tx, Waking(TeamId(number), state, EVENING, rounds=1))
        timers.put(tx, EVENING + timedelta(minutes=3), WakeAgain(TeamId(1)))
        lease.renew(tx, EVENING)
        work = Work(tx, EVENING + timedelta(seconds=20), policy)
        return [one.line for one in figures.of_rows(work)]

    lines = await database.write(plant)
    for line in (
        "wake tests: 3 of 5 woke",
        "timers: 1",
        "next timer: in 0:02:40",
        "lease: number 1, renewed 0:00:20 ago",
    ):
        assert line in lines
    audit = figures.of_audit(EVENING, 2, EVENING + timedelta(seconds=20))
    assert audit.line == "last audit: 0:00:20 ago, 2 behind"
    assert figures.of_copies(None).line == "files to copy elsewhere: not known yet"


def _mailing(tx: Transaction) -> Work:
    return Work(tx, EVENING, Policy(second_kinds=(MAIL,)))


async def test_what_keeps_people_from_being_heard_or_rung_is_not_in_order(
    database: Database, clock: MovableClock
) -> None:
    """A trouble, somebody else's turns, an update or a timer a minute late, a stuck alarm, mail.

    What was set aside, what is sent slowly and what is over are in order.
    """
    then, somebody = EVENING - timedelta(minutes=3), Recipient(ChatId(17), Language.EN)

    def amiss(tx: Transaction) -> set[str]:
        hearing, work = Hearing(clock), _mailing(tx)
        found = figures.of_rows(work, hearing)
        clock.move(DEAD_AFTER)
        later = figures.of_rows(work, hearing)
        assert [one.name for one in later if not one.is_in_order][:1] == [figures.LAST_POLL]
        return {one.name for one in found if not one.is_in_order}

    def plant_what_is_in_order(tx: Transaction) -> set[str]:
        intake.put_outage(tx, Outage(Trouble.CONFLICT, then, then))
        intake.note_foreign(tx, EVENING - AGAIN_AFTER)
        outbox.owe(tx, then, somebody, SecondAlarm(TeamId(1), 1))
        secondchannel.note_way(tx, MAIL, then, is_failing=False)
        secondchannel.note_way(tx, AddressKind.NTFY, then, is_failing=True)  # not set up any more
        outbox.owe(tx, then, somebody, IntakeUpdate())
        update = Received(1, ChatId(5), is_alarm_like=False, raw=b"{}")
        inbox.receive(tx, then, [update])
        for _ in range(inbox.ATTEMPTS):
            inbox.fail(tx, 1)
        return amiss(tx)

    def plant_what_is_not(tx: Transaction) -> set[str]:
        intake.put_outage(tx, Outage(Trouble.NO_LINE, EVENING))
        intake.note_foreign(tx, then)
        outbox.owe(tx, then, somebody, AlarmRing(1))
        update = Received(2, ChatId(5), is_alarm_like=False, raw=b"{}")
        inbox.receive(tx, then, [update])
        timers.put(tx, then, WakeAgain(TeamId(1)))
        secondchannel.note_way(tx, MAIL, then, is_failing=True)
        secondchannel.note_way(tx, MAIL, EVENING, is_failing=True)
        lines = [one.line for one in figures.of_rows(_mailing(tx))]
        assert "second channel trouble: mail, began 0:03:00 ago" in lines
        return amiss(tx)

    assert await database.write(plant_what_is_in_order) == set()
    assert await database.write(plant_what_is_not) == {
        "trouble",
        "somebody else with the token",
        "updates waiting",
        "notices owed",
        "timers late",
        "second channel trouble",
    }
    assert not figures.of_fence(is_shut=True).is_in_order
    assert not figures.of_audit(EVENING, 2, EVENING).is_in_order


# ---------------------------------------------------------------- whatever the worker does


@pytest.fixture
def keys(made: tuple[Path, str]) -> keyslots.KeySlots:
    """Open the keys, as a supervisor has them."""
    return keyslots.unlock(made[0] / "data" / "keys", words.parse(made[1]))


async def _asked(shell: Shell, home: Path) -> tuple[int, str, str]:
    code = await asyncio.to_thread(shell.aman, "status", "--config", str(home / "config.toml"))
    return code, shell.out, shell.err


async def _until_started(path: Path) -> None:
    async with asyncio.timeout(START_WITHIN):
        while (await asyncio.to_thread(control.count, path)).state is WorkerState.STARTS:
            await SystemClock().sleep(0.05)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for long."""
    monkeypatch.setattr(supervisor, "COUNT_WITHIN", 0.3)


async def test_while_a_worker_starts_that_is_said(
    keys: keyslots.KeySlots, made: tuple[Path, str], shell: Shell
) -> None:
    """At once, without a secret; how much waits is known to nobody then."""
    keys.store(keys_of_new_event(7))
    async with supervised(keys, made[0] / "data", sys.executable, "-c", NEVER_STARTS) as path:
        code, out, err = await _asked(shell, made[0])
        assert (code, err) == (1, "The bot is being started: ask again in a moment.\n")
        assert out.startswith("bot: is being started\nrecords: open\nupdates come by: polling\n")
        await asyncio.to_thread(control.ask, path, Lock())
        assert "records: locked" in (await _asked(shell, made[0]))[1]


async def test_starts_that_fail_are_counted(
    keys: keyslots.KeySlots, made: tuple[Path, str]
) -> None:
    """Whoever looks sees that it is no ordinary start."""
    async with supervised(keys, made[0] / "data", "/no/such/program") as path:
        async with asyncio.timeout(START_WITHIN):
            while (standing := await asyncio.to_thread(control.count, path)).failures < 2:
                await SystemClock().sleep(0.05)
    assert standing.state is WorkerState.STARTS


@pytest.mark.usefixtures("soon")
async def test_a_worker_that_hangs_keeps_nobody_waiting(
    keys: keyslots.KeySlots, made: tuple[Path, str], shell: Shell
) -> None:
    """It is said, also to many who ask at once and to whoever asks again."""
    async with supervised(keys, made[0] / "data", sys.executable, "-c", SILENT) as path:
        await _until_started(path)
        code, out, err = await _asked(shell, made[0])
        assert (code, out.splitlines()[0]) == (1, "bot: does not answer")
        assert err == "The bot does not say how much waits: look at its log.\n"
        asked = [asyncio.to_thread(control.count, path) for _ in range(supervisor.TALKS)]
        assert {one.state for one in await asyncio.gather(*asked)} == {WorkerState.SILENT}


async def test_a_worker_that_dies_while_it_is_asked_is_being_started(
    keys: keyslots.KeySlots, made: tuple[Path, str]
) -> None:
    """Nobody waits for an answer that cannot come any more."""
    asked = made[0] / "asked"
    dies = DIES.format(asked=str(asked))
    async with supervised(keys, made[0] / "data", sys.executable, "-c", dies) as path:
        async with asyncio.timeout(START_WITHIN):
            while not asked.exists():
                standing = await asyncio.to_thread(control.count, path)
                assert standing.state is WorkerState.STARTS


@pytest.mark.usefixtures("soon")
async def test_a_worker_that_hangs_is_asked_once(
    keys: keyslots.KeySlots, made: tuple[Path, str]
) -> None:
    """A script that looks each minute fills nobody's memory with questions."""
    asked = made[0] / "asked"
    hangs = HANGS.format(asked=str(asked))
    async with supervised(keys, made[0] / "data", sys.executable, "-c", hangs) as path:
        await _until_started(path)
        for _ in range(2):
            standing = await asyncio.to_thread(control.count, path)
            assert standing.state is WorkerState.SILENT
        assert asked.read_text() == "x"


async def test_a_worker_that_cannot_count_says_so_at_once(
    keys: keyslots.KeySlots, made: tuple[Path, str]
) -> None:
    """A disk that cannot be read is no reason to wait, and nothing is made up."""
    says = SAYS.format(lines=[])
    async with supervised(keys, made[0] / "data", sys.executable, "-c", says) as path:
        standing, seconds = Standing(WorkerState.STARTS, is_locked=False), 0.0
        async with asyncio.timeout(START_WITHIN):
            while standing.state is WorkerState.STARTS:
                watch = SystemClock().monotonic()
                standing = await asyncio.to_thread(control.count, path)
                seconds = SystemClock().monotonic() - watch
    assert (standing.state, standing.lines) == (WorkerState.SILENT, [])
    assert seconds < supervisor.COUNT_WITHIN


async def test_what_a_worker_says_is_shown_as_it_is(
    keys: keyslots.KeySlots, made: tuple[Path, str]
) -> None:
    """And everybody who asks at the same time hears it."""
    says = SAYS.format(lines=["timers: 3"])
    async with supervised(keys, made[0] / "data", sys.executable, "-c", says) as path:
        async with asyncio.timeout(START_WITHIN):
            while not (standing := await asyncio.to_thread(control.count, path)).lines:
                await SystemClock().sleep(0.05)
    assert standing == Standing(WorkerState.WORKS, is_locked=False, lines=["timers: 3"])


async def test_what_is_not_in_order_is_named_and_ends_with_one(
    keys: keyslots.KeySlots, made: tuple[Path, str], shell: Shell
) -> None:
    """A script sees that somebody has to look, and a person sees at what."""
    async with supervised(keys, made[0] / "data", sys.executable, "-c", AMISS) as path:
        await _until_started(path)
        code, out, err = await _asked(shell, made[0])
        assert (code, err) == (1, "Not in order: trouble.\n")
        assert "\ntrouble: no-line\n" in out
        found = await asyncio.to_thread(
            lambda: list(look_at_running(load(made[0] / "config.toml", {})))
        )
    assert [(one.is_good, one.words) for one in found] == [
        (True, "The running bot says: last poll: never."),
        (False, "The running bot says: trouble: no-line."),
    ]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("locked", "Memory is locked; swap is on, and better off."),
        ("not locked", "Memory is not locked, and swap is on: turn it off, or keys may reach"),
    ],
)
async def test_memory_is_locked_by_the_rights_of_the_bot_and_not_of_whoever_asks(
    keys: keyslots.KeySlots,
    made: tuple[Path, str],
    tmp_path: Path,
    word: str,
    said: str,
) -> None:
    """Under systemd the bot may lock what its user's own shell may not, or the other way round."""
    (tmp_path / "swaps").write_text("Filename Type Size Used Priority\n/swapfile file 1 0 -2\n")
    (tmp_path / "self").mkdir()
    may_lock = word == "not locked"  # whoever asks, that is: the other way round
    (tmp_path / "self/status").write_text(f"CapEff:\t{may_lock << 14:016x}\n")
    says = AMISS.replace("trouble: no-line", f"memory: {word}").replace('["trouble"]', "[]")
    async with supervised(keys, made[0] / "data", sys.executable, "-c", says) as path:
        await _until_started(path)
        config = load(made[0] / "config.toml", {})
        found = await asyncio.to_thread(lambda: list(look_at_running(config, tmp_path)))
    (memory,) = [one for one in found if one.words.startswith("Memory")]
    assert memory.words.startswith(said)
    assert memory.is_good is not may_lock


@pytest.mark.torture
async def test_a_bot_whose_line_is_cut_says_so_by_its_exit_code(tmp_path: Path) -> None:
    """The real one, from its own rows: what is wrong now, in order again when it is over."""
    async with program(tmp_path) as running:
        await running.stores(_have_somebody)
        running.service.faults.add(Fault(FaultKind.SERVER_ERROR, "getUpdates", times=10_000))
        await running.starts()
        await running.works()
        async with asyncio.timeout(START_WITHIN):
            while (ended := await running.aman("status")).code == 0:
                await SystemClock().sleep(0.1)
        assert (ended.code, ended.err) == (1, "Not in order: trouble.\n")
        assert "trouble: no-line, began 0:00:0" in ended.out
        running.service.faults.clear()
        await running.service.person(5, "Somebody").opens()  # it ends a poll
        async with asyncio.timeout(START_WITHIN):
            while not running.said("event=poll-good-again"):
                await SystemClock().sleep(0.1)
        assert "trouble: none; no-line" in await _status(running)


@pytest.mark.parametrize("line", ESCAPES)
def test_no_frame_brings_what_a_terminal_would_act_on(line: str) -> None:
    """Neither from a worker that was taken over nor from whoever sits at the socket."""
    counted = keywire.pack(keywire.Counted([line]))[keywire.HEAD_BYTES :]
    with pytest.raises(keywire.BrokenFrameError):
        keywire.unpack(counted, keywire.WORKER_REQUEST)
    standing = keywire.pack(Standing(WorkerState.WORKS, is_locked=False, lines=[line]))
    with pytest.raises(keywire.BrokenFrameError):
        keywire.unpack(standing[keywire.HEAD_BYTES :], keywire.STANDING)


# ---------------------------------------------------------------- whoever sits at the socket


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(keywire.HEAD_BYTES, "big") + body


HOSTILE = {
    "nothing": b"",
    "another protocol": b"HTTP/1.1 200 OK\r\n\r\n",
    "a huge frame": b"\xff\xff\xff\xff" + b"x" * 1000,
    "a frame cut short": b"\0\0\1\0abc",
    "an answer to something else": keywire.pack(keywire.Done(is_locked=False)),
    "escapes": keywire.pack(Standing(WorkerState.WORKS, is_locked=False, lines=["\x1b[2J"])),
    "a thousand lines": keywire.pack(
        Standing(WorkerState.WORKS, is_locked=False, lines=["x"] * 1000)
    ),
    "another state": _framed(
        msgspec.msgpack.encode({"type": "Standing", "state": "\x1b", "is_locked": False})
    ),
}


@contextmanager
def _sits(path: Path, does: Callable[[socket.socket], None]) -> Iterator[None]:
    """Have something that is no supervisor listen."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                does(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        thread.join(10)


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_that_makes_no_sense_shows_nothing(
    shell: Shell, made: tuple[Path, str], answer: bytes
) -> None:
    """One sentence of ours, and no secret is asked for instead."""
    with _sits(made[0] / "data" / "control", lambda line: line.sendall(answer)):
        assert shell.aman("status", "--config", str(made[0] / "config.toml")) == 1
    assert (shell.out, shell.err) == ("", "The running aman does not answer.\n")


@pytest.mark.parametrize("sent", [b"", b"\0\0\0\xff"], ids=["silent", "byte by byte"])
def test_whoever_says_nothing_or_too_slowly_is_waited_for_no_longer_than_promised(
    made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """The time is that of the whole answer, not of each byte."""
    monkeypatch.setattr(control, "COUNT_PATIENCE", 0.4)
    over = threading.Event()

    def drip(line: socket.socket) -> None:
        line.sendall(sent)
        while not over.wait(0.1):
            try:
                line.sendall(sent[:1])
            except OSError:
                return

    path = made[0] / "data" / "control"
    begun = SystemClock().monotonic()
    with _sits(path, drip):
        with pytest.raises(UnansweredError):
            control.count(path)
        assert SystemClock().monotonic() - begun < 5
        over.set()


def test_a_crowded_socket_is_no_sign_that_nothing_runs(made: tuple[Path, str]) -> None:
    """Nobody is asked for a secret because others were quicker."""
    path = made[0] / "data" / "control"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))
        with pytest.raises(UnansweredError):
            control.count(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_users_socket_is_not_believed(made: tuple[Path, str]) -> None:
    """Whoever could put one there is told nothing, and not listened to."""
    path = made[0] / "data" / "control"
    reading, writing = os.pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        child = os.fork()
        if child == 0:
            _listen_as_somebody_else(listener, writing)
        os.read(reading, 1)
        with pytest.raises(UnansweredError):
            control.count(path)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(reading)
    os.close(writing)


def _listen_as_somebody_else(listener: socket.socket, ready: int) -> None:
    """Answer as another user, and end with how many bytes were heard."""
    heard = b"it came to nothing"
    try:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        listener.listen()  # the kernel tells who listens, not whose file it is
        os.write(ready, b"x")
        line, _ = listener.accept()
        line.sendall(keywire.pack(Standing(WorkerState.WORKS, is_locked=False)))
        heard = line.recv(100)
    except ConnectionError:
        heard = b""
    finally:
        os._exit(len(heard))
