"""What earlier releases have stored is there after each step, and a copy of it for a day."""

import asyncio
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import msgspec
import pytest
import sqlcipher3.dbapi2 as sqlcipher

from coordination import keyholders as use_cases
from coordination.turns import Work
from safety.complaints import Complaint, DueDay
from safety.envelopes import Envelope
from safety.escalation import next_ring
from safety.evidence import EvidenceItem, EvidenceState, MediaKind
from safety.incidents import Incident, IncidentId, IncidentKind, IncidentState
from safety.injuries import Injury, InjuryQuestion
from safety.notices import Removal
from safety.people import Role
from safety.policy import Policy
from safety.purges import Purge, Purged
from safety.records import CaseState
from safety.reportdays import ReportDay
from safety.reportlinks import ReportLink
from safety.secondaddresses import AddressKind, SecondAddress
from safety.secondchannel import SecondTest
from safety.taxonomy import ActorKind
from safety.waking import WakeState, Waking
from storage import (
    alarms,
    closing,
    complaints,
    envelopes,
    erasure,
    events,
    evidence,
    forms,
    inbox,
    incidents,
    injuries,
    invitations,
    keyholders,
    migrate,
    outbox,
    people,
    purges,
    reportlinks,
    reports,
    resealing,
    routes,
    secondchannel,
    team,
    tickets,
    timers,
    wakings,
)
from storage.database import Database
from storage.evidence import KeptFile
from storage.moments import to_row
from storage.secondaddresses import SECOND_ADDRESSES
from storage.transaction import Transaction
from storage.vault import derivation, identities, keyslots
from storage.vault.keys import KeyKind, KeyName, public_half
from storage.vault.keyslots import Destruction, KeySlots
from storage.vault.sealing import seal
from tests.storage import test_situations, versions
from tests.storage.versions import (
    DANA,
    DRAFT,
    EVENT,
    GATHERING,
    INVITATION,
    NOW,
    PERSON,
    PURGED,
    TEAM_PERSON,
    TIMER,
    connect,
    make_version_1,
    step_to,
)

ROOT = Path(__file__).parents[2]
STEPS_TO = re.compile(r"(?m)^ +step_to\(connection, (\w+)\)$")


@pytest.fixture
def path(tmp_path: Path, slots: KeySlots) -> Path:
    """Give a database that the first release has left."""
    (tmp_path / "data").mkdir()
    made = tmp_path / "data" / "aman.db"
    make_version_1(made, slots)
    return made


def check_everything(tx: Transaction) -> None:
    """Find what the first release had stored."""
    assert people.get(tx, PERSON.id) == PERSON
    assert invitations.INVITATIONS.get(tx, INVITATION.id) == INVITATION
    assert [route.holder_id for route in routes.of_chat(tx, DANA.chat_id)] == [PERSON.id]
    assert team.TEAM.get(tx, TEAM_PERSON.id) == TEAM_PERSON
    assert events.get(tx, EVENT) == GATHERING
    assert forms.get(tx, DANA.chat_id) == DRAFT
    assert [inbox.words(tx, one.seq) for one in inbox.coming(tx, 0, 9, is_urgent=False)] == [b"{}"]
    assert inbox.offset(tx) == 502
    assert [due.timer for due in timers.due(tx, NOW)] == [TIMER]
    assert outbox.waiting(tx) == 1
    assert tx.one(tuple[str], "PRAGMA integrity_check") == ("ok",)


