"""`/threats`: signs in numbers, and go, hold or move, decided from them and recorded."""

from datetime import timedelta

from coordination import events
from coordination.threats import LOOKED_AT, LOOKED_BACK_AT
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.decisions import GoPress, HoldPress, MovePress
from handlers.buttons.threats import ThreatsPress
from safety.events import Event
from safety.incidents import Entry, IncidentKind, IncidentState
from safety.languages import Language
from safety.people import EventId
from storage import disclosure, incidents
from storage.events import EVENTS
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from tests.handlers.test_disclosure import has_plan, has_venue, until
from tests.harness import Someone, World

HOUR = timedelta(hours=1)


async def _reports(someone: Someone, words: str, *presses: str) -> None:
    """Report in words, and tap group and type: a type that is offered at once needs no group."""
    await someone.writes("/report")
    await someone.writes(words)
    is_offered = len(presses) > 1 and someone.can_press(presses[1])
    for label in presses[1:] if is_offered else presses:
        await someone.presses(label)


async def _decisions(world: World, event: Event) -> list[Entry]:
    """Give what is recorded of the decisions at an event."""

    def look(tx: Transaction) -> list[Entry]:
        found = [
            one for one in incidents.at_event(tx, event.id) if one.kind is IncidentKind.DECISION
        ]
        assert all(one.state is IncidentState.CONFIRMED for one in found)
        return [
            stored.entry
            for one in found
            for stored in incidents.entries(tx, one)
            if stored.entry.what == "decision"
        ]

    return await world.look(look)


async def _is_held(world: World, event: Event) -> bool:
    place = await world.look(lambda tx: disclosure.outline_at(tx, event.id))
    return place is not None and place.is_held


async def test_the_board_says_how_people_report_while_nothing_is_known(world: World) -> None:
    """An empty board is no riddle, and is reached from the event and from the menu."""
    team = await world.has_team()
    await world.has_event()
    await team.organizer.writes("/event")
    await team.organizer.presses("Signs and decision")
    assert "/report" in team.organizer.sees("No signs of trouble are recorded.").text
    await team.organizer.writes("/help")
    await team.organizer.presses("Event and place")
    await team.organizer.presses("Signs, decision")
    board = team.organizer.sees("Nothing is decided yet.")
    assert board.text.startswith("Before it begins.\n")
    assert len(board.presses) <= 8


