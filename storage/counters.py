"""Numbers that only grow: places in a queue, and the numbers people say aloud ("Alarm 17")."""

from storage.transaction import Transaction

VALUE = "SELECT value FROM meta WHERE name = ?"


def next_number(tx: Transaction, name: str) -> int:
    """Give the next number of the series `name`; the first is 1."""
    return tx.number(
        "INSERT INTO meta (name, value) VALUES (?, 1) "
        "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        name,
    )


def value(tx: Transaction, name: str) -> int:
    """Give the stored number `name`, 0 if there is none."""
    return tx.number(VALUE, name)


def set_value(tx: Transaction, name: str, number: int) -> None:
    """Store `number` under `name`."""
    tx.run(
        "INSERT INTO meta (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        number,
    )
