"""What is left for the lawyer: sealed at once, read by nobody here, its writer's to take back."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from coordination import keyholders
from coordination.envelopes import note_handed
from coordination.turns import Work
from handlers.buttons import pack
from handlers.buttons.envelopes import LeaveEnvelope, TakeEnvelopeBack
from safety.closing import ClosedCase
from safety.envelopes import Envelope
from safety.events import Event
from safety.kinds import Kind
from safety.legalhold import LegalHold
from safety.lives import lasting
from safety.people import EventId, Role, TeamId
from safety.purges import Purged
from storage import envelopes, forms, purges
from storage.closing import CLOSED
from storage.envelopes import ENVELOPES
from storage.events import EVENTS
from storage.vault.errors import BrokenSealError
from tests.handlers.test_closing import has_key
from tests.handlers.test_retention import purges as purge
from tests.harness import Someone, World

REAL = "Aliya Nurlanovna Real-Name, +7 701 000 00 00, I mandate my lawyer"


async def leaves(someone: Someone, text: str = REAL) -> None:
    """Let somebody leave something for the lawyer, by the buttons."""
    await someone.writes("/privacy")
    await someone.presses("Leave something for the lawyer")
    someone.sees("It is for the lawyer alone")
    await someone.writes(text)


async def kept(world: World, event_id: EventId) -> list[Envelope]:
    """Give the envelopes of an event as they lie there."""
    return await world.look(lambda tx: envelopes.at_event(tx, event_id))


async def test_only_the_lawyer_opens_what_was_left(world: World) -> None:
    """Not an organizer, not a deputy, not the server; and the words leave the chat."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    organizer, _ = await has_key(world, "Aigul")
    deputy, _ = await has_key(world, "Nora", Role.DEPUTY)
    lawyer, _ = await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    aliya.sees("It is sealed for the lawyer.")
    assert REAL not in "".join(seen.text for seen in aliya.chat)
    (envelope,) = await kept(world, event.id)
    (seal,) = envelope.seals
    assert envelopes.open_seal(seal, envelope.id, lawyer) == REAL
    for other in (organizer, deputy):
        with pytest.raises(BrokenSealError):
            envelopes.open_seal(seal, envelope.id, other)
    with pytest.raises(BrokenSealError):
        envelopes.open_seal(seal, envelope.id + 1, lawyer)
    assert b"Real-Name" not in msgspec.msgpack.encode(envelope)  # what the row's own key opens
    assert await world.look(lambda tx: forms.get(tx, aliya.chat_id)) is None


async def test_the_person_sees_that_one_is_kept_and_takes_it_back(world: World) -> None:
    """Since when, until when it can be taken back, and never what it says."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    await aliya.writes("/privacy")
    aliya.sees("Something you left for the lawyer, since Wed 26 May.")
    aliya.sees("It stays when the rest is forgotten on Fri 11 Jun")
    await aliya.presses("Take it back")
    aliya.is_told("It is deleted.")
    assert await kept(world, event.id) == []
    await aliya.forges(pack(TakeEnvelopeBack(event.id)))
    aliya.is_told("out of date")


async def test_what_is_written_anew_takes_the_place_of_the_old(world: World) -> None:
    """One envelope a person: the lawyer finds no second word that was taken back."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    lawyer, _ = await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya, "first")
    await aliya.writes("/privacy")
    await aliya.presses("Write it anew")
    await aliya.writes("second")
    (envelope,) = await kept(world, event.id)
    assert envelopes.open_seal(envelope.seals[0], envelope.id, lawyer) == "second"


