"""Where a record can go, and what it still lacks for it.

ODIHR counts a hate crime: an offence, with facts that show bias, a date and a place;
neither discrimination nor words alone. Bodies of the United Nations take every record.
"""

from safety.records import IncidentType, Record

OFFENCES = frozenset(
    {
        *(IncidentType.DEATH_THREAT, IncidentType.THREAT_AT_SCENE, IncidentType.ASSAULT),
        *(IncidentType.PROPERTY_DAMAGE, IncidentType.INJURY, IncidentType.POLICE_VIOLENCE),
    }
)


def lacks_for_odihr(record: Record) -> tuple[str, ...] | None:
    """Name the fields that a hate crime still needs; None where no offence was named."""
    if OFFENCES.isdisjoint(record.types):
        return None
    claimed = {claim.field for claim in record.claims}
    needed = {
        "date": record.date is not None or "date" in claimed,
        "place": record.place is not None or not claimed.isdisjoint({"place", "city"}),
        "bias": "bias" in claimed,
        "confirmed_by": bool(record.confirmed_by),
    }
    return tuple(name for name, is_there in needed.items() if not is_there)
