"""/start: opens a link, else shows how things stand and what can be done here.

Whatever a link is, a wrong one gets the same one sentence.
"""

from dataclasses import replace
from typing import assert_never

from coordination import chats, links, registration
from coordination.actors import find_actor
from coordination.links import Opened
from handlers import forms, menu
from handlers.context import Request
from safety.people import Role
from safety.reports import REPORT_FORM


def start(request: Request) -> None:
    """Open a link, or show what can be done here."""
    token = request.incoming.argument
    if not token:
        registration.show_own(request.turn)
        menu.show(request)
        return
    opened = links.open_link(request.turn, token)
    match opened:
        case Opened.NOTHING:
            menu.tell_nothing(request.turn)
        case Opened.KNOWN:
            menu.show(request)
        case Opened.IN_TEAM | Opened.AT_EVENT:
            _remember(request)
        case Opened.TO_REPORT:
            chats.take_away(request.turn, request.incoming.message_id)
            forms.start(_renewed(request), REPORT_FORM)
        case Opened.NAMELESS:
            _remember(request)
            forms.start(_renewed(request), "team-name")
        case _:
            assert_never(opened)


def _renewed(request: Request) -> Request:
    """Give the request as what its person has become by opening the link."""
    turn, incoming = request.turn, request.incoming
    actor = find_actor(turn.tx, turn.policy, incoming.chat_id, incoming.language_code)
    return replace(request, turn=replace(turn, actor=actor))


def _remember(request: Request) -> None:
    """Have a newcomer's message with the link go in time, like everything that people write."""
    was_stranger = Role.STRANGER in request.turn.actor.roles
    if was_stranger and request.incoming.message_id is not None:
        chats.remember_incoming(request.turn, request.incoming.message_id, None)
