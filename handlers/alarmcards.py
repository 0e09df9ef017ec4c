"""The cards of an alarm: what its callers see, what the team sees, and what stands behind *Show*.

First lines are neutral, for a locked phone. Nobody is ever told that help is coming: only what is
known, such as "Seen 18:04. Alarm 17."
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from coordination import alarmviews
from coordination.whois import find_teammate
from handlers import injuries, paging
from handlers.buttons.alarms import (
    AlarmCardPress,
    AlarmDetailsPress,
    HandOnPress,
    MistakePress,
    NoHelpPress,
    OnItPress,
    ResolveAsPress,
    ResolvePress,
    SafeAgainPress,
    ShowAlarmPress,
    SosHere,
    SosPress,
    VoicePress,
    VoiceSaysPress,
    VoicesPress,
)
from handlers.buttons.detentions import TakenPress
from handlers.context import Showing
from handlers.naming import name_line
from handlers.screens import Pin, Press, Rows, Screen
from safety import alarms as rules
from safety import escalation
from safety.alarmnotices import (
    AlarmAnswer,
    AlarmDetails,
    AlarmEnding,
    AlarmPlace,
    AlarmRing,
    AlarmSeen,
    AlarmUpdate,
    AlarmVoice,
    AlarmVoices,
    AskHelp,
)
from safety.alarms import Alarm, AlarmState, Caller, Ending, Heard, TakenBack
from safety.groups import Group
from safety.paging import cut
from safety.permissions import Action, is_allowed

VOICES = 4  # buttons: with what else stands on the card, eight

# ---------------------------------------------------------------- what callers see


def render_answer(showing: Showing, notice: AlarmAnswer | AlarmSeen) -> Screen | None:
    """Show a caller what is known of their own call, and what they can still say."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    caller = None if alarm is None else alarmviews.own_call(showing.actor, alarm)
    if alarm is None or caller is None:
        return None
    if alarm.state is AlarmState.RESOLVED:
        at = _time(showing, alarm, alarm.resolved_at or alarm.opened_at)
        closed = showing.say("alarm-mine-closed", number=alarm.number, time=at)
        return Screen(closed, (injuries.row(showing, alarm.event_id, alarm.id),))
    lines = [*_seen_lines(showing, alarm, caller), *_own_lines(showing, alarm, caller)]
    return Screen("\n".join(lines), _own_rows(showing, alarm, caller))


def _seen_lines(showing: Showing, alarm: Alarm, caller: Caller) -> list[str]:
    seen = rules.seen_at(alarm, caller)
    if seen is None:
        lines = [showing.say("alarm-mine-number", number=alarm.number)]
        lines.append(_unseen_line(showing, alarm, caller))
    else:
        by = find_teammate(showing.work, seen.by)
        time = _time(showing, alarm, seen.at)
        lines = [showing.say("alarm-mine-seen", number=alarm.number, time=time)]
        role = "" if by is None else showing.say(f"alarm-role-{by.role.value}")
        lines += [showing.say("alarm-mine-seen-by", role=role)] if role else []
        if _is_covered(showing, alarm, caller):
            return lines
        lines.append(showing.say("alarm-mine-no-news"))
    number = alarmviews.number_to_call(showing.work, alarm, caller)
    if number:
        lines.append(showing.say("alarm-mine-call", number=number))
    return lines


def _unseen_line(showing: Showing, alarm: Alarm, caller: Caller) -> str:
    time, handed_at = _time(showing, alarm, caller.at), rules.handed_on_at(alarm, caller)
    if handed_at is None:
        return showing.say("alarm-mine-received", time=time)
    seen = _time(showing, alarm, handed_at)
    return showing.say("alarm-mine-handed-on", time=time, seen=seen)


def _is_covered(showing: Showing, alarm: Alarm, caller: Caller) -> bool:
    work = showing.work
    return escalation.is_covered_for(alarm, caller, work.now, work.policy.answer_holds)


