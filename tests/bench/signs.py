"""What the screens cost that open many records, against the same rows read and left sealed.

While one is put into words nothing else is. The board of signs opens those of five places: this
event's, three before it, and the team's without one. Each record holds what a report with all its
taps does.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.clock import SystemClock
from coordination import questions, threats
from coordination.threats import EARLIER, LOOKED_AT, LOOKED_BACK_AT
from coordination.turns import Work
from safety.facts import FactKind
from safety.incidents import Entry, Incident, IncidentKind
from safety.people import EventId
from safety.questions import LOOKED_AT as OF_A_WEEK
from safety.records import IncidentType
from storage import incidents
from storage.transaction import Transaction
from tests.bench.figures import Bound, Figure
from tests.harness import World

ROUNDS = 5  # the best of each counts: others may be at work on the machine
MOST = 100.0  # ms: as long as an alarm's first ring may take
HELD = 100  # records at each place
TAPS = (
    (("text", "A rally calls for violence. " * 10),),
    (("type", IncidentType.CALL_TO_VIOLENCE.value),),
    (("when", "today"),),
    (("certainty", "reported"),),
)


async def measure(folder: Path) -> list[Figure | Bound]:
    """Put five full places on the board of signs, and a full week among the open questions."""
    async with World(folder) as world:
        event = await world.has_event(starts_in=timedelta(days=EARLIER + 1))
        earlier = [await world.has_event(timedelta(days=days)) for days in range(EARLIER)]
        places = (None, event.id, *(one.id for one in earlier))
        for place in places:
            await world.change(partial(_fill, place))

        def board(tx: Transaction) -> None:
            assert threats.look(world.work(tx), event.id) is not None

        def rows(tx: Transaction) -> None:
            most = dict.fromkeys(places, LOOKED_BACK_AT) | {event.id: LOOKED_AT}
            for place in places:
                _read(tx, incidents.at_event(tx, place)[-most[place] :])

        def week(tx: Transaction) -> None:
            assert questions.this_week(world.work(tx)).count

        def of_week(tx: Transaction) -> None:
            _read(tx, incidents.since(tx, world.now - timedelta(days=7), OF_A_WEEK))

        ours, plain = await _best(world, board), await _best(world, rows)
        asked, kept = await _best(world, week), await _best(world, of_week)
    signs = f"board of signs, {LOOKED_AT + (EARLIER + 1) * LOOKED_BACK_AT} records"
    open_ones = f"open questions, {OF_A_WEEK} records"
    baseline = "the same rows, left sealed"
    return [
        Figure(signs, ours, baseline, plain),
        Bound(f"{signs}, whole", ours * 1000, "ms", MOST),
        Figure(open_ones, asked, baseline, kept),
        Bound(f"{open_ones}, whole", asked * 1000, "ms", MOST),
    ]


def _read(tx: Transaction, found: list[Incident]) -> None:
    for one in found:
        assert len(incidents.sealed_entries(tx, one)) == len(TAPS)


async def _best(world: World, run: Callable[[Transaction], None]) -> float:
    """Give the shortest time of some rounds, in seconds."""

    def timed(tx: Transaction) -> float:
        clock = SystemClock()
        begun = clock.monotonic()
        run(tx)
        return clock.monotonic() - begun

    return min([await world.look(timed) for _ in range(ROUNDS)])


def _fill(place: EventId | None, work: Work) -> None:
    for _ in range(HELD):
        kind, subject = IncidentKind.REPORT, work.tx.new_id()
        one = incidents.open_new(work.tx, work.now, place, kind, subject)
        for details in TAPS:
            said = Entry(one.number, FactKind.REPORT.value, work.now, "organizer-1", None, details)
            incidents.add_entry(work.tx, work.now, one, said)
