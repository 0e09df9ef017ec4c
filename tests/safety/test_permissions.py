"""Who may do what: the whole matrix, written down a second time by hand, and denied by default."""

import pytest

from safety.people import RESPONDERS, TEAM_ROLES, Role
from safety.permissions import ALLOWED, Action, is_allowed

# One line for each action: o organizer, d deputy, s steward, l lawyer, m medic, p press, a ally,
# u participant, r reporter (came by a link), x stranger. Written from the contract, not from the
# table it is compared with.
LETTERS = dict(zip("odslmpaurx", Role, strict=True))
EXPECTED = {
    Action.START: "odslmpaurx",
    Action.GET_HELP: "odslmpaurx",
    Action.CHOOSE_LANGUAGE: "odslmpaux",
    Action.SEE_PRIVACY: "odslmpaurx",
    Action.CLEAR_CHAT: "odslmpaurx",
    Action.CANCEL: "odslmpaurx",
    Action.ANSWER_FORM: "odslmpaur",
    Action.RAISE_ALARM: "odslmpau",
    Action.ANSWER_ALARM: "odslm",
    Action.BE_WOKEN: "odslm",
    Action.SEE_ALARM: "oslm",
    Action.RESOLVE_ALARM: "os",
    Action.CHECK_IN: "osu",
    Action.SAY_TAKEN: "odslmpau",
    Action.ANSWER_DETENTION: "osl",
    Action.SAY_HURT: "odslmpau",
    Action.SEE_INJURIES: "om",
    Action.REPORT: "odslmpaur",
    Action.TAKE_REPORT_LINK: "u",
    Action.STOP_REPORT_LINKS: "o",
    Action.LEAVE: "u",
    Action.LEAVE_ENVELOPE: "u",
    Action.LEAVE_TEAM: "odslmpa",
    Action.REGISTER: "u",
    Action.SEE_PLACE: "osu",
    Action.SEE_BOARD: "oslmpa",
    Action.SEE_NAMES: "os",
    Action.CALL_ROLL: "os",
    Action.MARK: "os",
    Action.MOVE_GROUPS: "os",
    Action.CONFIRM: "od",
    Action.MANAGE_EVENT: "o",
    Action.INVITE: "o",
    Action.DECIDE_REGISTRATION: "o",
    Action.SET_VENUE: "o",
    Action.RELEASE: "o",
    Action.HOLD: "o",
    Action.RELOCATE: "o",
    Action.DECIDE: "o",
    Action.SEE_INCIDENTS: "o",
    Action.SEE_CASE: "ol",
    Action.KEEP_COMPLAINT: "ol",
    Action.CLOSE_CASE: "o",
    Action.MANAGE_TEAM: "o",
    Action.TEST_WAKING: "o",
    Action.FREEZE: "o",
    Action.LOCK: "o",
    Action.PURGE: "o",
}
ROSTER = (Action.SEE_NAMES, Action.MARK, Action.DECIDE_REGISTRATION, Action.SEE_ALARM)


def test_every_action_is_decided_here() -> None:
    """A new one makes this fail until somebody has thought of every role."""
    assert set(EXPECTED) == set(Action)
    assert set(ALLOWED) == set(Action)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_every_role_may_do_exactly_what_is_written(action: Action, role: Role) -> None:
    """One role alone, one action."""
    expected = role in {LETTERS[letter] for letter in EXPECTED[action]}
    assert is_allowed(frozenset({role}), action) is expected


def test_what_the_table_does_not_name_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even to somebody with every role there is."""
    assert not is_allowed(frozenset(), Action.START)
    monkeypatch.setattr("safety.permissions.ALLOWED", {})
    assert not any(is_allowed(frozenset(Role), action) for action in Action)


@pytest.mark.parametrize("action", Action)
def test_two_roles_together_may_what_each_may(action: Action) -> None:
    """A steward who is a participant too loses nothing and gains nothing else."""
    both = frozenset({Role.STEWARD, Role.PARTICIPANT})
    each = any(is_allowed(frozenset({role}), action) for role in both)
    assert is_allowed(both, action) is each


@pytest.mark.parametrize("action", ROSTER)
def test_a_deputy_never_meets_the_roster(action: Action) -> None:
    """They confirm from far away, and cannot be made to tell who is there."""
    assert not is_allowed(frozenset({Role.DEPUTY}), action)


@pytest.mark.parametrize("role", sorted(TEAM_ROLES | {Role.PARTICIPANT}))
def test_everybody_inside_can_call_for_help(role: Role) -> None:
    """And say that they are taken, since that stands under every call; nobody outside can."""
    for action in (Action.RAISE_ALARM, Action.SAY_TAKEN):
        assert is_allowed(frozenset({role}), action)
        assert not is_allowed(frozenset({Role.STRANGER}), action)


def test_whoever_can_see_names_or_decide_is_no_responder() -> None:
    """Responders get what their task needs and nothing else."""
    for action in (Action.SEE_NAMES, Action.RELEASE, Action.HOLD, Action.CONFIRM, Action.PURGE):
        assert not any(is_allowed(frozenset({role}), action) for role in RESPONDERS)
