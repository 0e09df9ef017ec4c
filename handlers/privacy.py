"""The privacy screen: what is kept about me, for how long; erase mine; leave; clear this chat."""

from datetime import timedelta

from coordination import leaving, privacy, registration
from coordination.privacy import Kept
from handlers import envelopes, reportlinks
from handlers.buttons.privacy import (
    AskErasure,
    AskLeaveTeam,
    ClearChat,
    EraseMine,
    KeepMine,
    LeaveTeam,
)
from handlers.context import Request, Showing
from handlers.screens import Press, Rows, Screen
from safety.kinds import Kind, Told
from safety.lives import lasting, life_of
from safety.privacy import (
    CopiesLeft,
    ErasureQuestion,
    ErasureReceipt,
    LeaveTeamQuestion,
    OldLeft,
    PrivacyScreen,
)

HOUR = timedelta(hours=1)


def show(request: Request) -> None:
    """Show what is kept about this person."""
    request.turn.reply(PrivacyScreen())


def clear(request: Request, _press: ClearChat) -> str | None:
    """Empty the chat."""
    privacy.clear_chat(request.turn)
    return "privacy-clearing"


def render_copies(showing: Showing, _notice: CopiesLeft) -> Screen | None:
    """Say how many messages have to be deleted by hand."""
    number = privacy.copies_left(showing.work, showing.chat_id)
    return Screen(showing.count("privacy-copies-left", number)) if number else None


def render_old_left(showing: Showing, _notice: OldLeft) -> Screen | None:
    """Say that older messages have to be deleted by hand."""
    return Screen(showing.say("privacy-old-left"))


def ask_erasure(request: Request, _press: AskErasure) -> str | None:
    """Ask once more."""
    request.turn.reply(ErasureQuestion())
    return None


def keep(request: Request, _press: KeepMine) -> str | None:
    """Leave everything as it is."""
    request.turn.reply(PrivacyScreen())
    return None


def erase(request: Request, _press: EraseMine) -> str | None:
    """Erase everything of this person."""
    registration.withdraw(request.turn)
    return None


def ask_leave_team(request: Request, _press: AskLeaveTeam) -> str | None:
    """Ask once more."""
    request.turn.reply(LeaveTeamQuestion())
    return None


def leave_team(request: Request, _press: LeaveTeam) -> str | None:
    """Leave the team."""
    leaving.leave_team(request.turn)
    return None


def render_screen(showing: Showing, _notice: PrivacyScreen) -> Screen | None:
    """Say what is kept and until when, and that Telegram reads along."""
    kept = privacy.what_is_kept(showing.work, showing.chat_id)
    is_of_team = privacy.is_of_team(showing.work, showing.chat_id)
    lines = [showing.say("privacy-title"), ""]
    for one in kept:
        lines += _kept_lines(showing, one)
    lines += [line for one in kept if (line := envelopes.line(showing, one))]
    if is_of_team:
        lines.append(_told(showing, Told.TEAM))
    if kept or is_of_team:
        lines.append(_told(showing, Told.RECORDS))
    else:
        lines.append(showing.say("privacy-nothing"))
    lines += ["", _chat_line(showing), showing.say("privacy-telegram")]
    return Screen("\n".join(lines), _rows(showing, kept, is_of_team=is_of_team))


def _kept_lines(showing: Showing, kept: Kept) -> list[str]:
    lines = []
    for kind, until in kept.lives.items():
        is_held = kind is Kind.ROSTER and kept.event.legal_hold is not None
        told = life_of(kind).told
        if is_held:
            lines.append(showing.say("privacy-legal-hold"))
        elif told is not None:
            lines.append(_told(showing, told, day=showing.day(until, kept.event.tzinfo)))
    return lines


def _chat_line(showing: Showing) -> str:
    policy = showing.work.policy
    hours = {
        "hours": lasting(Kind.MESSAGES, policy) // HOUR,
        "places": -(-lasting(Kind.PLACE_MESSAGES, policy) // HOUR),
        "forms": lasting(Kind.DRAFTS, policy) // HOUR,
    }
    return _told(showing, Told.CHAT, **hours)


def _told(showing: Showing, told: Told, **values: str | int) -> str:
    return showing.say(f"privacy-told-{told.value}", **values)


def _rows(showing: Showing, kept: list[Kept], *, is_of_team: bool) -> Rows:
    rows: list[tuple[Press, ...]] = [(showing.button("privacy-button-clear", ClearChat()),)]
    rows += [envelopes.row(showing, one) for one in kept]
    for one in kept:
        rows += reportlinks.take_row(showing, one.event_id)
    if kept:
        rows.append((showing.button("privacy-button-erase", AskErasure()),))
    if is_of_team:
        rows.append((showing.button("privacy-button-leave-team", AskLeaveTeam()),))
    return tuple(rows)


def render_question(showing: Showing, _notice: ErasureQuestion) -> Screen | None:
    """Ask whether everything shall go, and say what cannot be taken back."""
    rows = (
        (showing.button("privacy-button-erase-yes", EraseMine()),),
        (showing.button("button-cancel", KeepMine()),),
    )
    kept = privacy.what_is_kept(showing.work, showing.chat_id)
    lines = [showing.say("privacy-erase-ask"), *reportlinks.erasing(showing, kept)]
    return Screen("\n\n".join(lines), rows)


def render_receipt(showing: Showing, notice: ErasureReceipt) -> Screen | None:
    """Say what was erased, when, and what is left."""
    day, time = showing.day(notice.at), showing.time(notice.at)
    lines = [
        showing.say("privacy-erased", day=day, time=time),
        *_left_on_disk(showing, notice),
        showing.count("privacy-erased-registrations", notice.registrations),
        showing.count("privacy-erased-messages", notice.messages),
        _told(showing, Told.RECORDS),
    ]
    if privacy.is_of_team(showing.work, showing.chat_id):
        lines.append(showing.say("privacy-erased-team"))
    return Screen("\n".join((*lines, showing.say("privacy-erased-copies"))))


def _left_on_disk(showing: Showing, notice: ErasureReceipt) -> list[str]:
    """Say what the words "it is erased" do not hold for yet, or cannot on this disk."""
    lines = [showing.say("privacy-erased-locked")] if notice.is_key_owed else []
    if not showing.work.policy.overwrites_in_place:
        lines.append(showing.say("privacy-erased-disk"))
    return lines


def render_leave_team(showing: Showing, _notice: LeaveTeamQuestion) -> Screen | None:
    """Ask whether somebody wants to leave the team, and say what that does."""
    rows = (
        (showing.button("privacy-button-leave-team-yes", LeaveTeam()),),
        (showing.button("button-cancel", KeepMine()),),
    )
    return Screen(showing.say("privacy-leave-team-ask"), rows)
