"""Links for reporting: they outlive the registration, name nobody, and lead to nothing else."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from coordination.evidence import leave_to_hand
from handlers.buttons import pack
from handlers.buttons.alarms import SosPress
from handlers.buttons.injuries import HurtPress
from handlers.buttons.reportlinks import (
    AskStopReportLinks,
    ReportLinksPress,
    StopReportLinks,
    TakeReportLink,
)
from handlers.buttons.reports import VisitPress
from safety.alarmwords import AlarmLikeness, classify
from safety.events import Event
from safety.languages import Language
from safety.people import Role
from safety.reportdays import REPORT_WEIGHS
from safety.reportlinks import MOST_A_DAY, number_of
from storage import evidence, people, reportlinks, routes
from storage.chats import chat_digest
from storage.database import Database
from storage.evidence import EVIDENCE
from storage.transaction import Transaction
from tests.handlers.test_complaints import stores
from tests.handlers.test_disclosure import has_venue
from tests.handlers.test_retention import purges
from tests.harness import Someone, World
from tests.recorded import incidents_at, said_of

_LINK = re.compile(r"start=([A-Za-z0-9_-]+)")
UNKNOWN = "nothing here for you"
CRY = "sos two officers came to my parents"


async def takes(someone: Someone, button: str = "A link for later") -> str:
    """Take a link; give its token."""
    await someone.presses(button)
    found = _LINK.search(someone.sees("For later.").text)
    assert found is not None
    return found[1]


async def _number(world: World) -> str:
    found = await world.look(lambda tx: tx.all(tuple[int], "SELECT id FROM report_links"))
    (link_id,) = found[0]
    return number_of(link_id)


async def test_a_link_works_after_the_purge_and_says_nothing_of_whose_it_was(
    world: World,
) -> None:
    """The story of the days after: asked on the third day, purged, visited, reported."""
    team = await world.has_team()
    event = await world.has_event(starts_in=timedelta(hours=2))
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await world.pass_time(event.ends_at + timedelta(days=3) - world.now)
    await aliya.presses("Fine")
    token = await takes(aliya)
    number = await _number(world)
    aliya.sees(f"reports as number {number}")
    aliya.sees("Telegram knows who got it")
    await purges(team.organizer, team.second)
    assert aliya.chat == bota.chat == []
    await aliya.opens(token)
    aliya.sees(f"Number {number}.")
    aliya.sees("What happened?")
    assert all(token not in seen.text for seen in aliya.chat)
    await aliya.writes(CRY)
    aliya.sees("Kept. Number 1.")
    await aliya.presses("Visit or summons afterwards")
    await aliya.sends_photo()
    await aliya.writes("They asked for my school.")
    team.organizer.sees("Something new: number 1.")
    assert classify(CRY) is AlarmLikeness.ALARM
    team.organizer.sees_nothing_of("Alarm 1.")
    (incident,) = await incidents_at(world, event.id)
    said = await said_of(world, incident)
    assert len({one.source for one in said}) == 1
    assert (said[0].source or "").endswith(number)
    assert (said[0].source or "").startswith("link-")
    assert {one.about for one in said} == {None}
    assert "identity" not in {one.what for one in said}
    assert len(await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))) == 1
    await team.organizer.presses("Show")
    team.organizer.sees(f"by link {number}")


async def test_whoever_came_by_a_link_calls_up_nothing_else(world: World) -> None:
    """Every command and button of others, and a call for help: nothing; an hour later nobody."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    nobody = world.person("Nobody", Language.RU)
    await nobody.opens(token)
    for command in ("sos", "board", "people", "incidents", "case", "language", "leave", "home"):
        await nobody.writes(f"/{command}")
    for forged in (
        pack(TakeReportLink(event.id)),
        pack(ReportLinksPress(event.id)),
        pack(StopReportLinks(event.id)),
        pack(AskStopReportLinks(event.id)),
        pack(VisitPress(event.id)),
        pack(SosPress(event.id)),
        "rle|x' OR 1=1",
        "rls|1",
    ):
        await nobody.forges(forged)
    nobody.sees_nothing_of("Evening of tea")
    assert await incidents_at(world, event.id) == []
    assert len(await world.look(lambda tx: reportlinks.of_event(tx, event.id))) == 1
    team.organizer.sees_nothing_of("Alarm")
    await nobody.writes("/help")
    assert not nobody.can_press("SOS")
    await nobody.sends_location(43.25, 76.92)
    nobody.sees("Сохранено. Номер 1.")
    await nobody.blocks()
    await nobody.unblocks()
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM silences")) == 0
    await world.pass_time(timedelta(minutes=61))
    nobody.sees_nothing_of("Сохранено")
    await nobody.writes("and another thing")
    assert len(await incidents_at(world, event.id)) == 1
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM report_chats")) == 0
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM open_reports")) == 0
    assert await world.look(lambda tx: routes.of_chat(tx, nobody.chat_id)) == []


