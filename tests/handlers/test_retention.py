"""`/purge` and the rule: two people, or time, forget everybody of an event; the case stays."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from coordination import retention
from coordination.detentions import mark_taken
from coordination.turns import Work
from handlers.routes import TABLE
from safety import retention as rules
from safety.events import Event, EventNews, EventState
from safety.evidence import EvidenceState
from safety.notices import Say
from safety.people import EventId, Role
from safety.retention import Receipt, RetentionDue
from storage import (
    chats,
    detentions,
    events,
    evidence,
    incidents,
    outbox,
    people,
    proofs,
    receipts,
    routes,
    soundness,
)
from storage.retention import FORGOTTEN
from storage.transaction import LockedError, Transaction
from storage.vault import prooflog
from storage.vault.digests import commitment
from storage.vault.keys import KeyKind
from storage.vault.prooflog import Checkpoint
from tests.harness import Someone, World

NAMES = [
    command.name for command in TABLE.commands if command.name != "taken"
]  # that makes one quiet


async def purges(organizer: Someone, other: Someone) -> None:
    """Let two people forget everybody of an event, by the buttons."""
    await organizer.writes("/purge")
    await organizer.presses("Evening of tea")
    await organizer.presses("Forget these people")
    other.sees("Forget everybody of “Evening of tea”")
    await other.presses("Confirm")


def _comes_due(event_id: EventId, work: Work) -> None:
    retention.forget_by_rule(work, RetentionDue(event_id))


async def test_whoever_is_held_and_known_from_elsewhere_can_still_be_released(
    world: World,
) -> None:
    """A purge in the night of the raid: their phone stays quiet, and somebody can end that. Else a
    steward would be mute for ever, and would never hear of an alarm again.
    """
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=1))
    saule = team.steward
    held = await world.has_participant(event, "Saule")
    assert held.person_id is not None
    person_id = held.person_id
    await world.do(team.organizer, lambda turn: mark_taken(turn, person_id))
    await purges(team.organizer, team.second)
    assert await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    (one,) = await world.look(detentions.unclosed)
    assert (one.event_id, one.person_id, one.sightings) == (None, None, ())
    await world.pass_time(timedelta(minutes=10))
    await team.lawyer.presses("Released", within=team.lawyer.sees("Urgent 1"))
    await team.lawyer.writes("/case")
    await team.lawyer.presses("Urgent 1")
    await team.lawyer.presses("I have heard their voice")
    await team.organizer.writes("sos")
    saule.sees("Alarm 1")


async def test_both_see_the_alarm_and_whoever_is_held_before_a_purge_ends_them(
    world: World,
) -> None:
    """A call went from every phone, without a word to whoever agreed to it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("sos")
    await aliya.sends_video()
    await bota.writes("/taken")
    await team.organizer.writes("/purge")
    await team.organizer.presses("Evening of tea")
    assert "An alarm is open" in team.organizer.sees("Before you decide.").text
    await team.organizer.presses("Forget these people")
    card = team.second.sees("Forget everybody of “Evening of tea”")
    assert "An alarm is open: it ends with this, and rings nobody any more." in card.text
    assert "1 person has not been heard since being taken." in card.text
    assert "1 file is not fetched yet, and would be lost here." in card.text


async def test_a_steward_who_is_held_at_an_event_can_be_released_after_its_purge(
    world: World,
) -> None:
    """Also who is not registered there: the detention is the event's, the phone the team's."""
    team = await world.has_team()
    await world.has_event(starts_in=timedelta(hours=1))
    saule = team.steward
    await saule.writes("/taken")
    await team.second.presses("I'm on it", within=team.second.sees("Urgent 1"))
    await purges(team.organizer, team.second)
    assert await world.look(lambda tx: chats.is_quiet(tx, saule.chat_id))
    (one,) = await world.look(detentions.unclosed)
    assert (one.event_id, one.sightings) == (None, ())
    assert "Dana, organizer: on it" in team.lawyer.sees("Urgent 1").text
    await team.lawyer.presses("Released", within=team.lawyer.sees("Urgent 1"))
    await team.organizer.writes("sos")
    saule.sees("Alarm 1")


