"""*Erase mine* in every state a person can be in, and what stays, nameless, afterwards."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from coordination.detentions import mark_taken
from coordination.registration import withdraw
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.privacy import EraseMine
from safety.alarms import Ending
from safety.events import Event
from safety.people import Role, Standing
from safety.registration import Consent
from safety.team import TeamState
from storage import alarms, chats, detentions, evidence, incidents, people, resealing, routes
from storage.people import PEOPLE
from storage.team import TEAM
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from tests.handlers.test_closing import has_key
from tests.handlers.test_disclosure import has_venue, until
from tests.handlers.test_envelopes import leaves
from tests.handlers.test_registration import invited, registered
from tests.harness import Someone, World

NOTHING = "There is nothing here for you"
NOBODYS = "person_id NOT IN (SELECT id FROM people UNION SELECT id FROM team)"
STATES = (
    Standing.INVITED,
    Standing.PENDING,
    Standing.APPROVED,
    Standing.WAITING,
    Standing.DECLINED,
)


async def erases(someone: Someone) -> None:
    """Erase oneself by the buttons, or by an old one where there are none."""
    await someone.writes("/privacy")
    await someone.presses("Erase mine")
    await someone.presses("Yes, erase mine")


async def test_a_file_that_was_not_fetched_yet_forgets_which_chat_it_came_from(
    world: World,
) -> None:
    """The file stays in the case."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.sends_video("at the door")
    await erases(aliya)
    (file,) = await world.look(lambda tx: evidence.unfetched_at(tx, event.id))
    assert (file.recipient, file.message_id) == (None, None)


async def is_unknown(world: World, someone: Someone, event: Event) -> None:
    """Make sure that no row leads to this person any more."""

    def check(tx: Transaction) -> None:
        assert routes.of_chat(tx, someone.chat_id) == []
        assert PEOPLE.count(tx, "event_id = ?", event.id) == 0
        assert chats.silence_reason(tx, someone.chat_id) is None
        for table in _with(tx, "person_id") - {"detentions"}:  # which stays, nameless
            sql = f"SELECT COUNT(*) FROM {table} WHERE person_id IS NOT NULL AND {NOBODYS}"  # noqa: S608 - ours
            assert tx.number(sql) == 0, table
        assert tx.number("SELECT COUNT(*) FROM invitations") == 0
        assert tx.number("SELECT COUNT(*) FROM tokens WHERE purpose = 'invitation'") == 0
        assert tx.number("SELECT COUNT(*) FROM forms") == 0
        digest = chats.chat_digest(tx, someone.chat_id)
        for table in _with(tx, "chat") - {"messages"}:  # where the receipt stands
            sql = f"SELECT COUNT(*) FROM {table} WHERE chat = ?"  # noqa: S608 - ours
            assert tx.number(sql, digest) == 0, table

    await world.look(check)


def _with(tx: Transaction, column: str) -> set[str]:
    """Name the tables that have this column, also those that will have come."""
    sql = "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE c.name = ?"
    return {name for (name,) in tx.all(tuple[str], sql, column)}


@pytest.mark.parametrize("standing", STATES)
async def test_at_every_step_of_a_registration(world: World, standing: Standing) -> None:
    """Nothing is left but the receipt, and the bot knows the person no more."""
    event = await world.has_event()
    dana = await world.has_participant(event, "Dana", standing=standing)
    await erases(dana)
    await is_unknown(world, dana, event)
    (receipt,) = dana.chat
    assert receipt.text.splitlines()[1] == "It is erased."
    assert "Registrations: 1" in receipt.text
    await dana.writes("/help")
    dana.sees(NOTHING)


async def test_what_is_not_erased_yet_while_locked_is_said(world: World) -> None:
    """The rows are gone; the key that opened them is replaced once it is there again. A receipt
    says what it can promise, and no more.
    """
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    bota = await world.has_participant(event, "Bota")
    await world.locks()
    await erases(aliya)
    assert "the old key is replaced when it is unlocked next" in aliya.sees("It is erased.").text
    assert await _left_to_replace(world) == {KeyKind.PEOPLE}
    await world.opens_again()
    assert await _left_to_replace(world) == set()
    await erases(bota)
    assert "old key" not in bota.sees("It is erased.").text


