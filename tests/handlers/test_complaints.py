"""Complaints: filed, answered, set against the evidence; no day is missed quietly."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from coordination import complaints
from coordination.evidence import Kept, record_stored
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.complaints import (
    ComplaintAbout,
    ComplaintConfirm,
    ComplaintDay,
    ComplaintDisagree,
    ComplaintHandOver,
    ComplaintNew,
    ComplaintNext,
    ComplaintOpen,
    ComplaintReplied,
    ComplaintsPress,
    ComplaintStep,
    ComplaintTake,
)
from safety.casefiles import Gone
from safety.complaints import Complaint
from safety.events import Event
from safety.incidents import Entry, EntryKind
from safety.languages import Language
from safety.lawrules import Deadline, LawRules
from safety.people import Role, TeamId
from safety.records import (
    CaseState,
    EvidenceKind,
    Precision,
    Record,
    RecordDate,
)
from safety.taxonomy import ActorKind
from safety.team import TeamState
from storage import incidents
from storage.events import EVENTS
from storage.evidence import EVIDENCE
from storage.team import TEAM
from storage.vault.keys import KeyKind
from tests.harness import Someone, Team, World

DAY = timedelta(days=1)
LAW = LawRules(
    detention=(),
    injury=(),
    deadlines=(
        Deadline(
            ActorKind.POLICE,
            CaseState.FILED,
            30 * DAY,
            {Language.EN: "Ask for the number."},
            {Language.EN: "The head of the station"},
        ),
        Deadline(ActorKind.POLICE, CaseState.APPEALED, 10 * DAY),
    ),
)
REPLY = "Проверена сеть Facebook, угроз не обнаружено."
PAGE = "https://www.youtube.com/watch?v=1"


async def begun(
    world: World, store: Callable[[], Awaitable[None]] | None = None
) -> tuple[Team, Event]:
    """Give a team whose lawyer has written the rules, and threats that somebody reported."""
    world.policy = replace(world.policy, law=LAW)
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("/report")
    await aliya.writes(f"Someone announced a rally there: {PAGE}")
    await aliya.presses("Public call to violence")
    await aliya.sends_video()
    await (stores(world) if store is None else store())
    return team, event


async def stores(world: World) -> None:
    """Let every file that is owed be sealed away, as the fetching of files does."""
    owed = await world.look(lambda tx: list(EVIDENCE.find(tx, "state = 'owed'")))
    for item in owed:
        kept = Kept(1_000, f"{item.number:064x}", f"{item.number + 1:064x}")
        await world.change(partial(record_stored, evidence_id=item.id, kept=kept))


async def files(someone: Someone, on: str = "Today") -> None:
    """Note a complaint of what was reported first, to the police."""
    await someone.writes("/case")
    await someone.presses("All complaints")
    await someone.presses("New complaint")
    await someone.presses("? 1")
    await tells(someone, on)


async def tells(someone: Someone, on: str) -> None:
    """Answer what is asked of a new complaint to the police."""
    await someone.presses("Police")
    await someone.writes("City department")
    await (someone.presses(on) if on == "Today" else someone.writes(on))
    await someone.presses("Skip")


async def look(world: World) -> Complaint:
    """Give the only complaint."""
    (found,) = await world.look(lambda tx: complaints.every(world.work(tx)))
    return found


async def said(world: World, event: Event) -> list[Entry]:
    """Give what the first incident of the event says."""
    (first, *_) = await world.look(lambda tx: incidents.at_event(tx, event.id))
    return await world.look(lambda tx: [one.entry for one in incidents.entries(tx, first)])


async def registered(lawyer: Someone) -> None:
    """Note the first complaint, hand the video over, and note the number they gave it."""
    await files(lawyer)
    await lawyer.presses("Evidence handed over")
    await lawyer.presses("video 1")
    await lawyer.presses("Done")
    await lawyer.presses("What happened next")
    await lawyer.presses("Registered")
    await lawyer.presses("Today")
    await lawyer.writes("KUI-123")


async def answered(lawyer: Someone) -> None:
    """Note the answer of yesterday: no threats found, after a search of another platform."""
    await lawyer.writes("/case")
    await lawyer.presses("All complaints")
    await lawyer.presses("1 · Police")
    await lawyer.presses("They answered")
    await lawyer.presses("Archived")
    await lawyer.presses("Yesterday")
    await lawyer.presses("no threats found")
    await lawyer.presses("searched a platform")
    await lawyer.presses("Done")
    await lawyer.presses("Facebook")
    await lawyer.presses("Skip")
    await lawyer.writes(REPLY)
    await lawyer.sends_document("reply.pdf")
    await lawyer.presses("Done")


async def disagrees(lawyer: Someone) -> None:
    """Confirm what the bot has seen, and note one disagreement more."""
    await lawyer.presses("Yes, note 1")
    await against(lawyer)


async def against(lawyer: Someone) -> None:
    """Note that the video shows threats, by taps alone."""
    await lawyer.presses("The evidence says otherwise")
    await lawyer.presses("no threats found")
    await lawyer.presses("video 1")
    await lawyer.presses("Done")
    await lawyer.presses("Skip")
    await lawyer.presses("threats")


async def kinds(world: World, event: Event, kind: EntryKind) -> list[Entry]:
    """Give the entries of one kind."""
    return [one for one in await said(world, event) if one.what == kind.value]


async def told(world: World) -> Record:
    """Give the record of what was complained of."""
    found = await look(world)
    seen = await world.look(lambda tx: complaints.look_into(world.work(tx), found))
    assert seen is not None
    return seen.record


async def test_a_complaint_is_filed_by_taps_and_says_by_when(world: World) -> None:
    """To whom, when, by which rule of the lawyer's; what was typed leaves the chat."""
    team, _ = await begun(world)
    lawyer = team.lawyer
    await files(lawyer)
    screen = lawyer.sees("Police City department")
    assert screen.is_protected
    for part in ("Filed, Wed 26 May 2027", "Ask for the number.", "Reminded: Timur."):
        assert part in screen.text
    assert "Last day: 30 days left (Fri 25 Jun 2027)" in screen.text
    assert all("City department" not in one.text for one in lawyer.chat if not one.is_ours)
    await world.pass_time(timedelta(minutes=10))
    lawyer.sees_nothing_of("City department")


