"""Waking the team a second way: for an alarm that reached nobody, and when the line is silent.

All of it works while people's names are locked: it needs the team and the alarm alone.
"""

from datetime import datetime, timedelta

from coordination.alarmviews import roles_of
from coordination.secondaddresses import usable
from coordination.turns import Work
from safety import escalation
from safety import secondchannel as rules
from safety.alarmnotices import AlarmRing
from safety.alarms import Alarm
from safety.people import Recipient, Role, TeamId
from safety.secondchannel import (
    LINE_CARD,
    LineDown,
    LineStaysDown,
    Ringing,
    SecondAlarm,
    WakeOtherwise,
)
from storage import alarms, chats, counters, messages, outbox, secondaddresses, team, timers
from storage import secondchannel as store
from storage.moments import from_row, to_row

LINE_DOWN = "line-down-since"  # the counter that keeps it, in milliseconds; 0: it is not
LINE_SILENT = "line-silent-since"


def follow(work: Work, alarm: Alarm) -> None:
    """Begin or end to wake people otherwise, as an alarm stands now; whenever one is stored."""
    if rules.unanswered_since(alarm, work.now, work.policy.answer_holds) is None:
        work.cancel_timer(WakeOtherwise(alarm.id))
        store.withdraw(work.tx, rules.alarm_card(alarm.id))
        return
    timer = WakeOtherwise(alarm.id)
    next_look = timers.moment_of(work.tx, timer)
    # Further off than any look, the clock was set back since, or nobody can read the timer.
    is_set = next_look is not None and abs(next_look - work.now) <= rules.LOOK_EVERY
    if secondaddresses.are_any(work.tx) and not is_set:
        wait = timedelta() if is_line_down(work) else rules.ARRIVES_WITHIN
        work.set_timer(work.now + wait, timer, alarm.event_id)


def wake(work: Work, timer: WakeOtherwise) -> None:
    """Tell whomever this alarm has not reached, each at their own pace; then look again."""
    alarm = alarms.get(work.tx, timer.alarm_id)
    holds = work.policy.answer_holds
    since = None if alarm is None else rules.unanswered_since(alarm, work.now, holds)
    if alarm is None or since is None:
        return
    woken = {one.team_id: one for one in timer.woken}
    is_down = is_line_down(work)
    for team_id, recipient in _rung(work, alarm):
        before = woken.get(team_id)
        person = Ringing(alarm.rung_at, _has_arrived(work, alarm, recipient), before)
        if rules.wakes(person, work.now, since, is_line_down=is_down):
            work.owe(recipient, SecondAlarm(team_id, alarm.id), alarm.event_id)
            woken[team_id] = rules.again(before, team_id, work.now)
    again = WakeOtherwise(alarm.id, tuple(woken.values()))
    work.set_timer(work.now + rules.LOOK_EVERY, again, alarm.event_id)


def number_of(work: Work, alarm_id: int) -> int | None:
    """Give the number of an alarm that still waits for somebody, else None."""
    alarm = alarms.get(work.tx, alarm_id)
    if alarm is None:
        return None
    since = rules.unanswered_since(alarm, work.now, work.policy.answer_holds)
    return None if since is None else alarm.number


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
    if silent_since is None:
        counters.set_value(work.tx, LINE_SILENT, 0)
        work.cancel_timer(LineStaysDown())
        store.withdraw(work.tx, LINE_CARD)
    elif line_silent_since(work) is None:  # a restart in between changes nothing
        counters.set_value(work.tx, LINE_SILENT, to_row(silent_since))
        tell_of_silence(work, LineStaysDown())


def tell_of_silence(work: Work, timer: LineStaysDown) -> None:
    """Tell the organizers that the line is still silent."""
    since = line_silent_since(work)
    if since is None:
        return
    for person, recipient in team.reachable(work.tx, (Role.ORGANIZER,)):
        if usable(work, person.id) is not None:
            work.owe(recipient, LineDown(person.id, since))
    work.set_timer(work.now + rules.LINE_PACE, timer)


def is_line_down(work: Work) -> bool:
    """Say whether the chat is known to take nothing now."""
    return counters.value(work.tx, LINE_DOWN) != 0


def line_silent_since(work: Work) -> datetime | None:
    """Give since when the service is silent, None while it is not."""
    since = counters.value(work.tx, LINE_SILENT)
    return from_row(since) if since else None


# ---------------------------------------------------------------- inside


def _rung(work: Work, alarm: Alarm) -> list[tuple[TeamId, Recipient]]:
    """Give whom this alarm rings, as far as they have an address.

    Who has blocked the bot is rung this way all the same; who was taken is not.
    """
    people = [
        (person, recipient)
        for person, recipient in team.reachable(work.tx, escalation.LATER)
        if not escalation.is_only_caller(alarm, person.id)
        and not chats.is_quiet(work.tx, recipient.chat_id)
    ]
    holds = work.policy.answer_holds
    rung = escalation.whom_to_ring(alarm, roles_of(people), work.now, holds, is_new=False)
    return [
        (person.id, recipient)
        for person, recipient in people
        if person.id in rung and usable(work, person.id) is not None
    ]


def _has_arrived(work: Work, alarm: Alarm, recipient: Recipient) -> bool:
    """Say whether the card stands in the chat and no ring of it is still under way.

    Where that cannot be told, as after the chat was cleared, it has not: to be woken twice
    harms nobody.
    """
    card = AlarmRing(alarm.id).card() or ""
    stands = messages.on_card(work.tx, recipient.chat_id, card) is not None
    return stands and not outbox.still_rings(work.tx, recipient.chat_id, card)