async def test_what_stays_elsewhere_or_on_this_disk_is_said(world: World) -> None:
    """Copies that nobody here can reach; a disk that keeps what is overwritten."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    bota = await world.has_participant(event, "Bota")
    await erases(aliya)
    said = aliya.sees("It is erased.").text
    assert "in a screenshot" in said
    assert "sealed in an older backup" in said
    assert "needs the newest list of what was erased" in said  # a whole old set has an old one
    assert "stays as proof" in said
    assert "server's disk" not in said
    world.policy = replace(world.policy, overwrites_in_place=False)
    await erases(bota)
    assert "The server's disk may keep traces" in bota.sees("It is erased.").text


async def _left_to_replace(world: World) -> set[str]:
    """Replace what can be replaced, as the sweep does; give the kinds of keys that wait."""
    while await world.change(lambda work: resealing.step(work.tx)):
        pass

    def kinds(tx: Transaction) -> set[str]:
        return {kind for (kind,) in tx.all(tuple[str], "SELECT kind FROM key_replacements")}

    return await world.look(kinds)


async def test_in_the_middle_of_the_form(world: World) -> None:
    """What was typed so far is not kept, and the invitation opens for nobody else."""
    event = await world.has_event()
    aigul = await world.has_organizer()
    link = await invited(aigul)
    dana = world.person("Dana")
    await dana.opens(link)
    await dana.presses("Go on")
    await dana.writes("/privacy")
    await dana.presses("Erase mine")
    await dana.presses("Yes, erase mine")
    await is_unknown(world, dana, event)
    await dana.opens(link)
    dana.sees(NOTHING)
    aigul.sees_nothing_of("Somebody has left")


async def test_a_whole_registration_with_everything_it_had(world: World) -> None:
    """Invitation, place, check-in, report, injury, envelope, roll call and key go; organizers
    learn one number.
    """
    team = await world.has_team()
    await has_key(world, "Timur", Role.LAWYER)
    event = await world.has_event()
    dana = await registered(world, await invited(team.organizer), "Zere")
    await team.organizer.writes("/people")
    await team.organizer.presses("Who waits?")
    await team.organizer.presses("Approve")
    await has_venue(world, team)
    await until(world, event, timedelta(minutes=30))
    await dana.writes("/here")
    await team.steward.writes("/rollcall")
    await dana.presses("I'm safe", within=dana.sees("Are you safe?"))
    await dana.writes("/report")
    await dana.writes("They came.")
    await dana.writes("/help")
    await dana.presses("I'm hurt")
    await dana.sends_photo()
    await leaves(dana)
    assert any(seen.key for seen in dana.chat)
    await erases(dana)
    await is_unknown(world, dana, event)
    assert not any(seen.key for seen in dana.chat)
    assert dana.keyboard is None
    assert "brave" not in team.organizer.sees("Somebody has left").text
    assert not await world.look(_has_key_timer)


async def test_during_an_alarm_the_call_goes_on_without_a_name(world: World) -> None:
    """Whoever forces somebody to press this ends no alarm; the team can still close it."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await _allows_name(world, aliya)
    await aliya.writes("sos they are here")
    await erases(aliya)
    await is_unknown(world, aliya, event)
    await world.pass_time(timedelta(minutes=3))
    card = team.organizer.sees("Alarm 1.")
    assert "Rung" in card.text
    await team.organizer.presses("Show", within=card)
    details = team.organizer.sees("The name is erased.").text
    assert "they are here" in details
    assert "Aliya" not in details
    await team.organizer.presses("I'm on it", within=team.organizer.sees("Rung"))
    (alarm,) = await world.look(alarms.unresolved)
    await _closes(team.organizer)
    assert await world.look(alarms.unresolved) == []
    stored = await world.look(lambda tx: alarms.get(tx, alarm.id))
    assert stored is not None
    assert stored.ending is Ending.REAL
    (incident,) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    said = await world.look(lambda tx: incidents.entries(tx, incident))
    assert not any("Aliya" in one.committed.text for one in said)


async def test_a_held_person_s_phone_erases_nothing(world: World) -> None:
    """A quiet chat may be in other hands: it shows no button, and a forged press does nothing."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    for _ in range(2):
        await aliya.writes("/privacy")
        await aliya.forges(pack(EraseMine()))
    await world.pass_time(timedelta())
    assert aliya.chat == []
    assert await world.look(lambda tx: PEOPLE.count(tx, "1 = 1")) == 1


async def test_after_a_release_the_detention_stays_without_a_name(world: World) -> None:
    """The record of what was done to somebody outlives their registration, and can be closed."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/taken")
    await team.lawyer.presses("Released")
    await erases(aliya)
    await is_unknown(world, aliya, event)
    (held,) = await world.look(detentions.unclosed)
    assert held.person_id == aliya.person_id
    await team.lawyer.writes("/case")
    await team.lawyer.presses("Urgent 1")
    await team.lawyer.presses("Show")
    team.lawyer.sees("The name is erased.")
    await team.lawyer.presses("I have heard their voice")
    assert await world.look(detentions.unclosed) == []


