"""Compares every open alarm and detention with its plan, and raises what fell behind.

It trusts no timer: a row that is lost, cannot be read or fails again and again silences nobody.
"""

from dataclasses import dataclass
from datetime import datetime

from coordination import alarms, audience, detentions
from coordination.alarmviews import whom_it_rings
from coordination.turns import Work
from safety.alarmnotices import AlarmRing
from safety.alarms import Alarm
from safety.auditing import GRACE, LONGEST_PAUSE, AlarmDamaged, AlarmLate, Lag, lag_of
from safety.detentions import Detention, RemindOfDetention
from safety.escalation import RingAgain, is_covered
from safety.notices import Lane
from safety.people import Recipient
from safety.timers import Timer
from storage import alarms as alarm_rows
from storage import counters, messages, overdue, timers
from storage import detentions as detention_rows


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that fell behind, and how."""

    lag: Lag
    alarm_id: int | None = None
    detention_id: int | None = None
    number: int | None = None  # of an alarm that does not open


def look(work: Work) -> list[Finding]:
    """Give everything that has fallen behind, alarms first."""
    found = [
        Finding(lag, alarm_id=alarm.id)
        for alarm in alarm_rows.unresolved(work.tx)
        if (lag := _lag_of_alarm(work, alarm)) is not None
    ]
    found += [
        Finding(lag, detention_id=detention.id)
        for detention in detention_rows.unclosed(work.tx)
        if (lag := _lag_of_detention(work, detention)) is not None
    ]
    found += [Finding(Lag.DAMAGED, number=one) for one in _untold(work)]
    if overdue.has_ahead(work.tx, work.now + GRACE, Lane.ALARM, LONGEST_PAUSE):
        found.append(Finding(Lag.SET_BACK))
    return found


def catch_up(work: Work, finding: Finding) -> None:
    """Ring now what must have been rung, and set what rings it next.

    What was owed in the future, or failed there, and would wait until then, goes out now.
    """
    if finding.alarm_id is not None:
        alarm = alarm_rows.get(work.tx, finding.alarm_id)
        if alarm is not None and _lag_of_alarm(work, alarm) is finding.lag:
            _catch_up_with_alarm(work, alarm, finding.lag)
    if finding.detention_id is not None:
        detentions.remind(work, RemindOfDetention(finding.detention_id))
    if finding.number is not None and finding.number in _untold(work):
        counters.set_value(work.tx, _told(finding.number), 1)
        audience.tell_organizers(work, AlarmDamaged(finding.number))
    if finding.lag is Lag.SET_BACK:
        overdue.bring_forward(work.tx, work.now, Lane.ALARM)


def _untold(work: Work) -> list[int]:
    """Give the numbers of damaged alarms of which no organizer has heard."""
    found = alarm_rows.damaged(work.tx)
    return [number for number in found if not counters.value(work.tx, _told(number))]


def _told(number: int) -> str:
    return f"alarm-damaged:{number}"


def _catch_up_with_alarm(work: Work, alarm: Alarm, lag: Lag) -> None:
    is_lost = False
    if lag is Lag.NOT_SENT:
        for recipient in _unrung(work, alarm):
            is_lost |= overdue.drop_set_aside(work.tx, recipient, _card(alarm)) > 0
            work.owe(recipient, AlarmRing(alarm.id), alarm.event_id)
    else:
        alarms.ring_again(work, RingAgain(alarm.id))
    if lag is Lag.NOT_RUN or is_lost:
        _tell_once(work, alarm)


def _tell_once(work: Work, alarm: Alarm) -> None:
    late = AlarmLate(alarm.id)
    card = late.card() or ""
    for recipient in audience.organizers(work):
        if messages.on_card(work.tx, recipient.chat_id, card) is None:
            work.owe(recipient, late, alarm.event_id)


def _lag_of_alarm(work: Work, alarm: Alarm) -> Lag | None:
    lag = _lag(work, alarms.next_ring(work, alarm), alarm.rung_at, RingAgain(alarm.id))
    if lag is None and _unrung(work, alarm):
        return Lag.NOT_SENT
    return lag


def _lag_of_detention(work: Work, detention: Detention) -> Lag | None:
    due, timer = detentions.next_ring(work, detention), RemindOfDetention(detention.id)
    return _lag(work, due, detention.rung_at, timer)


def _lag(work: Work, due: datetime | None, rung_at: datetime, timer: Timer) -> Lag | None:
    return lag_of(due, rung_at, timers.moment_of(work.tx, timer), work.now)


def _unrung(work: Work, alarm: Alarm) -> list[Recipient]:
    """Give those whom the last ring has not reached, and never will by itself."""
    is_answered = is_covered(alarm, work.now, work.policy.answer_holds)
    if is_answered or work.now < alarm.rung_at + GRACE:
        return []
    card = _card(alarm)
    return [
        recipient
        for _, recipient in whom_it_rings(work, alarm)
        if not overdue.is_on_its_way(work.tx, recipient, card)
        and (
            overdue.is_set_aside(work.tx, recipient, card)
            or messages.on_card(work.tx, recipient.chat_id, card) is None
        )
    ]


def _card(alarm: Alarm) -> str:
    return AlarmRing(alarm.id).card() or ""
