"""The privacy screen: what is kept about me, for how long; erase mine; clear this chat."""

from coordination import privacy, registration
from handlers import envelopes
from handlers.buttons.privacy import AskErasure, ClearChat, EraseMine, KeepMine
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from safety.errors import OutdatedError
from safety.notices import Say
from safety.privacy import ErasureQuestion, PrivacyScreen


def show(request: Request) -> None:
    """Show what is kept about this person."""
    request.turn.reply(PrivacyScreen())


def clear(request: Request, _press: ClearChat) -> str | None:
    """Empty the chat."""
    privacy.clear_chat(request.turn)
    return "privacy-clearing"


def ask_erasure(request: Request, _press: AskErasure) -> str | None:
    """Ask once more."""
    request.turn.reply(ErasureQuestion())
    return None


def keep(request: Request, _press: KeepMine) -> str | None:
    """Leave everything as it is."""
    request.turn.reply(PrivacyScreen())
    return None


def erase(request: Request, _press: EraseMine) -> str | None:
    """Erase everything of this person.

    Raises:
        OutdatedError: nothing of it is kept any more.
    """
    if not registration.withdraw(request.turn):
        raise OutdatedError
    request.turn.tell(Say("privacy-erased"))
    return None


def render_screen(showing: Showing, _notice: PrivacyScreen) -> Screen | None:
    """Say what is kept and until when, and that Telegram reads along."""
    kept = privacy.what_is_kept(showing.work, showing.chat_id)
    lines = [showing.say("privacy-title"), ""]
    lines += [showing.say("privacy-kept", day=showing.day(one.until)) for one in kept]
    lines += [line for one in kept if (line := envelopes.line(showing, one))]
    if privacy.is_of_team(showing.work, showing.chat_id):
        lines.append(showing.say("privacy-team"))
    elif not kept:
        lines.append(showing.say("privacy-nothing"))
    lines += ["", showing.say("privacy-messages"), showing.say("privacy-telegram")]
    rows: list[tuple[Press, ...]] = [(showing.button("privacy-button-clear", ClearChat()),)]
    rows += [envelopes.row(showing, one) for one in kept]
    if any(one.person for one in kept):
        rows.append((showing.button("privacy-button-erase", AskErasure()),))
    return Screen("\n".join(lines), tuple(rows))


def render_question(showing: Showing, _notice: ErasureQuestion) -> Screen | None:
    """Ask whether everything shall go, and say what cannot be taken back."""
    rows = (
        (showing.button("privacy-button-erase-yes", EraseMine()),),
        (showing.button("button-cancel", KeepMine()),),
    )
    return Screen(showing.say("privacy-erase-ask"), rows)
