"""Does a text raise an alarm? Decided from the words alone, before anybody knows who wrote them.

The person who writes may be running, on a cheap phone, in any of three languages, with the wrong
keyboard: spelling is forgiven. A cry raises the alarm at once; words of help that may mean
something else make the bot ask; where an alarm and nothing are both possible, the bot asks.
The time taken is bounded, whatever is sent.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from safety import alarmlexicon as lexicon
from safety.phrases import Phrases
from safety.spelling import read_words

LONGEST = 4096  # characters that are read: the service's own limit for a message

_CRIES = Phrases(lexicon.CRIES)
_SIGHTINGS = Phrases(lexicon.SIGHTINGS)
_CALLS = Phrases(lexicon.CALLS)
_NEEDS = Phrases(lexicon.NEEDS)
_BARE = Phrases(lexicon.BARE)
_FILLERS = Phrases(lexicon.FILLERS)
_DOUBTS = Phrases(lexicon.DOUBTS)
_TOPICS = Phrases(lexicon.TOPICS)
_ESCAPES = Phrases(lexicon.ESCAPES)
_POLITE = Phrases(lexicon.POLITE)
_ASIDES = Phrases(lexicon.ASIDES)
_SELF = Phrases(lexicon.SELF)
_ELSEWHERE = Phrases(lexicon.ELSEWHERE)
_THANKS = Phrases(lexicon.THANKS)
_OFFERS = Phrases(lexicon.OFFERS)
_WRONG_LAYOUT = Phrases(lexicon.WRONG_LAYOUT)
_GLUED = tuple("".join(read_words(word)) for word in lexicon.GLUED.strip().split("/"))

_SOS = re.compile(r"(?:so)+s|(?:со)+с|coc")
_LONGEST_FORGIVEN = 20  # letters
_INFINITIVE = re.compile(r"\w{2,}(?:[аяиеоуы]ть|ться|тись|йти|сти|зти|tsya|tsa)")
_DATIVE = re.compile(r"\w{2,}(?:уга|уге|юга|юге)")


class AlarmLikeness(StrEnum):
    """How much a text is like a call for help."""

    ALARM = "alarm"
    ASK = "ask"
    NONE = "none"


def classify(text: str) -> AlarmLikeness:
    """Say whether a text raises an alarm, is to be asked about, or is neither."""
    written = text[:LONGEST].strip()
    if written.startswith("/"):
        command, *rest = written[1:].split(maxsplit=1)[:2] or [""]
        written = _spoken(command.split("@")[0].lower(), rest)
    words = read_words(written)
    if "🆘" in written or any(map(_is_sos, words)):
        return AlarmLikeness.ALARM
    return _weigh(words, is_question="?" in written)


def _spoken(command: str, rest: Sequence[str]) -> str:
    """Give what a command says in words. A mistyped one may be a cry; what follows it is none."""
    match command:
        case "panic":
            return "sos"
        case "help":
            return " ".join(("help", *rest)) if rest else ""
        case _:
            return command


def _weigh(words: Sequence[str], *, is_question: bool) -> AlarmLikeness:
    is_seen = _SIGHTINGS.occurs(words)
    if _CRIES.occurs(words) or (is_seen and not is_question):
        is_elsewhere = _ELSEWHERE.occurs(words) and not _is_call(words)
        return AlarmLikeness.ASK if is_elsewhere else AlarmLikeness.ALARM
    if _is_bare(words):
        return AlarmLikeness.ALARM
    if _is_call(words):
        return AlarmLikeness.ASK if _is_errand(words) else AlarmLikeness.ALARM
    if _NEEDS.occurs(words):
        is_spoken_of = _ASIDES.occurs(words) or (is_question and not _names_self(words))
        return AlarmLikeness.ASK if is_spoken_of or _is_errand(words) else AlarmLikeness.ALARM
    if is_seen or _DOUBTS.occurs(words):
        is_kind = _THANKS.occurs(words) or _OFFERS.occurs(words)
        return AlarmLikeness.NONE if is_kind else AlarmLikeness.ASK
    return AlarmLikeness.NONE


def _is_bare(words: Sequence[str]) -> bool:
    """Say whether a word that says it all stands there with nothing else of weight."""
    return any(map(_BARE.has, words)) and all(
        _BARE.has(word) or _FILLERS.has(word) for word in words
    )


def _is_call(words: Sequence[str]) -> bool:
    return _CALLS.occurs(words) or any(
        _WRONG_LAYOUT.has(word) or _is_forgiven(word) or any(cry in word for cry in _GLUED)
        for word in words
    )


def _is_errand(words: Sequence[str]) -> bool:
    """Say whether a call or a need is about something that can wait for an answer."""
    return (
        any(table.occurs(words) for table in (_TOPICS, _POLITE, _THANKS, _ELSEWHERE))
        or _has_task_after_call(words)
        or _has_task_before_call(words)
    )


def _has_task_after_call(words: Sequence[str]) -> bool:
    """Russian: `помогите зарегистрироваться`, an infinitive next to the call."""
    weighty = [word for word in words if not _FILLERS.has(word)]
    return any(
        word.startswith(("помо", "пома", "пама", "pomo"))
        and _INFINITIVE.fullmatch(following) is not None
        and not _ESCAPES.has(following)
        for word, following in pairwise(weighty)
    )


def _has_task_before_call(words: Sequence[str]) -> bool:
    """Kazakh: `тіркелуге көмектесіңіз`, a verb in the dative before the call."""
    weighty = [word for word in words if not _FILLERS.has(word)]
    return any(
        word.startswith(("комектес", "жардемдес"))
        and _DATIVE.fullmatch(preceding) is not None
        and not _ESCAPES.has(preceding)
        for preceding, word in pairwise(weighty)
    )


def _names_self(words: Sequence[str]) -> bool:
    return any(map(_SELF.has, words))


def _is_sos(word: str) -> bool:
    return _SOS.fullmatch(word) is not None


def _is_forgiven(word: str) -> bool:
    """Say whether a word is one slip from a cry: a letter too many, too few, wrong, swapped."""
    return len(word) <= _LONGEST_FORGIVEN and not _FORGIVEN.isdisjoint(_one_letter_less(word))


def _one_letter_less(word: str) -> frozenset[str]:
    shorter = (word[:place] + word[place + 1 :] for place in range(len(word)))
    return frozenset((word, *shorter))


_FORGIVEN = frozenset(
    spelling
    for cry in lexicon.FORGIVEN.strip().split("/")
    for spelling in _one_letter_less("".join(read_words(cry)))
)
