"""Alarms below the chat: the order of intake, locked and purged keys, what is stated as fact."""

from datetime import timedelta

from coordination import alarms
from coordination.turns import Turn, Work
from safety.alarmnotices import AlarmDetails
from safety.alarms import AlarmState, Ending, TakenBack, Way
from safety.facts import FactKind
from storage import alarms as rows
from storage import detentions as detention_rows
from storage.transaction import Transaction
from storage.vault.keys import KeyKind
from tests.harness import Someone, World


async def test_a_roster_that_is_gone_deafens_no_alarm(world: World) -> None:
    """Without the people's key it rings, is answered and resolved; a number is the name."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.change(lambda work: work.tx.destroy_keys(event.id, KeyKind.PEOPLE))
    await aliya.writes("sos")
    aliya.sees("Alarm 1.")
    await team.organizer.presses("Show")
    assert "The name is locked." in team.organizer.sees("No. ").text
    await aliya.presses("It was a mistake")
    await team.organizer.presses("I have heard their voice")
    await team.organizer.presses("Their voice says: safe")
    aliya.sees("Alarm 1 is closed")


async def test_a_roster_that_is_gone_lets_a_taken_persons_phone_be_emptied(world: World) -> None:
    """*They are taking me* needs no roster."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await world.change(lambda work: work.tx.destroy_keys(event.id, KeyKind.PEOPLE))
    await aliya.writes("/taken")
    await world.pass_time(timedelta(0))
    assert aliya.chat == []
    team.lawyer.sees("Urgent 1.")
    await team.steward.writes("/mark")
    team.steward.sees("The names are locked")
    assert team.steward.can_press("No. ")


async def test_the_buttons_of_a_purged_event_are_out_of_date(world: World) -> None:
    """When the routing key is gone too, nothing can be read, and no press is a fault."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await aliya.writes("sos")
    await aliya.writes("/taken")
    payloads = [team.organizer.payload_of(label) for label in ("I'm on it", "Show", "Released")]
    kinds = (KeyKind.PEOPLE, KeyKind.ROUTING)
    await world.change(lambda work: work.tx.destroy_keys(event.id, *kinds))
    for payload in payloads:
        await team.organizer.forges(payload)
        team.organizer.is_told("out of date")
    await world.pass_time(timedelta(minutes=5))
    assert await world.look(rows.unresolved) == []
    assert await world.look(detention_rows.unclosed) == []


async def test_an_answer_that_came_in_before_a_call_does_not_cover_it(world: World) -> None:
    """Calls overtake at intake: an earlier *I'm on it*, handled later, is no answer to them."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    first = await _raises(world, aliya, seq=10)
    await _raises(world, bota, seq=12)

    def answer(tx: Transaction) -> None:
        turn = _turn(world, tx, team.steward, seq=11)
        alarms.acknowledge(turn, first)

    await world.database.write(answer)
    await world.deliver()
    aliya.sees("Seen 10:00")
    bota.sees("Nobody has seen it yet")


async def test_what_happened_is_stated_for_the_record(world: World) -> None:
    """Each step of an alarm is a fact with its source; the recorder needs nobody to type."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    kinds: list[FactKind] = []

    def play(tx: Transaction) -> None:
        call = world.turn(tx, aliya)
        alarm = alarms.raise_alarm(call, Way.WORDS, "help us")
        back = world.turn(tx, aliya)
        alarms.take_back(back, alarm.id, TakenBack.MISTAKE)
        again = world.turn(tx, aliya)
        alarms.raise_alarm(again, Way.KEY)
        end = world.turn(tx, team.organizer)
        alarms.resolve(end, alarm.id, Ending.REAL)
        facts = [fact for turn in (call, back, again, end) for fact in turn.facts]
        kinds.extend(fact.kind for fact in facts)
        assert {fact.subject_id for fact in facts} == {alarm.id}
        assert facts[0].by_person == aliya.person_id
        assert ("words", "help us") in facts[0].details
        assert facts[-1].by_team == team.organizer.team_id
        assert facts[-1].by_person is None
        stored = rows.get(tx, alarm.id)
        assert stored is not None
        assert stored.state is AlarmState.RESOLVED

    await world.database.write(play)
    assert kinds == [FactKind.ALARM, FactKind.MISTAKE, FactKind.ALARM, FactKind.RESOLVED]


async def test_details_are_shown_to_nobody_whose_task_they_are_not(world: World) -> None:
    """The roles are asked again when the words are made: somebody may have lost theirs."""
    team = await world.has_team()
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    alarm_id = await _raises(world, aliya, seq=10)

    def owe(work: Work) -> None:
        for someone in (team.deputy, team.steward, aliya):
            work.owe(someone.recipient, AlarmDetails(alarm_id))

    await world.change(owe)
    team.deputy.sees_nothing_of("Aliya")
    aliya.sees_nothing_of("Aliya")
    team.steward.sees("Aliya")


async def test_a_ring_that_waits_is_not_lost_in_a_later_edit(world: World) -> None:
    """Whoever answers before a new caller's ring is out does not silence that ring."""
    team = await world.has_team()
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await _raises(world, aliya, seq=10)
    card = team.organizer.sees("Alarm 1.")

    def play(tx: Transaction) -> None:
        alarm = alarms.raise_alarm(_turn(world, tx, bota, seq=11), Way.KEY)
        alarms.acknowledge(_turn(world, tx, team.steward, seq=12), alarm.id)

    await world.database.write(play)
    await world.deliver()
    rung = team.organizer.sees("Saule, steward: on it")
    assert rung.message_id != card.message_id


async def _raises(world: World, someone: Someone, seq: int) -> int:
    alarm_id = await world.database.write(
        lambda tx: alarms.raise_alarm(_turn(world, tx, someone, seq), Way.KEY).id
    )
    await world.deliver()
    return alarm_id


def _turn(world: World, tx: Transaction, someone: Someone, seq: int) -> Turn:
    turn = world.turn(tx, someone)
    return Turn(tx, turn.now, turn.policy, actor=turn.actor, seq=seq)
