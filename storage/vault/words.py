"""The unlock secret as words that can be read aloud: 132 random bits and a check of 12.

Twelve words of two syllables, made from a rule rather than from a published list. Letters that
are easily confused by voice between Kazakh, Russian and English are left out.
"""

import hashlib
import secrets
import unicodedata

from typing_extensions import override

from storage.vault.errors import MistypedSecretError

CONSONANTS = "bdfghjlmnprstvwz"
VOWELS = "aiou"
WORD_LETTERS = 4
WORD_BITS = 12
RANDOM_WORDS = 11
WORDS = RANDOM_WORDS + 1  # the last one is the check
SEPARATORS = ("Pd", "Pc", "Po")  # Unicode categories: dashes, underscores, full stops
ENTROPY_BITS = WORD_BITS * RANDOM_WORDS


class UnlockSecret:
    """A machine-made secret that opens the key slots. `repr` shows nothing."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        if not 0 <= number < 1 << ENTROPY_BITS:
            raise ValueError("an unlock secret has 132 bits")
        self._number = number

    def words(self) -> str:
        """Give the twelve words, to be shown once."""
        return spell(self._number << WORD_BITS | _check(self._number), WORDS)

    def reveal(self) -> bytes:
        """Give the bytes that the key derivation takes."""
        return _entropy(self._number)

    @override
    def __repr__(self) -> str:
        return "<UnlockSecret>"


def new_secret() -> UnlockSecret:
    """Make a fresh unlock secret of 132 random bits."""
    return UnlockSecret(secrets.randbits(ENTROPY_BITS))


def spell(number: int, count: int) -> str:
    """Write a number of at most `count` times 12 bits as that many words."""
    return " ".join(
        _word(number >> WORD_BITS * place & (1 << WORD_BITS) - 1)
        for place in reversed(range(count))
    )


def letters_of(typed: str) -> str:
    """Give what was typed without capitals, spaces, hyphens and full stops."""
    return "".join(letter for letter in typed.lower() if not _separates(letter))


def parse(typed: str) -> UnlockSecret:
    """Read twelve words, in any case, with any spaces and hyphens, or none.

    Raises: MistypedSecretError, naming the word that is wrong where that can be known.
    """
    letters = letters_of(typed)
    words = [
        letters[start : start + WORD_LETTERS] for start in range(0, len(letters), WORD_LETTERS)
    ]
    for place, word in enumerate(words, start=1):
        if not _is_word(word):
            raise MistypedSecretError(f"word {place} is misspelt")
    if len(words) != WORDS:
        raise MistypedSecretError(f"{WORDS} words are needed, {len(words)} were given")
    total = 0
    for word in words:
        total = total << WORD_BITS | _value(word)
    number, check = total >> WORD_BITS, total & (1 << WORD_BITS) - 1
    if check != _check(number):
        raise MistypedSecretError("a word is wrong, or two are swapped")
    return UnlockSecret(number)


def _separates(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) in SEPARATORS


def _entropy(number: int) -> bytes:
    return number.to_bytes((ENTROPY_BITS + 7) // 8, "big")


def _check(number: int) -> int:
    digest = hashlib.sha256(b"unlock secret check\0" + _entropy(number)).digest()
    return int.from_bytes(digest[:2], "big") >> 16 - WORD_BITS


def _word(value: int) -> str:
    return _syllable(value >> WORD_BITS // 2) + _syllable(value & 63)


def _syllable(value: int) -> str:
    return CONSONANTS[value >> 2] + VOWELS[value & 3]


def _is_word(word: str) -> bool:
    return len(word) == WORD_LETTERS and all(
        letter in (VOWELS if place % 2 else CONSONANTS) for place, letter in enumerate(word)
    )


def _value(word: str) -> int:
    first, second = (
        CONSONANTS.index(word[start]) << 2 | VOWELS.index(word[start + 1]) for start in (0, 2)
    )
    return first << WORD_BITS // 2 | second