async def test_what_disagrees_is_proposed_and_noted_only_by_a_press(world: World) -> None:
    """The reply searched one platform, the page stands on another: seen, shown, confirmed once."""
    team, event = await begun(world)
    lawyer = team.lawyer
    await registered(lawyer)
    lawyer.sees("1 (SHA-256 000000000000…)")
    lawyer.sees("Their number: KUI-123")
    assert (await look(world)).due == ()  # the day of the step before is over
    await answered(lawyer)
    await stores(world)
    screen = lawyer.sees("The answer: no threats found; searched a platform; Facebook")
    assert "This seems to disagree." in screen.text
    assert f"(Facebook) ↔ {PAGE}: it stands on another platform" in screen.text
    assert not await kinds(world, event, EntryKind.DISAGREEMENT)
    payload = lawyer.payload_of("Yes, note 1")
    await lawyer.presses("Yes, note 1")
    lawyer.is_told("Noted.")
    await lawyer.forges(payload)  # a second press
    assert len(await kinds(world, event, EntryKind.DISAGREEMENT)) == 1
    lawyer.sees("The answer and the evidence disagree:")


async def test_a_complaint_goes_its_whole_way_into_the_record(world: World) -> None:
    """Filed, registered, answered after six weeks, set against the evidence, appealed."""
    team, event = await begun(world)
    lawyer = team.lawyer
    await registered(lawyer)
    await world.pass_time(42 * DAY)
    await answered(lawyer)
    await stores(world)
    await disagrees(lawyer)
    await against(lawyer)  # said again
    await lawyer.presses("What happened next")
    await lawyer.presses("Appealed")
    await lawyer.presses("Today")
    lawyer.sees("Last day: 10 days left")
    await team.organizer.writes("/incidents")
    await team.organizer.presses("? 1")
    course = team.organizer.sees("Answer to a complaint")
    for step in ("Filed; Police; City", "no threats found, searched a platform", "Archived"):
        assert step in course.text
    filed, noted, archived, appealed = (await told(world)).case
    assert (filed.state, filed.handed_over) == (CaseState.FILED, (1,))
    assert (noted.state, noted.number) == (CaseState.REGISTERED, "KUI-123")
    assert archived.state is CaseState.ARCHIVED
    assert archived.reply == f"“{REPLY}”"
    assert archived.date == RecordDate(Precision.DAY, "2027-07-06")
    assert archived.disagreements == (
        f"reply: searched_a_platform (Facebook); evidence: {PAGE}; shows: another_platform",
        "reply: no_threats_found; evidence: 1; shows: threats",
    )
    assert appealed.deadline == RecordDate(Precision.DAY, "2027-07-17")
    assert len(await kinds(world, event, EntryKind.DISAGREEMENT)) == 2
    (given,) = await kinds(world, event, EntryKind.HANDED_OVER)
    assert given.detail("sha256") == f"{1:064x}"
    assert given.detail("sealed_sha256") == f"{2:064x}"
    (video, reply, _) = (await told(world)).evidence
    assert video.custody[-1].what == Gone.HANDED_OVER
    assert video.sha256 == f"{1:064x}"
    assert (reply.kind, reply.id) == (EvidenceKind.OFFICIAL_REPLY, 2)


