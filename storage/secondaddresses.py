"""The team's second addresses, sealed under the community's key: they work while it is locked."""

from safety.people import TeamId
from safety.secondaddresses import SecondAddress
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.digests import new_token
from storage.vault.keys import KeyKind

SECOND_ADDRESSES: Shelf[SecondAddress] = Shelf(
    "second_addresses", SecondAddress, KeyKind.COMMUNITY
)


def are_any(tx: Transaction) -> bool:
    """Say whether anybody has given one."""
    return count(tx) > 0


def count(tx: Transaction) -> int:
    """Count those who have given one."""
    return SECOND_ADDRESSES.count(tx, "1 = 1")


def remove(tx: Transaction, team_id: TeamId) -> bool:
    """Forget somebody's address; say whether there was one."""
    return SECOND_ADDRESSES.remove(tx, "id = ?", team_id) > 0


def new_topic() -> str:
    """Make a topic that nobody guesses: whoever knows it reads along."""
    return new_token()