async def test_after_the_hour_no_row_of_that_moment_names_the_chat(world: World) -> None:
    """Not the card, not what was said of a file, not the updates as they were taken in."""
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await bota.opens(token)
    await bota.writes("Two men came.")
    await bota.sends_photo()
    await world.change(lambda work: leave_to_hand(work, evidence.owed(work.tx)[0].id))
    bota.sees("photo 1")
    await bota.sends_voice()
    await stores(world)
    bota.sees("voice message 2")
    await world.pass_time(timedelta(hours=1))
    assert [seen.text for seen in bota.chat if seen.is_ours] == []

    def named(tx: Transaction) -> int:
        digest = chat_digest(tx, bota.chat_id)
        sql = "SELECT COUNT(*) FROM messages WHERE chat = ? AND incoming = 0"
        return tx.number(sql, digest)

    assert await world.look(named) == 0


async def test_one_who_is_registered_is_nobody_by_the_link(world: World) -> None:
    """No report begun by name goes on by the link, nor the other way; a call is still theirs."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes("By name.")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await aliya.presses("A link for later")
    aliya.is_told("stands in this chat already")
    late = aliya.payload_of("Skip")
    await aliya.opens(token)
    await aliya.forges(late)
    aliya.is_told("out of date")
    await aliya.writes("By nobody.")
    await aliya.writes("sos")
    await aliya.sends_photo()
    team.organizer.sees("Alarm 1.")
    await world.pass_time(timedelta(minutes=90))
    await aliya.writes("/report")
    aliya.sees_nothing_of("not finished")
    await aliya.writes("By name again.")
    by_name = f"person-{aliya.person_id}"
    sources = [
        {one.source for one in await said_of(world, incident) if one.source is not None}
        for incident in await incidents_at(world, event.id)
    ]
    assert [by_name in found for found in sources] == [True, False, True, True]
    assert [len(found) for found in sources] == [1, 1, 1, 1]


async def test_whoever_is_hurt_names_themselves_in_no_report_by_a_link(world: World) -> None:
    """*I'm hurt* stands under no such report; forged, it opens a record of its own."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await aliya.opens(token)
    await aliya.writes("Two men came.")
    (opened,) = await world.look(
        lambda tx: tx.all(tuple[int], "SELECT report_id FROM open_reports")
    )
    while aliya.can_press("Skip"):
        await aliya.presses("Skip")
    assert not aliya.can_press("I'm hurt")
    await aliya.forges(pack(HurtPress(event.id, opened[0])))
    sources = [
        {one.source for one in await said_of(world, incident) if one.source is not None}
        for incident in await incidents_at(world, event.id)
    ]
    assert [len(found) for found in sources] == [1, 1]


async def has_called_then_reports(world: World) -> tuple[Event, Someone]:
    """Have somebody who called by name, and half an hour later reports by their link."""
    await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await aliya.writes("sos")
    await world.pass_time(timedelta(minutes=30))
    await aliya.opens(token)
    await aliya.writes("Two men came.")
    return event, aliya


async def test_between_two_reports_by_a_link_nothing_joins_an_earlier_call(world: World) -> None:
    """Half an hour after a call, and one report is done: what comes next is by nobody, too."""
    event, aliya = await has_called_then_reports(world)
    await aliya.presses("Done")
    await aliya.writes("Their car was grey.")
    call, first, second = [
        await said_of(world, one) for one in await incidents_at(world, event.id)
    ]
    for said in (first, second):
        assert {(one.source or "link").partition("-")[0] for one in said} == {"link"}
    assert "Their car was grey." not in {text for one in call for _, text in one.details}
    await aliya.writes("sos")
    await aliya.writes("Third floor.")
    call = await said_of(world, (await incidents_at(world, event.id))[0])
    assert "Third floor." in {text for one in call for _, text in one.details}


