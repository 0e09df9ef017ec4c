"""The evening, act by act. Whatever happens in it happens on somebody's phone."""

from collections.abc import Awaitable, Callable

from bot.rehearsal.acts import (
    arriving,
    attack,
    calling,
    closing,
    deciding,
    gathering,
    homing,
    inviting,
    looking,
    moving,
    planning,
    registering,
    relocating,
    venuing,
)
from bot.rehearsal.acts.scene import Evening
from bot.rehearsal.botapi.errors import PersonError
from bot.rehearsal.opening import Opening
from bot.rehearsal.promises import BrokenPromiseError

Act = Callable[[Evening], Awaitable[None]]

ACTS: tuple[tuple[str, Act], ...] = (
    ("The team comes together", gathering.play),
    ("An event is planned", planning.play),
    ("Everybody is invited in person", inviting.play),
    ("Six people register", registering.play),
    ("The organizers decide", deciding.play),
    ("The place is entered late, and told in stages", venuing.play),
    ("The hotel cancels", relocating.play),
    ("People arrive", arriving.play),
    ("The attack", attack.play),
    ("What is recorded by itself", closing.record),
    ("Three groups, and two who are taken", moving.play),
    ("Who is safe?", calling.play),
    ("The alarm is closed", attack.close),
    ("Home, and the days after", homing.play),
    ("The case goes out, the people are forgotten", closing.play),
    ("What others have learned", looking.play),
)


async def play(opening: Opening) -> None:
    """Play all acts; one that breaks off leaves its later promises not shown."""
    evening = Evening.of(opening)
    for act in ACTS:
        await play_act(evening, act)


async def play_act(evening: Evening, titled: tuple[str, Act]) -> None:
    """Play one act; where it cannot go on, it breaks off and says why."""
    title, act = titled
    transcript = evening.stage.transcript
    transcript.act(title, evening.stage.clock.now())
    try:
        await act(evening)
    except (PersonError, BrokenPromiseError, TimeoutError) as error:
        transcript.tell(f"This act breaks off: {error}")