async def test_a_database_of_the_second_release_takes_keys_and_envelopes(
    path: Path, slots: KeySlots
) -> None:
    """The third step adds what people's own keys need, and touches nothing that is there."""
    connection = connect(path, slots)
    step_to(connection, 2)
    connection.close()
    private = identities.new_identity()

    def enrol(tx: Transaction) -> None:
        work = Work(tx, NOW, Policy())
        public = public_half(private)
        holder = use_cases.enrol(work, Role.LAWYER, "Timur", public)
        seals = envelopes.seal(61, "left for later", [holder])
        envelopes.ENVELOPES.put(tx, Envelope(61, EVENT, PERSON.id, NOW, seals))

    async with Database(path, slots) as database:
        await database.read(check_everything)
        assert await database.read(lambda tx: closing.is_closed(tx, EVENT)) is False
        await database.write(enrol)
    async with Database(path, slots) as database:
        [holder] = await database.read(keyholders.current)
        left = await database.read(lambda tx: envelopes.of_person(tx, PERSON.id))
    assert (holder.name, holder.role) == ("Timur", Role.LAWYER)
    assert left is not None
    assert envelopes.open_seal(left.seals[0], left.id, private) == "left for later"


async def test_a_database_of_the_third_release_takes_a_purge_list_and_keeps_its_files(
    path: Path, slots: KeySlots
) -> None:
    """The fourth step knows no digest of files that are there already, and lets them be."""
    connection = connect(path, slots)
    step_to(connection, 3)
    kind, state = MediaKind.VIDEO, EvidenceState.STORED
    old = EvidenceItem(81, EVENT, 91, 1, state, kind, NOW)
    community = slots.keys[KeyName(KeyKind.COMMUNITY)]
    blob = seal(community, msgspec.msgpack.encode(old), table="evidence", row=old.id)
    connection.execute(
        "INSERT INTO evidence (id, event_id, incident_id, number, state, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (old.id, EVENT, 91, 1, state.value, blob),
    )
    connection.close()
    async with Database(path, slots) as database:
        await database.read(check_everything)
        assert await database.read(purges.latest) == 0
        await database.write(lambda tx: purges.note(tx, NOW, Purged.PERSON, 17))
    async with Database(path, slots) as database:
        assert await database.read(purges.every) == [Purge(1, Purged.PERSON, 17, NOW)]
        assert await database.read(evidence.kept_files) == [KeptFile(81, 1, None)]


async def test_a_database_of_the_sixth_release_goes_on_ringing_and_takes_wake_tests(
    path: Path, slots: KeySlots
) -> None:
    """An alarm that rang while the program was replaced is there, knows nobody's handing on."""
    connection = connect(path, slots)
    step_to(connection, 6)
    said = {"person_id": PERSON.id, "team_id": None, "way": "key", "at": NOW, "first_seq": 1}
    pressed = {"seq": 1, "last_at": NOW, "pressed_at": NOW, "presses": 1, "words": None}
    old = {"id": 71, "event_id": EVENT, "number": 17, "state": "open", "opened_at": NOW}
    rung = {"rung_at": NOW, "callers": [said | pressed], "acknowledgements": [], "level": 3}
    routing = slots.keys[KeyName(KeyKind.ROUTING, EVENT)]
    blob = seal(routing, msgspec.msgpack.encode(old | rung), table="alarms", row=71)
    connection.execute(
        "INSERT INTO alarms (id, event_id, number, state, sealed) VALUES (71, ?, 17, 'open', ?)",
        (EVENT, blob),
    )
    connection.close()
    async with Database(path, slots) as database:
        await database.read(check_everything)
        alarm = await database.read(lambda tx: alarms.get(tx, 71))
        waking = Waking(TEAM_PERSON.id, WakeState.WAITS, NOW)
        await database.write(lambda tx: wakings.put(tx, waking))
        assert await database.read(lambda tx: wakings.get(tx, TEAM_PERSON.id)) == waking
    assert alarm is not None
    assert alarm.level == 3
    assert alarm.handed_on == ()
    assert next_ring(alarm, Policy()) == NOW + Policy().ring_every


