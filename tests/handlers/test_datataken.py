"""What was taken: entered by taps, by the team or by the person afterwards; read by consent."""

from dataclasses import replace
from datetime import timedelta

from coordination import cases
from coordination.cases import GivenRecord, Giving
from handlers.buttons import pack
from handlers.buttons.datataken import DataOf, DataOwn, Way
from safety.datataken import DataItem, mask_of
from safety.events import Event
from safety.exporting import ExportLevel, Terms
from safety.facts import FactKind
from safety.records import HarmKind, Record
from safety.registration import Consent
from storage import detentions, incidents
from storage.people import PEOPLE
from tests.handlers.test_escorts import said
from tests.harness import Someone, World

NAMES = mask_of((DataItem.NAMES,))


async def consents(world: World, someone: Someone, consent: Consent) -> None:
    """Have somebody's word on what may be said stored already."""
    person_id = someone.person_id or 0
    person = await world.look(lambda tx: PEOPLE.get(tx, person_id))
    assert person is not None
    await world.change(lambda work: PEOPLE.put(work.tx, replace(person, consent=consent)))


async def items_at(world: World, event: Event) -> list[tuple[str | None, list[str]]]:
    """Give what was recorded at an event: of whom, which items."""
    entries = await world.look(lambda tx: said(tx, event.id, FactKind.DATA_TAKEN))
    return [
        (one.about, [value for name, value in one.details if name == "item"]) for one in entries
    ]


async def test_the_team_ticks_what_was_taken_and_a_second_press_changes_nothing(
    world: World,
) -> None:
    """A list in one message that goes by itself; the card under which it was opened stays."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await consents(world, aliya, Consent.SAY_IT_HAPPENED)
    await aliya.writes("/taken")
    await team.lawyer.presses("What was taken")
    await team.lawyer.presses("home address")
    given_up = team.lawyer.payload_of("Cancel")
    for _ in range(2):
        await team.lawyer.forges(given_up, team.lawyer.screens[-1].message_id)
        team.lawyer.sees("Cancelled.")
    assert await items_at(world, event) == []
    await team.lawyer.presses("What was taken")
    asked = team.lawyer.sees("Tap what applies")
    assert asked.is_protected
    assert asked.labels[-1] == "Cancel"
    for item in ("identity number", "phone taken", "phone taken", "explanatory note signed"):
        await team.lawyer.finds(item)
    done = team.lawyer.payload_of("Done")
    await team.lawyer.presses("Done")
    team.lawyer.sees("Noted.")
    await team.lawyer.forges(done)
    assert team.lawyer.can_press("I'm on it")
    assert await items_at(world, event) == [
        (f"person-{aliya.person_id}", ["identity_numbers", "explanatory_note_signed"])
    ]
    for someone in (team.lawyer, team.organizer):
        await someone.presses("Show")
        someone.sees("told by Timur: identity number, explanatory note signed")
    await world.pass_time(timedelta(minutes=10))
    team.lawyer.sees_nothing_of("Tap what applies")


async def test_who_agreed_to_the_lawyer_alone_is_read_by_the_lawyer_alone(world: World) -> None:
    """Organizers read that there is something; while names are locked nobody's word is known."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await consents(world, aliya, Consent.LAWYER_ONLY)
    await consents(world, bota, Consent.NAME_ME)
    for someone in (aliya, bota):
        await someone.writes("/taken")
    for held in await world.look(detentions.unclosed):
        await team.lawyer.forges(pack(DataOf(held.id, Way.DONE, NAMES)))
    first, second = team.organizer.sees("Urgent 1."), team.organizer.sees("Urgent 2.")
    await team.organizer.presses("Show", within=first)
    assert "the lawyer reads it" in team.organizer.sees("Aliya").text
    await team.organizer.presses("Show", within=second)
    assert "told by Timur: name" in team.organizer.sees("Bota").text
    await team.lawyer.presses("Show", within=team.lawyer.sees("Urgent 1."))
    assert "told by Timur: name" in team.lawyer.sees("Aliya").text
    for number, is_told in ((1, False), (2, True)):
        await team.organizer.writes("/incidents")
        await team.organizer.presses(f"? {number} · ")
        shown = team.organizer.sees(f"Number {number}, ").text
        assert ("lawyer reads it" in shown) is not is_told
        assert ("; name" in shown) is is_told
    await world.locks()
    await team.organizer.presses("Show", within=second)
    team.organizer.sees("the lawyer reads it")


