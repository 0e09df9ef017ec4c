"""One person's words in any order of handling: the order of intake decides what calms a call."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.alarms import MistakePress, SafeAgainPress
from handlers.buttons.checkins import CheckInPress
from safety.alarms import Alarm
from safety.checkins import CheckInKind
from safety.registration import Person
from storage import alarms
from storage.events import EVENTS
from storage.people import PEOPLE
from tests.harness import Someone, World

CALLS = ("sos", "/panic")
CALMING = ("/safe", "safe", "home", "mistake", "safe again")
OTHER = ("/here", "/help")


async def handles(world: World, someone: Someone, seq: int, said: str) -> None:
    """Handle what somebody said, as the one that was taken in at place `seq`."""
    alarm = await _alarm(world, someone)
    number = 0 if alarm is None else alarm.id
    presses = {
        "safe": CheckInPress(0, CheckInKind.SAFE),
        "home": CheckInPress(0, CheckInKind.HOME),
        "mistake": MistakePress(number),
        "safe again": SafeAgainPress(number),
    }
    who = {"id": someone.chat_id, "is_bot": False, "first_name": "Dana", "language_code": "en"}
    chat = {"id": someone.chat_id, "type": "private"}
    message = {"message_id": seq, "date": 0, "chat": chat, "from": who, "text": said}
    press = presses.get(said)
    query = {
        "id": "1",
        "from": who,
        "chat_instance": "1",
        "data": "" if not press else pack(press),
    }
    happened = {"message": message} if press is None else {"callback_query": query}
    raw = json.dumps({"update_id": seq, **happened}).encode()
    await world.change(lambda work: world.guard.handle(work, seq, raw))


async def _alarm(world: World, someone: Someone) -> Alarm | None:
    found = await world.look(alarms.unresolved)
    return next((one for one in found if one.caller(someone.person_id, None)), None)


async def _person(world: World, someone: Someone) -> Person:
    person = await world.look(lambda tx: PEOPLE.get(tx, someone.person_id or 0))
    assert person is not None
    return person


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(CALLS + CALMING + OTHER), min_size=2, max_size=6), st.data())
async def test_an_older_word_never_calms_a_newer_call_in_whatever_order_they_are_handled(
    world: World, said: list[str], data: st.DataObject
) -> None:
    """A call stands until something later, and only that, takes it back; it needs help all along.

    The way of alarms overtakes the other, and what failed comes late: any order can happen.
    """
    event = await world.look(lambda tx: next(EVENTS.find(tx, "1 = 1"), None))
    event = event or await world.has_event()
    dana = await world.has_participant(event, f"Dana {len(world.people)}")
    numbered = list(enumerate(said, start=1))
    for seq, words in data.draw(st.permutations(numbered)):
        await handles(world, dana, seq, words)
    last_call = max((seq for seq, words in numbered if words in CALLS), default=0)
    last_calming = max((seq for seq, words in numbered if words in CALMING), default=0)
    alarm, person = await _alarm(world, dana), await _person(world, dana)
    assert (alarm is not None) == person.needs_help == bool(last_call)
    if alarm is not None and last_calming < last_call:
        caller = alarm.caller(dana.person_id, None)
        assert caller is not None
        assert caller.taken_back is None
        assert not person.is_unverified
    await world.change(lambda work: _over(work, alarm))


def _over(work: Work, alarm: Alarm | None) -> None:
    """Let the next example begin without this one's alarm: they are few, and each shows itself."""
    if alarm is not None:
        alarms.ALARMS.remove(work.tx, "id = ?", alarm.id)
