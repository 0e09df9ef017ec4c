"""What an escrow holds, and what of it never enters the key slots of a restored installation."""

from storage import escrows
from storage.vault.keys import COMMUNITY_WIDE, KeyKind, KeyName, keys_of_new_event, new_key


def test_keys_of_what_was_purged_are_left_out() -> None:
    """Not even for the moment until the restored copy destroys them itself."""
    keys = {KeyName(kind): new_key() for kind in COMMUNITY_WIDE}
    for event in (1, 2):
        keys |= keys_of_new_event(event)
    assert escrows.without(keys, ()) == keys
    left_out = keys.keys() - escrows.without(keys, {1}).keys()
    assert left_out == {KeyName(KeyKind.PEOPLE, 1), KeyName(KeyKind.ROUTING, 1)}