async def test_two_people_forget_everybody_and_nothing_of_the_roster_opens(world: World) -> None:
    """The keys are gone, the rows are gone, and nobody is reached any more."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("sos")
    await purges(team.organizer, team.second)
    team.organizer.sees("everybody is forgotten")
    team.second.sees("Registrations: 2")

    def check(tx: Transaction) -> None:
        for table in FORGOTTEN:
            sql = f"SELECT COUNT(*) FROM {table} WHERE event_id = ?"  # noqa: S608 - our own names
            assert tx.number(sql, event.id) == 0, table
        assert routes.of_chat(tx, aliya.chat_id) == []
        with pytest.raises(LockedError):
            tx.key(KeyKind.PEOPLE, event.id)
        assert aliya.person_id is not None
        assert people.get(tx, aliya.person_id) is None

    await world.look(check)
    assert aliya.chat == []
    assert bota.chat == []
    await aliya.writes("hello")
    aliya.sees("nothing here for you")


async def test_the_keys_are_gone_from_the_slot_file_after_a_restart(world: World) -> None:
    """Not only from memory."""
    team = await world.has_team()
    event = await world.has_event()
    await purges(team.organizer, team.second)
    names = world._slots.names  # noqa: SLF001 - what the file holds
    kinds = {name.kind for name in names if name.event_id == event.id}
    assert kinds == {KeyKind.CASE_PUBLIC, KeyKind.CASE_PRIVATE}


async def test_the_case_stays_and_can_be_read(world: World) -> None:
    """Incidents outlive the people's names."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    await purges(team.organizer, team.second)
    await team.organizer.writes("/incidents")
    await team.organizer.presses("? 1")
    team.organizer.sees("They came.")


async def test_one_person_alone_forgets_nobody(world: World) -> None:
    """Whoever proposes cannot confirm, and no forged press does it."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await team.organizer.writes("/purge")
    await team.organizer.presses("Evening of tea")
    await team.organizer.presses("Forget these people")
    payload = team.second.payload_of("Confirm")
    await team.organizer.forges(payload)
    await team.steward.forges(payload)
    still = await world.look(lambda tx: events.get(tx, event.id))
    assert still is not None
    assert still.state is EventState.OPEN
    alone = await world.has_team_person("Zarina", Role.STEWARD)
    await alone.writes("/purge")
    alone.sees_nothing_of("Whose people")


async def test_a_deputy_confirms_without_seeing_a_name(world: World) -> None:
    """The card says how many, and nobody's name."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await team.organizer.writes("/purge")
    await team.organizer.presses("Evening of tea")
    await team.organizer.presses("Forget these people")
    team.deputy.sees_nothing_of("Aliya")
    await team.deputy.presses("Confirm")
    team.organizer.sees("everybody is forgotten")


async def test_a_purge_is_done_once(world: World) -> None:
    """A second card, confirmed later, finds nobody."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await team.organizer.writes("/purge")
    await team.organizer.presses("Evening of tea")
    screen = team.organizer.payload_of("Forget these people")
    await team.organizer.presses("Forget these people")
    await team.second.presses("Confirm")
    await team.organizer.forges(screen)
    team.organizer.is_told("out of date")


async def test_somebody_with_another_place_keeps_their_chat(world: World) -> None:
    """Who is at a second event loses only what was about the first."""
    team = await world.has_team()
    first = await world.has_event()
    second = await world.has_event(starts_in=timedelta(days=9))
    aliya = await world.has_participant(first, "Aliya")
    await world.has_participant(second, "Aliya")
    await aliya.writes("/help")
    before = [seen.message_id for seen in aliya.chat]
    await world.change(lambda work: work.owe(aliya.recipient, EventNews(first.id), first.id))
    assert len(aliya.chat) == len(before) + 1
    await world.do(team.organizer, lambda turn: retention.ask_to_purge(turn, first.id))
    await team.second.presses("Confirm")
    assert [seen.message_id for seen in aliya.chat] == before
    assert len(await world.look(lambda tx: routes.of_chat(tx, aliya.chat_id))) == 1


async def test_a_file_that_was_not_fetched_stays_owed_and_names_nobody(world: World) -> None:
    """Nothing is silently dropped; where it came from is."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_video("look")
    await purges(team.organizer, team.second)
    (item,) = await world.look(lambda tx: evidence.unfetched_at(tx, event.id))
    assert item.state is EvidenceState.BY_HAND
    assert (item.media, item.recipient, item.message_id) == (None, None, None)