async def test_without_a_lawyers_key_nobody_is_asked_to_write(world: World) -> None:
    """Neither an organizer's key nor one that went in the middle of the question will do."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_key(world, "Aigul")
    await aliya.writes("/privacy")
    await aliya.presses("Leave something for the lawyer")
    aliya.is_told("Nothing can be left yet")
    aliya.sees_nothing_of("It is for the lawyer alone")
    _, timur = await has_key(world, "Timur", Role.LAWYER)
    await aliya.presses("Leave something for the lawyer")
    await world.change(lambda work: keyholders.remove(work, timur))
    await aliya.writes(REAL)
    aliya.sees("Nothing can be left yet")
    assert await kept(world, event.id) == []


async def test_nobody_touches_somebody_elses(world: World) -> None:
    """Forged presses leave nothing under, and take nothing from, an event of others."""
    event, other = await world.has_event(), await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    viktor = await world.has_participant(other, "Viktor")
    team = await world.has_team()
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    for press in (LeaveEnvelope(event.id), TakeEnvelopeBack(event.id)):
        await viktor.forges(pack(press))
        viktor.is_told("out of date")
        await team.organizer.forges(pack(press))
    assert len(await kept(world, event.id)) == 1


async def test_it_outlives_the_purge_and_names_nobody(world: World) -> None:
    """It was left for what comes after; whose it is, nothing here knows any more."""
    team, event = await world.has_team(), await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    lawyer, _ = await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    await purge(team.organizer, team.second)
    (envelope,) = await kept(world, event.id)
    assert envelopes.open_seal(envelope.seals[0], envelope.id, lawyer) == REAL
    assert aliya.chat == []
    await aliya.writes("/privacy")
    aliya.sees("There is nothing here for you")


@pytest.mark.parametrize("lacks", ["", "closing", "giving", "freedom"])
async def test_it_ends_when_its_case_is_closed_and_the_lawyer_has_it(
    world: World, lacks: str
) -> None:
    """Not before both are 90 days old, so that nothing is lost; and no legal hold is passed over.
    What was left after the lawyer was given the rest stays.
    """
    event = await world.has_event()
    aliya, bota = await world.has_participants(event, "Aliya", "Bota")
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)

    def follow(work: Work) -> None:
        if lacks != "giving":
            note_handed(work, envelopes.at_event(work.tx, event.id))
        if lacks != "closing":
            CLOSED.put(work.tx, ClosedCase(event.id, work.now, TeamId(1), None, None, ()))

    await world.change(follow)
    await leaves(bota)
    if lacks == "freedom":
        await world.change(lambda work: _holds(work, event))
    world.now += lasting(Kind.ENVELOPES, world.policy) + timedelta(minutes=1)
    await world.sweeps()
    left = {one.person_id for one in await kept(world, event.id)}
    assert left == ({aliya.person_id, bota.person_id} if lacks else {bota.person_id})
    noted = await world.look(lambda tx: [one.kind for one in purges.every(tx)])
    assert noted == ([] if lacks else [Purged.ENVELOPE])


async def test_what_is_given_out_again_is_kept_as_long_again(world: World) -> None:
    """The first parcel may have been lost."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    days = lasting(Kind.ENVELOPES, world.policy)

    def give(work: Work) -> None:
        CLOSED.put(work.tx, ClosedCase(event.id, work.now, TeamId(1), None, None, ()))
        note_handed(work, envelopes.at_event(work.tx, event.id))

    await world.change(give)
    given = await kept(world, event.id)
    world.now += days / 2
    await world.change(lambda work: note_handed(work, given))
    world.now += days - timedelta(minutes=1)
    await world.sweeps()
    assert len(await kept(world, event.id)) == 1


def _holds(work: Work, event: Event) -> None:
    hold = LegalHold("", work.now, TeamId(1), TeamId(2))
    EVENTS.put(work.tx, replace(event, legal_hold=hold))


async def test_erase_mine_erases_it_too(world: World) -> None:
    """Everything means everything."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya)
    await aliya.writes("/privacy")
    await aliya.presses("Erase mine")
    await aliya.presses("Yes, erase mine")
    assert await kept(world, event.id) == []


async def test_a_text_that_is_too_long_is_asked_for_again(world: World) -> None:
    """Nothing is cut off silently."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    await has_key(world, "Timur", Role.LAWYER)
    await leaves(aliya, "x" * 1_501)
    assert await kept(world, event.id) == []
    await aliya.writes("Ғ" * 1_500)
    assert len(await kept(world, event.id)) == 1
    await world.pass_time(timedelta(hours=1))
    assert "Ғ" * 20 not in "".join(seen.text for seen in aliya.chat)


async def test_a_lawyer_who_goes_takes_no_envelope_along(world: World) -> None:
    """The other lawyer still opens it; the last one's stays, rather than be lost to everybody."""
    event = await world.has_event()
    aliya = await world.has_participant(event, "Aliya")
    _, first = await has_key(world, "Timur", Role.LAWYER)
    lawyer, second = await has_key(world, "Zhanna", Role.LAWYER)
    await leaves(aliya)

    def remove_both(work: Work) -> tuple[int, int]:
        return keyholders.remove(work, first), keyholders.remove(work, second)

    assert await world.change(remove_both) == (0, 1)
    (envelope,) = await kept(world, event.id)
    (seal,) = envelope.seals
    assert envelopes.open_seal(seal, envelope.id, lawyer) == REAL
    assert await world.look(lambda tx: ENVELOPES.count(tx, "1 = 1")) == 1
