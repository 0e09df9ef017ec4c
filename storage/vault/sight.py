"""The keys as they are at one moment, for whoever looks while another thread changes them.

Nothing in a sight changes: whoever stores, destroys or locks puts a whole new one in its place.
So nobody sees half of a change, and what follows from the keys is worked out once.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from typing_extensions import override

from storage.vault.keys import Key, KeyKind, KeyName

# The keys of one kind by event (None: the community's), the newest version of each first.
ByEvent: TypeAlias = Mapping[int | None, Sequence[tuple[KeyName, Key]]]


class Sight:
    """The open keys, and the names of all that are kept, open or locked."""

    __slots__ = ("_of_kind", "is_locked", "keys", "names")

    def __init__(self, keys: Mapping[KeyName, Key], names: Collection[KeyName]) -> None:
        self.keys = keys
        self.names = frozenset(names)
        self.is_locked = not self.names <= keys.keys()  # some that are kept are not open
        self._of_kind: dict[KeyKind, ByEvent] = {}

    def of_kind(self, kind: KeyKind) -> ByEvent:
        """Give the open keys of a kind; looked for once."""
        known = self._of_kind.get(kind)
        if known is None:  # whole before anybody finds it there
            known = self._of_kind[kind] = _by_event(self.keys, kind)
        return known

    def changed(self, new: Mapping[KeyName, Key], doomed: Collection[KeyName]) -> "Sight":
        """Give what is in sight with `new`, and without `doomed` in those and earlier versions."""
        keys, names = {**self.keys, **new}, self.names | new.keys()
        if doomed:
            keys = {name: key for name, key in keys.items() if not name.is_among(doomed)}
            names = frozenset(name for name in names if not name.is_among(doomed))
        return Sight(keys, names)

    @override
    def __repr__(self) -> str:
        return "<Sight>"


NOTHING = Sight({}, ())


class Seeing:
    """Whoever holds keys: what is to be seen of them follows from its sight."""

    sight: Sight

    @property
    def keys(self) -> Mapping[KeyName, Key]:
        """All keys that are open now."""
        return self.sight.keys

    @property
    def names(self) -> frozenset[KeyName]:
        """The names of all keys that are kept, open or locked."""
        return self.sight.names

    @property
    def is_locked(self) -> bool:
        """Whether some kept keys are not in memory."""
        return self.sight.is_locked


def _by_event(keys: Mapping[KeyName, Key], kind: KeyKind) -> ByEvent:
    found: dict[int | None, list[tuple[KeyName, Key]]] = {}
    for name, key in keys.items():
        if name.kind is kind:
            found.setdefault(name.event_id, []).append((name, key))
    for versions in found.values():
        versions.sort(key=_by_version, reverse=True)
    return found


def _by_version(one: tuple[KeyName, Key]) -> int:
    return one[0].version
