"""The evening, act by act. Whatever happens in it happens on somebody's phone."""

from collections.abc import Awaitable, Callable

from bot.rehearsal.acts import deciding, gathering, inviting, planning, registering
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
)


async def play(opening: Opening) -> None:
    """Play all acts; one that breaks off leaves its later promises not shown."""
    evening = Evening.of(opening)
    for title, act in ACTS:
        evening.stage.transcript.act(title, evening.stage.clock.now())
        try:
            await act(evening)
        except (PersonError, BrokenPromiseError, TimeoutError) as error:
            evening.stage.transcript.tell(f"This act breaks off: {error}")
