"""Complaints, under the community's key: a day that is due is told of while a case is closed."""

from safety.complaints import Complaint
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.keys import KeyKind

COMPLAINTS: Shelf[Complaint] = Shelf(
    "complaints", Complaint, KeyKind.COMMUNITY, "incident_id", "number"
)


def get(tx: Transaction, complaint_id: int) -> Complaint | None:
    """Give a complaint, or None."""
    return COMPLAINTS.get(tx, complaint_id)


def put(tx: Transaction, complaint: Complaint) -> None:
    """Store a complaint, new or changed."""
    COMPLAINTS.put(tx, complaint)


def every(tx: Transaction) -> list[Complaint]:
    """Give all complaints that open, the oldest first."""
    return list(COMPLAINTS.readable(tx, "1 = 1 ORDER BY number"))


def of_incident(tx: Transaction, incident_id: int) -> list[Complaint]:
    """Give the complaints about one incident, the oldest first."""
    return list(COMPLAINTS.find(tx, "incident_id = ? ORDER BY number", incident_id))