async def test_a_day_is_told_of_in_time_and_what_is_missed_goes_to_a_second_lawyer(
    world: World,
) -> None:
    """The keeper is reminded; the second lawyer hears once; it stays visible as missed."""
    team, event = await begun(world)
    second = await world.has_team_person("Zarina", Role.LAWYER)
    lawyer = team.lawyer
    await files(lawyer)
    await world.pass_time(22 * DAY)
    lawyer.sees_nothing_of("A day comes near")
    await world.pass_time(DAY)
    seen = lawyer.sees("A day comes near: number 1.")
    assert "7 days left" in seen.text
    assert "Police" not in seen.text
    second.sees_nothing_of("number 1.")
    team.organizer.sees_nothing_of("number 1.")
    await world.change(lambda work: work.tx.destroy_keys(event.id, KeyKind.CASE_PRIVATE))
    await world.pass_time(7 * DAY)
    lawyer.sees("today is the last day")
    await world.pass_time(DAY)
    second.sees("A day is over: number 1.")
    lawyer.sees("A day is over: number 1.")
    team.organizer.sees_nothing_of("A day is over")
    await second.presses("Show")
    second.sees("✗ missed 1 day ago")
    second.sees("Reminded: Timur.")
    await second.presses("I take care of it")
    second.sees("Reminded: Zarina.")
    await world.pass_time(9 * DAY)
    second.sees_nothing_of("A day is over")  # told once, and gone from the chat
    await second.writes("/case")
    await second.presses("All complaints")
    second.sees("Last day missed: 1")
    assert second.can_press("missed 10 days ago")


async def test_without_a_second_lawyer_the_organizers_hear_of_it(world: World) -> None:
    """And of everything, where there is no lawyer at all."""
    team, _ = await begun(world)
    await files(team.lawyer)
    await world.pass_time(31 * DAY)
    for someone in (team.organizer, team.second, team.lawyer):
        someone.sees("A day is over: number 1.")
    team.medic.sees_nothing_of("A day")


async def test_another_day_is_a_correction_and_the_next_step_ends_it(world: World) -> None:
    """Both days stay in the case, with who and why; then nobody is reminded."""
    team, event = await begun(world)
    aigul = team.organizer
    await aigul.writes("/incidents")
    await aigul.presses("? 1")
    await aigul.presses("Complaint about it")
    await tells(aigul, "20.05")
    await aigul.presses("Another last day")
    await aigul.presses("in 30 days")
    await aigul.writes("They asked for more time.")
    aigul.sees("Last day: 30 days left")
    day = (await look(world)).standing
    assert day is not None
    assert day.until == date(2027, 6, 25)
    moved = next(
        one for one in await said(world, event) if one.what == EntryKind.COMPLAINT_DUE.value
    )
    assert moved.detail("instead") == "2027-06-19"
    assert moved.detail("why") == "They asked for more time."
    await aigul.presses("What happened next")
    await aigul.presses("Something else")
    await aigul.presses("Left without consideration")
    await aigul.presses("Today")
    await world.pass_time(40 * DAY)
    team.lawyer.sees_nothing_of("A day")
    aigul.sees_nothing_of("A day")


async def test_a_file_goes_to_a_call_that_came_after_the_question(world: World) -> None:
    """Before the call it answers the question; after it, it is the call's."""
    team, event = await begun(world)
    lawyer = team.lawyer
    await files(lawyer)
    await lawyer.presses("They answered")
    await lawyer.presses("Refused")
    await lawyer.presses("Today")
    for _ in range(3):
        await lawyer.presses("Skip")
    large = await lawyer.sends_document("reply.pdf", size=30_000_000)
    await lawyer.writes("sos")
    await lawyer.sends_photo()
    lawyer.sees("It goes with it.")
    await lawyer.presses("Done")
    assert large in [seen.message_id for seen in lawyer.chat]  # it could not be fetched
    (answer,) = await kinds(world, event, EntryKind.COMPLAINT_REPLY)
    assert answer.detail("files") == "2"


