"""Keys as of one moment: what is in sight, and that it never changes under whoever looks."""

from pathlib import Path

from storage.vault import keyslots
from storage.vault.derivation import FLOOR
from storage.vault.keys import EVERY_VERSION, KeyKind, KeyName, keys_of_new_event, new_key
from storage.vault.sight import Sight

FIRST = KeyName(KeyKind.PEOPLE, 7)
SECOND = KeyName(KeyKind.PEOPLE, 7, 2)
THIRD = KeyName(KeyKind.PEOPLE, 7, 3)
OF_ANOTHER = KeyName(KeyKind.PEOPLE, 8)
TRANSIT = KeyName(KeyKind.TRANSIT)


def test_the_newest_version_of_each_key_comes_first() -> None:
    """It is the one to seal with, whatever order they were stored in."""
    keys = {name: new_key() for name in (SECOND, OF_ANOTHER, THIRD, TRANSIT, FIRST)}
    sight = Sight(keys, keys)
    assert sight.of_kind(KeyKind.PEOPLE) == {
        7: [(name, keys[name]) for name in (THIRD, SECOND, FIRST)],
        8: [(OF_ANOTHER, keys[OF_ANOTHER])],
    }
    assert sight.of_kind(KeyKind.TRANSIT) == {None: [(TRANSIT, keys[TRANSIT])]}
    assert sight.of_kind(KeyKind.ROUTING) == {}
    assert sight.of_kind(KeyKind.PEOPLE) is sight.of_kind(KeyKind.PEOPLE)


def test_a_change_makes_another_sight_and_leaves_this_one() -> None:
    """Earlier versions go with a doomed one; who looks already sees what there was."""
    old, new = {FIRST: new_key(), SECOND: new_key(), TRANSIT: new_key()}, {THIRD: new_key()}
    before = Sight(old, old)
    assert len(before.of_kind(KeyKind.PEOPLE)[7]) == 2
    after = before.changed(new, [SECOND])
    assert after.keys == {TRANSIT: old[TRANSIT], **new}
    assert after.names == {TRANSIT, THIRD}
    assert after.of_kind(KeyKind.PEOPLE) == {7: [(THIRD, new[THIRD])]}
    assert before.keys == old
    assert before.names == set(old)
    assert len(before.of_kind(KeyKind.PEOPLE)[7]) == 2


def test_what_is_kept_and_not_open_is_locked_until_it_is_open_or_gone() -> None:
    """Names tell it, so it is right also while keys come and go."""
    key = new_key()
    locked = Sight({TRANSIT: key}, [TRANSIT, FIRST, SECOND])
    assert locked.is_locked
    assert not locked.changed({FIRST: key, SECOND: key}, ()).is_locked
    assert not locked.changed({}, [KeyName(KeyKind.PEOPLE, 7, EVERY_VERSION)]).is_locked
    assert locked.changed({}, [FIRST]).is_locked
    assert repr(locked) == "<Sight>"


def test_the_key_slots_put_a_whole_new_sight_in_place_with_each_change(tmp_path: Path) -> None:
    """Whoever has one from before sees no half of a change."""
    slots, secret = keyslots.create(tmp_path / "keys", FLOOR)
    with slots:
        moments: list[tuple[Sight, dict[KeyName, object], bool]] = []

        def note() -> None:
            sight = slots.sight
            moments.append((sight, dict(sight.keys), sight.is_locked))

        note()
        slots.store(keys_of_new_event(7))
        note()
        slots.lock()
        note()
        slots.open_again(secret)
        note()
        slots.destroy([FIRST])
        note()
    assert [len(keys) for _, keys, _ in moments] == [4, 8, 6, 8, 7]
    assert [is_locked for *_, is_locked in moments] == [False, False, True, False, False]
    assert all(dict(sight.keys) == keys for sight, keys, _ in moments)
    assert not slots.sight.keys  # closed