async def test_a_live_place_sent_by_a_link_joins_no_earlier_call(world: World) -> None:
    """The next position may come before the message is deleted: beside a call it names whose.

    It would stand in their own call where the link's report stands, seconds after it.
    """
    event, aliya = await has_called_then_reports(world)
    place = await aliya.sends_location(43.25, 76.92, live=timedelta(hours=1))
    await aliya.moves(place, 43.26, 76.92, live=timedelta(hours=1))
    call, report = [await said_of(world, one) for one in await incidents_at(world, event.id)]
    assert [one.detail("location") for one in call if one.detail("location")] == []
    assert "43.250000,76.920000" in {text for one in report for _, text in one.details}
    await aliya.writes("sos")
    place = await aliya.sends_location(43.27, 76.92, live=timedelta(hours=1))
    await aliya.moves(place, 43.28, 76.92, live=timedelta(hours=1))
    call = await said_of(world, (await incidents_at(world, event.id))[0])
    found = [one.detail("location") for one in call if one.detail("location")]
    assert found == ["43.270000,76.920000", "43.280000,76.920000"]


async def test_what_an_organizer_sends_by_a_link_joins_no_ledger(world: World) -> None:
    """Beside an entry that has their name it would say whose the link is."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_venue(world, team)
    await aliya.writes("/privacy")
    await team.organizer.opens(await takes(aliya))
    await team.organizer.writes("/cancel")
    await team.organizer.writes("/venue")
    await team.organizer.presses("Agreed, promised, refused")
    await team.organizer.presses("Add an entry")
    await team.organizer.presses("Somebody said")
    await team.organizer.writes("We close at nine")
    for _ in range(3):
        await team.organizer.presses("Skip")
    await team.organizer.writes("Somebody called her.")
    for incident in await incidents_at(world, event.id):
        found = {one.source for one in await said_of(world, incident) if one.source is not None}
        assert len({one.partition("-")[0] for one in found}) == 1
    told = [
        one
        for incident in await incidents_at(world, event.id)
        for one in await said_of(world, incident)
    ]
    by = {one.source.partition("-")[0]: one.details for one in told if one.source is not None}
    assert ("text", "Somebody called her.") in by["link"]
    assert ("quote", "We close at nine") in by["organizer"]


@pytest.mark.parametrize("way", ["an hour", "ended", "stopped"])
async def test_what_a_link_has_asked_is_not_answered_by_name(world: World, way: str) -> None:
    """The link is over, the question stood there still: an answer to it names nobody."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    await aliya.opens(token)
    aliya.sees("What happened?")
    if way == "an hour":
        await world.pass_time(timedelta(minutes=61))
    elif way == "ended":
        await aliya.presses("End this link")
    else:
        await team.organizer.writes("/incidents")
        await team.organizer.presses("Case and other events")
        await team.organizer.presses("Links for reporting")
        await team.organizer.presses("Stop all")
        await team.organizer.presses("Yes, stop all")
    aliya.sees_nothing_of("What happened?")
    await aliya.writes("Two men came.")
    assert await incidents_at(world, event.id) == []
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM forms")) == 0


