"""Where a record can go: what ODIHR counts as a hate crime, and what is still missing for it."""

from dataclasses import replace

from safety.eligibility import OFFENCES, lacks_for_odihr
from safety.records import (
    Certainty,
    Claim,
    Confirmation,
    IncidentType,
    Place,
    Precision,
    Record,
    RecordDate,
)


def test_an_offence_with_bias_date_and_place_is_whole_and_each_one_is_missed() -> None:
    """A date that sources state differently is a date; what nobody stands for is not told."""
    bias = Claim("bias", "slur", "organizer 1", Certainty.WITNESSED)
    day = RecordDate(Precision.DAY, "2026-05-28")
    place = Place(city="Shymkent")
    known = (Confirmation("organizer 1"),)
    whole = Record(1, (IncidentType.ASSAULT,), (bias,), day, place, confirmed_by=known)
    assert lacks_for_odihr(whole) == ()
    said = Claim("date", "2026-05-29", "hotel", Certainty.REPORTED)
    assert lacks_for_odihr(replace(whole, date=None, claims=(bias, said))) == ()
    for name, lacking in (("date", None), ("place", None), ("confirmed_by", ())):
        assert lacks_for_odihr(replace(whole, **{name: lacking})) == (name,)  # type: ignore[arg-type] # a field
    assert lacks_for_odihr(replace(whole, claims=())) == ("bias",)


def test_words_alone_and_a_refused_hall_are_no_offence() -> None:
    """Discrimination and speech are not what ODIHR counts; nothing is said of them here."""
    for kind in set(IncidentType) - OFFENCES:
        assert lacks_for_odihr(Record(1, (kind,))) is None
