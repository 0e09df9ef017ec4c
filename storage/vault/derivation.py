"""From an unlock secret to a key: Argon2id, dear enough that a stolen file is not worth trying.

The machine-made secret has 132 bits, so even the floor cannot be searched; the default is what a
small server can afford once at each start. Below the floor, or above the ceiling, is refused.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from storage.vault.errors import WeakParametersError
from storage.vault.keys import KEY_BYTES, Key
from storage.vault.words import UnlockSecret

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one try costs: memory in KiB, passes over it, lanes at once."""

    memory_kib: int
    iterations: int
    lanes: int


DEFAULT = Parameters(memory_kib=256 * 1024, iterations=3, lanes=4)
FLOOR = Parameters(memory_kib=19 * 1024, iterations=2, lanes=1)  # OWASP's least for Argon2id
CEILING = Parameters(memory_kib=4 * 1024 * 1024, iterations=32, lanes=16)


def require_affordable(parameters: Parameters) -> None:
    """Raise WeakParametersError where `parameters` lie outside floor and ceiling."""
    for value, least, most in zip(
        _numbers(parameters), _numbers(FLOOR), _numbers(CEILING), strict=True
    ):
        if not least <= value <= most:
            raise WeakParametersError("the key derivation's cost is outside what is allowed")


def derive(secret: UnlockSecret, salt: bytes, parameters: Parameters) -> Key:
    """Run Argon2id once (about half a second and 256 MiB at the default).

    Raises: WeakParametersError.
    """
    require_affordable(parameters)
    kdf = Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=parameters.iterations,
        lanes=parameters.lanes,
        memory_cost=parameters.memory_kib,
    )
    return Key(kdf.derive(secret.reveal()))


def subkey(key: Key, purpose: bytes) -> Key:
    """Derive the key of one purpose from `key`; nobody gets back from it to `key`."""
    return Key(key.mac(b"subkey\0" + purpose))


def _numbers(parameters: Parameters) -> tuple[int, int, int]:
    return parameters.memory_kib, parameters.iterations, parameters.lanes
