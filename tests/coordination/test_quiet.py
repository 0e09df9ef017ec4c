"""Emptying a chat: everything goes, anchors too, and what was owed is withdrawn, removals not."""

from coordination.quiet import empty, end_quiet, go_quiet
from coordination.turns import Work
from safety.notices import Emptying, Removal, Say
from safety.people import Recipient
from safety.quiet import KeyRemoval
from storage import forms, messages, outbox, tickets
from storage.messages import NewMessage
from storage.outbox import Owed
from storage.transaction import Transaction
from tests.harness import World


async def test_everything_goes_the_anchor_too_and_the_key_first(world: World) -> None:
    """The key is taken by a message of its own; then all of both sides goes, before all else."""
    aliya = world.person("Aliya").recipient

    def play(tx: Transaction) -> list[Owed]:
        work = world.work(tx)
        for number, is_incoming in ((1, False), (2, True)):
            messages.add(tx, NewMessage(aliya, number, world.now, is_incoming=is_incoming))
        messages.add(tx, NewMessage(aliya, 3, None))  # an anchor
        work.owe(aliya, Say("saved"))
        empty(work, aliya)
        return _claim(work)

    owed = await world.database.write(play)
    assert [type(one.notice) for one in owed] == [KeyRemoval, Emptying]
    gone = owed[1].notice
    assert isinstance(gone, Emptying)
    assert sorted(gone.message_ids) == [1, 2, 3]


async def test_the_question_that_was_open_goes_as_well(world: World) -> None:
    """Whoever has the phone afterwards would be asked on, and see what was answered."""
    team = await world.has_team()
    await world.has_event()
    await team.organizer.writes("/venue")
    await team.organizer.writes("Near the old park")
    await world.change(lambda work: empty(work, team.organizer.recipient))
    assert await world.look(lambda tx: forms.get(tx, team.organizer.chat_id)) is None


async def test_removals_that_are_owed_already_stay_owed(world: World) -> None:
    """A message that is off the list but not yet deleted must still go."""
    aliya = world.person("Aliya").recipient

    def play(tx: Transaction) -> list[Owed]:
        work = world.work(tx)
        work.owe(aliya, Removal((7,)))
        go_quiet(work, aliya)
        return _claim(work)

    owed = await world.database.write(play)
    assert any(one.notice == Removal((7,)) for one in owed)


async def test_a_quiet_chat_is_owed_nothing_until_the_quiet_ends(world: World) -> None:
    """Neither a release nor an alarm's answer; afterwards it is a chat like any other."""
    aliya = world.person("Aliya").recipient

    def play(tx: Transaction) -> tuple[bool, bool]:
        work = world.work(tx)
        go_quiet(work, aliya)
        work.owe(aliya, Say("saved"))
        during = _is_owed(work, aliya)
        assert end_quiet(work, aliya)
        work.owe(aliya, Say("saved"))
        return during, _is_owed(work, aliya)

    assert await world.database.write(play) == (False, True)


def _claim(work: Work) -> list[Owed]:
    found = tickets.ready(work.tx, work.now, 10)
    return outbox.claim(work.tx, [ticket.id for ticket in found])


def _is_owed(work: Work, recipient: Recipient) -> bool:
    owed = _claim(work)
    return any(one.notice == Say("saved") and one.recipient == recipient for one in owed)
