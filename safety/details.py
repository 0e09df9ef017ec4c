"""What the details of entries are called and say, as keys of words: nobody reads raw ones.

A detail is a name and a value. Most values were chosen by a tap, and stand for words of a
catalogue; what somebody wrote stands for itself.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from safety.alarms import Ending, Heard, TakenBack, Way
from safety.datataken import ITEM, DataItem
from safety.decisions import Choice, Why
from safety.detentions import LAWYER_PRESENT, LawyerThere
from safety.groups import GroupKind
from safety.injuries import NO, YES, Hurt, Treated
from safety.origins import KIND
from safety.records import CaseState, Certainty
from safety.replies import Says, Shows
from safety.taxonomy import ActorKind, OriginKind
from safety.venues import Reason

_CHOSEN: Iterable[tuple[tuple[str, ...], type[StrEnum] | tuple[str, ...], str]] = (
    (("reason",), Reason, "venue-reason-"),
    ((ITEM, "data_taken"), DataItem, "data-item-"),
    (("decision",), Choice, "decision-"),
    (("why",), Why, "decision-why-"),
    (("kind",), GroupKind, "group-kind-"),
    (("hurt",), Hurt, "injury-hurt-"),
    (("treated",), Treated, "injury-treated-"),
    (("remind", "examined", "certificate"), (YES, NO), "dossier-"),
    (("state",), CaseState, "dossier-state-"),
    (("authority",), ActorKind, "dossier-actor-"),
    (("says",), Says, "complaint-says-"),
    (("shows",), Shows, "complaint-shows-"),
    (("way",), Way, "detail-way-"),
    (("said",), TakenBack, "detail-said-"),
    (("heard",), Heard, "detail-heard-"),
    (("ending",), Ending, "detail-ending-"),
    (("asked",), ("roll-call", "home", "how-are-you"), "detail-asked-"),
    (("escort",), ("begun", "arrived"), "detail-escort-"),
    (("said-by",), ("person", "team"), "detail-said-by-"),
    (("lawyer",), ("told",), "detail-lawyer-"),
    ((KIND,), OriginKind, "origin-"),
    ((LAWYER_PRESENT,), LawyerThere, "dossier-"),
)
_VALUES: Mapping[tuple[str, str], str] = {
    (name, value): prefix + (value if values is DataItem else value.replace("_", "-"))
    for names, values, prefix in _CHOSEN
    for name in names
    for value in values
}
# The small things that go with what the bot saw, each behind its name.
_NAMES: Mapping[str, str] = {
    **{name: f"dossier-{name}" for name in ("treated", "examined", "certificate")},
    LAWYER_PRESENT: "dossier-lawyer-present",
    **{f"signs-{way}": f"dossier-certainty-{way}" for way in Certainty},
    **{
        name: f"detail-{name}"
        for name in (
            *("way", "said", "heard", "ending", "asked", "kind", "plate", "heads", "lawyer"),
            *("escort", "said-by", "location", "venue", "injury", "hurt", "remind"),
            *("decision", "why", "signs", "signs-24h", "signs-confirmed", "signs-not-said"),
        )
    },
}


def value_key(name: str, value: str) -> str | None:
    """Name the words of a detail's value; None where somebody wrote it, or it is a number."""
    return _VALUES.get((name, value))


def name_key(name: str) -> str | None:
    """Name the words for a detail itself; None where it stands for itself, or is unknown."""
    return _NAMES.get(name)


def keys() -> frozenset[str]:
    """Give the key of every word that a detail may need."""
    return frozenset({*_VALUES.values(), *_NAMES.values()})
