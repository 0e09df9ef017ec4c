"""Erasing one person: every row that speaks of them goes; what the case holds stays nameless.

Copies of those rows may survive on the disk: the keys that open them are replaced right after.
Alarms, detentions and incidents hold a reference only, which from then on leads nowhere.
"""

from safety.people import PersonId
from safety.registration import Situation
from storage import envelopes, incidents, injuries, resealing, routes, tokens
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault.keys import KeyKind


def forget_person(tx: Transaction, person: Situation) -> None:
    """Delete a registration with its route, invitation, check-ins, disclosures and answers.

    What they left for the lawyer goes too: it is theirs to take back.
    """
    routes.remove(tx, person.id)
    tokens.revoke(tx, person.invitation_id)
    PEOPLE.remove(tx, "id = ?", person.id)
    tx.run("DELETE FROM invitations WHERE id = ?", person.invitation_id)
    tx.run("DELETE FROM checkins WHERE person_id = ?", person.id)
    tx.run("DELETE FROM disclosures WHERE person_id = ?", person.id)
    tx.run("DELETE FROM rollcall_answers WHERE person_id = ?", person.id)
    injuries.forget_person(tx, person.id)
    forget_left(tx, person.id)
    resealing.ask(tx, KeyKind.PEOPLE, person.event_id)
    resealing.ask(tx, KeyKind.ROUTING, person.event_id)


def forget_left(tx: Transaction, person_id: PersonId) -> None:
    """Delete what stays of somebody when their event is purged: the envelope, who they are."""
    envelopes.remove(tx, person_id)
    incidents.forget_person(tx, person_id)
