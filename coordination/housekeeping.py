"""The hourly sweep: what ends the lives that no timer and no deed ends (`safety/lives.py`).

Each kind is swept in a transaction of its own, so that one that fails keeps no other alive.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from coordination import envelopes, evidence, retention, team, traces, undelivered
from coordination.turns import Work
from safety.kinds import Kind
from safety.lives import lasting
from storage import (
    alarms,
    chats,
    detentions,
    events,
    forms,
    inbox,
    injuries,
    proofs,
    proposals,
    receipts,
    reportlinks,
    reports,
    tokens,
    wakings,
)
from storage.transaction import Transaction

Sweep = Callable[[Work], None]


def _drops(kind: Kind, forget: Callable[[Transaction, datetime], None]) -> tuple[Kind, Sweep]:
    """Write one line of the table; `forget` drops what is older than the kind's own life."""
    return kind, lambda work: forget(work.tx, work.now - lasting(kind, work.policy))


def _forget_loose_calls(tx: Transaction, before: datetime) -> None:
    alarms.forget_loose(tx, before)
    detentions.forget_loose(tx, before)
    injuries.forget_loose(tx, before)


SWEEPS: Mapping[Kind, Sweep] = dict(
    (
        _drops(Kind.HANDLED_UPDATES, inbox.forget_handled),
        _drops(Kind.SET_ASIDE_UPDATES, inbox.forget_set_aside),
        (Kind.OWED_NOTICES, undelivered.sweep),
        _drops(Kind.BLOCKED_CHATS, chats.forget_blocked),
        _drops(Kind.DRAFTS, forms.forget_old),
        _drops(Kind.REPORT_DAYS, reports.forget_days),
        (Kind.LINKS, lambda work: tokens.forget_old(work.tx, work.now)),  # each has its own time
        (Kind.REPORT_LINKS, lambda work: reportlinks.forget_old(work.tx, work.now)),  # as well
        _drops(Kind.LOOSE_CALLS, _forget_loose_calls),
        (Kind.TRACES, traces.follow_settings),  # and vouching
        (Kind.ROSTER, retention.follow_settings),
        (Kind.TEAM_INVITED, team.forget_invited),
        (Kind.TEAM_GONE, team.forget_gone),
        _drops(Kind.WAKINGS, wakings.forget_old),
        _drops(Kind.PROPOSALS, proposals.forget_old),
        _drops(Kind.BARE_OUTLINES, events.forget_bare),
        (Kind.ENVELOPES, envelopes.forget_handed),
        (Kind.OWED_FILES, evidence.give_up_fetching),
        _drops(Kind.CHECKPOINTS, proofs.forget_checkpoints),
        _drops(Kind.RECEIPTS, receipts.forget_old),
    )
)
