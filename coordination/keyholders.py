"""Enrolling and removing public keys; from the server's shell alone, and never in silence."""

from coordination import audience
from coordination.turns import Work
from safety.keyholders import KeyChange, Keyholder, KeyNews
from safety.people import Role
from safety.purges import Purged
from storage import closing, envelopes, keyholders, purges
from storage.keyholders import KEYHOLDERS
from storage.vault import identities, words
from storage.vault.keys import Key


def list_current(work: Work) -> list[Keyholder]:
    """Give all who hold a key, in the order in which they were enrolled."""
    return keyholders.current(work.tx)


def called(work: Work, named: str) -> list[Keyholder]:
    """Find keyholders by name or by the words of the fingerprint, however these are typed."""
    letters = words.letters_of(named)
    return [
        holder
        for holder in keyholders.current(work.tx)
        if holder.name.casefold() == named.strip().casefold()
        or words.letters_of(holder.words) == letters
    ]


def enrol(work: Work, role: Role, name: str, public: Key) -> Keyholder:
    """Keep a public key from now on, and tell everybody who decides."""
    fingerprint = identities.fingerprint(public)
    holder = Keyholder(work.tx.new_id(), role, name, public.reveal(), fingerprint, work.now)
    KEYHOLDERS.put(work.tx, holder)
    _tell(work, KeyChange.ADDED, holder)
    return holder


def remove(work: Work, holder: Keyholder) -> int:
    """Seal nothing to this key any more, drop what was sealed to it, and tell who decides.

    What no other key opens, closed cases and envelopes, stays sealed to it; give how many.
    """
    KEYHOLDERS.remove(work.tx, "id = ?", holder.id)
    purges.note(work.tx, work.now, Purged.KEYHOLDER, holder.id)
    _tell(work, KeyChange.REMOVED, holder)
    cases = closing.drop_seals(work.tx, holder.id)
    return cases + envelopes.drop_seals(work.tx, holder.id)


def _tell(work: Work, change: KeyChange, holder: Keyholder) -> None:
    audience.tell_deciders(work, KeyNews(change, holder.name, holder.role, holder.words))
