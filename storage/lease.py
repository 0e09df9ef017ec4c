"""Who works on this database: one at a time, and whoever was overtaken commits nothing more.

Each opening takes the lease, with a higher number. Each commit asks, inside its own transaction,
whether that number is still the newest: so it fences off whoever was stopped, suspended or given
up for dead, whatever became of the locks (ADR-0021). On a disk that machines share no lock can be
believed: there the lease is renewed too, and refused while another machine renews it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from safety import standby
from storage import counters
from storage.moments import from_row, to_row
from storage.transaction import Connection, Transaction, roll_back
from storage.vault.sight import NOTHING

_NUMBER, _MACHINE, _RENEWED = "lease", "lease-machine", "lease-renewed"


class OvertakenError(Exception):
    """Another copy of this bot works now: this one must not go on."""


class HeldLeaseError(Exception):
    """Another machine works on this database, or did a moment ago."""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants to work on a database. `takes_over`: a person has decided it."""

    machine: int
    now: Callable[[], datetime]
    is_shared: bool  # the disk is, with other machines
    takes_over: bool = False


class Fence:
    """What stands before each commit of one holder. Guests of a running bot never take it.

    `gate` is awaited first of all, unless `is_open` says that it need not be, and may raise
    OvertakenError too; `on_lost` is called once.
    """

    def __init__(self, claimant: Claimant | None = None) -> None:
        self._claimant = claimant
        self._number = 0
        self._asked: Connection | None = None  # which took it; None: not taken
        self.gate: Callable[[], Awaitable[None]] | None = None
        self.is_open: Callable[[], bool] = lambda: False
        self.on_lost: Callable[[], None] | None = None
        self.is_lost = False

    def take(self, connection: Connection) -> None:
        """Take the lease from whoever had it.

        Raises: HeldLeaseError.
        """
        connection.execute("BEGIN IMMEDIATE")
        try:
            tx = Transaction(connection, NOTHING)
            if self._claimant is not None and self._claimant.is_shared:
                _take_shared(tx, self._claimant)
            self._number = counters.next_number(tx, _NUMBER)
        except BaseException:
            roll_back(connection)
            raise
        connection.execute("COMMIT")
        self._asked = connection

    def require(self) -> None:
        """Raise OvertakenError if it is lost, or somebody else has taken the lease since."""
        if self.is_lost:
            raise OvertakenError
        if self._asked is not None and _newest(self._asked) != (self._number,):
            raise OvertakenError

    def require_again(self, connection: Connection) -> None:
        """Do the same between two transactions, over the connection that took the lease."""
        connection.execute("BEGIN")
        try:
            self.require()
        finally:
            roll_back(connection)

    @property
    def is_clear(self) -> bool:
        """Say whether a commit may begin without anybody being asked."""
        return not self.is_lost and (self.gate is None or self.is_open())

    async def wait(self) -> None:
        """Come back when a commit may begin, as far as anybody knows.

        Raises: OvertakenError; then nothing is committed any more.
        """
        if self.is_lost:
            raise OvertakenError
        try:
            if self.gate is not None:
                await self.gate()
        except OvertakenError:
            self.lose()
            raise

    def lose(self) -> None:
        """Commit nothing more, ever."""
        if not self.is_lost:
            self.is_lost = True
            if self.on_lost is not None:
                self.on_lost()


def number(tx: Transaction) -> int:
    """Give the number of whoever took the lease last; 0 where nobody ever has."""
    return counters.value(tx, _NUMBER)


def renewed_at(tx: Transaction) -> datetime | None:
    """Give when other machines were told last that the holder works, or None."""
    renewed = counters.value(tx, _RENEWED)
    return from_row(renewed) if renewed else None


def renew(tx: Transaction, now: datetime) -> None:
    """Say to other machines that the holder works."""
    counters.set_value(tx, _RENEWED, to_row(now))


def give_back(tx: Transaction) -> None:
    """Say that nobody works any more, or that nobody ever has on this machine."""
    counters.set_value(tx, _RENEWED, 0)


def _newest(connection: Connection) -> object:
    return connection.execute(counters.VALUE, (_NUMBER,)).fetchone()


def _take_shared(tx: Transaction, claimant: Claimant) -> None:
    now, held_by = claimant.now(), counters.value(tx, _MACHINE)
    is_held = standby.is_held_elsewhere(held_by, claimant.machine, renewed_at(tx), now)
    if is_held and not claimant.takes_over:
        raise HeldLeaseError
    counters.set_value(tx, _MACHINE, claimant.machine)
    renew(tx, now)
