"""Who has learnt what, and who has answered, as rows: told once, and the later intake wins."""

from datetime import UTC, datetime, timedelta

from coordination.turns import Work
from safety.checkins import CheckIn, CheckInKind
from safety.people import EventId, PersonId, Standing, TeamId
from safety.rollcalls import RollCall, RollCallAnswer, RollCallState
from safety.venues import Place, Stage, StageTimes, Venue, VenueState
from storage import checkins, disclosure, rollcalls
from storage.transaction import Transaction
from tests.harness import World

NOW = datetime(2027, 5, 26, 5, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def venue(event_id: EventId, number: int) -> Venue:
    """Give a venue that holds."""
    times = StageTimes(*(timedelta(hours=hours) for hours in (24, 3, 1)))
    return Venue(
        id=number,
        event_id=event_id,
        number=number,
        state=VenueState.CONFIRMED,
        area="Park",
        meeting_point=Place("Fountain"),
        address=Place("Street 4"),
        times=times,
        entered_by=TeamId(1),
        entered_at=NOW,
    )


async def test_people_with_an_old_place_are_told_first_and_nobody_twice(world: World) -> None:
    """The rows themselves are the list of who is left to tell."""
    event = await world.has_event()
    people = await world.has_participants(event, "A", "B", "C")
    waiting = await world.has_participant(event, "D", standing=Standing.WAITING)
    old, new = venue(event.id, 1), venue(event.id, 2)
    ids = sorted(PersonId(one.person_id) for one in people if one.person_id)

    def tell_the_old_place(work: Work) -> None:
        disclosure.put(work.tx, old)
        disclosure.add(work.tx, old, (Stage.AREA,), ids[-1], NOW)

    await world.change(tell_the_old_place)
    left = await world.look(lambda tx: disclosure.untold(tx, new, Stage.AREA, 10))
    assert left == [ids[-1], *ids[:-1]]
    await world.change(lambda work: disclosure.add(work.tx, new, (Stage.AREA,), ids[-1], NOW))
    left = await world.look(lambda tx: disclosure.untold(tx, new, Stage.AREA, 10))
    assert left == ids[:-1]
    assert waiting.person_id not in left


async def test_the_first_moment_of_telling_showing_and_confirming_stays(world: World) -> None:
    """A later press changes no record."""
    event = await world.has_event()
    (dana,) = await world.has_participants(event, "Dana")
    place, person_id = venue(event.id, 1), PersonId(dana.person_id or 0)
    stages = (Stage.AREA,)

    def note(tx: Transaction, at: datetime) -> None:
        disclosure.add(tx, place, stages, person_id, at)
        disclosure.note_shown(tx, place.id, stages, person_id, at)
        disclosure.note_confirmed(tx, place.id, person_id, at)

    await world.change(lambda work: note(work.tx, NOW))
    await world.change(lambda work: note(work.tx, LATER))
    sql = "SELECT told_at, shown_at, confirmed_at FROM disclosures"
    rows = await world.look(lambda tx: tx.all(tuple[int, int, int], sql))
    assert len(rows) == 1
    assert len(set(rows[0])) == 1
    assert await world.look(lambda tx: disclosure.is_confirmed(tx, place.id, person_id))


async def test_the_latest_report_is_the_one_of_the_latest_intake(world: World) -> None:
    """In whatever order they were handled."""
    event = await world.has_event()

    def note(tx: Transaction) -> None:
        checkins.add(tx, event.id, 5, CheckIn(CheckInKind.HOME, NOW, 9))
        checkins.add(tx, event.id, 5, CheckIn(CheckInKind.HERE, LATER, 4))

    await world.change(lambda work: note(work.tx))
    latest = await world.look(lambda tx: checkins.latest(tx, 5))
    assert latest == CheckIn(CheckInKind.HOME, NOW, 9)


async def test_an_earlier_answer_never_replaces_a_later_one(world: World) -> None:
    """Help that overtook at intake stays help."""
    event = await world.has_event()
    call = RollCall(3, event.id, 1, RollCallState.OPEN, NOW, TeamId(1))

    def say(tx: Transaction, said: RollCallAnswer, seq: int) -> bool:
        return rollcalls.answer(tx, call, PersonId(5), said, at=NOW, seq=seq)

    kept = [
        await world.change(lambda work: say(work.tx, RollCallAnswer.HELP, 9)),
        await world.change(lambda work: say(work.tx, RollCallAnswer.SAFE, 4)),
        await world.change(lambda work: say(work.tx, RollCallAnswer.SAFE, 12)),
    ]
    assert kept == [True, False, True]
