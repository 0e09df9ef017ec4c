"""The open keys as the rest of the program sees them, whoever holds the key slot file.

Two hold it: `KeySlots` itself, in a rehearsal and in the commands, and `RemoteKeyring`, in a
worker whose supervisor holds it. What is stored or destroyed is durable when the call returns.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from storage.vault.keys import Key, KeyName
from storage.vault.keyslots import Destruction
from storage.vault.sight import Sight


class Keyring(Protocol):
    """The keys in memory, and the only ways to change what is kept; see `KeySlots`."""

    @property
    def sight(self) -> Sight:
        """The keys as of this moment: a new one after each change."""
        ...

    @property
    def keys(self) -> Mapping[KeyName, Key]:
        """All keys that are open now."""
        ...

    @property
    def names(self) -> frozenset[KeyName]:
        """The names of all keys that are kept, open or locked."""
        ...

    @property
    def is_locked(self) -> bool:
        """Whether some kept keys are not in memory."""
        ...

    @property
    def lockings(self) -> int:
        """How often keys were dropped, whether or not they are back."""
        ...

    @property
    def is_rotation_owed(self) -> bool:
        """Whether a key was destroyed while others were locked, and the epoch is the old one."""
        ...

    @property
    def file_id(self) -> bytes:
        """Sixteen bytes that tell this key slot file from every other."""
        ...

    @property
    def generation(self) -> int:
        """How often the key slot file was written."""
        ...

    def is_overtaken(self) -> bool:
        """Say whether somebody else has written the file since it was read.

        Raises: BrokenKeySlotsError, ForeignKeySlotsError, NewerKeySlotsError, OSError.
        """
        ...

    def store(self, new: Mapping[KeyName, Key]) -> None:
        """Keep new keys: all of them, or none. Works while locked.

        Raises: KeyNameTakenError, FullKeySlotsError, OSError.
        """
        ...

    def destroy(self, names: Iterable[KeyName]) -> Destruction:
        """Overwrite keys for good; names that are not kept are passed over.

        Raises: OSError.
        """
        ...

    def lock(self) -> None:
        """Forget people and private case keys, until an unlock secret opens them again."""
        ...
