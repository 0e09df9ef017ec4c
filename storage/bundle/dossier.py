"""The dossier: the records as a page to be read and printed, which asks nothing of the network.

It says what the records say and no more: contradictions are named, open questions too, and what no
person has confirmed is shown as such and counted nowhere. All that people wrote is escaped.
"""

import re
from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from safety import (
    additions,
    details,
    eligibility,
    questions,
    records,
    replies,
    statements,
    taxonomy,
)
from safety.casefiles import Gone
from safety.cases import BOT, SHELL
from safety.datataken import ITEM
from safety.exporting import ExportLevel
from safety.facts import FactKind
from safety.injuries import Hurt, Treated
from safety.ledger import CONTRACT, speaker
from safety.people import TEAM_ROLES
from safety.replies import Says, Shows
from storage.bundle import charts
from storage.bundle.charts import hyphened
from storage.bundle.clock import Clock
from storage.bundle.contents import CaseBundle

FIELDS = (
    *("types", "claims", "date", "place", "actors", "victims", "harm", "quotes", "promises"),
    *("evidence", "case", "links", "confirmed_by", "corrections", "bias"),
    *("statement", "happened", "reason", "city", "address", "data_taken", "brought_to"),
)
FACTS = frozenset(kind.value for kind in FactKind)  # claims about the course of things
SOURCES = (*sorted(TEAM_ROLES), "participant", "team", BOT, SHELL)
_CONTRACT = "ledger-kind-contract"
_ROLE = re.compile(rf"({'|'.join(SOURCES)})( \d+)?")
PLAIN_KEYS = (
    *("address", "authority", "badge", "by-actor", "by-city", "by-type", "captured-at"),
    *("certainty", "certificate", "clean", "confirmed", "consent", "contradiction", "deadline"),
    *("description", "digest", "disagreement", "examined", "field", "file", "given-by"),
    *("handed-over", "happened", "how-to-check", "items", "lawyer-present", "made-on"),
    *("minors", "no", "no-confirmed", "number", "only-confirmed", "open-questions", "owed"),
    *("promised", "received-at", "record", "records", "reference", "reply"),
    *("since", "size", "source", "timeline", "treated", "unconfirmed", "undated"),
    *("forwarded", "uniform", "until", "value", "vehicle", "where", "withheld", "yes"),
    *("about", "about-people", "about-proof", "about-sources", "all-records", "by-outcome"),
    *(
        "by-response",
        "first",
        "legend",
        "few",
        "level-confidential",
        "level-public",
        "public-title",
        "same-as",
    ),
    *(
        "one-of",
        "said-at",
        "taken-back",
        "unknown",
        "unknown-or-withheld",
        "waits",
        "was",
        "written",
    ),
    *("called-false", "copy-of", "odihr", "odihr-whole", "taken", "times"),
    *("language-en", "language-kk", "language-ru"),
)
CHOICES = {
    "type": records.IncidentType,
    "basis": taxonomy.Basis,
    "certainty": records.Certainty,
    "precision": records.Precision,
    "count": taxonomy.CountPrecision,
    "actor": taxonomy.ActorKind,
    "victim": records.VictimRole,
    "consent": records.Consent,
    "harm": records.HarmKind,
    "bias": taxonomy.BiasIndicator,
    "evidence": records.EvidenceKind,
    "state": records.CaseState,
    "link": taxonomy.LinkKind,
}
# Which choices a stated field may hold.
CHOSEN_IN = {
    "types": ("type",),
    "bias": ("bias",),
    "date": ("precision",),
    "actors": ("actor", "count"),
    "victims": ("victim",),
    "harm": ("harm",),
    "links": ("link",),
    "evidence": ("evidence", "precision"),
}


def keys() -> tuple[str, ...]:
    """Give the key of every word that a dossier may need."""
    chosen = (
        f"dossier-{kind}-{hyphened(value)}" for kind, values in CHOICES.items() for value in values
    )
    named = (f"dossier-field-{hyphened(name)}" for name in FIELDS)
    spoken = (f"dossier-who-{_hyphened_words(name)}" for name in SOURCES)
    gone = (f"dossier-gone-{_hyphened_words(each)}" for each in Gone)
    said = (
        *(f"complaint-says-{hyphened(each)}" for each in Says),
        *(f"complaint-shows-{hyphened(each)}" for each in Shows),
        *(f"injury-hurt-{hyphened(each)}" for each in Hurt),
        *(f"injury-treated-{hyphened(each)}" for each in Treated),
    )
    plain = (f"dossier-{name}" for name in PLAIN_KEYS)
    return (*plain, *named, *chosen, *spoken, *gone, *said, *details.keys(), _CONTRACT)


