"""The questions after a report: few, all optional, and they end."""

import pytest

from safety.records import GROUPS, IncidentGroup, IncidentType
from safety.reports import ReportQuestion, choices, following


def test_passing_everything_over_takes_three_taps() -> None:
    """Skip, skip, skip."""
    question, taps = ReportQuestion.QUICK, 0
    while question is not ReportQuestion.END:
        question, taps = following(question, None), taps + 1
    assert taps == 3


@pytest.mark.parametrize("group", IncidentGroup)
def test_every_group_leads_to_its_own_types(group: IncidentGroup) -> None:
    """What was chosen decides what is asked next."""
    assert following(ReportQuestion.GROUP, group.value) is ReportQuestion.TYPE
    own = next(kinds for known, kinds in GROUPS if known is group)
    assert list(choices(ReportQuestion.TYPE, group)) == [kind.value for kind in own]


def test_every_type_can_be_reached() -> None:
    """No type of the taxonomy is out of a reporter's reach."""
    reached = {value for group in IncidentGroup for value in choices(ReportQuestion.TYPE, group)}
    assert reached == {kind.value for kind in IncidentType}


def test_there_is_no_type_without_a_group() -> None:
    """A forged answer finds nothing to be."""
    assert list(choices(ReportQuestion.TYPE, None)) == []
    assert list(choices(ReportQuestion.END, None)) == []