async def test_the_rule_warns_a_day_before_and_then_forgets(world: World) -> None:
    """Two weeks after the end, without anybody."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await world.change(lambda work: retention.keep_until(work, event))
    left = event.ends_at + world.policy.people_kept - world.now
    await world.pass_time(left - timedelta(hours=30))
    team.organizer.sees_nothing_of("forgotten by the rule")
    await world.pass_time(timedelta(hours=7))
    team.organizer.sees("forgotten by the rule")
    await world.pass_time(timedelta(hours=24))
    team.organizer.sees("By the rule, because the time was over.")
    assert await world.look(lambda tx: tx.has_key(KeyKind.PEOPLE, event.id)) is False


async def test_the_rule_waits_while_somebody_is_held_but_not_for_ever(world: World) -> None:
    """Nobody is forgotten in a cell; a mark that nobody cleared does not keep a roster alive."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    for late, is_known in ((timedelta(0), True), (rules.LONGEST_WAIT, False)):
        world.now = event.ends_at + world.policy.people_kept + late
        await world.change(partial(_comes_due, event.id))
        assert await world.look(lambda tx: tx.has_key(KeyKind.PEOPLE, event.id)) is is_known


async def test_what_was_owed_is_withdrawn(world: World) -> None:
    """Nothing about the event is sent after it was forgotten."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")

    def owe_and_purge(work: Work) -> int:
        known: Event | None = events.get(work.tx, event.id)
        assert known is not None
        work.owe(aliya.recipient, Say("saved"), event.id)
        return retention.purge_event(work, known, retention.By()).withdrawn

    assert await world.change(owe_and_purge) == 1
    aliya.sees_nothing_of("Saved")
    assert await world.look(outbox.waiting) == 0


async def test_the_receipt_holds_the_log_as_it_was(world: World) -> None:
    """Organizers get the checkpoint at closing: later records cannot replace earlier ones."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("They came.")
    note = await world.look(proofs.latest_note)
    assert note is not None
    await purges(team.organizer, team.second)
    team.organizer.sees(note.split("\n")[0])


