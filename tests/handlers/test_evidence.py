"""Files: owed at once, told of when stored, never dropped silently, never opened."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from coordination import statements
from coordination.evidence import Kept, leave_to_hand, record_stored
from coordination.freezing import freeze
from coordination.turns import Work
from safety.evidence import LARGEST, EvidenceItem, EvidenceState
from safety.incidents import Entry
from safety.people import EventId, TeamId
from storage import evidence, incidents
from storage.evidence import EVIDENCE
from storage.transaction import Transaction
from storage.vault.errors import BrokenSealError
from storage.vault.keys import Key, KeyKind
from tests.harness import World, a_file

CONTENT = b"\xff\xd8 not opened by anybody" * 9_000


async def _items(world: World) -> list[EvidenceItem]:
    return await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1 ORDER BY number")))


async def _said(world: World, event_id: EventId | None) -> list[Entry]:
    def look(tx: Transaction) -> list[Entry]:
        found = incidents.at_event(tx, event_id)
        return [one.entry for each in found for one in incidents.entries(tx, each)]

    return await world.look(look)


async def _store(world: World, folder: Path, item: EvidenceItem, content: bytes) -> Kept:
    def public(tx: Transaction) -> Key:
        return evidence.public_key(tx, item)

    with evidence.open_writer(folder, await world.look(public), item.id) as writer:
        writer.write(content)
        kept = Kept.of(writer.finish())
    await world.change(partial(_record, item.id, kept))
    return kept


def _record(evidence_id: int, kept: Kept, work: Work) -> None:
    record_stored(work, evidence_id, kept)


def _give_up(evidence_id: int, work: Work) -> None:
    leave_to_hand(work, evidence_id)


@pytest.mark.parametrize("is_stored", [True, False], ids=["stored", "owed"])
@pytest.mark.parametrize("hands", ["released", "frozen"])
async def test_a_phone_in_other_hands_is_told_of_no_file(
    world: World, hands: str, *, is_stored: bool
) -> None:
    """A film that is fetched long after the chat was emptied does not say that it was sent."""
    team = await world.has_team()
    sender = team.steward
    await sender.writes("/report")
    await sender.sends_video()
    (item,) = await _items(world)
    if hands == "frozen":
        holder = sender.team_id or TeamId(0)
        await world.do(team.organizer, lambda turn: freeze(turn, holder))
    else:
        await sender.writes("/taken")
        await team.lawyer.presses("Released")
    await world.pass_time(timedelta(0))
    assert sender.chat == []
    if is_stored:
        kept = Kept(1, "00", "00")
        await world.change(partial(_record, item.id, kept))
    else:
        await world.change(partial(_give_up, item.id))
    await world.pass_time(timedelta(0))
    assert sender.chat == []


async def test_a_stored_file_leaves_the_chat_and_its_owner_decides(
    world: World, tmp_path: Path
) -> None:
    """The message stays until the file is sealed, and goes then."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    message_id = await aliya.sends_video()
    assert message_id in [seen.message_id for seen in aliya.chat]
    (item,) = await _items(world)
    await _store(world, tmp_path, item, CONTENT)
    assert message_id not in [seen.message_id for seen in aliya.chat]
    aliya.sees("We have video 1. Your original is better proof, and can be found. You decide.")


async def test_what_is_stored_is_bit_exact_and_opens_only_with_the_case(
    world: World, tmp_path: Path
) -> None:
    """Nothing of it is readable on the disk, and every byte comes back."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_photo()
    (item,) = await _items(world)
    await _store(world, tmp_path, item, CONTENT)
    assert b"not opened" not in evidence.path_of(tmp_path, item.id).read_bytes()
    private = await world.look(lambda tx: tx.key(KeyKind.CASE_PRIVATE, event.id))
    assert b"".join(evidence.read(tmp_path, private, item.id)) == CONTENT
    with pytest.raises(BrokenSealError):
        b"".join(evidence.read(tmp_path, Key(bytes(32)), item.id))


async def test_the_original_hash_is_an_entry_of_the_case(world: World, tmp_path: Path) -> None:
    """Who gave it, when, how large, and both hashes."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_document("../../x.pdf", size=77)
    (item,) = await _items(world)
    kept = await _store(world, tmp_path, item, CONTENT)
    said = await _said(world, event.id)
    (owed,) = [one for one in said if one.what == "file-owed"]
    (stored,) = [one for one in said if one.what == "file-stored"]
    assert owed.source == f"person-{aliya.person_id}"
    assert owed.detail("name") == "../../x.pdf"
    assert (stored.detail("sha256"), stored.detail("size")) == (kept.sha256, str(len(CONTENT)))


