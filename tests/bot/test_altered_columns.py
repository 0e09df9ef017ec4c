"""What stands beside a sealed row is found where it was altered: it is what the bot goes by.

Whoever alters it has the database open, as in `test_tampering`. No blob is touched here.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from safety.people import Role, Standing, TeamId
from safety.team import TeamPerson, TeamState
from safety.venues import VenueState
from storage import disclosure, people
from storage.disclosure import VENUES
from storage.events import EVENTS
from storage.people import PEOPLE
from storage.sealed import Shelf
from storage.team import TEAM
from storage.transaction import Transaction
from tests.bot.test_tampering import NOW, ONE, ROWS, House, make
from tests.made import gathering, somebody
from tests.storage.test_situations import VENUE

HOUR = timedelta(hours=1)


def _fill(tx: Transaction) -> None:
    """Store somebody who was declined, a steward, a frozen account, a place that waits ..."""
    PEOPLE.put(tx, replace(somebody(ONE, 24, NOW), standing=Standing.DECLINED))
    TEAM.put(tx, TeamPerson(TeamId(32), Role.STEWARD, TeamState.ACTIVE, "Madi", NOW))
    TEAM.put(tx, TeamPerson(TeamId(33), Role.DEPUTY, TeamState.FROZEN, "Alua", NOW))
    EVENTS.put(tx, gathering(ONE, NOW, HOUR))
    VENUES.put(tx, replace(VENUE, id=41, event_id=ONE, state=VenueState.PROPOSED, released=()))


COLUMNS = pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE people SET standing = 'approved' WHERE id = 24",
        "UPDATE people SET presence = 'home' WHERE id = 21",
        "UPDATE people SET last_seen_at = 1 WHERE id = 21",
        "UPDATE team SET role = 'organizer' WHERE id = 32",
        "UPDATE team SET state = 'active' WHERE id = 33",
        "UPDATE events SET starts_at = starts_at - 1",
        "UPDATE venues SET state = 'confirmed' WHERE id = 41",
    ],
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Give an installation with a row of each kind that is altered here."""
    made = make(tmp_path / "house")
    made.change(_fill)
    return made


@COLUMNS
def test_an_altered_column_is_found(house: House, tamper: str) -> None:
    """Nobody becomes approved, an organizer, or a place confirmed, by a column alone."""
    assert not house.doctor_says(ROWS)
    house.change(lambda tx: tx.run(tamper))
    assert house.doctor_says(f"1 {ROWS}")


def test_what_is_changed_without_opening_a_row_is_no_alteration(house: House) -> None:
    """While locked, people say how they are, a place is held or put aside: all of it holds."""

    def change(tx: Transaction) -> None:
        now = people.situation(tx, somebody(ONE, 21, NOW).id)
        assert now is not None
        people.change(tx, replace(now, last_seen_at=NOW, needs_help=True, group_id=5))
        disclosure.hold(tx, ONE, TeamId(32), NOW)
        assert disclosure.put_aside(tx, 41)

    house.change(change)
    assert not house.doctor_says(ROWS)


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE people SET standing = 'approved', is_changed = 1 WHERE id = 24",
        "UPDATE people SET invitation_id = 9, is_unverified = NULL WHERE id = 21",
        "UPDATE people SET presence = 'home', is_changed = 2 WHERE id = 21",
        "UPDATE venues SET state = 'confirmed', held_at = 1, held_by = 32 WHERE id = 41",
    ],
)
def test_a_mark_of_change_hides_nothing_else(house: House, tamper: str) -> None:
    """Only what is really changed while locked may differ, and only as it is changed then."""
    house.change(lambda tx: tx.run(tamper))
    assert house.doctor_says(f"1 {ROWS}")


@COLUMNS
def test_without_the_comparison_an_altered_column_is_not_found(
    house: House, tamper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail promises nothing: every row still opens."""
    for shelf in (Shelf, type(PEOPLE), type(VENUES)):
        monkeypatch.setattr(shelf, "_may_differ", lambda *_: True)
    house.change(lambda tx: tx.run(tamper))
    assert not house.doctor_says(ROWS)