async def test_what_the_seventh_release_owed_goes_out_by_the_chat(
    path: Path, slots: KeySlots
) -> None:
    """The eighth step adds a second channel, and has nothing that is there go over it."""
    connection = connect(path, slots)
    step_to(connection, 7)
    connection.close()
    address = SecondAddress(TEAM_PERSON.id, AddressKind.MAIL, "aigul@example.org", NOW)

    def owe(tx: Transaction) -> None:
        SECOND_ADDRESSES.put(tx, address)
        outbox.owe(tx, NOW, DANA, SecondTest(TEAM_PERSON.id))

    async with Database(path, slots) as database:
        await database.read(check_everything)
        await database.write(owe)
    async with Database(path, slots) as database:
        chat = await database.read(lambda tx: tickets.ready(tx, NOW, 10))
        second = await database.read(lambda tx: secondchannel.due(tx, NOW, 10))
        assert await database.read(lambda tx: SECOND_ADDRESSES.get(tx, address.id)) == address
    assert [ticket.kind for ticket in chat] == ["Removal"]
    assert len(second) == 1


async def test_looking_at_the_second_channel_never_reads_the_whole_outbox(
    path: Path, slots: KeySlots
) -> None:
    """Ten thousand messages of a release cost it nothing: its few rows have an index."""
    asked: list[str] = []

    class Asking:
        """A transaction that keeps what it is asked, and finds nothing."""

        def all(self, _shape: object, sql: str, *_values: object) -> list[object]:
            asked.append(sql)
            return []

        def one(self, _shape: object, sql: str, *_values: object) -> None:
            asked.append(sql)

        def run(self, sql: str, *_values: object) -> int:
            asked.append(sql)
            return 0

    asking = cast("Transaction", Asking())
    secondchannel.due(asking, NOW, 10)
    secondchannel.next_moment(asking)
    secondchannel.reclaim(asking)
    secondchannel.withdraw(asking, "card")

    def explain(tx: Transaction) -> list[str]:
        plans = [
            tx.all(tuple[int, int, int, str], f"EXPLAIN QUERY PLAN {sql}", *(0,) * sql.count("?"))
            for sql in asked
        ]
        return [plan[0][3] for plan in plans]

    async with Database(path, slots) as database:
        plans = await database.read(explain)
    assert len(plans) == 4
    assert [plan for plan in plans if "outbox_second" not in plan] == []


def _copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*version*"))


async def test_what_was_owed_before_the_outbox_had_its_indexes_is_found_with_them(
    path: Path, slots: KeySlots
) -> None:
    """The ninth step adds ways to look, and what the first release owed is found by each."""
    connection = connect(path, slots)
    step_to(connection, 8)
    connection.close()
    later = NOW + timedelta(days=1)
    async with Database(path, slots) as database:
        await database.read(check_everything)
        found = await database.read(lambda tx: tickets.ready(tx, later, 10))
        beside = await database.read(lambda tx: tickets.beside(tx, later, 10, (), Removal))
    assert [ticket.kind for ticket in found] == ["Removal"]
    assert beside == found


async def test_what_the_first_release_stored_is_there_and_stays_there(
    path: Path, slots: KeySlots
) -> None:
    """Also after its keys have been replaced; and what it had doomed is destroyed."""
    async with Database(path, slots) as database:
        await database.read(check_everything)
        [owed] = await database.write(lambda tx: outbox.claim(tx, [61]))
        assert owed.recipient == DANA
        await database.write(lambda tx: outbox.put_back(tx, 61, NOW, was_tried=False))
        for kind, event in ((KeyKind.TRANSIT, None), (KeyKind.PEOPLE, EVENT)):
            await database.write(lambda tx, k=kind, e=event: resealing.ask(tx, k, e))  # type: ignore[misc] # defaults
            await database.write(resealing.step)
        await database.read(check_everything)
    async with Database(path, slots) as database:
        await database.read(check_everything)
    kept = {name.kind for name in slots.names if name.event_id == PURGED}
    assert kept == {KeyKind.CASE_PUBLIC, KeyKind.CASE_PRIVATE}


