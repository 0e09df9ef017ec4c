"""Alarms in chat: what people press and write, and the one use case each leads to."""

from coordination import alarms, alarmviews, attachments
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
from handlers.context import Request
from safety.alarmnotices import (
    AlarmDetails,
    AlarmEnding,
    AlarmPlace,
    AlarmUpdate,
    AlarmVoice,
    AlarmVoices,
    AskHelp,
)
from safety.alarms import TakenBack, Way
from safety.claims import point_of
from safety.errors import OutdatedError
from safety.liveplaces import SentPlace
from safety.notices import Say
from safety.people import EventId


def panic(request: Request) -> None:
    """Raise an alarm by command; what stands behind it is kept as the person's words."""
    words = request.incoming.argument or None
    alarms.raise_alarm(request.turn, Way.COMMAND, words)
    _keep_file(request)


def hear_words(request: Request) -> None:
    """Raise an alarm by the permanent key or by plain words."""
    text = request.incoming.text
    if request.incoming.command is not None:
        panic(request)
        return
    if _is_key(text):
        alarms.raise_alarm(request.turn, Way.KEY)
    else:
        alarms.raise_alarm(request.turn, Way.WORDS, text)
    _keep_file(request)


def press_sos(request: Request, press: SosPress) -> str | None:
    """Raise an alarm by *I need help*, under whatever screen it stood."""
    event_id = EventId(press.event_id) if press.event_id else None
    alarms.raise_alarm(request.turn, Way.BUTTON, event_id=event_id)
    return None


def press_sos_here(request: Request, press: SosHere) -> str | None:
    """Raise an alarm by *I need help*, with the place that was sent before."""
    alarms.raise_alarm(request.turn, Way.BUTTON)
    point = point_of(press.place)
    if point is not None:
        attachments.attach_place(request.turn, SentPlace(point, press.message_id))
    return None


def ask(request: Request) -> None:
    """Ask what words in doubt have meant, or a place; what stands still goes with the answer."""
    sent = request.incoming.place
    is_still = sent is not None and sent.leaves_at(request.turn.now) is None
    if sent is None or not is_still or point_of(sent.written) is None or sent.message_id < 0:
        request.turn.tell(AskHelp())
    else:
        request.turn.tell(AskHelp(None, sent.written, sent.message_id))


def press_no_help(request: Request, _press: NoHelpPress) -> str | None:
    """Take the question away: they need no help."""
    request.turn.reply(Say("alarm-no-help"))
    return None


def press_on_it(request: Request, press: OnItPress) -> str | None:
    """Acknowledge."""
    alarms.acknowledge(request.turn, press.alarm_id)
    return "alarm-noted"


def press_hand_on(request: Request, press: HandOnPress) -> str | None:
    """Hand it on; the answer says what has come of that."""
    return f"alarm-handed-{alarms.hand_on(request.turn, press.alarm_id).value}"


def press_mistake(request: Request, press: MistakePress) -> str | None:
    """Note *It was a mistake*."""
    alarms.take_back(request.turn, press.alarm_id, TakenBack.MISTAKE)
    return None


def press_safe(request: Request, press: SafeAgainPress) -> str | None:
    """Note the caller's *I'm safe*."""
    alarms.take_back(request.turn, press.alarm_id, TakenBack.SAFE)
    return None


def press_show(request: Request, press: ShowAlarmPress) -> str | None:
    """Show who called, and from where, for a minute."""
    alarm = alarms.look_closer(request.turn, press.alarm_id)
    request.turn.tell(AlarmDetails(alarm.id), alarm.event_id)
    for number, caller in enumerate(alarm.callers):
        if caller.place is not None:
            request.turn.tell(AlarmPlace(alarm.id, number), alarm.event_id)
    return None


def press_details(request: Request, press: AlarmDetailsPress) -> str | None:
    """Show another page of who called."""
    alarm = alarms.look_closer(request.turn, press.alarm_id)
    request.turn.reply(AlarmDetails(alarm.id, press.page), alarm.event_id)
    return None


def press_card(request: Request, press: AlarmCardPress) -> str | None:
    """Show the card as it stands now, in place of a question."""
    alarm = alarms.look_closer(request.turn, press.alarm_id)
    request.turn.reply(AlarmUpdate(alarm.id), alarm.event_id)
    return None


def press_voices(request: Request, press: VoicesPress) -> str | None:
    """Ask whose voice was heard."""
    alarm = alarms.look_closer(request.turn, press.alarm_id)
    request.turn.reply(AlarmVoices(alarm.id, press.page), alarm.event_id)
    return None


def press_voice(request: Request, press: VoicePress) -> str | None:
    """Ask what the voice said."""
    alarm = alarms.look_closer(request.turn, press.alarm_id)
    if alarmviews.unheard_caller(alarm, press.caller) is None:
        raise OutdatedError
    request.turn.reply(AlarmVoice(alarm.id, press.caller), alarm.event_id)
    return None


def press_voice_says(request: Request, press: VoiceSaysPress) -> str | None:
    """Note what the voice said."""
    alarms.hear(request.turn, press.alarm_id, press.caller, press.heard)
    return None


def press_resolve(request: Request, press: ResolvePress) -> str | None:
    """Ask which way it is resolved."""
    alarm = alarms.require_resolvable(request.turn, press.alarm_id)
    request.turn.reply(AlarmEnding(alarm.id), alarm.event_id)
    return None


def press_resolve_as(request: Request, press: ResolveAsPress) -> str | None:
    """Resolve."""
    alarms.resolve(request.turn, press.alarm_id, press.ending)
    return None


def _keep_file(request: Request) -> None:
    """Keep the file whose caption was the call."""
    media, message_id = request.incoming.media, request.incoming.message_id
    if media is not None and message_id is not None:
        attachments.attach_file(request.turn, media, message_id)


def _is_key(text: str) -> bool:
    """Say whether nothing but the word on the key was sent, whatever pictures stand around it."""
    return "".join(letter for letter in text if letter.isalpha()).lower() == "sos"
