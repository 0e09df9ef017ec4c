"""Jobs that share a commit: each run as if it were alone, and taken back alone if it fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from storage import proofs
from storage.transaction import Connection, Effects, GroupLostError, Transaction
from storage.trouble import may_lack_room
from storage.vault.sight import Sight

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

STOPPED = "StopIteration"  # no future takes one: whoever waits would wait for ever


class FailedError(Exception):
    """A job failed in the middle of what it did."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


@dataclass(slots=True)
class Job(Generic[T]):
    """Work that somebody waits for, and what became of it."""

    rank: int
    work: Callable[[Transaction], T]
    done: "asyncio.Future[T]"
    effects: Effects = field(init=False)  # of the last time it ran
    result: T | None = None
    error: Exception | None = None

    def settle(self) -> None:
        """Tell whoever waits."""
        if self.done.done():
            return  # the caller went away; the work is committed all the same
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(cast("T", self.result))


@dataclass(slots=True)
class Group:
    """The jobs of one commit: each sees the keys that those before it have left."""

    connection: Connection
    sight: Sight
    together: Effects = field(default_factory=Effects)  # what the commit has to see to

    def run(self, job: Job[object]) -> None:
        """Run a job; one that fails has to be taken back together with all that ran before it.

        Raises:
            FailedError: it has failed.
            GroupLostError: the disk has.
        """
        transaction = Transaction(self.connection, self.sight)
        job.error, job.effects = None, transaction.effects
        try:
            job.result = job.work(transaction)
        except Exception as error:  # the border between a job and its group
            if not self.connection.in_transaction or may_lack_room(error):
                raise GroupLostError from error
            is_stop = isinstance(error, StopIteration)
            raise FailedError(RuntimeError(STOPPED) if is_stop else error) from error
        self._add(job.effects)

    def run_apart(self, job: Job[object]) -> None:
        """Run a job in a savepoint; one that fails is taken back alone.

        Raises:
            GroupLostError: the disk has failed.
        """
        self.connection.execute("SAVEPOINT job")
        try:
            self.run(job)
        except FailedError as failed:
            self.connection.execute("ROLLBACK TO job")
            job.error = failed.error
        self.connection.execute("RELEASE job")

    def sign(self) -> None:
        """Sign the state of the proof log once for all jobs, if any of them added leaves."""
        if self.together.proves is not None:
            tx = Transaction(self.connection, self.sight)
            proofs.sign_checkpoint(tx, self.together.proves)

    def _add(self, effects: Effects) -> None:
        known = self.together
        known.locks = known.locks or effects.locks
        known.forgets = known.forgets or effects.forgets
        if effects.proves is not None:
            known.proves = max(known.proves or effects.proves, effects.proves)
        if effects.new_keys or effects.doomed_keys:
            known.new_keys |= effects.new_keys
            known.doomed_keys |= effects.doomed_keys
            self.sight = self.sight.changed(effects.new_keys, effects.doomed_keys)