async def test_reports_stand_on_the_board_by_themselves(world: World) -> None:
    """In numbers, the newest first, live, with a tap to each; what is unconfirmed says so."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await team.organizer.writes("/threats")
    await _reports(aliya, "A rally calls for it", "Threats", "Public call", "Skip", "I was told")
    await world.pass_time(HOUR)
    await _reports(bota, "Two men <b>follow</b> me", "follows or watches", "Tailing")
    board = team.organizer.sees("Signs: 2")
    assert "Not confirmed by anyone yet: 2" in board.text
    assert "told 1, not said 1" in board.text
    assert "In the last 24 hours: 2" in board.text
    labels = [label for label in board.labels if label.startswith("?")]
    assert [("Tailing" in labels[0]), ("call" in labels[1].lower())] == [True, True]
    assert "follow" not in board.text.lower()
    assert len(board.presses) <= 8
    await team.organizer.presses("? 2")
    team.organizer.sees("Two men <b>follow</b> me")
    await team.organizer.presses("Confirm that it happened")
    assert "Confirmed: 1" in team.organizer.sees("Signs: 2").text
    await _reports(aliya, "Broken glass")
    assert "Signs: 2" in team.organizer.sees("Signs:").text
    await world.pass_time(25 * HOUR)
    await team.organizer.writes("/threats")
    assert "In the last 24 hours: 0" in team.organizer.sees("Signs: 2").text


async def test_a_hold_whose_reason_is_passed_over_stays_and_says_so(world: World) -> None:
    """Nobody reads that something was cancelled: the place is held, and the decision recorded."""
    team, event = await has_plan(world)
    await team.organizer.writes("/threats")
    await team.organizer.presses("✋ Hold")
    assert not team.organizer.can_press("Cancel")
    await team.organizer.presses("That is all")
    team.organizer.sees("It stays on hold.")
    (held,) = await _decisions(world, event)
    assert held.detail("decision") == "hold"


async def test_hold_holds_at_once_and_is_recorded_with_reason_and_numbers(world: World) -> None:
    """One tap holds; why is asked afterwards; a second press is answered calmly."""
    team = await world.has_team()
    event = await world.has_event()
    (aliya,) = await world.has_participants(event, "Aliya")
    await has_venue(world, team)
    await until(world, event, 24 * HOUR)
    await _reports(aliya, "They call for it", "Threats", "Public call", "Today", "I was there")
    await team.organizer.writes("/threats")
    old = team.organizer.payload_of("✋ Hold")
    await team.organizer.presses("✋ Hold")
    assert await _is_held(world, event)
    aliya.sees("Wait. Do not set out.")
    await team.organizer.forges(old)
    team.organizer.is_told("on hold already")
    await team.organizer.presses("threats, calls to violence")
    await team.organizer.writes("a rally at six")
    board = team.organizer.sees("Decided: hold")
    assert "by you: threats, calls to violence" in board.text
    assert "New since" not in board.text
    team.organizer.sees_nothing_of("a rally at six")
    assert not [seen for seen in team.organizer.chat if "rally at six" in seen.text]
    first, reason = await _decisions(world, event)
    assert (first.detail("decision"), first.detail("signs")) == ("hold", "1")
    assert first.detail("signs-witnessed") == "1"
    assert first.source == f"organizer-{team.organizer.team_id}"
    assert (reason.detail("why"), reason.detail("words")) == ("threats", "a rally at six")
    await team.organizer.writes("/incidents")
    await team.organizer.presses("decision")
    told = team.organizer.sees("counts as no incident")
    assert "hold; threats, calls to violence; a rally at six" in told.text
    assert not told.presses
    await world.pass_time(timedelta(minutes=1))
    await _reports(aliya, "A car stands there", "follows or watches", "Tailing")
    assert "New since the decision: 1" in team.organizer.sees("Decided: hold").text


async def test_go_releases_nothing_and_moves_nothing(world: World) -> None:
    """It is a word with a reason; a hold stays until two people end it."""
    team = await world.has_team()
    event = await world.has_event()
    (aliya,) = await world.has_participants(event, "Aliya")
    await has_venue(world, team)
    await team.organizer.writes("/hold")
    await team.organizer.presses("Skip")
    await team.second.writes("/threats")
    await team.second.presses("Go")
    await team.second.presses("we looked")
    await team.second.presses("Skip")
    assert "The place is on hold" in team.second.sees("Decided: go").text
    assert await _is_held(world, event)
    news = team.organizer.sees("Something was decided.")
    await team.organizer.presses("Signs and decision", within=news)
    team.organizer.sees("by another organizer: we looked")
    await team.second.presses("Go")
    team.second.is_told("decided already")
    (entry,) = await _decisions(world, event)
    assert (entry.detail("decision"), entry.detail("why")) == ("go", "checked")
    await until(world, event, 23 * HOUR)
    aliya.sees_nothing_of("There is something new.")


async def test_move_leads_into_the_relocation_that_two_people_confirm(world: World) -> None:
    """The reason is taken along, and the old place holds until a second person agrees."""
    team, event = await has_plan(world)
    before = await world.look(lambda tx: disclosure.outline_at(tx, event.id))
    await team.organizer.writes("/threats")
    await team.organizer.presses("Move")
    await team.organizer.presses("the place was refused")
    await team.organizer.presses("Skip")
    team.organizer.sees("Decided: move")
    for words in ("By the lake", "The boat house"):
        await team.organizer.writes(words)
    await team.organizer.presses("Skip")
    await team.organizer.writes("Shore road 2")
    await team.organizer.presses("Skip")
    team.organizer.sees("the place was cancelled")
    await team.organizer.presses("Confirm")
    assert await world.look(lambda tx: disclosure.outline_at(tx, event.id)) == before
    await team.second.presses("Confirm")
    after = await world.look(lambda tx: disclosure.outline_at(tx, event.id))
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1
    (entry,) = await _decisions(world, event)
    assert (entry.detail("decision"), entry.detail("why")) == ("move", "refused")


async def test_whoever_decides_over_another_is_told_and_both_are_recorded(world: World) -> None:
    """At the same moment, while the reason is asked: the later one may change it, or leave it."""
    team, event = await has_plan(world)
    for someone in (team.organizer, team.second):
        await someone.writes("/threats")
    old = team.organizer.payload_of("Go")
    await team.organizer.presses("Go")
    await team.second.presses("Move")
    await team.second.presses("we are watched")
    await team.second.presses("Skip")
    await team.second.presses("Cancel")
    await team.organizer.presses("nothing new")
    await team.organizer.presses("Skip")
    asked = team.organizer.sees("Meanwhile there is another decision.")
    assert "Decided: move" in asked.text
    assert len(await _decisions(world, event)) == 1
    await team.organizer.presses("Change it: go")
    team.organizer.sees("Decided: go")
    recorded = [one.detail("decision") for one in await _decisions(world, event)]
    assert recorded == ["move", "go"]
    await team.second.forges(old)
    team.second.is_told("another decision meanwhile")
    assert "Decided: go" in team.second.sees("Before it begins.").text
    assert len(await _decisions(world, event)) == 2


async def test_hold_counts_also_over_a_decision_that_was_not_seen(world: World) -> None:
    """One can stop: nobody is asked first."""
    team, event = await has_plan(world)
    await team.second.writes("/threats")
    await team.organizer.writes("/threats")
    await team.organizer.presses("Go")
    await team.organizer.presses("nothing new")
    await team.organizer.presses("Skip")
    await team.second.presses("✋ Hold")
    assert await _is_held(world, event)
    recorded = [one.detail("decision") for one in await _decisions(world, event)]
    assert recorded == ["go", "hold"]


async def test_a_damaged_record_keeps_nobody_from_holding(world: World) -> None:
    """It is counted as a report, whatever it said."""
    team, event = await has_plan(world)
    await _reports(team.second, "A rally is called", "Threats", "Public call")
    sql = "UPDATE incident_entries SET sealed = zeroblob(90)"
    await world.change(lambda work: work.tx.run(sql))
    await team.organizer.writes("/threats")
    team.organizer.sees("Signs: 1")
    await team.organizer.presses("✋ Hold")
    assert await _is_held(world, event)


async def test_the_reason_of_a_hold_is_kept_whatever_was_decided_meanwhile(world: World) -> None:
    """Nothing that was typed is lost because another was faster."""
    team, event = await has_plan(world)
    await team.organizer.writes("/threats")
    await team.organizer.presses("✋ Hold")
    await team.second.writes("/threats")
    await team.second.presses("Go")
    await team.second.presses("we looked")
    await team.second.presses("Skip")
    await team.organizer.writes("men at the door")
    entries = await _decisions(world, event)
    assert [one.detail("why") for one in entries] == [None, "checked", "own"]
    assert entries[-1].detail("words") == "men at the door"
    stored = await world.look(lambda tx: EVENTS.get(tx, event.id))
    assert stored is not None
    assert stored.decision is not None
    assert stored.decision.choice == "go"


async def test_organizers_are_asked_once_before_the_first_release(world: World) -> None:
    """Three hours before, all of them; it leaves their chats when somebody decides."""
    team, event = await has_plan(world)
    await until(world, event, 27 * HOUR + timedelta(minutes=1))
    team.organizer.sees_nothing_of("A decision is open")
    await until(world, event, 27 * HOUR)
    for someone in (team.organizer, team.second):
        asked = someone.sees("A decision is open")
        assert asked.text.startswith("Please look.\n"), "a locked phone tells what is planned"
    team.steward.sees_nothing_of("A decision is open")
    later = timedelta(minutes=1)
    starts_at, ends_at = event.starts_at + later, event.ends_at + later
    await world.do(team.second, lambda turn: events.move(turn, event.id, starts_at, ends_at))
    await world.pass_time(later)
    assert team.second.sees("A decision is open").edits == 0
    await team.organizer.presses("Signs and decision")
    await team.organizer.presses("Go")
    await team.organizer.presses("nothing new")
    await team.organizer.presses("Skip")
    team.second.sees_nothing_of("A decision is open")
    await team.organizer.writes("/hold")
    await team.organizer.presses("Skip")
    await until(world, event, HOUR)
    team.organizer.sees_nothing_of("A decision is open")


async def test_whoever_has_decided_is_not_asked(world: World) -> None:
    """Nor is anybody while the place is on hold already."""
    team, event = await has_plan(world)
    await team.organizer.writes("/threats")
    await team.organizer.presses("Go")
    await team.organizer.presses("nothing new")
    await team.organizer.presses("Skip")
    await until(world, event, 25 * HOUR)
    team.second.sees_nothing_of("A decision is open")


async def test_while_locked_the_numbers_stand_and_hold_works(world: World) -> None:
    """What was said is locked; deciding adds, and reads nothing; moving is refused."""
    team, event = await has_plan(world)
    (aliya,) = await world.has_participants(event, "Aliya")
    await _reports(aliya, "They call for it", "Threats", "Public call")
    await world.locks()
    await team.organizer.writes("/threats")
    board = team.organizer.sees("Reports, and records of the place: 1")
    assert "What was said is locked now" in board.text
    assert "call" not in " ".join(board.labels).lower()
    await team.organizer.presses("Move")
    team.organizer.is_told("locked")
    await team.organizer.presses("✋ Hold")
    await team.organizer.presses("too little is known")
    await team.organizer.presses("Skip")
    assert await _is_held(world, event)
    team.organizer.sees("Decided: hold")
    await world.opens_again()
    first, reason = await _decisions(world, event)
    assert (first.detail("decision"), first.detail("signs")) == ("hold", None)
    assert reason.detail("why") == "unclear"


async def test_a_report_that_is_only_a_film_comes_onto_a_board_that_stands(world: World) -> None:
    """Whatever records what happened, the boards that stand in chats show it."""
    team, event = await has_plan(world)
    (aliya,) = await world.has_participants(event, "Aliya")
    await world.locks()
    await team.organizer.writes("/threats")
    await aliya.writes("/report")
    await aliya.sends_video()
    team.organizer.sees("Reports, and records of the place: 1")


async def test_earlier_events_are_counted_also_with_a_closed_case(world: World) -> None:
    """What was known before the last ones, and without any event, stands below."""
    team = await world.has_team()
    await _reports(team.steward, "A rally is called", "Threats", "Public call")
    first = await world.has_event(starts_in=30 * HOUR)
    (aliya,) = await world.has_participants(first, "Aliya")
    await _reports(aliya, "They follow me", "follows or watches", "Tailing")
    await world.pass_time(70 * HOUR)
    await world.has_event()
    await team.organizer.writes("/threats")
    board = team.organizer.sees("Signs: 1, confirmed: 0")
    assert "Earlier: Without an event" in board.text
    assert "Earlier: Evening of tea Thu 27 May" in board.text
    await world.change(lambda work: work.tx.destroy_keys(first.id, KeyKind.CASE_PRIVATE))
    await team.organizer.writes("/threats")
    team.organizer.sees("not to be read now: 1")


async def test_nobody_else_sees_or_decides_anything(world: World) -> None:
    """Default denied: by command, by forged button, by a press of somebody who may not."""
    team, event = await has_plan(world)
    (aliya,) = await world.has_participants(event, "Aliya")
    forged = (
        *(pack(one) for one in (ThreatsPress(event.id), HoldPress(event.id))),
        *(pack(one) for one in (GoPress(event.id, 0), MovePress(event.id, 0))),
    )
    for someone in (aliya, team.steward, team.lawyer, team.deputy, world.person("X")):
        await someone.writes("/threats")
        for payload in forged:
            await someone.forges(payload)
        someone.sees_nothing_of("Before it begins.")
    assert not await _is_held(world, event)
    assert await _decisions(world, event) == []


async def test_forged_presses_of_an_organizer_change_nothing(world: World) -> None:
    """Unknown events, impossible numbers: out of date, no fault."""
    team, event = await has_plan(world)
    for payload in ("dch|1", "dcg|1|0", "dcm|1|zz", "thb|0", "dcg|zz", "dch|-1"):
        team.organizer.alerts.clear()
        await team.organizer.forges(payload)
        team.organizer.is_told("out of date")
    assert await _decisions(world, event) == []


async def test_a_cancelled_event_is_decided_no_more(world: World) -> None:
    """An old board's buttons are out of date."""
    team, event = await has_plan(world)
    await team.organizer.writes("/threats")
    payloads = [team.organizer.payload_of(label) for label in ("✋ Hold", "Go", "Move")]
    await team.second.writes("/event")
    await team.second.presses("Change or call off")
    await team.second.presses("Call it off")
    await team.second.presses("Yes")
    for payload in payloads:
        await team.organizer.forges(payload)
    assert await _decisions(world, event) == []


