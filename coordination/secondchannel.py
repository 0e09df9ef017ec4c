"""Waking the team a second way: for what reached nobody in the chat, and when the line is silent.

All of it works while people's names are locked: it needs the team and the alarm, or the detention.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coordination import audience
from coordination.alarmviews import Reached, roles_of
from coordination.secondaddresses import usable
from coordination.turns import Work
from safety import escalation
from safety import secondchannel as rules
from safety.alarmnotices import AlarmRing
from safety.alarms import Alarm
from safety.detentions import Detention, DetentionRing, whom_to_tell
from safety.notices import Notice
from safety.people import EventId, Recipient, Role, TeamId, Unprinted
from safety.secondaddresses import SecondAddress
from safety.secondchannel import (
    LINE_CARD,
    LineDown,
    LineShared,
    LineStaysDown,
    LineStaysShared,
    Ringing,
    SecondAlarm,
    SecondDetention,
    SecondNotice,
    Told,
    WakeForDetention,
    WakeOtherwise,
)
from safety.timers import Timer
from storage import (
    alarms,
    chats,
    counters,
    detentions,
    messages,
    outbox,
    secondaddresses,
    team,
    timers,
)
from storage import secondchannel as store
from storage.moments import from_row, to_row

LINE_DOWN = "line-down-since"  # the counter that keeps it, in milliseconds; 0: it is not
LINE_SILENT = "line-silent-since"
LINE_SHARED = "line-shared-since"


@dataclass(frozen=True, slots=True, repr=False)
class _Call(Unprinted):
    """An alarm or a detention as it stands now. `since`: since when nobody is on it, if so."""

    event_id: EventId | None
    since: datetime | None
    rung_at: datetime
    ring: Notice  # in the chat
    rung: Sequence[tuple[TeamId, Recipient]]  # whom it rings, as far as they have an address
    timer: Callable[[tuple[Told, ...]], WakeOtherwise | WakeForDetention]
    letter: Callable[[TeamId], SecondNotice]
    card: str  # of its letters


def follow(work: Work, alarm: Alarm) -> None:
    """Begin or end to wake people otherwise, as an alarm stands now; whenever one is stored."""
    _follow(work, _of_alarm(work, alarm))


def follow_detention(work: Work, detention: Detention) -> None:
    """Begin or end to wake people otherwise, as a detention stands now; likewise."""
    _follow(work, _of_detention(work, detention))


def wake(work: Work, timer: WakeOtherwise) -> None:
    """Tell whomever this alarm has not reached, each at their own pace; then look again."""
    alarm = alarms.get(work.tx, timer.alarm_id)
    if alarm is not None:
        _wake(work, _of_alarm(work, alarm), timer.woken)


def wake_for_detention(work: Work, timer: WakeForDetention) -> None:
    """Tell whomever this detention has not reached, each at their own pace; then look again."""
    detention = detentions.get(work.tx, timer.detention_id)
    if detention is not None:
        _wake(work, _of_detention(work, detention), timer.woken)


def number_of(work: Work, alarm_id: int) -> int | None:
    """Give the number of an alarm that still waits for somebody, else None."""
    alarm = alarms.get(work.tx, alarm_id)
    if alarm is None:
        return None
    since = rules.unanswered_since(alarm, work.now, work.policy.answer_holds)
    return None if since is None else alarm.number


def detention_number_of(work: Work, detention_id: int) -> int | None:
    """Give the number of a detention that nobody is on yet, else None."""
    detention = detentions.get(work.tx, detention_id)
    if detention is None or rules.unheeded_since(detention, work.now) is None:
        return None
    return detention.number


# ---------------------------------------------------------------- the line


def note_line(work: Work, down_since: datetime | None) -> None:
    """Note that the chat takes nothing since then, or works again (None).

    While it does not, each new alarm goes out the second way at once.
    """
    counters.set_value(work.tx, LINE_DOWN, to_row(down_since) if down_since else 0)


def note_silence(work: Work, silent_since: datetime | None) -> None:
    """Note that the service has been silent for a minute, or is heard again (None).

    Organizers are told over the second channel, again and again while it lasts.
    """
    if _is_news(work, LINE_SILENT, silent_since, LineStaysDown()):
        tell_of_silence(work, LineStaysDown())
    if silent_since is None:
        store.withdraw(work.tx, LINE_CARD)


def note_sharing(work: Work, shared_since: datetime | None) -> None:
    """Note that somebody else takes updates in turn with us, or has not for a while (None).

    Organizers are told likewise. What has not gone out by its end still does: whoever it was
    holds the token until it is exchanged.
    """
    if _is_news(work, LINE_SHARED, shared_since, LineStaysShared()):
        tell_of_sharing(work, LineStaysShared())


def tell_of_silence(work: Work, timer: LineStaysDown) -> None:
    """Tell the organizers that the line is still silent."""
    since = line_silent_since(work)
    if since is not None:
        _tell(work, lambda team_id: LineDown(team_id, since), timer)


def tell_of_sharing(work: Work, timer: LineStaysShared) -> None:
    """Tell the organizers that somebody else still has the line, too."""
    since = _since(work, LINE_SHARED)
    if since is not None:
        _tell(work, lambda team_id: LineShared(team_id, since), timer)


def is_line_down(work: Work) -> bool:
    """Say whether the chat is known to take nothing now."""
    return counters.value(work.tx, LINE_DOWN) != 0


def line_silent_since(work: Work) -> datetime | None:
    """Give since when the service is silent, None while it is not."""
    return _since(work, LINE_SILENT)


def organizers_with_address(work: Work) -> list[tuple[Recipient, SecondAddress]]:
    """Give the organizers who hear of the line, each with their second address."""
    found = [
        (recipient, usable(work, person.id))
        for person, recipient in team.reachable(work.tx, (Role.ORGANIZER,))
    ]
    return [(recipient, address) for recipient, address in found if address is not None]


# ---------------------------------------------------------------- inside


def _is_news(work: Work, name: str, since: datetime | None, timer: Timer) -> bool:
    """Keep since when it is so; say whether it begins. A restart in between changes nothing."""
    if since is None:
        counters.set_value(work.tx, name, 0)
        work.cancel_timer(timer)
        return False
    if _since(work, name) is not None:
        return False
    counters.set_value(work.tx, name, to_row(since))
    return True


def _since(work: Work, name: str) -> datetime | None:
    since = counters.value(work.tx, name)
    return from_row(since) if since else None


def _tell(work: Work, letter: Callable[[TeamId], SecondNotice], timer: Timer) -> None:
    for recipient, address in organizers_with_address(work):
        work.owe(recipient, letter(address.id))
    work.set_timer(work.now + rules.LINE_PACE, timer)


def _follow(work: Work, call: _Call) -> None:
    timer = call.timer(())
    if call.since is None:
        work.cancel_timer(timer)
        store.withdraw(work.tx, call.card)
        return
    next_look = timers.moment_of(work.tx, timer)
    # Further off than any look, the clock was set back since, or nobody can read the timer.
    is_set = next_look is not None and abs(next_look - work.now) <= rules.LOOK_EVERY
    if secondaddresses.are_any(work.tx) and not is_set:
        wait = timedelta() if is_line_down(work) else rules.ARRIVES_WITHIN
        work.set_timer(work.now + wait, timer, call.event_id)


def _wake(work: Work, call: _Call, told: Sequence[Told]) -> None:
    if call.since is None:
        return
    woken = {one.team_id: rules.not_after(one, work.now) for one in told}
    is_down = is_line_down(work)
    for team_id, recipient in call.rung:
        before = woken.get(team_id)
        person = Ringing(call.rung_at, _has_arrived(work, call.ring, recipient), before)
        if rules.wakes(person, work.now, call.since, is_line_down=is_down):
            work.owe(recipient, call.letter(team_id), call.event_id)
            woken[team_id] = rules.again(before, team_id, work.now)
    again = call.timer(tuple(woken.values()))
    work.set_timer(work.now + rules.LOOK_EVERY, again, call.event_id)


def _of_alarm(work: Work, alarm: Alarm) -> _Call:
    return _Call(
        event_id=alarm.event_id,
        since=rules.unanswered_since(alarm, work.now, work.policy.answer_holds),
        rung_at=alarm.rung_at,
        ring=AlarmRing(alarm.id),
        rung=_rung(work, alarm),
        timer=lambda woken: WakeOtherwise(alarm.id, woken),
        letter=lambda team_id: SecondAlarm(team_id, alarm.id),
        card=rules.alarm_card(alarm.id),
    )


def _of_detention(work: Work, detention: Detention) -> _Call:
    return _Call(
        event_id=detention.event_id,
        since=rules.unheeded_since(detention, work.now),
        rung_at=detention.rung_at,
        ring=DetentionRing(detention.id),
        rung=_told(work, detention),
        timer=lambda woken: WakeForDetention(detention.id, woken),
        letter=lambda team_id: SecondDetention(team_id, detention.id),
        card=rules.detention_card(detention.id),
    )


def _told(work: Work, detention: Detention) -> list[tuple[TeamId, Recipient]]:
    """Give whom this detention rings, as far as they have an address; nobody who was taken.

    Who has blocked the bot is rung this way all the same, besides those who are rung for them.
    """
    people = audience.but_held(work, detention, _not_taken(work))
    in_the_chat = frozenset(person.id for person, _ in audience.told_of(work, detention))
    return _with_address(work, people, whom_to_tell(roles_of(people)) | in_the_chat)


def _rung(work: Work, alarm: Alarm) -> list[tuple[TeamId, Recipient]]:
    """Give whom this alarm rings, as far as they have an address.

    Who has blocked the bot is rung this way all the same; who was taken is not.
    """
    people = [one for one in _not_taken(work) if not escalation.is_only_caller(alarm, one[0].id)]
    holds = work.policy.answer_holds
    rung = escalation.whom_to_ring(alarm, roles_of(people), work.now, holds, is_new=False)
    return _with_address(work, people, rung)


def _not_taken(work: Work) -> Reached:
    found = team.reachable(work.tx, escalation.LATER)
    return [one for one in found if not chats.is_quiet(work.tx, one[1].chat_id)]


def _with_address(
    work: Work, people: Reached, rung: frozenset[TeamId]
) -> list[tuple[TeamId, Recipient]]:
    return [
        (person.id, recipient)
        for person, recipient in people
        if person.id in rung and usable(work, person.id) is not None
    ]


def _has_arrived(work: Work, ring: Notice, recipient: Recipient) -> bool:
    """Say whether the card stands in the chat and no ring of it is still under way.

    Where that cannot be told, as after the chat was cleared, it has not: to be woken twice
    harms nobody.
    """
    card = ring.card() or ""
    stands = messages.on_card(work.tx, recipient.chat_id, card) is not None
    return stands and not outbox.still_rings(work.tx, recipient.chat_id, card)
