"""Which ride a participant speaks of, and when heads and names disagree."""

from datetime import UTC, datetime

import pytest

from safety.groups import Group, GroupKind, differs, plain_plate, same_ride
from safety.people import EventId

NOW = datetime(2027, 5, 28, 16, 0, tzinfo=UTC)


def group(number: int, kind: GroupKind, plate: str | None = None) -> Group:
    """Give a group that left."""
    return Group(number, EventId(7), number, kind, NOW, plate)


BUS = group(1, GroupKind.BUS, "417 KZA 02")
OTHER_BUS = group(2, GroupKind.BUS)
VAN = group(3, GroupKind.MINIVAN)


@pytest.mark.parametrize(
    ("groups", "kind", "plate", "found"),
    [
        ([BUS, VAN], GroupKind.BUS, "417-kza-02", BUS),
        ([BUS, VAN], GroupKind.BUS, "999 KZA 02", None),
        ([BUS, VAN], GroupKind.MINIVAN, None, VAN),
        ([BUS, OTHER_BUS], GroupKind.BUS, None, None),
        ([BUS, VAN], GroupKind.MINIVAN, "417 KZA 02", None),
        ([], GroupKind.ON_FOOT, None, None),
    ],
)
def test_a_ride_is_joined_only_where_there_is_no_doubt(
    groups: list[Group], kind: GroupKind, plate: str | None, found: Group | None
) -> None:
    """The same plate, or the only one of its kind; else it is a group of its own."""
    assert same_ride(groups, kind, plate) == found


def test_a_plate_is_compared_as_two_people_may_type_it() -> None:
    """Spaces, dashes and case do not make another car; Cyrillic letters do."""
    assert plain_plate(" 417 kza-02") == plain_plate("417KZA02")
    assert plain_plate("417") != plain_plate("471")


@pytest.mark.parametrize(
    ("heads", "names", "expected"), [(None, 3, False), (3, 3, False), (4, 3, True), (2, 3, True)]
)
def test_heads_and_names_disagree_only_if_somebody_counted(
    heads: int | None,
    names: int,
    expected: bool,  # noqa: FBT001 - of the table
) -> None:
    """No count is no disagreement."""
    counted = Group(1, EventId(7), 1, GroupKind.BUS, NOW, heads=heads)
    assert differs(counted, names) is expected
