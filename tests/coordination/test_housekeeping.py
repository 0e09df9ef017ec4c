"""Every life ends at its time, not before: for each kind something is planted, and time passes."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from coordination import retention
from coordination.envelopes import note_handed
from coordination.housekeeping import SWEEPS
from coordination.turns import Work
from safety.alarms import Alarm, AlarmState
from safety.checkins import CheckIn, CheckInKind
from safety.closing import ClosedCase
from safety.detentions import Detention, DetentionState
from safety.disclosure import Release
from safety.envelopes import Envelope
from safety.events import Event
from safety.evidence import EvidenceItem, EvidenceState, Media, MediaKind
from safety.incidents import IncidentKind
from safety.injuries import Injury
from safety.invitations import Invitation, InvitationState
from safety.kinds import EndedBy, Kind
from safety.lives import LIVES, lasting
from safety.notices import STAYS, Say
from safety.people import ChatId, EventId, PersonId, Recipient, Role, Standing, TeamId
from safety.proposals import ProposalState
from safety.reportlinks import ReportLink
from safety.retention import PurgeEvent, Receipt
from safety.team import TeamPerson, TeamState
from safety.waking import WakeState, Waking
from storage import (
    alarms,
    chats,
    checkins,
    detentions,
    evidence,
    inbox,
    incidents,
    injuries,
    messages,
    outbox,
    proofs,
    proposals,
    receipts,
    reportlinks,
    tokens,
    wakings,
)
from storage.closing import CLOSED
from storage.envelopes import ENVELOPES
from storage.inbox import ATTEMPTS, Received
from storage.invitations import INVITATIONS
from storage.messages import NewMessage
from storage.moments import to_row
from storage.proposals import PROPOSALS
from storage.team import TEAM
from storage.tokens import Purpose
from tests.harness import World

STEP = timedelta(minutes=2)
Plant = Callable[[World], Awaitable[tuple[str, datetime]]]

LOOSE = ("alarms", "detentions", "injuries")
BY_FILES = {Kind.PARTIAL_FILES}  # see tests/bot/test_evidence_sweep.py
ALICE = ChatId(17)


async def _event(world: World) -> Event:
    return await world.has_event()


async def _updates(world: World, *, is_set_aside: bool) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        update = Received(1, ALICE, is_alarm_like=False, raw=b"{}")
        inbox.receive(work.tx, work.now, [update])
        seq = work.tx.number("SELECT seq FROM inbox")
        if is_set_aside:
            for _ in range(ATTEMPTS):
                inbox.fail(work.tx, seq)
        else:
            inbox.done(work.tx, seq)

    await world.change(plant)
    return "inbox", world.now


async def _notice(world: World) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        outbox.owe(
            work.tx, work.now, Recipient(ALICE, world.policy.default_language), Say("saved")
        )
        work.tx.run("UPDATE outbox SET not_before = ?", to_row(work.now + timedelta(days=900)))

    await world.database.write(lambda tx: plant(world.work(tx)))
    return "outbox", world.now


async def _message(world: World, stays: timedelta) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        recipient = Recipient(ALICE, world.policy.default_language)
        messages.add(work.tx, NewMessage(recipient, 1, work.now + stays))

    await world.change(plant)
    return "messages", world.now


async def _blocked(world: World) -> tuple[str, datetime]:
    await world.change(lambda work: chats.silence(work.tx, ALICE, chats.BLOCKED, to_row(work.now)))
    return "silences", world.now


async def _draft(world: World) -> tuple[str, datetime]:
    organizer = await world.has_organizer()
    await organizer.writes("/report")
    return "forms", world.now


async def _open_report(world: World) -> tuple[str, datetime]:
    organizer = await world.has_organizer()
    await organizer.writes("/report")
    await organizer.writes("They came.")
    return "open_reports", world.now


async def _report_day(world: World) -> tuple[str, datetime]:
    organizer = await world.has_organizer()
    await organizer.writes("/report")
    await organizer.writes("They came.")
    return "report_days", world.now


async def _report_chat(world: World) -> tuple[str, datetime]:
    someone = world.person("Nobody")
    await someone.opens(await _report_token(world, await _event(world)))
    return "report_chats", world.now


async def _report_link(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    await _report_token(world, event)
    return "report_links", event.ends_at


async def _report_token(world: World, event: Event) -> str:
    def plant(work: Work) -> str:
        until = event.over_at + work.policy.report_link_life
        reportlinks.put(work.tx, ReportLink(77, event.id, until))
        return tokens.issue(work.tx, Purpose.REPORT, 77, until)

    return await world.change(plant)


async def _link(world: World) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        expires_at = work.now + work.policy.invitation_life
        tokens.issue(work.tx, Purpose.INVITATION, 5, expires_at)

    await world.change(plant)
    return "tokens", world.now


async def _vouching(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    state = InvitationState.BOUND
    bound = Invitation(5, event.id, state, TeamId(6), "sister", world.now)
    await world.change(lambda work: INVITATIONS.put(work.tx, bound))
    return "invitations", event.ends_at


async def _person(world: World, standing: Standing) -> tuple[str, datetime]:
    event = await _event(world)
    await world.has_participant(event, "Aliya", standing=standing)
    return "people", event.ends_at


async def _check_in(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    said = CheckIn(CheckInKind.HERE, world.now, 1)
    await world.change(lambda work: checkins.add(work.tx, event.id, 9, said))
    return "checkins", event.ends_at


def _alarm(world: World, event_id: EventId | None) -> Alarm:
    return Alarm(
        id=5,
        event_id=event_id,
        number=1,
        state=AlarmState.RESOLVED,
        opened_at=world.now,
        rung_at=world.now,
        callers=(),
        resolved_at=world.now,
    )


async def _call(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    await world.change(lambda work: alarms.put(work.tx, _alarm(world, event.id)))
    return "alarms", event.ends_at


async def _loose_calls(world: World) -> tuple[str, datetime]:
    detention = Detention(
        id=6,
        event_id=None,
        person_id=None,
        team_id=TeamId(7),
        number=1,
        state=DetentionState.RELEASED,
        since=world.now,
        rung_at=world.now,
        sightings=(),
        heard_at=world.now,
    )

    def plant(work: Work) -> None:
        alarms.put(work.tx, _alarm(world, None))
        detentions.put(work.tx, detention)
        injuries.put(work.tx, Injury(8, None, None, TeamId(7), 9, 1, world.now))

    await world.change(plant)
    return " ".join(LOOSE), world.now


async def _teammate(world: World, state: TeamState) -> tuple[str, datetime]:
    now = world.now
    person = TeamPerson(TeamId(5), Role.STEWARD, state, "Saule", now, link_until=now, gone_at=now)
    await world.change(lambda work: TEAM.put(work.tx, person))
    return "team", now


async def _proposal(world: World) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        proposed = proposals.add(work.tx, PurgeEvent(EventId(5)), None, TeamId(6), work.now)
        work.tx.run("UPDATE proposals SET state = ?", ProposalState.EXPIRED.value)
        assert PROPOSALS.get(work.tx, proposed.id) is not None

    await world.change(plant)
    return "proposals", world.now


async def _purged(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    await world.change(lambda work: retention.purge_event(work, event, retention.By()))
    return "events", event.ends_at


async def _envelope(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    left = Envelope(5, event.id, PersonId(9), world.now, ())
    case = ClosedCase(event.id, world.now, TeamId(1), None, None, ())

    def plant(work: Work) -> None:
        CLOSED.put(work.tx, case)
        ENVELOPES.put(work.tx, left)
        note_handed(work, [left])

    await world.change(plant)
    return "envelopes", world.now


async def _owed_file(world: World) -> tuple[str, datetime]:
    media = Media(MediaKind.PHOTO, "id", "unique", 1_000, None, None)

    def plant(work: Work) -> None:
        incident = incidents.open_new(work.tx, work.now, None, IncidentKind.REPORT, 5)
        owed = EvidenceItem(
            5, None, incident.id, 1, EvidenceState.OWED, MediaKind.PHOTO, work.now, media
        )
        evidence.owe(work.tx, owed)

    await world.change(plant)
    return f"evidence WHERE state = '{EvidenceState.OWED.value}'", world.now


async def _checkpoints(world: World) -> tuple[str, datetime]:
    for leaf in (b"1", b"2"):
        await world.change(partial(_prove, leaf=leaf))
    return "checkpoints WHERE size = 1", world.now


def _prove(work: Work, leaf: bytes) -> None:
    proofs.append(work.tx, work.now, leaf)


async def _receipt(world: World) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        made = Receipt(
            id=5,
            event_id=EventId(6),
            at=work.now,
            title="Evening of tea",
            people=1,
            invitations=0,
            messages=0,
            withdrawn=0,
            by_rule=True,
            confirmed_by=None,
            checkpoint=None,
        )
        receipts.add(work.tx, made)

    await world.change(plant)
    return "receipts", world.now


async def _injury(world: World) -> tuple[str, datetime]:
    event = await _event(world)
    hurt = Injury(5, event.id, PersonId(9), None, 6, 1, world.now)
    await world.change(lambda work: injuries.put(work.tx, hurt))
    return "injuries", event.ends_at


async def _waking(world: World) -> tuple[str, datetime]:
    def plant(work: Work) -> None:
        wakings.put(work.tx, Waking(TeamId(3), WakeState.AWAKE, work.now))

    await world.change(plant)
    return "wakings", world.now


PLANTS: dict[Kind, Plant] = {
    Kind.HANDLED_UPDATES: partial(_updates, is_set_aside=False),
    Kind.SET_ASIDE_UPDATES: partial(_updates, is_set_aside=True),
    Kind.OWED_NOTICES: _notice,
    Kind.MESSAGES: partial(_message, stays=STAYS),
    Kind.PLACE_MESSAGES: partial(_message, stays=Release.stays or timedelta()),
    Kind.BLOCKED_CHATS: _blocked,
    Kind.DRAFTS: _draft,
    Kind.OPEN_REPORTS: _open_report,
    Kind.REPORT_DAYS: _report_day,
    Kind.REPORT_CHATS: _report_chat,
    Kind.REPORT_LINKS: _report_link,
    Kind.LINKS: _link,
    Kind.VOUCHING: _vouching,
    Kind.UNAPPROVED: partial(_person, standing=Standing.PENDING),
    Kind.TRACES: _check_in,
    Kind.ROSTER: partial(_person, standing=Standing.APPROVED),
    Kind.CALLS: _call,
    Kind.LOOSE_CALLS: _loose_calls,
    Kind.TEAM_INVITED: partial(_teammate, state=TeamState.INVITED),
    Kind.TEAM_GONE: partial(_teammate, state=TeamState.GONE),
    Kind.INJURIES: _injury,
    Kind.WAKINGS: _waking,
    Kind.PROPOSALS: _proposal,
    Kind.BARE_OUTLINES: _purged,
    Kind.ENVELOPES: _envelope,
    Kind.OWED_FILES: _owed_file,
    Kind.CHECKPOINTS: _checkpoints,
    Kind.RECEIPTS: _receipt,
}


def test_every_kind_with_a_time_is_tried() -> None:
    """A kind that is added with a time is added here."""
    assert PLANTS.keys() | BY_FILES == {life.kind for life in LIVES if life.lasts is not None}


def test_what_the_sweep_ends_is_swept() -> None:
    """Table and sweep name the same kinds; the sweep looks after the roster's timer, too."""
    swept = {life.kind for life in LIVES if life.ended_by is EndedBy.SWEEP}
    assert SWEEPS.keys() == swept - BY_FILES | {Kind.ROSTER, Kind.TRACES}


