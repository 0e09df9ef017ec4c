"""What a request leaves behind once it was made: the message that stands, or what goes with it.

A copy that may have arrived without our learning its id is noted as one that cannot be taken back.
"""

from datetime import datetime, timedelta

from bot.requests import Edit, NewMessage, Request
from safety.auditing import LONGEST_PAUSE
from safety.notices import NEVER_A_MESSAGE, STAYS, Emptying, IfUnknown, Lane, Removal
from safety.undelivered import STUCK_AFTER, STUCK_FOR
from storage import messages, outbox
from storage.outbox import Owed
from storage.transaction import Transaction

FAULT_RETRY = timedelta(seconds=5)  # a notice without words, or that was refused, times attempts
GIVE_UP_AFTER = timedelta(hours=24)  # of either


def sent(
    tx: Transaction, now: datetime, owed: Owed, request: Request, message_id: int | None
) -> None:
    """End a notice that was sent, and remember its message; one withdrawn meanwhile goes again."""
    if not outbox.done(tx, owed.id):
        _take_back(tx, now, owed, request, message_id)
        return
    match request:
        case NewMessage(replaces=replaced) if message_id is not None:
            messages.add(tx, _standing(now, owed, message_id))
            if replaced:
                messages.forget(tx, owed.recipient.chat_id, replaced)
                outbox.owe(tx, now, owed.recipient, Removal(replaced))
        case Edit(message_id=edited):
            messages.change(tx, _standing(now, owed, edited))
        case _:
            pass


def target_gone(tx: Transaction, owed: Owed, message_id: int) -> None:
    """The message to change is not there: owe the notice as a new one."""
    messages.forget(tx, owed.recipient.chat_id, (message_id,))
    outbox.send_anew(tx, owed)


def unknown(tx: Transaction, now: datetime, owed: Owed) -> None:
    """Note a new message that may stand in a chat, and that nobody can name; end it by its rule.

    What is sent again stays as it is.
    """
    messages.add_nameless(tx, _standing(now, owed, messages.NAMELESS))
    if owed.notice.if_unknown is IfUnknown.LEAVE:
        outbox.done(tx, owed.id)


def unsent(tx: Transaction, now: datetime, owed: Owed) -> bool:
    """Owe again what never got through; say whether organizers are to hear of it."""
    outbox.put_back(tx, owed.id, now, was_tried=False)
    return owed.notice.lane <= Lane.HOLD and now - owed.owed_at >= STUCK_FOR


def after_fault(tx: Transaction, now: datetime, owed: Owed) -> bool:
    """Owe again what could not be put into words, or was refused; say whether organizers hear.

    After a day it is given up, but for what is urgent: somebody has to call meanwhile.
    """
    is_urgent = owed.notice.lane <= Lane.HOLD
    if not is_urgent and now - owed.owed_at > GIVE_UP_AFTER:
        outbox.give_up(tx, owed.id)
        return True
    later = now + min(FAULT_RETRY * owed.attempts, LONGEST_PAUSE)
    outbox.put_back(tx, owed.id, later, was_tried=True)
    return is_urgent and owed.attempts >= STUCK_AFTER


def may_be_taken(now: datetime, owed: Owed) -> bool:
    """Say whether to go on trying what was refused: what is urgent, for a day.

    The auditor would owe an alarm anew at each look, and each would count as lost.
    """
    return owed.notice.lane <= Lane.HOLD and now - owed.owed_at <= GIVE_UP_AFTER


def reclaim(tx: Transaction, now: datetime) -> int:
    """After a start: owe again what a crash cut off in the middle of sending.

    What is left where nobody knows whether it arrived is left here as well. Gives how many were
    cut off, also those that had been withdrawn and are not owed again.
    """
    cut_off = outbox.reclaim(tx)
    for owed in cut_off:
        if _may_be_new_message(tx, owed):
            unknown(tx, now, owed)
    return len(cut_off)


def _may_be_new_message(tx: Transaction, owed: Owed) -> bool:
    notice, card = owed.notice, owed.notice.card()
    if isinstance(notice, NEVER_A_MESSAGE) or owed.edits is not None:
        return False
    stands = card is not None and messages.on_card(tx, owed.recipient.chat_id, card) is not None
    return notice.replaces or not stands


def _take_back(
    tx: Transaction, now: datetime, owed: Owed, request: Request, message_id: int | None
) -> None:
    """Delete what was withdrawn while it was under way.

    Its chat was emptied, its event purged, or it named a place that does not hold any more.
    """
    match request:
        case NewMessage(replaces=replaced) if message_id is not None:
            messages.forget(tx, owed.recipient.chat_id, replaced)
            outbox.owe(tx, now, owed.recipient, Emptying((message_id, *replaced)))
        case Edit(message_id=edited):
            messages.forget(tx, owed.recipient.chat_id, (edited,))
            outbox.owe(tx, now, owed.recipient, Emptying((edited,)))
        case _:
            pass


def _standing(now: datetime, owed: Owed, message_id: int) -> messages.NewMessage:
    notice = owed.notice
    return messages.NewMessage(
        recipient=owed.recipient,
        message_id=message_id,
        delete_at=None if notice.stays is None else now + notice.stays,
        event_id=owed.event_id,
        card=notice.card(),
        tag=notice.tag(),
        can_go_until=now + STAYS,
        is_protected=notice.is_protected,
    )
