"""Whose turn it is: order within a chat, fairness between chats, whatever comes."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from bot.lineup import LONGEST_RUN, Lineup, Run

ROOM = 48

_arrivals = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.booleans()))
_fates = st.lists(st.integers(0, LONGEST_RUN), min_size=1)


def _works_off(lineup: Lineup, fates: list[int]) -> Iterator[tuple[bytes, int]]:
    """Handle all: of each run so many as its fate says, the others after a rest; in turn."""
    now, turn = 0.0, 0
    while len(lineup):
        runs = lineup.take(ROOM, now, ROOM)
        if not runs:
            moment = lineup.next_change()
            assert moment is not None
            assert moment > now
            now = moment
        for run in runs:
            handled = max(fates[turn % len(fates)], turn % 2)
            turn += 1
            yield from ((run.chat, seq) for seq in run.seqs[:handled])
            left = run.seqs[handled:]
            lineup.ends(run, left, now + 1 if left else None)


@given(_arrivals, _fates)
def test_whatever_fails_every_chat_is_handled_once_and_in_its_order(
    arrivals: list[tuple[bytes, bool]], fates: list[int]
) -> None:
    """Nobody's words are turned around, left out or handled twice."""
    lineup = Lineup()
    for seq, (chat, is_known) in enumerate(arrivals):
        lineup.join(chat, seq, is_known=is_known)
    done = list(_works_off(lineup, fates))
    for chat in {chat for chat, _ in arrivals}:
        own = [seq for seq, (other, _) in enumerate(arrivals) if other == chat]
        assert [seq for other, seq in done if other == chat] == own


@given(st.integers(1, 300), st.integers(0, 300))
def test_a_chat_waits_for_one_turn_of_each_other_at_most(flood: int, crowd: int) -> None:
    """However much one chat has sent, and however many there are."""
    lineup = Lineup()
    for seq in range(flood):
        lineup.join(b"flood", seq, is_known=True)
    for seq in range(crowd):
        lineup.join(f"one of many {seq}".encode(), 1000 + seq, is_known=True)
    lineup.join(b"dana", 5000, is_known=True)
    before = 0
    while runs := lineup.take(ROOM, 0.0, ROOM):
        for run in runs:
            lineup.ends(run)
        chats = [run.chat for run in runs]
        if b"dana" in chats:
            before += sum(len(run.seqs) for run in runs[: chats.index(b"dana")])
            break
        before += sum(len(run.seqs) for run in runs)
    assert before <= LONGEST_RUN * 2 + crowd


def test_strangers_have_their_part_of_the_room_and_no_more() -> None:
    """Somebody with an invitation in hand is a stranger too, and comes in also during a rush."""
    lineup = Lineup()
    for seq in range(100):
        lineup.join(f"known {seq}".encode(), seq, is_known=True)
        lineup.join(f"stranger {seq}".encode(), 1000 + seq, is_known=False)
    runs = lineup.take(40, 0.0, 40)
    assert sum(run.chat.startswith(b"stranger") for run in runs) == 10


@given(st.integers(1, ROOM), st.integers(1, 100), st.booleans())
def test_few_strangers_are_handled_at_a_time(allowed: int, each: int, are_known: bool) -> None:  # noqa: FBT001 - drawn
    """Whether anybody else waits or not, and however much each of them has sent."""
    lineup = Lineup()
    for seq in range(each):
        for number in range(3):
            lineup.join(b"stranger %d" % number, 3 * seq + number, is_known=False)
    if are_known:
        lineup.join(b"dana", 1000, is_known=True)
    under_way = lineup.take(ROOM, 0.0, allowed)
    assert sum(len(run.seqs) for run in under_way if not run.is_known) <= allowed
    assert any(run.is_known for run in under_way) is are_known
    assert all(run.is_known for run in lineup.take(ROOM, 0.0, 1))
    while under_way:
        lineup.ends(under_way.pop())
        under_way += lineup.take(1, 0.0, allowed)
    assert len(lineup) == 0


def test_a_chat_gets_no_other_turn_while_it_has_one_or_rests() -> None:
    """Its later updates wait for the one that is under way."""
    lineup = Lineup()
    lineup.join(b"a", 1, is_known=True)
    (run,) = lineup.take(ROOM, 0.0, ROOM)
    lineup.join(b"a", 2, is_known=True)
    assert lineup.take(ROOM, 0.0, ROOM) == []
    lineup.ends(run, [1], 5.0)
    assert lineup.take(ROOM, 4.9, ROOM) == []
    assert lineup.next_change() == 5.0
    assert lineup.take(ROOM, 5.0, ROOM) == [Run(b"a", (1, 2), is_known=True)]
