"""Wake tests in chat: begun from the team's list, rung like an alarm, said to be a test."""

from coordination import wakeviews, waking
from handlers.buttons.team import TeamListPress
from handlers.buttons.waking import (
    AwakePress,
    WakeBegin,
    WakeNamesPress,
    WakeScreenPress,
    WakeStop,
)
from handlers.context import Request, Showing
from handlers.screens import Press, Screen
from handlers.team import name_of, role_key
from safety.people import TeamId
from safety.waking import (
    RESTS,
    WakeNames,
    WakeOver,
    WakeRing,
    WakeScreen,
    WakeState,
    WakeUpdate,
    WakeWhen,
    Woke,
)

_ENDED = frozenset({WakeState.AWAKE, WakeState.ASLEEP, WakeState.STOPPED})


def press_screen(request: Request, _press: WakeScreenPress) -> str | None:
    """Show what the latest tests have shown."""
    request.turn.reply(WakeScreen())
    return None


def press_begin(request: Request, press: WakeBegin) -> str | None:
    """Begin a test."""
    waking.begin(request.turn, press.when)
    return "wake-begun"


def press_stop(request: Request, _press: WakeStop) -> str | None:
    """End all tests."""
    waking.call_off(request.turn)
    return "answer-done"


def press_names(request: Request, _press: WakeNamesPress) -> str | None:
    """Show who did not wake."""
    waking.show_names(request.turn)
    return None


def press_awake(request: Request, _press: AwakePress) -> str | None:
    """Note *I'm awake*."""
    return f"wake-said-{waking.say_awake(request.turn).value}"


def render_ring(showing: Showing, notice: WakeRing) -> Screen | None:
    """Ring: the first line as any other, then plainly that it is a test; not once it is over."""
    found = wakeviews.look(showing.work, notice.team_id)
    if found is None or found.state is not WakeState.RINGS:
        return None
    awake = showing.button("wake-button-awake", AwakePress())
    return Screen(showing.say("wake-ring"), ((awake,),))


def render_over(showing: Showing, notice: WakeOver) -> Screen | None:
    """Say how it ended, and again that it was a test."""
    found = wakeviews.look(showing.work, notice.team_id)
    if found is None or found.state not in _ENDED:
        return None
    began = showing.time(found.begins_at)
    return Screen(showing.say(f"wake-over-{found.state.value}", time=began))


def render_screen(showing: Showing, _notice: WakeScreen | WakeUpdate) -> Screen | None:
    """Show the numbers, and what can be begun or ended."""
    found = wakeviews.result(showing.work)
    hours = int(RESTS.total_seconds() // 3600)
    known = result_lines(showing, found)
    if found.still_open:
        known.append(showing.count("wake-open", found.still_open))
    blocks = [showing.say("wake-title"), "\n".join(known), showing.say("wake-how", hours=hours)]
    now, later = WakeBegin(WakeWhen.AT_ONCE), WakeBegin(WakeWhen.UNANNOUNCED)
    rows: list[tuple[Press, ...]] = [
        (showing.button("wake-button-now", now),),
        (showing.button("wake-button-later", later),),
    ]
    rows += names_rows(showing, found)
    if found.still_open:
        rows.append((showing.button("wake-button-stop", WakeStop()),))
    rows.append((showing.button("button-back", TeamListPress()),))
    return Screen("\n\n".join(filter(None, blocks)), tuple(rows))


def render_names(showing: Showing, _notice: WakeNames) -> Screen | None:
    """Name who did not wake and who was not tested."""
    found = wakeviews.result(showing.work)
    lines = [showing.say("wake-names-title")]
    for key, ids in (("asleep", found.asleep), ("untested", found.untested)):
        if ids:
            lines += ["", showing.say(f"wake-names-{key}", number=len(ids))]
            lines += _names(showing, ids)
    return Screen("\n".join(lines))


def result_lines(showing: Showing, found: Woke) -> list[str]:
    """Say how many can be woken, and since when that is known; nothing if nothing is."""
    if found.since is None:
        return []
    day, time = showing.day(found.since), showing.time(found.since)
    awake = len(found.awake)
    return [showing.say("wake-result", awake=awake, of=found.of, day=day, time=time)]


def names_rows(showing: Showing, found: Woke) -> list[tuple[Press, ...]]:
    """Give the way to the names, where somebody did not wake or was left out."""
    if found.since is None or len(found.awake) == found.of:
        return []
    return [(showing.button("wake-button-names", WakeNamesPress()),)]


def _names(showing: Showing, ids: frozenset[TeamId]) -> list[str]:
    return [
        showing.say(
            "wake-name",
            name=name_of(showing, person),
            role=showing.plain(role_key(person.role)),
        )
        for person in wakeviews.names_of(showing.work, ids)
    ]