async def test_a_receipt_says_what_when_by_whom_and_how_many_keys(world: World) -> None:
    """Counts per kind, two keys, two names of the team, and nobody of the event."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, _ = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/here")
    await purges(team.organizer, team.second)
    said = team.organizer.sees("everybody is forgotten").text
    assert "As Aigul and Dana decided." in said
    assert "Keys destroyed: 2" in said
    assert "Registrations: 2" in said
    assert "It was locked then" not in said
    assert "Aliya" not in said
    (receipt,) = await world.look(lambda tx: list(receipts.RECEIPTS.find(tx, "1 = 1")))
    assert dict(receipt.rows)["checkins"] == 1
    assert dict(receipt.rows)["routes"] == 2
    assert receipt.other_rows >= 3


async def test_a_receipt_says_if_the_disk_has_kept_the_keys(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that keys are destroyed while they lie on the disk."""
    team = await world.has_team()
    await world.has_event()

    def refuses(_names: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(world._slots, "destroy", refuses)  # noqa: SLF001 - the disk of this world
    await purges(team.organizer, team.second)
    said = team.organizer.sees("everybody is forgotten").text
    assert "not let the keys be overwritten yet" in said
    assert "keys are destroyed" not in said
    assert "Keys destroyed" not in said


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_receipt_says_if_the_disk_cannot_forget(world: World, *, is_kept: bool) -> None:
    """A file system that writes elsewhere keeps the old bytes; no receipt promises more."""
    world.policy = replace(world.policy, overwrites_in_place=not is_kept)
    team = await world.has_team()
    await world.has_event()
    await purges(team.organizer, team.second)
    said = team.organizer.sees("everybody is forgotten").text
    assert ("may keep old copies of what is overwritten" in said) == is_kept


async def test_a_receipt_is_a_leaf_of_the_log_that_its_checkpoint_covers(world: World) -> None:
    """Whoever keeps the checkpoint can show later what was destroyed, and nothing else fits."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    await purges(team.organizer, team.second)
    await team.organizer.writes("/report")
    await team.organizer.writes("Later.")

    def prove(tx: Transaction) -> tuple[Receipt, Checkpoint, tuple[bytes, ...]]:
        (receipt,) = receipts.RECEIPTS.find(tx, "1 = 1")
        assert receipt.checkpoint is not None
        assert receipt.leaf is not None
        checkpoint = prooflog.verify(receipt.checkpoint, proofs.verifier_key(tx))
        return receipt, checkpoint, proofs.tree(tx).inclusion(receipt.leaf, checkpoint.size)

    receipt, checkpoint, proof = await world.look(prove)
    for said, is_true in ((receipt, True), (replace(receipt, people=2), False)):
        hashed = prooflog.leaf_hash(commitment(said.salt, rules.text_of(said).encode()))
        place = (receipt.leaf or 0, checkpoint.size)
        assert prooflog.is_included(hashed, *place, proof, checkpoint.root) is is_true
    assert await world.look(soundness.is_log_whole)
    assert await world.look(soundness.count_altered) == 0


async def test_a_receipt_of_a_locked_purge_says_that_the_new_epoch_is_owed(world: World) -> None:
    """The keys are overwritten at once; the rest of the promise follows when it is opened."""
    organizer = await world.has_organizer()
    event = await world.has_event()
    await world.has_participant(event, "Aliya")
    world._slots.lock()  # noqa: SLF001 - what `aman lock` does
    world.now = event.ends_at + world.policy.people_kept
    await world.change(partial(_comes_due, event.id))
    said = organizer.sees("everybody is forgotten").text
    assert "It was locked then" in said
    assert "Keys destroyed: 2" in said
    names = world._slots.names  # noqa: SLF001 - what the file holds
    assert not {name for name in names if name.kind is KeyKind.PEOPLE}


async def test_an_erased_person_is_nowhere_in_the_case(world: World) -> None:
    """Who they were goes with them; every proof still holds."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    before = await world.look(lambda tx: incidents.count_entries(tx, [incident]))
    size = await world.look(proofs.size)
    person_id = aliya.person_id
    assert person_id is not None
    assert await world.change(lambda work: incidents.forget_person(work.tx, person_id)) == 1
    assert await world.look(lambda tx: incidents.count_entries(tx, [incident])) == before - 1
    assert await world.look(proofs.size) == size


async def test_no_old_button_or_command_is_a_fault_after_a_purge(world: World) -> None:
    """Whatever still stands on somebody's screen, or is typed, is answered and changes nothing."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    everyone = (team.organizer, team.second, team.deputy, team.steward, team.lawyer, aliya, bota)
    await aliya.writes("sos")
    await bota.writes("/taken")
    for someone in everyone:
        for name in NAMES:
            await someone.writes(f"/{name}")
    old = [
        (someone, press.payload)
        for someone in everyone
        for seen in someone.screens
        for press in seen.presses
    ]
    assert len(old) > 50

    def purge(work: Work) -> None:
        known = events.get(work.tx, event.id)
        assert known is not None
        retention.purge_event(work, known, retention.By())

    await world.change(purge)
    for someone, payload in old:
        await someone.forges(payload)
    for someone in everyone:
        for name in NAMES:
            await someone.writes(f"/{name}")
    await world.pass_time(timedelta(hours=1))
    assert await world.look(lambda tx: retention.list_known(world.work(tx))) == []
