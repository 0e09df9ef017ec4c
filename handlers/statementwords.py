"""A statement in words: what was chosen as the dossier calls it, what was written as it stands."""

from handlers.context import Showing
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


def told(showing: Showing, entry: Entry) -> str:
    """Give what a statement says, part by part, and what it goes by."""
    topic = topic_of(entry)
    if topic is None:
        return ""
    parts = [_part(showing, name, value) for name, value in entry.details if name not in UNSAID]
    basis = basis_of(entry)
    if basis is not None:
        parts.append(showing.plain(choice_key("basis", basis)))
    words = "; ".join(part for part in parts if part)
    return f"{showing.plain(topic_key(topic))}: {words}"


def _part(showing: Showing, name: str, value: str) -> str:
    if name == "precision" and value in {Precision.DAY, Precision.EXACT}:
        return ""
    if name in KINDS:
        return showing.plain(choice_key(KINDS[name], value))
    if name in NAMED:
        said = showing.plain(choice_key("", value)) if value in {"yes", "no"} else value
        return f"{showing.plain(choice_key('', name))}: {said}"
    return value
