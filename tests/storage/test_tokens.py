"""A link is kept as a digest alone, and is worth something for its own time only."""

from datetime import UTC, datetime, timedelta

from safety.people import EventId
from storage import tokens
from storage.database import Database
from storage.tokens import Grant, Purpose
from storage.transaction import Transaction

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
LIFE = timedelta(days=2)
MEANT = Grant(Purpose.INVITATION, EventId(7), 17)


def _issue(tx: Transaction) -> str:
    return tokens.issue(tx, MEANT.purpose, MEANT.subject_id, NOW + LIFE, MEANT.event_id)


async def test_a_token_stands_in_no_row(database: Database) -> None:
    """Whoever reads the database can open no link."""
    token = await database.write(_issue)
    ((digest,),) = await database.read(
        lambda tx: tx.all(tuple[bytes], "SELECT digest FROM tokens")
    )
    assert len(digest) == 32
    assert token.encode() not in digest
    assert await database.read(lambda tx: tokens.look_up(tx, NOW, digest.hex())) is None


async def test_a_link_ends_with_its_time_also_before_it_is_swept(database: Database) -> None:
    """A forwarded link of last week lets nobody in."""
    token = await database.write(_issue)
    moment = timedelta(seconds=1)
    assert await database.read(lambda tx: tokens.look_up(tx, NOW + LIFE - moment, token)) == MEANT
    assert await database.read(lambda tx: tokens.look_up(tx, NOW + LIFE, token)) is None
    await database.write(lambda tx: tokens.revoke(tx, MEANT.subject_id))
    assert await database.read(lambda tx: tokens.look_up(tx, NOW, token)) is None