async def test_after_the_event_until_the_purge(world: World) -> None:
    """A week later it works as on the evening; after the purge there is nothing to erase."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await world.pass_time(event.ends_at - world.now + timedelta(days=7))
    await erases(aliya)
    assert await world.look(lambda tx: PEOPLE.count(tx, "event_id = ?", event.id)) == 1
    await world.pass_time(timedelta(days=8))
    await bota.writes("/privacy")
    bota.sees(NOTHING)
    await bota.forges(pack(EraseMine()))
    bota.is_told(NOTHING)


async def test_at_two_events_both_go(world: World) -> None:
    """*Erase mine* means all of mine."""
    first, second = await world.has_event(), await world.has_event(starts_in=timedelta(days=9))
    aliya = await world.has_participant(first, "Aliya")
    await world.has_participant(second, "Aliya")
    await erases(aliya)
    assert "Registrations: 2" in aliya.sees("It is erased").text
    await is_unknown(world, aliya, second)


async def test_somebody_of_the_team_loses_the_registration_and_keeps_the_role(
    world: World,
) -> None:
    """Two places, two buttons; the receipt says that the other one stays."""
    event = await world.has_event()
    steward = await world.has_team_person("Saule", Role.STEWARD)
    await world.has_participant(event, "Saule")
    await erases(steward)
    steward.sees("Your place in the team stays.")
    assert await world.look(lambda tx: PEOPLE.count(tx, "1 = 1")) == 0
    await steward.writes("/board")
    steward.sees("Evening of tea")


async def test_a_frozen_account_erases_nothing(world: World) -> None:
    """It may be in wrong hands; nothing tells it so."""
    team = await world.has_team()
    event = await world.has_event()
    await world.has_participant(event, "Saule")
    await world.change(partial(_freezes, team.steward))
    await team.steward.writes("/privacy")
    assert not team.steward.can_press("Erase mine")
    assert not team.steward.can_press("Leave the team")
    await team.steward.forges(pack(EraseMine()))
    assert await world.look(lambda tx: PEOPLE.count(tx, "1 = 1")) == 1


async def test_a_second_press_finds_nothing_more(world: World) -> None:
    """An old button on the same screen, or a forged one, is answered and changes nothing."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    for _ in range(3):
        await aliya.forges(pack(EraseMine()))
    await is_unknown(world, aliya, event)


async def test_a_chat_that_had_blocked_the_bot_leaves_no_trace(world: World) -> None:
    """Neither as a digest of a chat that refuses, nor as an update that was set aside."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")

    def plant(work: Work) -> None:
        chats.silence(work.tx, aliya.chat_id, chats.BLOCKED, 1)
        digest = chats.chat_digest(work.tx, aliya.chat_id)
        work.tx.run(
            "INSERT INTO inbox (update_id, received_at, chat, urgent, state, sealed) "
            "VALUES (1, 1, ?, 0, 'quarantined', x'00')",
            digest,
        )

    await world.change(plant)
    await aliya.forges(pack(EraseMine()))
    await is_unknown(world, aliya, event)
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM inbox")) == 0


async def _closes(organizer: Someone) -> None:
    await organizer.presses("Resolved")
    await organizer.presses("It was real")


async def _allows_name(world: World, someone: Someone) -> None:
    def allow(work: Work) -> None:
        person = None if someone.person_id is None else people.get(work.tx, someone.person_id)
        assert person is not None
        PEOPLE.put(work.tx, replace(person, consent=Consent.NAME_ME))

    await world.change(allow)


def _freezes(someone: Someone, work: Work) -> None:
    person = None if someone.team_id is None else TEAM.get(work.tx, someone.team_id)
    assert person is not None
    TEAM.put(work.tx, replace(person, state=TeamState.FROZEN))


def _has_key_timer(tx: Transaction) -> bool:
    return tx.number("SELECT COUNT(*) FROM timers WHERE key LIKE 'key:%'") > 0


async def test_whoever_is_held_and_erased_can_still_be_released_in_the_team(world: World) -> None:
    """What said whose chat is quiet went with the registration: no call rang there ever again."""
    team = await world.has_team()
    event = await world.has_event()
    taken = (await world.has_participant(event, "Saule")).person_id
    assert taken is not None
    await world.do(team.organizer, lambda turn: mark_taken(turn, taken))
    await world.do(team.steward, withdraw)
    await team.lawyer.presses("Released")
    await team.organizer.writes("sos")
    team.steward.sees("Alarm 1")