async def test_after_the_release_people_are_offered_to_tell_it_themselves(world: World) -> None:
    """At their next check-in and on the third day; by their own word, with their own detention."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=1))
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await bota.writes("/here")
    assert not bota.can_press("They took or wrote something down")
    await aliya.writes("/taken")
    await aliya.forges(pack(DataOwn(event.id)))
    await world.pass_time(timedelta())
    assert aliya.chat == []  # never to a phone that is quiet
    await team.lawyer.presses("Released")
    await team.lawyer.presses("I have heard their voice")
    await aliya.writes("/here")
    await aliya.presses("They took or wrote something down")
    await aliya.finds("phone unlocked")
    await aliya.presses("Done")
    assert await items_at(world, event) == [(f"person-{aliya.person_id}", ["phone_unlocked"])]
    (kept,) = await world.look(lambda tx: detentions.at_event(tx, event.id))
    assert [(one.by, one.items) for one in kept.takings] == [(None, (DataItem.PHONE_UNLOCKED,))]
    await world.pass_time(event.ends_at + world.policy.aftercare_after - world.now)
    await bota.presses("They took or wrote something down")  # nobody had marked them as taken
    await bota.presses("home address")
    await world.locks()
    await bota.presses("Done")
    bota.sees("Noted.")
    await world.opens_again()
    assert (await items_at(world, event))[-1] == (f"person-{bota.person_id}", ["addresses"])
    kinds = [
        one.kind.value for one in await world.look(lambda tx: incidents.at_event(tx, event.id))
    ]
    assert kinds == ["detention", "data"]


async def test_forged_and_late_presses_record_nothing(world: World) -> None:
    """Another's event, another's detention, bits that no list holds, and whoever has left."""
    team = await world.has_team()
    event = await world.has_event()
    other = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/taken")
    (held,) = await world.look(detentions.unclosed)
    for someone in (bota, team.medic, team.deputy):
        await someone.forges(pack(DataOf(held.id, Way.DONE, NAMES)))
    await bota.forges(pack(DataOwn(other.id, Way.DONE, NAMES)))
    await bota.forges(pack(DataOwn(held.id, Way.DONE, NAMES)))
    await team.steward.forges(pack(DataOwn(event.id, Way.DONE, NAMES)))
    for mask in (0, 1 << len(DataItem), 2**62):
        await bota.forges(pack(DataOwn(event.id, Way.DONE, mask)))
        await team.lawyer.forges(pack(DataOf(held.id, Way.DONE, mask)))
    await team.lawyer.forges(pack(DataOf(held.id + 1, Way.DONE, NAMES)))
    left = pack(DataOwn(event.id, Way.DONE, NAMES))
    await bota.writes("/leave")
    await bota.presses("Yes")
    await bota.forges(left)
    assert await items_at(world, event) == []
    assert await items_at(world, other) == []


async def test_what_was_taken_is_read_back_as_far_as_each_level_goes(world: World) -> None:
    """As harm with its items and as types; for whom each has agreed, and nothing more."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await consents(world, aliya, Consent.SAY_IT_HAPPENED)
    await consents(world, bota, Consent.LAWYER_ONLY)
    await aliya.writes("/taken")
    await team.lawyer.presses("What was taken")
    await team.lawyer.finds("fingerprints")
    await team.lawyer.finds("other paper signed")
    await team.lawyer.presses("Done")
    await team.lawyer.presses("Out of the city")
    await bota.forges(pack(DataOwn(event.id, Way.DONE, NAMES)))
    whole = await given(world, event, ExportLevel.LAWYER)
    held, told = (one.record for one in whole)
    kinds = {"detention", "data_collection", "coerced_note", "forced_escort"}
    assert {one.value for one in held.types} == kinds
    assert harm_of(held) == [("fingerprints", "other_paper_signed")]
    assert harm_of(told) == [("names",)]
    assert told.date is None  # when it was told is not when it happened
    (held,) = (one.record for one in await given(world, event, ExportLevel.CONFIDENTIAL))
    assert harm_of(held) == [("fingerprints", "other_paper_signed")]
    assert await given(world, event, ExportLevel.PUBLIC) == ()


async def given(world: World, event: Event, level: ExportLevel) -> tuple[GivenRecord, ...]:
    """Give the records of an event as they leave at a level."""
    giving = Giving(event.tzinfo, Terms(level))
    return await world.change(lambda work: cases.give_out(work, event, giving))


def harm_of(record: Record) -> list[tuple[str, ...]]:
    """Give the items of each harm by data taken."""
    return [one.items for one in record.harm if one.kind is HarmKind.DATA_TAKEN]
