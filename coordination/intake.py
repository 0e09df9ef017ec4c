"""How taking in goes: kept for whoever looks, told to the organizers once."""

from dataclasses import dataclass, replace
from datetime import datetime

from coordination import audience
from coordination.actors import find_actor
from coordination.turns import Work
from safety.intake import (
    IntakeTrouble,
    IntakeUpdate,
    Outage,
    Trouble,
    begins_anew,
    is_news,
    may_still_listen,
)
from safety.people import ChatId, Role
from safety.secondaddresses import AddressKind
from storage import inbox, secondchannel, team
from storage import intake as store


@dataclass(frozen=True, slots=True)
class View:
    """How the bot works, in numbers. `outage` is the one that lasts, if one does."""

    heard_at: datetime | None
    waiting: int
    set_aside: int
    outage: Outage | None
    foreign_at: datetime | None  # when somebody else was seen with the token, while that counts
    is_locked: bool
    failing: tuple[AddressKind, ...]  # other ways to wake people, whose last try failed
    failing_since: datetime | None  # the first of them


def note_outage(work: Work, outage: Outage, *, must_tell: bool) -> None:
    """Keep what is wrong; tell the organizers if they must know, once."""
    last = store.outage(work.tx)
    if last is not None and begins_anew(outage, last):  # seen now only: the next look finds itself
        store.forget_told(work.tx)
    store.put_outage(work.tx, outage)
    if not must_tell or not team.reachable(work.tx, (Role.ORGANIZER,)):
        return
    if is_news(outage, store.told(work.tx)):
        store.set_told(work.tx, outage.trouble)
        audience.tell_organizers(work, IntakeTrouble())
    else:
        audience.update_organizers(work, IntakeUpdate())


def note_good(work: Work) -> None:
    """Keep that it is over, and let those who were told see it."""
    last = store.outage(work.tx)
    if last is not None and last.until is None:
        store.put_outage(work.tx, replace(last, until=work.now))
        audience.update_organizers(work, IntakeUpdate())


def note_heard(work: Work, heard_at: datetime) -> None:
    """Keep when the service was heard."""
    store.note_heard(work.tx, heard_at)


def note_foreign(work: Work, seen: datetime) -> None:
    """Keep when somebody else was last seen with our token: a later trouble does not hide it."""
    store.note_foreign(work.tx, seen)


def note_own_webhook(work: Work) -> None:
    """Forget somebody else who was seen by an address that has turned out to be our own.

    Who was seen by anything else stays: an address of ours says nothing of another poller.
    """
    last, seen = store.outage(work.tx), store.foreign_at(work.tx)
    if last is None or last.trouble is not Trouble.FOREIGN_WEBHOOK:
        return
    if seen is not None and seen >= last.since:
        store.forget_foreign(work.tx)
        audience.update_organizers(work, IntakeUpdate())


def note_token(work: Work, mark: int) -> None:
    """Note which token we work with; with another one, whoever had the former is shut out."""
    if store.is_other_token(work.tx, mark):
        store.forget_told(work.tx)
        audience.update_organizers(work, IntakeUpdate())


def foreign_at(work: Work) -> datetime | None:
    """Give when somebody else was last seen with our token, while that must be reckoned with."""
    seen = store.foreign_at(work.tx)
    return seen if may_still_listen(seen, work.now) else None


def last_outage(work: Work) -> Outage | None:
    """Give the last outage, also where it is over."""
    return store.outage(work.tx)


def look(work: Work, chat_id: ChatId) -> View | None:
    """Give how the bot works to an organizer; None to anybody else."""
    if find_actor(work.tx, work.policy, chat_id, None).team_role is not Role.ORGANIZER:
        return None
    outage = store.outage(work.tx)
    failing = _failing(work)
    return View(
        heard_at=store.heard_at(work.tx),
        waiting=inbox.count_waiting(work.tx),
        set_aside=inbox.count_set_aside(work.tx),
        outage=outage if outage is not None and outage.until is None else None,
        foreign_at=foreign_at(work),
        is_locked=work.tx.is_locked,
        failing=tuple(failing),
        failing_since=min(failing.values(), default=None),
    )


def _failing(work: Work) -> dict[AddressKind, datetime]:
    kinds = work.policy.second_kinds
    since = {kind: secondchannel.failing_since(work.tx, kind) for kind in kinds}
    return {kind: moment for kind, moment in since.items() if moment is not None}
