"""Receipts of purges: what was destroyed, in numbers, each of them a leaf of the proof log."""

from dataclasses import replace
from datetime import datetime

from safety.retention import Receipt, text_of
from storage import proofs
from storage.moments import to_row
from storage.sealed import Shelf
from storage.transaction import Transaction
from storage.vault.digests import commitment, new_salt
from storage.vault.keys import KeyKind

RECEIPTS: Shelf[Receipt] = Shelf("receipts", Receipt, KeyKind.COMMUNITY, "event_id", "at")


def add(tx: Transaction, receipt: Receipt) -> Receipt:
    """Store a receipt, put it into the log, and give it with the checkpoint that covers it."""
    salt = new_salt()
    leaf = proofs.append(tx, receipt.at, commitment(salt, text_of(receipt).encode()))
    proofs.sign_checkpoint(tx, receipt.at)
    logged = replace(receipt, salt=salt, leaf=leaf, checkpoint=proofs.latest_note(tx))
    RECEIPTS.put(tx, logged)
    return logged


def get(tx: Transaction, receipt_id: int) -> Receipt | None:
    """Give a receipt, or None."""
    return RECEIPTS.get(tx, receipt_id)


def checkpoints(tx: Transaction) -> list[str]:
    """Give the checkpoints that were sent out with receipts, the oldest first."""
    found = (receipt.checkpoint for receipt in RECEIPTS.find(tx, "1 = 1 ORDER BY at"))
    return [note for note in found if note is not None]


def forget_old(tx: Transaction, before: datetime) -> None:
    """Drop the receipts of purges earlier than that."""
    RECEIPTS.remove(tx, "at < ?", to_row(before))