async def test_an_outdated_or_forged_press_changes_nothing(world: World) -> None:
    """The same step twice, a late answer, another's evidence, a proposal that never was."""
    team, event = await begun(world)
    lawyer = team.lawyer
    await files(lawyer)
    await lawyer.presses("What happened next")
    registered = lawyer.payload_of("Registered")
    await lawyer.presses("Registered")
    await lawyer.presses("Today")
    late = lawyer.payload_of("Skip")
    await lawyer.presses("Skip")
    before = len(await said(world, event))
    await lawyer.forges(registered)
    lawyer.is_told("out of date")
    await lawyer.forges(late)
    found = await look(world)
    step = pack(ComplaintStep(found.id, CaseState.FILED))
    for forged in (pack(ComplaintConfirm(found.id, 1)), "cps|1|filed", step.replace("filed", "x")):
        await lawyer.forges(forged)
    await lawyer.presses("Evidence handed over")
    await lawyer.writes("99")
    lawyer.sees("Please press one of the buttons below.")
    await lawyer.presses("Cancel")
    lawyer.sees("Police City department")  # back where it was begun
    assert len(await said(world, event)) == before
    assert (await look(world)) == found


async def test_days_are_those_of_the_place_where_it_happened(world: World) -> None:
    """*Today* is the event's day, as the last days are, wherever the team's clocks stand."""
    team, event = await begun(world)
    away = replace(event, zone="Pacific/Pago_Pago")
    await world.change(lambda work: EVENTS.put(work.tx, away))
    here, there = (world.now.astimezone(one).date() for one in (event.tzinfo, away.tzinfo))
    assert there < here
    await files(team.lawyer)
    assert (await look(world)).since == there


@pytest.mark.parametrize("role", [Role.STEWARD, Role.DEPUTY, Role.MEDIC, Role.PRESS, Role.ALLY])
async def test_nobody_else_sees_or_changes_a_complaint(world: World, role: Role) -> None:
    """Neither by command nor by a forged press."""
    team, event = await begun(world)
    await files(team.lawyer)
    someone = await world.has_team_person("X", role)
    found = await look(world)
    before = len(await said(world, event))
    await someone.writes("/case")
    for press in (
        *(ComplaintOpen(found.id), ComplaintNext(found.id), ComplaintReplied(found.id)),
        *(ComplaintHandOver(found.id), ComplaintDisagree(found.id), ComplaintDay(found.id)),
        *(ComplaintTake(found.id), ComplaintConfirm(found.id, 1), ComplaintsPress()),
        *(ComplaintNew(), ComplaintAbout(found.incident_id)),
        ComplaintStep(found.id, CaseState.APPEALED),
    ):
        await someone.forges(pack(press))
    someone.sees_nothing_of("Police")
    someone.sees_nothing_of("Number 1")
    assert len(await said(world, event)) == before


async def test_whoever_has_left_meanwhile_is_shown_nothing(world: World) -> None:
    """What was owed to a lawyer is not put into words for somebody who is none any more."""
    team, _ = await begun(world)
    await files(team.lawyer)
    await world.pass_time(timedelta(minutes=10))
    await team.lawyer.writes("/case")
    await team.lawyer.presses("All complaints")
    world.is_cut = True
    await team.lawyer.presses("1 · Police")
    await world.change(partial(_dismiss, team_id=team.lawyer.team_id))
    world.is_cut = False
    await world.deliver()
    team.lawyer.sees_nothing_of("City department")


def _dismiss(work: Work, team_id: TeamId | None) -> None:
    person = None if team_id is None else TEAM.get(work.tx, team_id)
    assert person is not None
    TEAM.put(work.tx, replace(person, state=TeamState.GONE))


@pytest.mark.parametrize("language", list(Language))
async def test_while_the_case_is_locked_steps_go_on_and_nothing_is_read(
    world: World, language: Language
) -> None:
    """Adding needs no reading; what was answered is not shown, in any language."""
    team, event = await begun(world)
    await files(team.lawyer)
    found = await look(world)
    await world.locks()
    someone = await world.has_team_person("Somebody", Role.LAWYER, language)
    await someone.forges(pack(ComplaintStep(found.id, CaseState.UNDER_EXAMINATION)))
    await someone.presses({"en": "Today", "ru": "Сегодня", "kk": "Бүгін"}[language.value])
    assert (await look(world)).state is CaseState.UNDER_EXAMINATION
    assert "City department" in someone.screens[-1].text
    await world.opens_again()
    steps = [one for one in await said(world, event) if one.what == EntryKind.COMPLAINT.value]
    assert len(steps) == 2