async def test_a_copy_of_before_is_kept_for_its_owner_alone_and_encrypted(
    path: Path, slots: KeySlots
) -> None:
    """The earlier release opens it with the same keys, and finds everything in its own shape."""
    before = connect(path, slots)
    rows = before.execute("SELECT id, sealed FROM people").fetchall()
    before.close()
    migrate_only(path, slots)
    [copy] = _copies(path)
    assert copy.name == "aman.db.version-1"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not copy.read_bytes().startswith(b"SQLite format")
    kept = connect(copy, slots)
    assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    assert kept.execute("SELECT id, sealed FROM people").fetchall() == rows
    kept.close()


def migrate_only(path: Path, slots: KeySlots) -> None:
    """Bring a database up to date, and do nothing else that a start does."""
    connection = connect(path, slots)
    migrate.migrate(connection, path)
    connection.close()


@pytest.mark.parametrize("ends_by", ["the day", "a purge", "an erasure"])
async def test_the_copy_is_overwritten_and_gone_before_the_next_key_is_destroyed(
    path: Path, slots: KeySlots, monkeypatch: pytest.MonkeyPatch, ends_by: str
) -> None:
    """It would show what a purge has deleted."""
    connection = connect(path, slots)
    connection.execute("DELETE FROM key_destructions")
    connection.close()
    seen: list[list[Path]] = []
    destroy = slots.destroy

    def destroys(doomed: Iterable[KeyName]) -> Destruction:
        seen.append(_copies(path))
        return destroy(doomed)

    monkeypatch.setattr(slots, "destroy", destroys)
    async with Database(path, slots) as database:
        [copy] = _copies(path)
        same = copy.with_name("the same bytes")
        same.hardlink_to(copy)
        await database.write(lambda tx: resealing.ask_daily(tx, NOW))
        assert await database.write(resealing.step) is False
        assert seen == []
        await database.write(_ends(ends_by))
        while await database.write(resealing.step):
            pass
    assert seen
    assert not any(seen)
    assert _copies(path) == []
    assert set(same.read_bytes()) == {0}


def _ends(by: str) -> Callable[[Transaction], None]:
    def work(tx: Transaction) -> None:
        match by:
            case "the day":
                resealing.ask_daily(tx, NOW + timedelta(days=1))
            case "a purge":
                tx.destroy_keys(EVENT, KeyKind.PEOPLE, KeyKind.ROUTING)
            case _:
                erasure.forget_person(tx, PERSON)

    return work


def test_a_copy_that_was_cut_off_is_overwritten_before_the_next_is_made(
    path: Path, slots: KeySlots
) -> None:
    """The power may go while it is made; freed blocks would show what is deleted later."""
    left = path.with_name("aman.db.version-1.part")
    left.write_bytes(b"what was there")
    same = path.with_name("the same bytes")
    same.hardlink_to(left)
    migrate_only(path, slots)
    assert set(same.read_bytes()) == {0}
    assert [copy.name for copy in _copies(path)] == ["aman.db.version-1"]


async def test_the_copy_goes_with_what_is_taken_back_under_a_key_that_stays(
    path: Path, slots: KeySlots
) -> None:
    """No key is destroyed by that, so the copy would still show it."""
    connection = connect(path, slots)
    connection.execute("DELETE FROM key_destructions")
    connection.close()
    async with Database(path, slots) as database:
        [copy] = _copies(path)
        same = copy.with_name("the same bytes")
        same.hardlink_to(copy)
        await database.write(lambda tx: purges.note(tx, NOW, Purged.ENVELOPE, 5))
        assert _copies(path) == []
        assert set(same.read_bytes()) == {0}


