"""A statement in words: what was chosen as the dossier calls it, what was written as it stands."""

from collections.abc import Callable

from safety.incidents import Entry
from safety.records import Precision
from safety.statements import ABOUT, NAMED, Topic, basis_of, topic_of

KINDS = {  # what a chosen field is called in the dossier
    "type": "type",
    "actor": "actor",
    "victim": "victim",
    "harm": "harm",
    "bias": "bias",
    "link": "link",
    "evidence": "evidence",
    "precision": "precision",
    "count_precision": "count",
}
UNSAID = frozenset({*ABOUT, "of"}) - {"according_to"}


def choice_key(kind: str, value: str) -> str:
    """Name the text of a chosen value."""
    return f"dossier-{f'{kind}-' if kind else ''}{value.replace('_', '-')}"


def topic_key(topic: Topic) -> str:
    """Name the text of a topic."""
    return f"statement-topic-{topic.value}"


def told(say: Callable[[str], str], entry: Entry) -> str:
    """Give what a statement says, part by part, and what it goes by; `say` gives words by key."""
    topic = topic_of(entry)
    if topic is None:
        return ""
    parts = [_part(say, name, value) for name, value in entry.details if name not in UNSAID]
    basis = basis_of(entry)
    if basis is not None:
        parts.append(say(choice_key("basis", basis)))
    words = "; ".join(part for part in parts if part)
    return f"{say(topic_key(topic))}: {words}"


def _part(say: Callable[[str], str], name: str, value: str) -> str:
    if name == "precision" and value in {Precision.DAY, Precision.EXACT}:
        return ""
    if name in KINDS:
        return say(choice_key(KINDS[name], value))
    if name in NAMED:
        said = say(choice_key("", value)) if value in {"yes", "no"} else value
        return f"{say(choice_key('', name))}: {said}"
    return value
