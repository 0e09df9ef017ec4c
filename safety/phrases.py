"""Finds phrases in folded words, in a time that grows only with the number of words.

A table has one phrase a line: alternatives parted by `/`, `*` for any ending. The words of a
phrase stand in any order with a few others between; after `>` in this order, after `=` side by
side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from itertools import combinations, permutations
from operator import or_

from safety.spelling import read_words

APART = 3  # other words that may stand within a phrase


class Order(StrEnum):
    """How the words of a phrase have to stand."""

    ANY = ""
    KEPT = ">"
    ADJACENT = "="


@dataclass(frozen=True, slots=True)
class _Phrase:
    order: Order
    slots: int

    @property
    def width(self) -> int:
        """Give how many words it may reach over."""
        return self.slots if self.order is Order.ADJACENT else self.slots + APART

    def fits(self, masks: Sequence[int]) -> bool:
        """Say whether every slot finds its own word; a mask has a bit for each slot it fills."""
        if reduce(or_, masks) != (1 << self.slots) - 1:
            return False
        pick = permutations if self.order is Order.ANY else combinations
        return any(
            all(mask >> slot & 1 for slot, mask in enumerate(chosen))
            for chosen in pick(masks, self.slots)
        )


class Phrases:
    """One table of phrases, ready to be looked for."""

    def __init__(self, table: str) -> None:
        self._phrases: list[_Phrase] = []
        self._words: dict[str, list[tuple[int, int]]] = {}  # word: (phrase, slot) it fills
        self._stems: dict[str, list[tuple[int, int]]] = {}
        for line in table.splitlines():
            if line.strip():
                self._add(line)
        self._longest = max(map(len, self._stems), default=0)

    def has(self, word: str) -> bool:
        """Say whether a word stands in the table, alone or within a phrase."""
        return bool(self._filled_by(word))

    def occurs(self, words: Sequence[str]) -> bool:
        """Say whether any phrase of the table is in the words."""
        recent: dict[int, list[tuple[int, int]]] = {}  # phrase: (place, mask) of the last words
        for place, word in enumerate(words):
            for number, mask in self._filled_by(word).items():
                phrase = self._phrases[number]
                near = [hit for hit in recent.get(number, ()) if hit[0] > place - phrase.width]
                near.append((place, mask))
                recent[number] = near
                if phrase.fits([hit[1] for hit in near]):
                    return True
        return False

    def _filled_by(self, word: str) -> dict[int, int]:
        """Give the slots that a word can fill: phrase and mask."""
        filled: dict[int, int] = {}
        hits = list(self._words.get(word, ()))
        for length in range(1, min(len(word), self._longest) + 1):
            hits += self._stems.get(word[:length], ())
        for number, slot in hits:
            filled[number] = filled.get(number, 0) | 1 << slot
        return filled

    def _add(self, line: str) -> None:
        first, *others = line.split()
        order = Order(first) if first in {Order.KEPT, Order.ADJACENT} else Order.ANY
        slots = [first, *others] if order is Order.ANY else others
        for slot, alternatives in enumerate(slots):
            for written in alternatives.split("/"):
                self._add_word(written, (len(self._phrases), slot))
        self._phrases.append(_Phrase(order, len(slots)))

    def _add_word(self, written: str, place: tuple[int, int]) -> None:
        words = read_words(written)
        if len(words) != 1:
            raise ValueError(f"one word is wanted between strokes: {written}")
        kept = self._stems if written.endswith("*") else self._words
        kept.setdefault(words[0], []).append(place)