async def test_without_room_for_the_copy_nothing_is_changed(
    path: Path, slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever updates makes room, or goes back."""
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", _refuse)
        with pytest.raises(migrate.NoCopyError):
            migrate_only(path, slots)
    assert _copies(path) == []
    connection = connect(path, slots)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def _refuse(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.torture
def test_an_update_killed_at_any_moment_leaves_the_old_shape_or_the_new(
    tmp_path: Path,
) -> None:
    """Whole, with all that was stored; the next start brings it up to date."""
    data, images = tmp_path / "data", tmp_path / "images"
    data.mkdir()
    images.mkdir()
    slots, secret = keyslots.create(tmp_path / "keys", derivation.FLOOR)
    with slots:
        make_version_1(data / "aman.db", slots)
        subprocess.run(  # noqa: S603 - our own program
            [
                sys.executable,
                "-m",
                "tests.faults.migrating",
                tmp_path / "keys",
                data / "aman.db",
                images,
            ],
            cwd=ROOT,
            input=secret.words(),
            text=True,
            check=True,
            timeout=60,  # seconds
        )
        newest = len(migrate._scripts())  # noqa: SLF001 - how many steps there are
        seen = set()
        for image in sorted(images.iterdir()):
            seen.add(asyncio.run(_check_image(image / "aman.db", slots)))
    assert {1, newest} <= seen <= set(range(1, newest + 1))
    assert len(list(images.iterdir())) > 20


async def _check_image(path: Path, slots: KeySlots) -> int:
    """Look at what a kill has left; then start on it. Give the version that was found."""
    connection = connect(path, slots)
    found = connection.execute("PRAGMA user_version").fetchone()
    assert isinstance(found, tuple)
    tables = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'kept_keys'")
    assert tables.fetchone() == (int(found[0] > 1),)
    for copy in _copies(path):
        if ".part" not in copy.name:
            assert _is_whole(copy, slots)
    connection.close()
    async with Database(path, slots) as database:
        await database.read(check_everything)
    return int(found[0])


def _is_whole(copy: Path, slots: KeySlots) -> bool:
    connection = connect(copy, slots)
    try:
        counted = connection.execute("SELECT COUNT(*) FROM people").fetchone()
        return counted == (1,) and connection.execute("PRAGMA integrity_check").fetchone() == (
            "ok",
        )
    finally:
        connection.close()


async def test_a_database_of_the_ninth_release_takes_links_for_reporting(
    path: Path, slots: KeySlots
) -> None:
    """The tenth step adds links and who has opened one, and touches nothing that is there."""
    connection = connect(path, slots)
    step_to(connection, 9)
    connection.close()
    link = ReportLink(91, EVENT, NOW + timedelta(days=90), reports=1)
    async with Database(path, slots) as database:
        await database.read(check_everything)
        assert await database.read(lambda tx: reportlinks.of_event(tx, EVENT)) == []
        await database.write(lambda tx: reportlinks.put(tx, link))
        row = await database.write(lambda tx: reportlinks.begin(tx, DANA.chat_id, link.id))
    async with Database(path, slots) as database:
        assert await database.read(lambda tx: reportlinks.get(tx, link.id)) == link
        found = await database.read(lambda tx: reportlinks.of_chat(tx, DANA.chat_id))
    assert found == (row, link.id)


async def test_a_database_of_the_tenth_release_takes_complaints_and_injuries(
    path: Path, slots: KeySlots
) -> None:
    """The eleventh step adds two tables, and touches nothing that is there."""
    connection = connect(path, slots)
    step_to(connection, 10)
    connection.close()
    about = (ActorKind.POLICE, None, None, CaseState.FILED, NOW.date(), NOW)
    complaint = Complaint(1, EVENT, 91, 1, *about, due=(DueDay(NOW.date(), CaseState.FILED),))
    injury = Injury(2, EVENT, PERSON.id, None, 3, 1, NOW, ((InjuryQuestion.EXAMINED, "no"),))
    async with Database(path, slots) as database:
        await database.read(check_everything)
        await database.write(lambda tx: complaints.put(tx, complaint))
        await database.write(lambda tx: injuries.put(tx, injury))
    async with Database(path, slots) as database:
        assert await database.read(complaints.every) == [complaint]
        assert await database.read(lambda tx: injuries.get(tx, 2)) == injury


async def test_a_database_of_the_eleventh_release_knows_what_is_brought_from_now_on(
    path: Path, slots: KeySlots
) -> None:
    """The twelfth step lets what was said before be what nobody brought, all of it."""
    connection = connect(path, slots)
    step_to(connection, 11)
    for row in (1, 2):
        connection.execute(
            "INSERT INTO incident_entries (id, incident_id, event_id, leaf, sealed) "
            "VALUES (?, 91, ?, ?, x'00')",
            (row, EVENT, row + 10),
        )
    connection.close()
    incident = Incident(
        *(IncidentId(91), EVENT, 1, IncidentKind.REPORT, 3),
        *(IncidentState.UNCONFIRMED, NOW),
    )
    addition = bytes(16)
    async with Database(path, slots) as database:
        await database.read(check_everything)
        assert await database.read(lambda tx: incidents.count_additions(tx, incident.id)) == 0
        assert await database.read(lambda tx: incidents.leaves(tx, incident)) == {11, 12}
        said = incidents.Committed(12, b"", "")
        await database.write(lambda tx: incidents.note_addition(tx, incident, said, addition))
        assert await database.read(lambda tx: incidents.is_brought(tx, addition))
        other = incidents.Committed(11, b"", "")
        with pytest.raises(sqlcipher.IntegrityError):
            await database.write(lambda tx: incidents.note_addition(tx, incident, other, addition))


async def test_a_database_of_the_twelfth_step_counts_what_is_reported(
    path: Path, slots: KeySlots
) -> None:
    """The thirteenth step: of a link that people had nothing was refused; days begin empty."""
    connection = connect(path, slots)
    step_to(connection, 12)
    until = to_row(NOW + timedelta(days=90))
    columns = "id, event_id, expires_at, reports, spent, spent_since"
    sql = f"INSERT INTO report_links ({columns}) VALUES (91, ?, ?, 2, 12, ?)"  # noqa: S608 - ours
    connection.execute(sql, (EVENT, until, to_row(NOW)))
    connection.close()
    async with Database(path, slots) as database:
        await database.read(check_everything)
        (link,) = await database.read(lambda tx: reportlinks.of_event(tx, EVENT))
        assert (link.reports, link.spent, link.refused_at(NOW)) == (2, 12, 0)
        assert await database.read(lambda tx: reports.day_of(tx, DANA.chat_id)) is None
        day = ReportDay(EVENT, NOW, 6, refused=1)
        await database.write(lambda tx: reports.keep_day(tx, DANA.chat_id, day))
        assert await database.read(lambda tx: reports.day_of(tx, DANA.chat_id)) == day


async def test_a_question_from_before_the_fourteenth_step_is_gone_on_with(
    path: Path, slots: KeySlots
) -> None:
    """A chat's draft is its row: the next answer takes its place, and a new key opens it."""
    connection = connect(path, slots)
    step_to(connection, 13)
    connection.close()
    next_step = replace(DRAFT, id=52, step="city")
    async with Database(path, slots) as database:
        await database.read(check_everything)
        await database.write(lambda tx: forms.put(tx, DANA.chat_id, next_step))
        await database.write(lambda tx: resealing.ask(tx, KeyKind.TRANSIT))
        await database.write(resealing.step)
        assert await database.read(lambda tx: forms.get(tx, DANA.chat_id)) == next_step
        assert await database.read(lambda tx: tx.number("SELECT COUNT(*) FROM forms")) == 1
        await database.write(lambda tx: forms.remove(tx, DANA.chat_id))
        assert await database.read(lambda tx: forms.get(tx, DANA.chat_id)) is None


def test_each_step_but_the_first_starts_from_what_the_one_before_has_left() -> None:
    """A new one needs a test with rows of the release before: here, or of what stands beside."""
    files = (test_situations.__file__, versions.__file__, __file__)
    texts = [Path(str(file)).read_text(encoding="utf-8") for file in files]
    begun = {word for text in texts for word in STEPS_TO.findall(text)}
    named = {word: int(getattr(test_situations, word, 0)) for word in begun if word.isupper()}
    found = {named[word] if word in named else int(word) for word in begun}
    assert found == set(range(1, len(migrate._scripts())))  # noqa: SLF001 - how many steps there are
