"""What a try costs is what was asked for, and the same secret is another key in another file."""

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from storage.vault import derivation, words
from storage.vault.derivation import SALT_BYTES, Parameters
from storage.vault.keys import Key

SALT = bytes(range(SALT_BYTES))
ASKED = Parameters(memory_kib=20 * 1024, iterations=3, lanes=2)


def test_all_that_is_asked_for_goes_into_the_key() -> None:
    """It is Argon2id of secret, salt, memory, passes and lanes, and of nothing else."""
    secret = words.new_secret()
    expected = Argon2id(salt=SALT, length=32, iterations=3, lanes=2, memory_cost=20_480)
    assert derivation.derive(secret, SALT, ASKED) == Key(expected.derive(secret.reveal()))


@pytest.mark.parametrize(
    ("salt", "parameters"),
    [
        (SALT[::-1], ASKED),
        (SALT, Parameters(21 * 1024, 3, 2)),
        (SALT, Parameters(20 * 1024, 2, 2)),
        (SALT, Parameters(20 * 1024, 3, 1)),
    ],
    ids=["salt", "memory", "passes", "lanes"],
)
def test_whatever_differs_gives_another_key(salt: bytes, parameters: Parameters) -> None:
    """A table of tries that was made for one file, or cheaply, is worth nothing for another."""
    secret = words.new_secret()
    assert derivation.derive(secret, salt, parameters) != derivation.derive(secret, SALT, ASKED)