def _own_lines(showing: Showing, alarm: Alarm, caller: Caller) -> list[str]:
    lines = []
    if caller.presses > 1:
        time = _time(showing, alarm, caller.pressed_at)
        lines.append(showing.count("alarm-presses", caller.presses, time=time))
    match caller.taken_back:
        case TakenBack.MISTAKE:
            lines.append(showing.say("alarm-mine-mistake"))
        case TakenBack.SAFE:
            lines.append(showing.say("alarm-mine-safe"))
        case None:
            lines.append(showing.say("alarm-mine-send"))
    return lines


def _own_rows(showing: Showing, alarm: Alarm, caller: Caller) -> Rows:
    if caller.taken_back is not None:
        return ((showing.button("alarm-button-help", SosPress(alarm.event_id or 0)),),)
    taken = showing.button("alarm-button-taken", TakenPress(alarm.event_id or 0))
    safe = showing.button("alarm-button-safe", SafeAgainPress(alarm.id))
    mistake = showing.button("alarm-button-mistake", MistakePress(alarm.id))
    hurt = injuries.row(showing, alarm.event_id, alarm.id)
    return ((taken,), hurt, (safe,), (mistake,))


def render_ask(showing: Showing, notice: AskHelp) -> Screen | None:
    """Ask whether help is needed right now."""
    press = SosPress(notice.event_id or 0)
    here = SosHere(notice.message_id, notice.place) if notice.place else press
    yes = showing.button("alarm-button-help", here)
    no = showing.button("alarm-button-no", NoHelpPress())
    return Screen(showing.say("alarm-ask"), ((yes,), (no,)))


# ---------------------------------------------------------------- what the team sees


def render_card(showing: Showing, notice: AlarmRing | AlarmUpdate) -> Screen | None:
    """Show the team's card: numbers and times; who called stands behind *Show*."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None:
        return None
    return Screen(_card_text(showing, alarm), _card_rows(showing, alarm))


def render_ending(showing: Showing, notice: AlarmEnding) -> Screen | None:
    """Ask whether it was real, and say for how many it ends who have not said that it is over."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None:
        return None
    calling = sum(one.taken_back is None for one in alarm.callers)
    more = [showing.say("alarm-ask-ending-calling", number=calling)] if calling else []
    real = showing.button("alarm-button-real", ResolveAsPress(alarm.id, Ending.REAL))
    mistaken = showing.button("alarm-button-mistaken", ResolveAsPress(alarm.id, Ending.MISTAKEN))
    return _question(showing, alarm, "alarm-ask-ending", ((real,), (mistaken,)), more)


def render_voice(showing: Showing, notice: AlarmVoice) -> Screen | None:
    """Ask what the caller's voice said."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None or alarmviews.unheard_caller(alarm, notice.caller) is None:
        return None
    safe = VoiceSaysPress(alarm.id, notice.caller, Heard.SAFE)
    help_ = VoiceSaysPress(alarm.id, notice.caller, Heard.NEEDS_HELP)
    said = (
        (showing.button("alarm-button-voice-safe", safe),),
        (showing.button("alarm-button-voice-help", help_),),
    )
    return _question(showing, alarm, "alarm-ask-voice", said)


def render_details(showing: Showing, notice: AlarmDetails) -> Screen | None:
    """Show who called and what is known of them, by pages; only to whoever may see it."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None or not showing.may(Action.SEE_ALARM):
        return None
    lines = [showing.say("alarm-card-number", number=alarm.number)]
    event = alarmviews.event_of(showing.work, alarm)
    lines += [] if event is None else [showing.say("alarm-details-event", title=event.title)]
    views = enumerate(alarmviews.callers_of(showing.work, alarm), start=1)
    callers = ["\n".join(_caller_lines(showing, alarm, view, number)) for number, view in views]
    press = partial(AlarmDetailsPress, alarm.id)
    places, turns = paging.by_length(showing, callers, notice.page, press)
    shown = "\n\n".join(callers[place] for place in places)
    return Screen("\n".join([*lines, "", shown]), turns)