def render(bundle: CaseBundle) -> str:
    """Write the dossier of a bundle as one self-contained HTML page."""
    found = tuple(proved.record for proved in bundle.records)
    is_whole = bundle.level is ExportLevel.LAWYER  # else a blank may be withheld, not unknown
    counted = [record for record in found if record.confirmed_by]
    clock = Clock.of(found)
    return _template("dossier.html.j2").render(
        _words(clock, bundle.text),
        bundle=bundle,
        records=found,
        confirmed=len(counted),
        denied=sum(map(questions.is_false, found)),
        offset=clock.offset,
        strips=charts.strips(found),
        undated=[record for record in found if not charts.days_of(record)],
        charts=charts.charts(counted, bundle),
        level=None if is_whole else bundle.level.value,
        open_questions=questions.open_questions if is_whole else lambda _: (),
        lacks=eligibility.lacks_for_odihr if is_whole else lambda _: None,
        asks=[record for record in found if questions.asks(record)] if is_whole else [],
    )


def section(record: records.Record, text: Callable[[str], str]) -> str:
    """Write one record, whole, as it stands in the dossier: HTML, to be put into another page."""
    words = _words(Clock.of((record,)), text)
    template = _template("record.html.j2")
    return template.render(
        words,
        record=record,
        open_questions=questions.open_questions,
        lacks=eligibility.lacks_for_odihr,
    )


def style() -> str:
    """Give the dossier's style sheet."""
    return _template("style.css.j2").render()


