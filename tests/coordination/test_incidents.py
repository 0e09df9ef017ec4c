"""The recorder: what happened is in the store without anyone typing it, and is proved."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from coordination import alarms, incidents, rollcalls
from coordination.turns import Turn, Work
from safety.alarms import Ending
from safety.errors import NotAllowedError, OutdatedError
from safety.facts import Fact, FactKind
from safety.incidents import IncidentKind, IncidentState
from safety.people import EventId, PersonId
from safety.registration import Consent
from storage import alarms as alarm_rows
from storage import incidents as rows
from storage import proofs
from storage.people import PEOPLE
from storage.transaction import Transaction
from storage.vault.digests import commitment
from storage.vault.keys import KeyKind
from storage.vault.prooflog import leaf_hash
from tests.harness import World
from tests.recorded import incidents_at, said_of


async def _record(world: World, *facts: Fact) -> None:
    def record(work: Work) -> None:
        for fact in facts:
            work.record(fact)
        incidents.record_facts(work)

    await world.change(record)


async def test_an_alarm_is_in_the_store_without_anyone_typing_it(world: World) -> None:
    """One press opens an incident that is unconfirmed, with who pressed and when."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    (incident,) = await incidents_at(world, event.id)
    assert (incident.kind, incident.state) == (IncidentKind.ALARM, IncidentState.UNCONFIRMED)
    first = (await said_of(world, incident))[0]
    assert (first.what, first.at) == ("alarm", world.now)
    assert first.source == f"person-{aliya.person_id}"


async def test_a_second_press_extends_the_same_incident(world: World) -> None:
    """Repeats join; there are not ten records of one attack."""
    await world.has_team()
    event = await world.has_event()
    aliya, miras = await world.has_participants(event, "Aliya", "Miras")
    await aliya.writes("sos")
    await miras.writes("көмек керек, шабуыл")
    await miras.writes("sos")
    assert len(await incidents_at(world, event.id)) == 1


async def test_a_detention_after_an_alarm_is_linked_to_it(world: World) -> None:
    """Related incidents are linked, so that the story can be read in order."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await world.pass_time(timedelta(minutes=20))
    await aliya.writes("/taken")
    alarm, detention = await incidents_at(world, event.id)
    assert detention.kind is IncidentKind.DETENTION
    links = [one for one in await said_of(world, detention) if one.what == "link"]
    assert [one.detail("record") for one in links] == [str(alarm.number)]


async def test_what_happens_days_apart_is_not_linked(world: World) -> None:
    """Nothing is claimed that nobody has said."""
    event = await world.has_event()
    await _record(world, Fact(FactKind.HOLD, world.now, 1, event.id))
    await world.pass_time(timedelta(days=2))
    await _record(world, Fact(FactKind.HOLD, world.now, 2, event.id))
    second = (await incidents_at(world, event.id))[1]
    assert all(one.what != "link" for one in await said_of(world, second))


async def test_leaving_by_bus_adds_to_what_happened_and_opens_nothing(world: World) -> None:
    """A group that leaves is no disruption of its own."""
    event = await world.has_event()
    left = Fact(FactKind.GROUP_LEFT, world.now, 9, event.id, details=(("vehicle", "bus"),))
    await _record(world, left)
    assert await incidents_at(world, event.id) == []
    await _record(world, Fact(FactKind.ALARM, world.now, 1, event.id), left)
    (incident,) = await incidents_at(world, event.id)
    assert [one.what for one in await said_of(world, incident)] == [
        "alarm",
        "statement",
        "group-left",
    ]


async def test_recording_works_while_everything_is_locked(world: World) -> None:
    """One can always add; reading takes the private half."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    kinds = (KeyKind.PEOPLE, KeyKind.CASE_PRIVATE)
    await world.change(lambda work: work.tx.destroy_keys(event.id, *kinds))
    await aliya.writes("sos")
    (incident,) = await incidents_at(world, event.id)
    assert await world.look(lambda tx: rows.count_entries(tx, [incident])) == 2
    assert await world.look(lambda tx: incidents.entries_of(world.work(tx), incident)) is None


async def test_a_team_alarm_without_an_event_is_recorded(world: World) -> None:
    """An incident needs no event."""
    aigul = await world.has_organizer()
    await world.has_organizer("Aliya")
    await aigul.writes("/sos")
    (incident,) = await incidents_at(world, None)
    first = (await said_of(world, incident))[0]
    assert first.source == f"organizer-{aigul.team_id}"


async def test_what_belongs_to_an_unknown_event_is_kept_all_the_same(world: World) -> None:
    """Without the event's key it goes to the team's own case: nothing is lost."""
    await _record(world, Fact(FactKind.ALARM, world.now, 1, EventId(99)))
    assert len(await incidents_at(world, None)) == 1


async def test_every_entry_is_a_leaf_of_the_log(world: World) -> None:
    """What was said cannot be changed later without notice."""
    event = await world.has_event()
    await _record(
        world, Fact(FactKind.ALARM, world.now, 1, event.id, details=(("a", "ә" * 5000),))
    )
    (incident,) = await incidents_at(world, event.id)

    def check(tx: Transaction) -> None:
        tree = proofs.tree(tx)
        for stored in rows.entries(tx, incident):
            one = stored.committed
            leaf = leaf_hash(commitment(one.salt, one.text.encode()))
            assert tree.inclusion(one.leaf, tree.size) is not None
            assert tx.number("SELECT COUNT(*) FROM proof_leaves WHERE hash = ?", leaf) == 1

    await world.look(check)


