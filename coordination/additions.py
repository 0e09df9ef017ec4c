"""Additions are brought: each becomes an entry, once, whether the case is open, locked or closed.

Nothing is read for it. So the computer on which a correction was written has looked whether what
it corrects stands; here it has to be something that was said of the same record.
"""

from collections import Counter
from dataclasses import dataclass

from coordination import checkpoints
from coordination.audience import tell_organizers
from coordination.turns import Work
from safety import additions as rules
from safety.additions import Addition, AdditionsBrought
from safety.incidents import Incident
from safety.keyholders import CASE_READERS, Keyholder
from safety.people import EventId, Unprinted
from storage import additions, casekeys, incidents, keyholders
from storage.additions import Signed
from storage.vault.errors import ForeignParcelError


class RefusedSheetError(Exception):
    """Nothing of a file is taken; the text is one clear sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class Brought(Unprinted):
    """What became of the additions of one file, in numbers.

    `missing` counts, by the number of the record, what was left out, since that record, or what
    the addition corrects or links, is not there; the others were taken all the same.
    """

    name: str
    added: int
    records: int
    known: int
    missing: tuple[tuple[int, int], ...]


def bring(work: Work, signed: Signed) -> Brought:
    """Append what a file holds and is not there yet, and tell the organizers how much that is.

    Raises:
        ForeignParcelError, BrokenParcelError: it is none of ours, or not by who it says.
        RefusedSheetError: its writer's key is enrolled no more, or its event is gone.
    """
    sheet = additions.author(signed)
    additions.require_author(work.tx, signed, sheet)
    holder = _holder(work, sheet.holder_id)
    if not casekeys.can_add(work.tx, sheet.event_id):
        raise RefusedSheetError("The event of these additions is gone: nothing was added.")
    if not all(rules.is_addition(one) for one in sheet.additions):
        raise ForeignParcelError("these additions were written by another release")
    found = {one.number: one for one in incidents.at_event(work.tx, sheet.event_id)}
    meant = {one.record for one in sheet.additions}  # looking at all would keep an alarm waiting
    leaves = {
        number: incidents.leaves(work.tx, one) if number in meant else frozenset[int]()
        for number, one in found.items()
    }
    fitting = [one for one in sheet.additions if rules.is_fitting(one, leaves)]
    taken = [one for one in fitting if _add(work, holder, found[one.record], one)]
    missing = Counter(one.record for one in sheet.additions)
    missing.subtract(one.record for one in fitting)
    brought = Brought(
        name=holder.name,
        added=len(taken),
        records=len({one.record for one in taken}),
        known=len(fitting) - len(taken),
        missing=tuple(sorted((+missing).items())),
    )
    _tell(work, sheet.event_id, brought)
    return brought


def writer_name(work: Work, reference: str | None) -> str | None:
    """Give the enrolled name of whoever wrote an addition; None where that key was removed."""
    holders = keyholders.current(work.tx)
    return next((one.name for one in holders if rules.reference(one) == reference), None)


def _holder(work: Work, holder_id: int) -> Keyholder:
    for holder in keyholders.current(work.tx):
        if holder.id == holder_id and holder.role in CASE_READERS:
            return holder
    raise RefusedSheetError("The key of who wrote this is enrolled no more: nothing was added.")


def _add(work: Work, holder: Keyholder, incident: Incident, one: Addition) -> bool:
    """Append one addition, unless it was brought before."""
    if incidents.is_brought(work.tx, one.id):
        return False
    entry = rules.entry(one, work.now, rules.reference(holder))
    committed = incidents.add_entry(work.tx, work.now, incident, entry)
    incidents.note_addition(work.tx, incident, committed, one.id)
    return True


def _tell(work: Work, event_id: EventId, brought: Brought) -> None:
    if brought.added:
        notice = AdditionsBrought(event_id, brought.name, brought.added, brought.records)
        tell_organizers(work, notice, event_id)
        checkpoints.follow(work)
