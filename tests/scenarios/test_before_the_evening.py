"""The days before, over HTTP: threats come in, it is decided, the place is refused; given out.

The bot is stopped and started again in the middle of a decision, and in the middle of an entry.
"""

import asyncio
import io
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.bundles import export_case
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.cast import Player
from bot.rehearsal.opening import open_stage
from coordination.telling import advance
from coordination.turns import Work
from safety.people import ChatId, EventId, Recipient, Role, TeamId
from safety.team import TeamPerson, TeamState
from safety.venues import Place, Venue, VenueState, usual_times
from storage import disclosure, routes
from storage.events import EVENTS
from storage.team import TEAM
from storage.transaction import Transaction
from tests.bot.test_bundles import records_of
from tests.made import gathering
from tests.scenarios.test_locked import ENOUGH, House

HOUR = timedelta(hours=1)
EVENT = EventId(5)
BOARD = "signs: 1; signs-24h: 1; signs-confirmed: 0; signs-not-said: 1"
CALL, REFUSED = "Бүгін алаңға шақырып жатыр", "The centre told me not to let you in"


def _plan(evening: Evening, tx: Transaction) -> None:
    """Let two organizers have an event in two days, and a place that both agreed on."""
    now, policy = evening.stage.clock.now(), evening.stage.config.policy
    event = gathering(EVENT, now + 48 * HOUR, 3 * HOUR)
    tx.create_event_keys(event.id)
    EVENTS.put(tx, event)
    for number, player in enumerate((evening.aigul, evening.dana), start=1):
        team_id = TeamId(number)
        role, state = Role.ORGANIZER, TeamState.ACTIVE
        TEAM.put(tx, TeamPerson(team_id, role, state, player.name, now))
        routes.put(tx, None, team_id, Recipient(ChatId(player.phone.user_id), player.language))
    where = (Place("The north fountain"), Place("Green street 40"))
    venue = Venue(
        7, EVENT, 1, VenueState.CONFIRMED, "Park", *where, usual_times(policy), TeamId(1), now
    )
    disclosure.put(tx, venue)
    advance(Work(tx, now, policy), venue, event)


async def test_signs_a_decision_and_a_broken_word_are_recorded_and_given_out(
    tmp_path: Path,
) -> None:
    """Nothing is lost by a restart; what was decided, and on what, stands in the bundle."""
    house = House()
    async with (
        asyncio.timeout(ENOUGH),
        open_stage(tmp_path, io.StringIO(), acts=1, housed=house.housed) as opening,
    ):
        evening = Evening.of(opening)
        assert house.runner is not None
        await house.runner.application.database.write(partial(_plan, evening))
        for player in (evening.aigul, evening.dana):
            await player.opens("")
        await _report(evening.dana)
        await _decide(evening)
        await _write_down(evening)
        await evening.stage.quiet()
        out, now = tmp_path / "case", evening.stage.clock.now()
        await export_case(evening.stage.config, house.keys, str(EVENT), out, now, is_sealed=False)
    _is_given_out(records_of(out))


async def _report(dana: Player) -> None:
    await dana.writes("/report")
    await dana.reads("report-ask-what")
    await dana.writes(CALL)
    kept = await dana.reads("report-kept")
    if dana.label("dossier-type-call-to-violence") not in kept.labels:
        await dana.presses("report-group-threats")
    await dana.presses("dossier-type-call-to-violence")
    await dana.reads("report-ask-when")


async def _decide(evening: Evening) -> None:
    """Both are asked in time; one says go, the other one holds, and that counts at once."""
    stage, aigul, dana = evening.stage, evening.aigul, evening.dana
    await stage.until(stage.clock.now() + 21 * HOUR + timedelta(minutes=1))
    await dana.reads("decision-asked")
    await aigul.reads("decision-asked")
    await aigul.presses("button-threats")
    await aigul.reads("threats-total", number=1)
    await aigul.presses("button-decision-go")
    await aigul.reads("decision-ask-why")
    await stage.quiet()
    await stage.restarts()
    await aigul.presses("decision-why-checked")
    await aigul.reads("decision-ask-words")
    await aigul.presses("button-skip")
    await aigul.reads("decision-in-force-why")
    await dana.reads("decision-news")
    await dana.presses("button-threats")
    await dana.presses("button-decision-hold")
    await dana.reads("decision-ask-hold")
    await dana.presses("decision-why-threats")
    await dana.reads("decision-ask-words")
    await dana.presses("button-skip")
    await dana.reads("decision-in-force-why")
    await stage.quiet()


async def _write_down(evening: Evening) -> None:
    """What the centre said, in its words; the other organizer sees it as a sign."""
    aigul = evening.aigul
    await aigul.writes("/venue")
    await aigul.presses("button-ledger")
    await aigul.presses("button-ledger-add")
    await aigul.presses("ledger-kind-refusal")
    await aigul.reads("ledger-ask-words")
    await aigul.writes(REFUSED)
    await aigul.reads("ledger-ask-by")
    await evening.stage.quiet()
    await evening.stage.restarts()
    await aigul.presses("dossier-actor-venue-owner")
    await aigul.reads("ledger-ask-name")
    await aigul.writes("S. K.")
    await aigul.presses("report-when-today")
    await aigul.presses("dossier-basis-saw")
    shown = await aigul.reads("ledger-said")
    assert shown.is_protected
    assert REFUSED in shown.text
    await evening.dana.reads("threats-total", number=2)


def _is_given_out(records: list[dict[str, Any]]) -> None:
    decided = [one for one in records if "decision" in {each["field"] for each in one["claims"]}]
    (decisions,) = decided
    told = [each["value"] for each in decisions["claims"] if each["field"] == "decision"]
    assert [value.partition("; ")[2] for value in told] == [
        f"decision: go; why: checked; {BOARD}",
        f"decision: hold; {BOARD}",
        "decision: hold; why: threats",
    ]
    assert decisions["confirmed_by"]
    (place,) = [one for one in records if one.get("quotes")]
    (quote,) = place["quotes"]
    assert (quote["text"], quote["speaker"]) == (REFUSED, "venue_owner, S. K.")
    assert quote["date"] == place["date"]
    assert place["types"] == ["venue_refusal"]
    (actor,) = place["actors"]
    assert (actor["kind"], actor["name"]) == ("venue_owner", "S. K.")