def _words(clock: Clock, text: Callable[[str], str]) -> dict[str, object]:
    """Give what puts a record into words."""
    return {
        "say": lambda key: text(f"dossier-{hyphened(key)}"),
        "choice": lambda kind, value: text(f"dossier-{kind}-{hyphened(value)}"),
        "field": lambda name: _field(name, text),
        "claimed": lambda claim: _claimed(claim, clock, text),
        "worded": lambda field, value: _worded(field, value, text),
        "readable": clock.readable,
        "moment": lambda at: clock.readable(at.isoformat()),
        "contradictions": questions.contradictions,
        "sides": questions.sides,
        "is_false": questions.is_false,
        "waits": additions.is_waiting,
        "who": lambda name: _who(name, text),
        "speaker": lambda said: _speaker(said, text),
        "language": lambda tag: _language(tag, text),
        "gone": lambda what: _gone(what, text),
        "course": _course,
        "replied": lambda step: _replied(step, text),
        "injured": lambda value: _injured(value, text),
        "taken": lambda items: ", ".join(_valued(ITEM, one, text) for one in items),
        "according": lambda told: text(_CONTRACT) if told == CONTRACT else told,
        "forwarded": lambda origin: _forwarded(origin, clock, text),
        "disagreed": lambda written: _disagreed(written, text),
    }


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("storage.bundle", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _claimed(claim: records.Claim, clock: Clock, text: Callable[[str], str]) -> str:
    """Give a claim's value in words, where it is one of the chosen kinds."""
    if claim.field in FACTS:
        return "; ".join(_small(part, clock, text) for part in claim.value.split("; "))
    if claim.field == "happened":
        return text("dossier-no") if claim.value == "no" else claim.value
    if claim.field == "types" and claim.value in set(records.IncidentGroup):
        return text(f"report-group-{claim.value}")
    return _worded(claim.field, _valued(claim.field, claim.value, text), text)


def _small(part: str, clock: Clock, text: Callable[[str], str]) -> str:
    """Give the moment, or one of the small things that go with it, in words."""
    name, colon, value = part.partition(": ")
    key = details.name_key(name) if colon else None
    return clock.readable(part) if key is None else f"{text(key)}: {_valued(name, value, text)}"


def _valued(name: str, value: str, text: Callable[[str], str]) -> str:
    """Give what was chosen in words; what somebody wrote stays as it is."""
    key = details.value_key(name, value)
    return value if key is None else text(key)


def _worded(field: str, value: str, text: Callable[[str], str]) -> str:
    """Give what was stated of a field in words: part by part, where a part was chosen."""
    chosen = {
        one.value: text(f"dossier-{kind}-{hyphened(one.value)}")
        for kind in CHOSEN_IN.get(field, ())
        for one in CHOICES[kind]
    }
    if field == "harm":
        chosen |= {
            f"{name}: {yes}": f"{text(f'dossier-{hyphened(name)}')}: {text(f'dossier-{yes}')}"
            for name in statements.NAMED - {"minors"}
            for yes in ("yes", "no")
        }
    return "; ".join(chosen.get(part, part) for part in value.split("; "))


def _course(record: records.Record) -> str | None:
    """Give what a record without a type begins with: an alarm, a call for help."""
    return next((claim.field for claim in record.claims if claim.field in FACTS), None)


def _who(name: str | None, text: Callable[[str], str]) -> str | None:
    """Give a source in words, where it is a role with its digits; a name stays as it is."""
    found = _ROLE.fullmatch(name or "")
    if found is None:
        return name
    return text(f"dossier-who-{_hyphened_words(found[1])}") + (found[2] or "")


def _speaker(said: str | None, text: Callable[[str], str]) -> str | None:
    """Give who is named as speaking: a role in words, and the rest as it was written."""
    kind, rest = speaker(said or "")
    role = None if kind is None else text(f"dossier-actor-{hyphened(kind)}")
    return ", ".join(part for part in (role, rest) if part) or None


def _language(tag: str | None, text: Callable[[str], str]) -> str | None:
    """Say in which language somebody spoke; one that has no word here stands by its tag."""
    return text(f"dossier-language-{tag}") if tag in {"en", "kk", "ru"} else tag


def _gone(what: str, text: Callable[[str], str]) -> str:
    return text(f"dossier-gone-{_hyphened_words(what)}") if what in set(Gone) else what


def _replied(step: records.CaseStep, text: Callable[[str], str]) -> str | None:
    """Give what a reply says, as it was chosen, and then its words."""
    says = "; ".join(_said(one, text) for one in step.says)
    return " · ".join(one for one in (says, step.reply) if one) or None


def _forwarded(
    origin: records.Forwarded | None, clock: Clock, text: Callable[[str], str]
) -> str | None:
    """Say where it was first said: of what kind, by whom, where, when, and at which address."""
    if origin is None:
        return None
    at = None if origin.at is None else clock.readable(origin.at.isoformat())
    kind = text(f"origin-{hyphened(origin.kind)}")
    parts = (kind, _who(origin.by, text), origin.where, at, origin.address)
    return " · ".join(part for part in parts if part)


def _injured(value: str | None, text: Callable[[str], str]) -> str | None:
    """Give what is hurt, and where somebody was treated, in words where these are chosen ones."""
    if value in set(Hurt):
        return text(f"injury-hurt-{hyphened(value)}")
    return text(f"injury-treated-{hyphened(value)}") if value in set(Treated) else value


def _disagreed(written: str, text: Callable[[str], str]) -> str:
    """Say what a reply says and what evidence shows, where these are chosen ones."""
    found = replies.parts_of(written)
    if found is None:
        return written
    says, where, shows = found
    shown = text(f"complaint-shows-{hyphened(shows)}") if shows in set(Shows) else shows
    return f"{_said(says, text)} ↔ {where or '—'}: {shown}"


def _said(says: str, text: Callable[[str], str]) -> str:
    """Give one thing that a reply says in words, and the platform that was searched."""
    name, _, platform = says.partition(" ")
    said = text(f"complaint-says-{hyphened(name)}") if name in set(Says) else name
    return " ".join(one for one in (said, platform) if one)


def _hyphened_words(words: str) -> str:
    return words.replace("'", "").replace(" ", "-")


def _field(name: str, text: Callable[[str], str]) -> str:
    if name in FIELDS:
        return text(f"dossier-field-{hyphened(name)}")
    return text(f"entry-{name}") if name in FACTS else name