async def test_a_name_stands_in_the_case_only_if_its_bearer_allowed_it(world: World) -> None:
    """Consent governs: a reference for everybody, a name for those who said *name me*."""
    event = await world.has_event()
    aliya, miras = await world.has_participants(event, "Aliya", "Miras")
    assert aliya.person_id is not None
    assert miras.person_id is not None
    await _consents(world, aliya.person_id, Consent.NAME_ME)
    await _consents(world, miras.person_id, Consent.LAWYER_ONLY)
    facts = [
        Fact(FactKind.DETENTION, world.now, 1, event.id, about=aliya.person_id),
        Fact(FactKind.DETENTION, world.now, 2, event.id, about=miras.person_id),
    ]
    await _record(world, *facts)
    said = [
        str(one.details)
        for each in await incidents_at(world, event.id)
        for one in await said_of(world, each)
    ]
    assert "Aliya" in "".join(said)
    assert "Miras" not in "".join(said)


async def _consents(world: World, person_id: PersonId, consent: Consent) -> None:
    def change(work: Work) -> None:
        person = PEOPLE.get(work.tx, person_id)
        assert person is not None
        PEOPLE.put(work.tx, replace(person, consent=consent))

    await world.change(change)


async def test_only_an_organizer_makes_an_incident_count(world: World) -> None:
    """It is unconfirmed until a person stands for it, and false ones can be called so."""
    team = await world.has_team()
    event = await world.has_event()
    await _record(world, Fact(FactKind.ALARM, world.now, 1, event.id))
    (incident,) = await incidents_at(world, event.id)

    def confirm(turn: Turn) -> None:
        incidents.confirm(turn, incident.id, 0)

    with pytest.raises(NotAllowedError):
        await world.do(team.steward, confirm)
    with pytest.raises(OutdatedError):  # another number of additions was on the screen
        await world.do(team.organizer, lambda turn: incidents.confirm(turn, incident.id, 1))
    await world.do(team.organizer, confirm)
    with pytest.raises(OutdatedError):
        await world.do(team.second, confirm)
    await world.do(team.second, lambda turn: incidents.call_false(turn, incident.id))
    (judged,) = await incidents_at(world, event.id)
    assert judged.state is IncidentState.FALSE
    assert [one.what for one in await said_of(world, judged)] == [
        *("alarm", "statement", "confirmed", "false")
    ]


async def test_whoever_was_asked_and_calls_needed_help(world: World) -> None:
    """By a roll call, or hours after they should have been home: the record says so."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=1), lasts=timedelta(hours=1))
    aliya, miras = await world.has_participants(event, "Aliya", "Miras")
    await world.pass_time(timedelta(minutes=90))
    await world.do(team.steward, lambda turn: rollcalls.start(turn, event.id))
    await aliya.presses("I need help")
    await aliya.presses("I need help")
    await world.pass_time(timedelta(hours=2))
    await miras.presses("I need help")
    await miras.writes("sos they are following me")
    (incident,) = await incidents_at(world, event.id)
    said = await said_of(world, incident)
    needs = [(one.about, one.detail("asked")) for one in said if one.what == "needs-help"]
    both = [(f"person-{aliya.person_id}", "roll-call"), (f"person-{miras.person_id}", "home")]
    assert needs == both
    assert "sos they are following me" in [one.detail("words") for one in said]


async def test_a_call_that_the_team_ends_as_a_mistake_is_false_and_not_counted(
    world: World,
) -> None:
    """It stays visible as such; what somebody has stood for is not called false by itself."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    for is_confirmed in (False, True):
        await aliya.writes("sos")
        alarm = (await world.look(alarm_rows.unresolved))[0]
        incident = (await incidents_at(world, event.id))[-1]
        if is_confirmed:
            stands = partial(incidents.confirm, incident_id=incident.id, seen=0)
            await world.do(team.organizer, stands)
        await world.do(team.organizer, partial(_call_a_mistake, alarm_id=alarm.id))
    states = [one.state for one in await incidents_at(world, event.id)]
    assert states == [IncidentState.FALSE, IncidentState.CONFIRMED]


def _call_a_mistake(turn: Turn, alarm_id: int) -> None:
    alarms.resolve(turn, alarm_id, Ending.MISTAKEN)
    incidents.record_facts(turn)


async def test_what_is_told_afterwards_opens_an_incident_and_follows_nothing(
    world: World,
) -> None:
    """Data that was taken, a visit: the moment of telling is no date, and links nothing."""
    event = await world.has_event()
    await _record(world, Fact(FactKind.ALARM, world.now, 1, event.id))
    for number, kind in enumerate((FactKind.DATA_TAKEN, FactKind.VISIT), start=2):
        await _record(world, Fact(kind, world.now, number, event.id))
        await _record(world, Fact(kind, world.now, number, event.id))
    _, data, visit = await incidents_at(world, event.id)
    assert (data.kind, visit.kind) == (IncidentKind.DATA, IncidentKind.AFTERMATH)
    told = [one.what for one in await said_of(world, visit)]
    assert [what for what in told if what in {"visit", "link"}] == ["visit", "visit"]