async def test_a_phone_that_was_taken_shows_no_report_when_it_is_out_again(world: World) -> None:
    """Neither one that was begun by name, nor that it came by a link."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await aliya.writes("/privacy")
    await bota.opens(await takes(aliya))
    await bota.writes("Two men came.")
    await aliya.writes("/report")
    await aliya.writes("Two men came.")
    for someone in (aliya, bota):
        await someone.writes("/taken")
        await team.lawyer.presses("Released")
        await someone.writes("/help")
        assert not someone.can_press("Go on with number")
        await someone.writes("/report")
        someone.sees_nothing_of("not finished")
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM report_chats")) == 0
    assert await world.look(lambda tx: tx.number("SELECT COUNT(*) FROM open_reports")) == 0


async def test_organizers_stop_one_or_all_and_see_only_numbers(world: World) -> None:
    """Three links, one used: a stopped one is like any unknown one, also in the middle."""
    team = await world.has_team()
    event = await world.has_event()
    tokens = []
    for name in ("Aliya", "Bota", "Clara"):
        someone = await world.has_participant(event, name)
        await someone.writes("/privacy")
        tokens.append(await takes(someone))
    nobody, other = world.person("Nobody"), world.person("Other")
    await nobody.opens(tokens[0])
    await nobody.writes("They came.")
    late = nobody.payload_of("Skip")
    await team.organizer.writes("/incidents")
    await team.organizer.presses("Case and other events")
    await team.organizer.presses("Links for reporting")
    team.organizer.sees("3 links for reporting, 1 used.")
    for name in ("Aliya", "Bota", "Clara"):
        team.organizer.sees_nothing_of(name)
    stop = team.organizer.payload_of("Stop ")
    await team.steward.forges(stop)
    assert len(await world.look(lambda tx: reportlinks.of_event(tx, event.id))) == 3
    await team.organizer.presses("Stop ")
    team.organizer.sees("2 links for reporting, 0 used.")
    await team.organizer.forges(stop)
    team.organizer.is_told("out of date")
    await nobody.forges(late)
    await nobody.writes("and more")
    await nobody.opens(tokens[0])
    nobody.sees(UNKNOWN)
    ask = team.organizer.payload_of("Stop all")
    for _ in range(2):
        await team.organizer.forges(ask)
        await team.organizer.presses("Yes, stop all")
        team.organizer.sees("There is no link for reporting.")
    for token in (*tokens, "A" * 24, "../../x", "rle|" + tokens[1]):
        await other.opens(token)
    other.sees(UNKNOWN)
    assert len(other.screens) == 1
    (incident,) = await incidents_at(world, event.id)
    assert [one.detail("text") for one in await said_of(world, incident)] == ["They came."]


async def test_whoever_has_it_ends_it_before_or_after_they_are_erased(world: World) -> None:
    """Erasing says that a link stays, and how to end it: by itself nothing knows whose it is."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    second = aliya.payload_of("End this link")
    await aliya.writes("/privacy")
    await aliya.presses("Erase")
    aliya.sees("A link for later goes on working")
    await aliya.presses("Yes")
    assert aliya.person_id is not None
    person_id = aliya.person_id
    assert await world.look(lambda tx: people.situation(tx, person_id)) is None
    await aliya.opens(token)
    aliya.sees("What happened?")
    await aliya.presses("End this link")
    aliya.sees("It is ended")
    await aliya.forges(second)
    await aliya.opens(token)
    aliya.sees(UNKNOWN)
    assert await world.look(lambda tx: reportlinks.of_event(tx, event.id)) == []


async def test_so_much_a_day_comes_through_a_link(world: World) -> None:
    """Then it is said so, nothing is kept in silence; the next day it works again."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    nobody = world.person("Nobody")
    for _ in range(MOST_A_DAY // REPORT_WEIGHS + 1):
        await nobody.opens(token)
        await nobody.writes("They came.")
    nobody.sees("in one day")
    assert len(await incidents_at(world, event.id)) == MOST_A_DAY // REPORT_WEIGHS
    await nobody.sends_photo()
    assert len(await world.look(lambda tx: list(EVIDENCE.find(tx, "1 = 1")))) == 0
    await world.pass_time(timedelta(hours=24))
    await nobody.opens(token)
    await nobody.writes("They came again.")
    assert len(await incidents_at(world, event.id)) == MOST_A_DAY // REPORT_WEIGHS + 1


async def test_a_restart_in_the_middle_of_a_report_by_a_link_loses_nothing(
    world: World, tmp_path: Path
) -> None:
    """The chat is still known, and the question waits."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    nobody = world.person("Nobody")
    await nobody.opens(token)
    await world.database.__aexit__(None, None, None)
    slots = world._slots  # noqa: SLF001 - the same keys, as after an unlock
    world.database = Database(tmp_path / "aman.db", slots)
    await world.database.__aenter__()
    await nobody.writes("They came.")
    await nobody.presses("Skip")
    nobody.sees("When did it happen?")
    assert len(await incidents_at(world, event.id)) == 1


async def test_a_link_ends_on_its_day(world: World) -> None:
    """Half a year after the event, for all of them at once."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/privacy")
    token = await takes(aliya)
    nobody = world.person("Nobody")
    await world.pass_time(event.ends_at + world.policy.report_link_life - world.now)
    await nobody.opens(token)
    nobody.sees(UNKNOWN)
    await world.sweeps()
    assert await world.look(lambda tx: reportlinks.of_event(tx, event.id)) == []


@pytest.mark.parametrize("role", [Role.STEWARD, Role.LAWYER, Role.DEPUTY])
async def test_nobody_but_a_participant_takes_a_link(world: World, role: Role) -> None:
    """Wrong role, wrong event, not approved: a forged press makes none."""
    event = await world.has_event()
    saule = await world.has_team_person("Saule", role)
    await saule.forges(pack(TakeReportLink(event.id)))
    assert await world.look(lambda tx: reportlinks.of_event(tx, event.id)) == []
