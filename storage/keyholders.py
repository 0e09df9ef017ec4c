"""The enrolled public keys, sealed under the community's key."""

from safety.keyholders import Keyholder
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import Key, KeyKind

KEYHOLDERS: Shelf[Keyholder] = Shelf("keyholders", Keyholder, KeyKind.COMMUNITY, "role")


def current(tx: Transaction) -> list[Keyholder]:
    """Give all who hold a key now, in the order in which they were enrolled."""
    found = KEYHOLDERS.find(tx, "1 = 1")
    return sorted(found, key=lambda holder: (holder.added_at, holder.id))


def key_of(holder: Keyholder) -> Key:
    """Give the public key to seal to."""
    return Key(holder.public)
