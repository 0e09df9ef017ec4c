"""All that a database says, opened, to be compared: what has no authority changes none of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from safety.people import ChatId
from storage import chats
from storage.transaction import Transaction, Value
from storage.vault.errors import BrokenSealError
from storage.vault.keys import Key
from storage.vault.sealing import opener

Row = tuple[Value, ...]

# What may change though nobody had any right to anything, and why.
QUEUE = "inbox"  # that an update came, and that it is done: what it said goes with it
OWN = frozenset({"outbox", "messages"})  # what is owed to, or stands in, the senders' own chats
SERIES = frozenset({"offset", "last-poll", "clock-seen", "outbox", "message"})  # they only go on


@dataclass(frozen=True, slots=True)
class Contents:
    """Each table's rows by their keys, as they read when everything is opened."""

    tables: dict[str, frozenset[Row]] = field(default_factory=dict)

    def changed(self, other: "Contents") -> list[str]:
        """Name the tables that differ, with how many rows went and came."""
        names = sorted(self.tables.keys() | other.tables.keys())
        pairs = ((name, self.tables[name], other.tables[name]) for name in names)
        return [
            f"{name}: {len(before - after)} went, {len(after - before)} came"
            for name, before, after in pairs
            if before != after
        ]


def read_contents(tx: Transaction, senders: Collection[int]) -> Contents:
    """Read everything but what `senders` may change by writing to the bot at all."""
    keys = list(tx.held_keys().values())
    own = {chats.chat_digest(tx, ChatId(sender)) for sender in senders}
    names = [name for (name,) in tx.all(tuple[str], "SELECT name FROM sqlite_schema "
             "WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") if name != QUEUE]  # fmt: skip
    return Contents({name: frozenset(_rows(tx, name, keys, own)) for name in names})


def _rows(
    tx: Transaction, table: str, keys: Sequence[Key], own: Collection[bytes]
) -> Iterator[Row]:
    columns = [
        name for (name,) in tx.all(tuple[str], "SELECT name FROM pragma_table_info(?)", table)
    ]
    for values in tx.all(tuple[Value, ...], f"SELECT * FROM {table}"):  # noqa: S608 - its own name
        row = dict(zip(columns, values, strict=True))
        is_own = table in OWN and row.get("chat") in own
        if is_own or (table == "meta" and row["name"] in SERIES):
            continue
        yield tuple(_opened(table, row, keys) if name == "sealed" else row[name] for name in row)


def _opened(table: str, row: dict[str, Value], keys: Sequence[Key]) -> Value:
    """Open a blob with whichever key opens it; what is sealed to a person alone stays as it is."""
    blob = row["sealed"]
    place, number = table, row.get("id")
    if table == "timers":
        place, number = f"timers:{row['key']!s}", 0
    if not isinstance(blob, bytes) or not isinstance(number, int):
        return blob
    try:
        return opener(keys, place)(number, blob)
    except BrokenSealError:
        return blob
