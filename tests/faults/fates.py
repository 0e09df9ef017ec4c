"""What a bot in a process of its own dies of, and what it fails at: chosen before it lives.

It kills itself with SIGKILL right before or right after a commit, where nobody outside could aim.
"""

import json
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random

from bot import outcomes, recording
from bot.app import Application
from bot.lineup import Lineup
from bot.outcomes import Failure, Outcome
from bot.polling import Polling
from coordination import checkins
from safety import alarms
from safety import checkins as rules
from storage import counters
from storage.transaction import Connection, Cursor, Transaction, Value
from storage.writer import Writer
from tests.faults.account import keep_account

WITHOUT_ORDER = "AMAN_TEST_WITHOUT_ORDER"  # set in the environment of the program that forks
CALMS_LATE = "AMAN_TEST_CALMS_LATE"  # as above, and so are the next ones
WITHOUT_RECLAIM = "AMAN_TEST_WITHOUT_RECLAIM"
FORGETS_CUT_OFF = "AMAN_TEST_FORGETS_CUT_OFF"
CONFIRMS_FIRST = "AMAN_TEST_CONFIRMS_FIRST"
GIVES_UP = "AMAN_TEST_GIVES_UP"
HOPES = "AMAN_TEST_HOPES"
KEEPS_ACCOUNT = "AMAN_TEST_KEEPS_ACCOUNT"
ALWAYS = 0.1  # of the updates that fail at all, those that fail whenever they are tried


class Border(StrEnum):
    """Where it dies: nothing of the group is stored yet, or all of it and nobody has heard."""

    NOWHERE = "nowhere"
    BEFORE_COMMIT = "before-commit"
    AFTER_COMMIT = "after-commit"


@dataclass(frozen=True, slots=True)
class Fate:
    """At which side of which of its commits a bot dies; the first is number 1."""

    border: Border
    number: int = 0

    @classmethod
    def read(cls, word: str) -> "Fate":
        """Read what `words` wrote."""
        border, _, number = word.partition(":")
        return cls(Border(border), int(number))

    @property
    def words(self) -> str:
        """Give it in one word."""
        return f"{self.border.value}:{self.number}"


UNDYING = Fate(Border.NOWHERE)


class _Mortal:
    """A connection that counts commits, and takes its process with it at the fated one."""

    commits = 0

    def __init__(self, connection: Connection, fate: Fate) -> None:
        self._connection = connection
        self._fate = fate

    @property
    def in_transaction(self) -> bool:
        """Say whether a transaction is open."""
        return self._connection.in_transaction

    def execute(self, sql: str, parameters: tuple[Value, ...] = (), /) -> Cursor:
        """Carry out one statement, or die of it."""
        if sql != "COMMIT":
            return self._connection.execute(sql, parameters)
        _Mortal.commits += 1
        is_now = _Mortal.commits == self._fate.number
        if is_now and self._fate.border is Border.BEFORE_COMMIT:
            os.kill(os.getpid(), signal.SIGKILL)
        cursor = self._connection.execute(sql, parameters)
        if is_now:
            os.kill(os.getpid(), signal.SIGKILL)
        return cursor

    def executescript(self, sql: str, /) -> Cursor:
        """Carry out several statements."""
        return self._connection.executescript(sql)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def dies_of(fate: Fate) -> None:
    """Give this process a fate, before it opens a database."""
    if fate.border is Border.NOWHERE:
        return
    run_group = Writer._run_group  # noqa: SLF001 - the one place where a group is committed

    def run_mortally(self: Writer, connection: Connection, jobs: Sequence[object]) -> int:
        return run_group(self, _Mortal(connection, fate), jobs)  # type: ignore[arg-type] # passed on

    Writer._run_group = run_mortally  # type: ignore[method-assign] # noqa: SLF001 - as above