def render_place(showing: Showing, notice: AlarmPlace) -> Screen | None:
    """Show where a caller was last."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None or not 0 <= notice.caller < len(alarm.callers):
        return None
    place = alarm.callers[notice.caller].place
    if place is None or not showing.may(Action.SEE_ALARM):
        return None
    return Screen("", pin=Pin(*place))


def _card_text(showing: Showing, alarm: Alarm) -> str:
    lines = [
        showing.say("alarm-card-number", number=alarm.number),
        showing.say("alarm-card-since", time=_time(showing, alarm, alarm.opened_at)),
    ]
    if alarm.state is not AlarmState.RESOLVED:
        lines += _state_lines(showing, alarm)
    lines += [_person_line(showing, alarm, one, "answer") for one in alarm.acknowledgements]
    lines += [_person_line(showing, alarm, one, "handed-on") for one in alarm.handed_on]
    if alarm.ending is not None:
        time = _time(showing, alarm, alarm.resolved_at or alarm.opened_at)
        lines.append(showing.say(f"alarm-card-ended-{alarm.ending.value}", time=time))
        lines += _ended_by(showing, alarm)
    return "\n".join(lines)


def _ended_by(showing: Showing, alarm: Alarm) -> list[str]:
    """Say who closed it: an account in wrong hands can, and colleagues must see which."""
    by = find_teammate(showing.work, alarm.resolved_by)
    if by is None or not by.name:
        return []
    role = showing.plain(f"alarm-role-{by.role.value}")
    return [showing.say("alarm-card-ended-by", name=by.name, role=role)]


def _state_lines(showing: Showing, alarm: Alarm) -> list[str]:
    lines = []
    work = showing.work
    left = escalation.uncovered(alarm, work.now, work.policy.answer_holds)
    if len(alarm.callers) > 1:
        time = _time(showing, alarm, max(caller.at for caller in alarm.callers))
        lines.append(showing.count("alarm-card-callers", len(alarm.callers), time=time))
    if alarm.level and not alarm.acknowledgements:
        lines.append(showing.count("alarm-card-unanswered", alarm.level + 1))
    elif alarm.level and left:
        lines.append(showing.say("alarm-card-no-news", time=_time(showing, alarm, alarm.rung_at)))
    if alarm.acknowledgements and 0 < left < len(alarm.callers):
        lines.append(showing.count("alarm-card-left", left))
    if alarmviews.is_left_to_nobody(work, alarm):
        lines.append(showing.say("alarm-card-left-to-nobody"))
    unheard = sum(caller.is_unheard for caller in alarm.callers)
    if unheard:
        lines.append(showing.count("alarm-card-unheard", unheard))
    if alarm.files:
        lines.append(showing.count("alarm-card-files", alarm.files))
    return lines


def _person_line(
    showing: Showing, alarm: Alarm, said: rules.Acknowledgement | rules.HandingOn, kind: str
) -> str:
    by = find_teammate(showing.work, said.by)
    time = _time(showing, alarm, said.at)
    if by is None or not by.name:
        return showing.say(f"alarm-card-{kind}-gone", time=time)
    role = showing.plain(f"alarm-role-{by.role.value}")
    return showing.say(f"alarm-card-{kind}", time=time, name=by.name, role=role)


def _card_rows(showing: Showing, alarm: Alarm) -> Rows:
    if alarm.state is AlarmState.RESOLVED:
        return ()
    actor = showing.actor
    rows: list[tuple[Press, ...]] = [(showing.button("alarm-button-on-it", OnItPress(alarm.id)),)]
    if actor.team_id not in alarm.cannot:
        rows.append((showing.button("alarm-button-hand-on", HandOnPress(alarm.id)),))
    if is_allowed(actor.roles, Action.SEE_ALARM):
        rows.append((showing.button("button-show", ShowAlarmPress(alarm.id)),))
        rows += _voice_rows(showing, alarm)
    if is_allowed(actor.roles, Action.RESOLVE_ALARM):
        rows.append((showing.button("alarm-button-resolve", ResolvePress(alarm.id)),))
    return tuple(rows)


def _voice_rows(showing: Showing, alarm: Alarm) -> Rows:
    """Give a button for each voice that nobody has heard; where these are many, one for all."""
    unheard = _unheard(alarm)
    if len(unheard) > VOICES:
        return ((showing.button("alarm-button-voices", VoicesPress(alarm.id, 0)),),)
    return tuple((_voice_button(showing, alarm, number),) for number in unheard)


def _unheard(alarm: Alarm) -> list[int]:
    return [number for number, caller in enumerate(alarm.callers) if caller.is_unheard]


def render_voices(showing: Showing, notice: AlarmVoices) -> Screen | None:
    """Ask whose voice was heard."""
    alarm = alarmviews.look(showing.work, notice.alarm_id)
    if alarm is None or not showing.may(Action.SEE_ALARM):
        return None
    page = cut(_unheard(alarm), notice.page, beside=1)
    voices = ((_voice_button(showing, alarm, number),) for number in page.items)
    turns = paging.turns(showing, page, partial(VoicesPress, alarm.id))
    return _question(showing, alarm, "alarm-ask-whose-voice", (*voices, *turns))


def _voice_button(showing: Showing, alarm: Alarm, number: int) -> Press:
    press = VoicePress(alarm.id, number)
    if len(alarm.callers) == 1:
        return showing.button("alarm-button-voice", press)
    return showing.button("alarm-button-voice-of", press, caller=number + 1)


def _question(
    showing: Showing, alarm: Alarm, key: str, answers: Rows, more: Sequence[str] = ()
) -> Screen:
    lines = (showing.say("alarm-card-number", number=alarm.number), showing.say(key), *more)
    back = showing.button("button-back", AlarmCardPress(alarm.id))
    return Screen("\n".join(lines), (*answers, (back,)))


def _caller_lines(
    showing: Showing, alarm: Alarm, view: alarmviews.CallerView, number: int
) -> list[str]:
    """Say all of one caller; of several with the number by which a button names them."""
    caller, who = view.caller, _who(showing, view)
    lines = [who if len(alarm.callers) == 1 else f"{number}. {who}"]
    time = _time(showing, alarm, caller.pressed_at)
    lines.append(showing.count("alarm-presses", caller.presses, time=time))
    if view.person is not None:
        lines.append(showing.say(f"alarm-presence-{view.person.presence.value}"))
    lines += group_lines(showing, view.group)
    if caller.words:
        lines.append(showing.say("alarm-details-words", words=caller.words))
    if caller.taken_back is not None:
        time = _time(showing, alarm, caller.taken_back_at or caller.at)
        lines.append(showing.say(f"alarm-details-{caller.taken_back.value}", time=time))
    if caller.heard_at is not None:
        lines.append(
            showing.say("alarm-details-heard", time=_time(showing, alarm, caller.heard_at))
        )
    if caller.place_at is not None:
        lines.append(
            showing.say("alarm-details-place", time=_time(showing, alarm, caller.place_at))
        )
    return lines


def group_lines(showing: Showing, group: Group | None) -> list[str]:
    """Say in what somebody left: the kind, and the plate if it is known."""
    if group is None:
        return []
    kind = showing.plain(f"alarm-group-{group.kind.value}")
    if group.plate is None:
        return [showing.say("alarm-details-group", kind=kind)]
    return [showing.say("alarm-details-group-plate", kind=kind, plate=group.plate)]


def _who(showing: Showing, view: alarmviews.CallerView) -> str:
    if view.person is not None:
        return name_line(showing, view.person)
    if view.teammate is not None:
        role = showing.plain(f"alarm-role-{view.teammate.role.value}")
        return showing.say("alarm-details-teammate", name=view.teammate.name, role=role)
    return showing.say("alarm-details-erased")


def _time(showing: Showing, alarm: Alarm, moment: datetime) -> str:
    event = alarmviews.event_of(showing.work, alarm)
    return showing.time(moment, None if event is None else event.tzinfo)