async def test_each_reads_it_in_their_language(world: World) -> None:
    """Board, question and decision."""
    _, event = await has_plan(world)
    for name, language, empty, hold in (
        ("Madi", Language.KK, "Қауіп белгісі жазылмаған", "Тоқтату"),
        ("Vera", Language.RU, "Нового после решения: 1", "Перенести"),
    ):
        someone = await world.has_organizer(name, language)
        await someone.writes("/threats")
        someone.sees(empty)
        await someone.presses(hold)
        assert someone.can_press(world.texts.plain(language, "decision-why-threats"))
        await world.pass_time(timedelta(minutes=1))
        await _reports(
            someone,
            "…",
            world.texts.plain(language, "report-group-surveillance"),
            world.texts.plain(language, "dossier-type-tailing"),
        )
    assert await _is_held(world, event)


async def test_the_board_says_how_many_records_it_has_looked_at(world: World) -> None:
    """Where there are more than are opened at one look, of this event or of an earlier one."""
    team = await world.has_team()
    event = await world.has_event()

    def fill(work: Work, event_id: EventId | None, count: int) -> None:
        for _ in range(count):
            subject = work.tx.new_id()
            one = incidents.open_new(work.tx, work.now, event_id, IncidentKind.REPORT, subject)
            tap = (("type", "tailing"),)
            said = Entry(one.number, "report", work.now, "organizer-1", details=tap)
            incidents.add_entry(work.tx, work.now, one, said)

    await world.change(lambda work: fill(work, event.id, LOOKED_AT + 1))
    await world.change(lambda work: fill(work, None, LOOKED_BACK_AT + 1))
    await team.organizer.writes("/threats")
    shown = team.organizer.sees("Evening of tea").text
    assert f"Of the newest {LOOKED_AT} records; older ones were not looked at." in shown
    assert f"Signs: {LOOKED_BACK_AT}, confirmed: 0 Of the newest {LOOKED_BACK_AT} rec" in shown