@pytest.mark.parametrize("kind", PLANTS, ids=lambda kind: kind.name)
async def test_it_is_there_until_its_time_and_not_longer(world: World, kind: Kind) -> None:
    """A minute before the end it is there, a minute after it is gone, with nobody's doing."""
    where, since = await PLANTS[kind](world)
    over_at = since + lasting(kind, world.policy)
    for moment, is_there in ((over_at - STEP, True), (over_at + STEP, False)):
        await world.pass_time(moment - world.now)
        await world.sweeps()
        assert await _count(world, where) is is_there, moment - over_at


@pytest.mark.parametrize("kind", PLANTS, ids=lambda kind: kind.name)
async def test_a_clock_that_jumps_far_ends_it_as_well(world: World, kind: Kind) -> None:
    """A machine that slept for months does at once what it has missed, in whatever order."""
    where, since = await PLANTS[kind](world)
    world.now = max(world.now, since) + timedelta(days=900)
    for _ in range(2):
        await world.sweeps()
        await world.pass_time(timedelta())
    assert await _count(world, where) is False


async def _count(world: World, where: str) -> bool:
    """Say whether there is anything; of several tables, whether in all of them or in none."""
    tables = LOOSE if where.split() == list(LOOSE) else (where,)
    (is_there,) = {bool(await _number(world, table)) for table in tables}
    return is_there


async def _number(world: World, where: str) -> int:
    sql = f"SELECT COUNT(*) FROM {where}"  # noqa: S608 - the tests' own words
    return await world.look(lambda tx: tx.number(sql))