def fails_often(part: float) -> None:
    """Have that part of all updates meet a fault, and each that is handled say so in its commit.

    What fails has taken effect already, or not; it is tried again, and some of it fails each time.
    """
    if not part:
        return
    handle = Application._handle  # noqa: SLF001 - what handles one update in its transaction

    def handle_or_fail(
        self: Application, tx: Transaction, now: datetime, seq: int, raw: bytes
    ) -> None:
        chance = Random(seq)  # noqa: S311 - the same update fails in the same way
        fails = chance.random() < part and (
            chance.random() < ALWAYS or not tx.number(_ATTEMPTS, seq)
        )
        if fails and chance.random() < 0.5:
            raise FaultOnPurposeError
        handle(self, tx, now, seq, raw)
        if fails:
            raise FaultOnPurposeError
        counters.set_value(tx, place_of(seq), counters.next_number(tx, HANDLED))
        counters.next_number(tx, times_of(seq))
        counters.set_value(tx, writer_of(seq), json.loads(raw)["message"]["from"]["id"])

    Application._handle = handle_or_fail  # type: ignore[method-assign] # noqa: SLF001 - as above


def forget_order() -> None:
    """Take a protection out: a chat's updates are handled in the order in which they end."""
    join = Lineup.join

    def join_alone(self: Lineup, chat: bytes, seq: int, *, is_known: bool) -> None:
        join(self, chat + seq.to_bytes(8), seq, is_known=is_known)

    Lineup.join = join_alone  # type: ignore[method-assign] # in a program of its own


def calm_late() -> None:
    """Take a protection out: *I'm safe* takes back also what was called after it was said."""
    rules.may_count = lambda *_: True  # in a program of its own, like the others
    alarms.may_still_calm = lambda *_: True
    checkins.may_still_calm = lambda *_: True  # type: ignore[attr-defined] # looked up there


def forget_reclaim() -> None:
    """Take a protection out: what a crash cut off in the middle of sending is not owed again."""
    recording.reclaim = lambda *_: 0  # in a program of its own


def forget_cut_off() -> None:
    """Take a protection out: what a crash cut off in the middle of sending is owed no more."""

    def forgets(tx: Transaction, now: datetime) -> int:
        del now
        return tx.run("DELETE FROM outbox WHERE state = 'sending'")

    recording.reclaim = forgets


def confirm_first() -> None:
    """Take a protection out: updates are acknowledged before they are stored."""
    ask = Polling._ask  # noqa: SLF001 - what asks for updates

    async def ask_and_confirm(self: Polling, offset: int, seconds: int) -> object:
        answer = await ask(self, offset, seconds)
        if isinstance(answer, list) and answer:
            told = {"offset": answer[-1]["update_id"] + 1, "timeout": 0, "limit": 1}
            await self.bot.do_api_request("getUpdates", told)
        return answer

    Polling._ask = ask_and_confirm  # type: ignore[method-assign] # noqa: SLF001 - as above


def give_up() -> None:
    """Take a protection out: what was not sent is taken for refused."""
    _take_for(Failure.REFUSED)


def hope() -> None:
    """Take a protection out: what may have arrived is taken for what did not."""
    _take_for(Failure.NOT_SENT)


def _take_for(what: Failure) -> None:
    def judge(cause: BaseException | None) -> Outcome:
        del cause
        return what

    outcomes._judge_network = judge  # noqa: SLF001 - as above


HANDLED = "handled"
_ATTEMPTS = "SELECT attempts FROM inbox WHERE seq = ?"


def place_of(seq: int) -> str:
    """Name the number that says when, among all, this update was handled."""
    return f"handled-place-{seq}"


def times_of(seq: int) -> str:
    """Name the number that says how often this update has taken effect."""
    return f"handled-times-{seq}"


def writer_of(seq: int) -> str:
    """Name the number that says whose update this was: the inbox forgets it with the handling."""
    return f"handled-writer-{seq}"


CHANGES: dict[str, Callable[[], None]] = {
    WITHOUT_ORDER: forget_order,
    CALMS_LATE: calm_late,
    WITHOUT_RECLAIM: forget_reclaim,
    FORGETS_CUT_OFF: forget_cut_off,
    CONFIRMS_FIRST: confirm_first,
    GIVES_UP: give_up,
    HOPES: hope,
    KEEPS_ACCOUNT: keep_account,
}


class FaultOnPurposeError(Exception):
    """What a handler of ours might raise."""
