"""Who may do what: one table, and nothing is granted by default.

The guard asks it for every update, and each use case asks it again.
"""

from collections.abc import Mapping
from enum import StrEnum

from safety.people import RESPONDERS, TEAM_ROLES, Role


class Action(StrEnum):
    """Everything that an update can cause."""

    START = "start"
    GET_HELP = "get-help"
    CHOOSE_LANGUAGE = "choose-language"
    SEE_PRIVACY = "see-privacy"
    CLEAR_CHAT = "clear-chat"
    CANCEL = "cancel"
    ANSWER_FORM = "answer-form"
    RAISE_ALARM = "raise-alarm"
    ANSWER_ALARM = "answer-alarm"  # "I'm on it": whoever is rung
    BE_WOKEN = "be-woken"  # one's own way to be woken beside the chat: whoever is rung
    SEE_ALARM = "see-alarm"  # who called, from where; confirm by voice
    RESOLVE_ALARM = "resolve-alarm"
    CHECK_IN = "check-in"
    SAY_TAKEN = "say-taken"
    ANSWER_DETENTION = "answer-detention"  # "I'm on it", where to, released, their voice
    SAY_HURT = "say-hurt"
    SEE_INJURIES = "see-injuries"
    REPORT = "report"
    TAKE_REPORT_LINK = "take-report-link"  # to report when one's registration is gone
    STOP_REPORT_LINKS = "stop-report-links"
    LEAVE = "leave"
    LEAVE_ENVELOPE = "leave-envelope"  # something for the lawyer alone
    LEAVE_TEAM = "leave-team"
    REGISTER = "register"
    SEE_PLACE = "see-place"
    SEE_BOARD = "see-board"
    SEE_NAMES = "see-names"
    CALL_ROLL = "call-roll"
    MARK = "mark"
    MOVE_GROUPS = "move-groups"
    CONFIRM = "confirm"
    MANAGE_EVENT = "manage-event"
    INVITE = "invite"
    DECIDE_REGISTRATION = "decide-registration"
    SET_VENUE = "set-venue"
    RELEASE = "release"
    HOLD = "hold"
    RELOCATE = "relocate"
    DECIDE = "decide"  # go, hold or move, and the board of signs that it is decided from
    SEE_INCIDENTS = "see-incidents"
    SEE_CASE = "see-case"
    KEEP_COMPLAINT = "keep-complaint"  # what was filed, answered and handed over
    CLOSE_CASE = "close-case"
    MANAGE_TEAM = "manage-team"
    TEST_WAKING = "test-waking"  # whether an alarm would wake people; one is enough
    FREEZE = "freeze"
    LOCK = "lock"
    PURGE = "purge"


_EVERYONE = frozenset(Role)
_INSIDE = TEAM_ROLES | {Role.PARTICIPANT}
_ORGANIZER = frozenset({Role.ORGANIZER})
_FIELD = frozenset({Role.ORGANIZER, Role.STEWARD})
_TWO_PEOPLE = frozenset({Role.ORGANIZER, Role.DEPUTY})

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.START: _EVERYONE,
    Action.GET_HELP: _EVERYONE,
    Action.CHOOSE_LANGUAGE: _EVERYONE - {Role.REPORTER},
    Action.SEE_PRIVACY: _EVERYONE,
    Action.CANCEL: _EVERYONE,
    Action.CLEAR_CHAT: _EVERYONE,
    Action.ANSWER_FORM: _INSIDE | {Role.REPORTER},
    Action.RAISE_ALARM: _INSIDE,
    Action.ANSWER_ALARM: TEAM_ROLES - {Role.PRESS, Role.ALLY},
    Action.BE_WOKEN: TEAM_ROLES - {Role.PRESS, Role.ALLY},
    Action.SEE_ALARM: _FIELD | {Role.LAWYER, Role.MEDIC},
    Action.RESOLVE_ALARM: _FIELD,
    Action.CHECK_IN: frozenset({Role.PARTICIPANT, Role.STEWARD, Role.ORGANIZER}),
    Action.SAY_TAKEN: _INSIDE,  # whoever can call for help can be taken
    Action.ANSWER_DETENTION: frozenset({Role.ORGANIZER, Role.STEWARD, Role.LAWYER}),
    Action.SAY_HURT: _INSIDE,  # whoever can call for help can be hurt
    Action.SEE_INJURIES: frozenset({Role.ORGANIZER, Role.MEDIC}),
    Action.REPORT: _INSIDE | {Role.REPORTER},
    Action.TAKE_REPORT_LINK: frozenset({Role.PARTICIPANT}),
    Action.STOP_REPORT_LINKS: _ORGANIZER,
    Action.LEAVE: frozenset({Role.PARTICIPANT}),
    Action.LEAVE_ENVELOPE: frozenset({Role.PARTICIPANT}),
    Action.LEAVE_TEAM: TEAM_ROLES,
    Action.REGISTER: frozenset({Role.PARTICIPANT}),
    Action.SEE_PLACE: frozenset({Role.PARTICIPANT, Role.STEWARD, Role.ORGANIZER}),
    Action.SEE_BOARD: _FIELD | RESPONDERS,
    Action.SEE_NAMES: _FIELD,
    Action.CALL_ROLL: _FIELD,
    Action.MARK: _FIELD,
    Action.MOVE_GROUPS: _FIELD,
    Action.CONFIRM: _TWO_PEOPLE,
    Action.MANAGE_EVENT: _ORGANIZER,
    Action.INVITE: _ORGANIZER,
    Action.DECIDE_REGISTRATION: _ORGANIZER,
    Action.SET_VENUE: _ORGANIZER,
    Action.RELEASE: _ORGANIZER,
    Action.HOLD: _ORGANIZER,
    Action.RELOCATE: _ORGANIZER,
    Action.DECIDE: _ORGANIZER,
    Action.SEE_INCIDENTS: _ORGANIZER,
    Action.SEE_CASE: frozenset({Role.ORGANIZER, Role.LAWYER}),
    Action.KEEP_COMPLAINT: frozenset({Role.ORGANIZER, Role.LAWYER}),
    Action.CLOSE_CASE: _ORGANIZER,
    Action.MANAGE_TEAM: _ORGANIZER,
    Action.TEST_WAKING: _ORGANIZER,
    Action.FREEZE: _ORGANIZER,
    Action.LOCK: _ORGANIZER,
    Action.PURGE: _ORGANIZER,
}


def is_allowed(roles: frozenset[Role], action: Action) -> bool:
    """Say whether any of `roles` may do `action`; what the table does not name is denied."""
    return bool(roles & ALLOWED.get(action, frozenset()))
