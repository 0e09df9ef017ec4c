"""A quiet chat: whatever comes from it is heard and kept, and nothing is ever answered."""

from coordination import attachments, detentions
from handlers import alarms
from handlers.buttons import unpack
from handlers.buttons.alarms import SosHere, SosPress
from handlers.context import Request, Showing
from handlers.screens import Screen
from safety.alarmwords import AlarmLikeness, classify
from safety.quiet import KeyRemoval


def hear(request: Request) -> None:
    """Hear a taken person's phone: a call for help rings, words and places are kept."""
    incoming = request.incoming
    if incoming.callback is not None:
        pressed = unpack(incoming.callback.packed)
        if isinstance(pressed, SosPress):
            alarms.press_sos(request, pressed)
        elif isinstance(pressed, SosHere):
            alarms.press_sos_here(request, pressed)
    elif classify(incoming.text) is AlarmLikeness.ALARM and not incoming.is_edit:
        alarms.hear_words(request)
    elif incoming.place is not None:
        attachments.attach_place(request.turn, incoming.place)
    elif incoming.media is not None and incoming.message_id is not None:
        attachments.attach_file(request.turn, incoming.media, incoming.message_id, incoming.text)
    elif incoming.text and incoming.command is None and not incoming.is_edit:
        _keep(request)


def _keep(request: Request) -> None:
    held = detentions.held_actor(request.turn)
    if held is not None:
        detentions.keep_words(request.turn, held, request.incoming.text)


def render_key_removal(showing: Showing, _notice: KeyRemoval) -> Screen | None:
    """Take the permanent key away with a message that says nothing."""
    return Screen(showing.say("quiet-key"), removes_key=True)
