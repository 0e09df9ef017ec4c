"""How people spell when they hurry: folded until two spellings of one word are the same.

Case, accents, unseen characters, doubled letters, Kazakh letters typed as Russian ones, Latin
look-alikes among Cyrillic letters, letters written apart. Nothing here knows what a word means.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

_KAZAKH = str.maketrans("әғқңөұүһіı", "агкноуухиi")
_FLAGS = {0x1F1E6 + place: chr(ord("a") + place) for place in range(26)}  # letters as flags
_STRANGE = str.maketrans("ѕοјԁ", "sojd")  # foreign letters that look like Latin ones
_JOINED = str.maketrans(dict.fromkeys("'’‘ʼ`´-‐‑", None))  # do not part a word
_TO_CYRILLIC = str.maketrans("aceopxykmthb", "асеорхукмтнв")
_TO_LATIN = str.maketrans("асеорхукмтнв", "aceopxykmthb")
_LOOKS_CYRILLIC = frozenset("aceopxykmthb")
_LOOKS_LATIN = frozenset("асеорхукмтнв")
_DENIALS = frozenset(
    {
        *("не", "not", "never", "canot", "cant", "dont", "doesnt", "didnt", "isnt", "arent"),
        *("wasnt", "werent", "wont", "couldnt"),
    }
)
_DENIALS_AFTER = frozenset({"емес"})
_FEWEST_LETTERS_APART = 3


def read_words(text: str) -> tuple[str, ...]:
    """Give the words of a text, folded; letters written apart and denials are joined."""
    words = [part for word in _fold(text).split() for part in _settle(word)]
    return tuple(_join_denials(_join_letters(words)))


def _fold(text: str) -> str:
    unfolded = unicodedata.normalize("NFKD", text.translate(_FLAGS))
    folded = unfolded[: 2 * len(text)].casefold()  # one sign can stand for eighteen letters
    seen = (
        letter
        for letter in folded.translate(_JOINED)
        if unicodedata.category(letter) not in {"Mn", "Cf"}
    )
    plain = "".join(seen).translate(_KAZAKH).translate(_STRANGE)
    return re.sub(r"[\W_]+", " ", plain)


def _settle(word: str) -> Iterator[str]:
    """Bring a word into one script; where that cannot be, it was two words."""
    if not word.isdigit():
        word = word.replace("0", "o")
    latin = {letter for letter in word if "a" <= letter <= "z"}
    cyrillic = {letter for letter in word if "а" <= letter <= "я"}
    if latin and cyrillic:
        if latin <= _LOOKS_CYRILLIC:
            word = word.translate(_TO_CYRILLIC)
        elif cyrillic <= _LOOKS_LATIN:
            word = word.translate(_TO_LATIN)
        else:
            parts = groupby(word, key=lambda letter: "а" <= letter <= "я")
            yield from (_undouble("".join(letters)) for _is_cyrillic, letters in parts)
            return
    yield _undouble(word)


def _undouble(word: str) -> str:
    return word if word.isdigit() else "".join(letter for letter, _run in groupby(word))


def _join_letters(words: Sequence[str]) -> Iterator[str]:
    """Join what was written `s o s`."""
    for is_letter, run in groupby(words, key=lambda word: len(word) == 1 and word.isalpha()):
        letters = list(run)
        if is_letter and len(letters) >= _FEWEST_LETTERS_APART:
            yield from _settle("".join(letters))
        else:
            yield from letters


def _join_denials(words: Iterator[str]) -> Iterator[str]:
    held = ""
    for word in words:
        if word in _DENIALS_AFTER or held in _DENIALS:
            yield held + word
            held = ""
        else:
            if held:
                yield held
            held = word
    if held:
        yield held