async def test_the_row_of_a_stored_file_knows_no_chat(world: World, tmp_path: Path) -> None:
    """After it is stored nothing leads to the phone it came from."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_voice()
    (item,) = await _items(world)
    await _store(world, tmp_path, item, CONTENT)
    (stored,) = await _items(world)
    assert stored.state is EvidenceState.STORED
    assert (stored.media, stored.recipient, stored.message_id) == (None, None, None)


async def test_a_file_that_is_too_large_stays_owed_and_its_sender_is_told(world: World) -> None:
    """Over twenty megabytes: never fetched, never forgotten."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    message_id = await aliya.sends_document("film.mp4", size=LARGEST + 1)
    aliya.sees("We could not fetch file 1")
    (item,) = await _items(world)
    assert item.state is EvidenceState.BY_HAND
    assert await world.look(evidence.owed) == []
    assert message_id in [seen.message_id for seen in aliya.chat]
    assert await world.look(lambda tx: evidence.count_at(tx, event.id).owed) == 1


async def test_of_a_video_that_is_too_large_the_smaller_copy_is_taken_at_once(
    world: World, tmp_path: Path
) -> None:
    """The best one that the service gives; the original stays owed, and the record says which."""
    event = await world.has_event()
    team = await world.has_team()
    aliya = await world.has_participant(event, "Aliya")
    sizes = (("best", LARGEST + 1), ("middle", LARGEST), ("low", 1_000))
    made = [{**a_file(name), "file_size": size} for name, size in sizes]
    film = {**a_file("film"), "file_size": 3 * LARGEST}
    message_id = await aliya.sends_content({"video": {**film, "qualities": made}})
    aliya.sees("We could not fetch video 1: it is too large for this chat. A smaller copy")
    original, copy = await _items(world)
    assert (original.state, copy.state) == (EvidenceState.BY_HAND, EvidenceState.OWED)
    assert copy.media is not None
    assert copy.media.file_id == "middle-id"
    await _store(world, tmp_path, copy, CONTENT)
    assert message_id in [seen.message_id for seen in aliya.chat]  # its original is not here
    assert await world.look(lambda tx: evidence.count_at(tx, event.id).owed) == 1
    incident = (await world.look(lambda tx: incidents.at_event(tx, event.id)))[0]
    record = await world.do(team.organizer, lambda turn: statements.record_of(turn, incident))
    assert record is not None
    assert [(one.id, one.is_owed, one.copy_of) for one in record.evidence] == [
        (1, True, None),
        (2, None, 1),
    ]
    picture = {**a_file("still"), "file_size": 900}
    await aliya.sends_content({"document": {**film, "file_unique_id": "x", "thumbnail": picture}})
    assert "A smaller copy is saved now: photo 4." in aliya.sees("We could not fetch file 3").text


async def test_a_file_that_is_gone_is_told_of_once(world: World) -> None:
    """A download that failed for good is said once, however often it is noticed."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_photo()
    (item,) = await _items(world)
    for _ in range(2):
        await world.change(partial(_give_up, item.id))
    assert len([seen for seen in aliya.screens if "could not fetch" in seen.text]) == 1


async def test_recording_twice_after_a_crash_records_once(world: World, tmp_path: Path) -> None:
    """The same file is sealed again over what a crash left, and told of once."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_photo()
    (item,) = await _items(world)
    kept = await _store(world, tmp_path, item, b"first attempt")
    await world.change(partial(_record, item.id, kept))
    said = await _said(world, event.id)
    assert len([one for one in said if one.what == "file-stored"]) == 1


async def test_the_same_file_sent_twice_is_owed_once(world: World) -> None:
    """A repeated update or an impatient thumb makes no second copy."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_photo()
    await aliya.sends_photo()
    assert len(await _items(world)) == 1


async def test_a_video_after_an_alarm_belongs_to_it(world: World, tmp_path: Path) -> None:
    """It is attached to the alarm's incident, and to no report."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.sends_video()
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    (item,) = await _items(world)
    assert item.incident_id == incident.id
    await _store(world, tmp_path, item, CONTENT)
    aliya.sees("We have video 1.")


async def test_files_are_kept_while_the_case_is_locked(world: World, tmp_path: Path) -> None:
    """Adding needs the public half alone."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    kinds = (KeyKind.PEOPLE, KeyKind.CASE_PRIVATE)
    await world.change(lambda work: work.tx.destroy_keys(event.id, *kinds))
    await aliya.sends_photo()
    (item,) = await _items(world)
    await _store(world, tmp_path, item, CONTENT)
    aliya.sees("We have photo 1.")


async def test_a_taken_persons_file_is_kept_and_nothing_is_said(
    world: World, tmp_path: Path
) -> None:
    """The phone may be in other hands: it shows nothing."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await aliya.sends_photo()
    await world.pass_time(timedelta(0))
    (item,) = await _items(world)
    await _store(world, tmp_path, item, CONTENT)
    await world.pass_time(timedelta(minutes=1))
    assert aliya.chat == []
