"""What is wrong with an update: a field gone, or one too many, or of a type that it never has."""

from collections.abc import Callable
from random import Random

from bot.rehearsal.botapi.shapes import JsonValue
from tests.hostile.shapes import MARKER, Tree

HUGE = int("9" * 4000)  # digits; more are no number to Python
NESTED = 400  # levels; the service could not write more down, nor its reader read them
FAR = (-1, -(2**31), -(2**63), 2**62, 2**63, 2**64, HUGE, -HUGE)


def _nested(levels: int) -> JsonValue:
    made: JsonValue = MARKER
    for level in range(levels):
        made = [made] if level % 2 else {MARKER: made}
    return made


WRONG: tuple[Callable[[], JsonValue], ...] = (
    lambda: None,
    lambda: True,
    lambda: 0,
    lambda: 1.5,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: "",
    lambda: MARKER,
    list,
    dict,
    lambda: [None],
    lambda: {"id": None},
    lambda: {MARKER: MARKER},
    lambda: _nested(3),
    lambda: _nested(NESTED),
    *(lambda far=far: far for far in FAR),
)


class Breaker:
    """Breaks what is given to it in place; `chance` decides how."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def break_one(self, update: Tree) -> JsonValue:
        """Give an update with one or two things wrong, or something that is no update at all."""
        if self._chance.random() < 0.02:
            return self._chance.choice(WRONG)()
        for _ in range(self._chance.choice((1, 1, 2))):
            self._break_within(update)
        return update

    def _break_within(self, tree: Tree) -> None:
        """Walk down to some object, and break a field of it."""
        within = tree
        while (inner := self._inner(within)) and self._chance.random() < 0.7:
            within = self._chance.choice(inner)
        name = self._chance.choice([*within, MARKER])
        match self._chance.randrange(4):
            case 0:
                within.pop(name, None)
            case 1:
                within[f"{name}_{MARKER}"] = self._chance.choice(WRONG)()
            case _:
                within[name] = self._chance.choice(WRONG)()

    @staticmethod
    def _inner(value: Tree) -> list[Tree]:
        found: list[Tree] = []
        for item in value.values():
            if isinstance(item, dict):
                found.append(item)
            elif isinstance(item, list):
                found += [one for one in item if isinstance(one, dict)]
        return found
