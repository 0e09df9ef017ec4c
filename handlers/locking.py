"""/lock: what it does, the button, a minute for a colleague's objection, and what came of it."""

from coordination import locking
from coordination.locking import LockState
from handlers.buttons.locking import LockObject, LockPress
from handlers.buttons.menu import MenuEntry
from handlers.context import Request, Showing
from handlers.screens import Screen
from safety.locking import LockAsked, LockedNews, LockScreen, LockStopped, OpenedNews


def show(request: Request) -> None:
    """Show what locking does."""
    locking.show(request.turn)


def press_lock(request: Request, _press: LockPress) -> str | None:
    """Lock."""
    now = locking.lock(request.turn)
    request.turn.reply(LockScreen())
    return f"lock-is-{now.value}"


def press_object(request: Request, _press: LockObject) -> str | None:
    """Stop it."""
    locking.object_(request.turn)
    return "lock-objected"


def render_screen(showing: Showing, _notice: LockScreen) -> Screen | None:
    """Say what locking does, with the button; or how it stands."""
    now = locking.state(showing.work)
    if now is not LockState.OPEN:
        return Screen(showing.say(f"lock-is-{now.value}"))
    row = (showing.button("button-lock", LockPress()),)
    cancel = (showing.button("button-cancel", MenuEntry("help")),)
    return Screen(showing.say("lock-question"), (row, cancel))


def render_asked(showing: Showing, notice: LockAsked) -> Screen | None:
    """Ask the organizers whether anybody objects; not once it is decided."""
    if locking.state(showing.work) is not LockState.WAITS:
        return None
    at, due_at = showing.time(notice.at), showing.time(notice.due_at)
    row = (showing.button("button-lock-object", LockObject()),)
    return Screen(showing.say("lock-asked", time=at, due=due_at), (row,))


def render_stopped(showing: Showing, notice: LockStopped) -> Screen | None:
    """Tell that it stays open."""
    key = "lock-stopped" if notice.was_objected else "lock-void"
    return Screen(showing.say(key, time=showing.time(notice.at)))


def render_locked(showing: Showing, notice: LockedNews) -> Screen | None:
    """Tell that it is locked."""
    return Screen(showing.say("lock-news", time=showing.time(notice.at)))


def render_opened(showing: Showing, notice: OpenedNews) -> Screen | None:
    """Tell that it was opened again."""
    return Screen(showing.say("lock-opened", time=showing.time(notice.at)))
