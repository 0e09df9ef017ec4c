"""What goes out over the second channel of a world without HTTP, and to whom."""

from dataclasses import dataclass
from datetime import timedelta

from coordination.secondaddresses import usable
from coordination.turns import Work
from handlers.rendering import render
from safety.people import TeamId
from safety.secondaddresses import AddressKind, SecondAddress
from safety.secondchannel import SecondNotice
from storage import outbox, secondchannel
from storage.outbox import Owed
from storage.secondaddresses import SECOND_ADDRESSES
from storage.transaction import Transaction
from tests.harness import Someone, World

KINDS = tuple(AddressKind)
AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True)
class Delivered:
    """One letter: where it went, and its words."""

    address: str
    words: str


async def has_address(world: World, someone: Someone, text: str = "") -> None:
    """Have somebody's mail address known already."""
    assert someone.team_id is not None
    where = text or f"{someone.name.lower()}@example.org"
    address = SecondAddress(someone.team_id, AddressKind.MAIL, where, world.now)
    await world.change(lambda work: SECOND_ADDRESSES.put(work.tx, address))


async def address_of(world: World, someone: Someone) -> SecondAddress | None:
    """Give what is stored of somebody."""
    team_id = someone.team_id or TeamId(0)
    return await world.look(lambda tx: SECOND_ADDRESSES.get(tx, team_id))


async def letters(world: World) -> list[Delivered]:
    """Deliver everything that is owed over the second channel; the services take all of it."""
    return await world.database.write(lambda tx: _deliver(world, tx))


async def owed(world: World) -> list[SecondNotice]:
    """Look at what is owed over it, without delivering anything."""
    claimed = await world.look(lambda tx: outbox.look(tx, _numbers(world, tx)))
    return [one.notice for one in claimed if isinstance(one.notice, SecondNotice)]


def _numbers(world: World, tx: Transaction) -> list[int]:
    return [number for number, _ in secondchannel.due(tx, world.now, 100)]


def _deliver(world: World, tx: Transaction) -> list[Delivered]:
    found = outbox.claim(tx, _numbers(world, tx))
    sent = [letter for one in found if (letter := _read(world, world.work(tx), one)) is not None]
    for one in found:
        outbox.done(tx, one.id)
    return sent


def _read(world: World, work: Work, one: Owed) -> Delivered | None:
    assert isinstance(one.notice, SecondNotice)
    screen = render(work, world.table, world.texts, one.recipient, one.notice)
    address = usable(work, one.notice.team_id)
    if screen is None or address is None:
        return None
    return Delivered(address.text, screen.text)
