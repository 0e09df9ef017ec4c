"""The questions that add to a record: one form a topic, one tap or one short text a question.

Whoever does not know skips the first question, and nothing is added. What it goes by is asked at
the end, and of a correction also why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from coordination import statements
from handlers import forms
from handlers import statementanswers as answers
from handlers.context import Form, Request, Step, read_offered
from handlers.statementanswers import Applies, after, says
from safety.errors import OutdatedError
from safety.forms import Draft
from safety.incidents import Incident, IncidentId
from safety.permissions import Action
from safety.questions import IncidentQuestions
from safety.records import EvidenceKind, HarmKind, IncidentGroup, IncidentType, VictimRole
from safety.statements import ABOUT, FIELDS, TYPED, Fields, Topic, says_anything
from safety.taxonomy import ActorKind, Basis, BiasIndicator, CountPrecision, LinkKind

FEW, MANY = ("1", "2", "3", "5", "10", "30"), ("0", "1", "2", "3")


def begin(request: Request, incident: Incident, topic: Topic, known: Fields = ()) -> None:
    """Ask the questions of a topic; `known` names what is corrected, or which promise it is of."""
    forms.start(request, _name(topic), incident.event_id, incident.id, known)


def _name(topic: Topic) -> str:
    return f"statement-{topic.value}"


def _key(name: str) -> str:
    return f"statement-ask-{name.replace('_', '-').replace('.', '-')}"


def _tap(
    name: str,
    values: Sequence[str],
    applies: Applies = answers.always,
    kind: str | None = None,
    in_row: int = 1,
) -> Step:
    """Ask for one of the values, called as the dossier calls that kind; it may be skipped."""
    return Step(
        name,
        _key(name),
        read_offered(values),
        answers.offered(name if kind is None else kind, values),
        in_row,
        is_optional=True,
        applies=applies,
    )


def _words(name: str, applies: Applies = answers.always, *, is_needed: bool = False) -> Step:
    """Ask for a short text, no longer than a chat takes; `name` may say of which topic."""
    rules = {**ABOUT, **{key: rule for fields in FIELDS.values() for key, rule in fields.items()}}
    limit = rules[_field(name)]
    most = min(limit, TYPED) if isinstance(limit, int) else 0
    return Step(_field(name), _key(name), limit=most, is_optional=not is_needed, applies=applies)


def _field(name: str) -> str:
    """Drop the topic that a question is worded for: `harm.description` asks for `description`."""
    return name.rpartition(".")[2]


def _number(topic: Topic, name: str, applies: Applies, offered: Sequence[str]) -> Step:
    return Step(
        name,
        _key(name),
        answers.read_number(topic, name),
        answers.numbers(offered),
        len(offered),
        is_optional=True,
        applies=applies,
    )


def _yes_or_no(name: str, harm: HarmKind) -> Step:
    return _tap(name, ("yes", "no"), after("harm", harm), kind="", in_row=2)


def _described(name: str) -> Step:
    return _words(name, after("more", "yes"))


_GROUP = Step(
    "group",
    _key("group"),
    read_offered(tuple(IncidentGroup)),
    answers.group_choices,
    is_optional=True,
)
_TYPE = Step(
    "type",
    _key("type"),
    read_offered(tuple(IncidentType)),
    answers.type_choices,
    is_optional=True,
    applies=after("group"),
)
_PRECISION = Step(
    "precision",
    _key("precision"),
    answers.read_precision,
    answers.when_choices,
    choices_in_row=2,
    is_optional=True,
)
_DAY = Step(
    "date",
    _key("date"),
    answers.read_date,
    applies=answers.has_day_to_write,
    values=answers.example,
)
_CITY = Step(
    "city", _key("city"), answers.read_city, answers.city_choices, is_optional=True, limit=40
)
_OR_CITY = Step(
    "or_city",
    _key("or_city"),
    answers.read_city,
    is_optional=True,
    limit=40,
    applies=after("city"),
)
_LANGUAGE = Step(
    "language",
    _key("language"),
    answers.read_language,
    answers.languages,
    choices_in_row=3,
    is_optional=True,
    applies=after("quote"),
)
_RECORD = Step(
    "record",
    _key("record"),
    answers.read_record,
    answers.record_choices,
    applies=after("link"),
)
_FILE = Step(
    "file",
    _key("file"),
    answers.read_file,
    answers.file_choices,
    choices_in_row=2,
    is_optional=True,
)
_WHEN_TAKEN = replace(_PRECISION, question=_key("evidence.precision"), applies=after("evidence"))
_MORE = Step(
    "more",
    _key("more"),
    read_offered(("no", "yes")),
    answers.more_choices,
    applies=after("actor"),
)

_QUESTIONS: Mapping[Topic, tuple[Step, ...]] = {
    Topic.TYPE: (_GROUP, _TYPE),
    Topic.DATE: (_PRECISION, _DAY),
    Topic.PLACE: (_CITY, _OR_CITY, _words("place"), _words("address", after("place"))),
    Topic.ACTOR: (
        _tap("actor", tuple(ActorKind), in_row=2),
        _number(Topic.ACTOR, "count", after("actor"), FEW),
        _tap("count_precision", tuple(CountPrecision), answers.has_several, "count", 2),
    ),
    Topic.VICTIM: (
        _tap("victim", tuple(VictimRole), in_row=2),
        _number(Topic.VICTIM, "count", after("victim"), FEW),
        _number(Topic.VICTIM, "minors", after("victim"), MANY),
    ),
    Topic.HARM: (
        _tap("harm", tuple(HarmKind), in_row=2),
        _words("harm.description", after("harm")),
        *(_yes_or_no(one, HarmKind.PHYSICAL) for one in ("treated", "examined", "certificate")),
        _words("value", after("harm", HarmKind.PROPERTY)),
        _words("where", after("harm", HarmKind.LIBERTY)),
        _yes_or_no("lawyer_present", HarmKind.LIBERTY),
        _words("items", after("harm", HarmKind.DATA_TAKEN)),
    ),
    Topic.BIAS: (_tap("bias", tuple(BiasIndicator)),),
    Topic.QUOTE: (_words("quote"), _LANGUAGE, _words("speaker", after("quote"))),
    Topic.PROMISE: (
        _words("promised"),
        _words("by", after("promised")),
        _words("happened", after("promised")),
    ),
    Topic.ACT: (_words("happened"),),
    Topic.LINK: (_tap("link", tuple(LinkKind)), _RECORD),
    Topic.EVIDENCE: (
        _FILE,
        replace(_tap("evidence", tuple(EvidenceKind), in_row=2), choices=answers.evidence_choices),
        replace(_words("page", after("evidence")), read=answers.read_page),
        _WHEN_TAKEN,
        _DAY,
    ),
    Topic.WORDS: (_words("text"),),
}
_LAST: Mapping[Topic, tuple[Step, ...]] = {
    Topic.ACTOR: (_MORE, *map(_described, ("description", "vehicle", "uniform", "badge", "name"))),
}


def _form(topic: Topic) -> Form:
    """Put a topic's questions together with what it goes by, and with why it corrects another."""
    basis = replace(
        _tap("basis", tuple(Basis), says(topic)),
        choices=answers.basis_choices,
        is_optional=False,
    )
    goes_by = (basis, _words("according_to", answers.goes_by_others))
    why = _words("why", answers.corrects(topic), is_needed=True)
    asked = _QUESTIONS.get(topic, ())
    steps = (*asked, *(goes_by if asked else ()), why, *_LAST.get(topic, ()))
    return Form(_name(topic), Action.SEE_INCIDENTS, steps, _finish(topic), on_cancel=_go_back)


def _finish(topic: Topic) -> Callable[[Request, Draft], None]:
    """Add what was said: nothing where the first question was passed over, or where it corrects
    what a colleague has corrected meanwhile.
    """

    def finish(request: Request, draft: Draft) -> None:
        fields = answers.fields(topic, draft)
        is_said = says_anything(topic, dict(fields))
        if is_said:
            try:
                statements.state(request.turn, draft.subject_id, topic, fields)
            except OutdatedError:
                is_said = False
        _show(request, draft, kept=is_said)

    return finish


def _go_back(request: Request, draft: Draft) -> None:
    _show(request, draft, kept=None)


def _show(request: Request, draft: Draft, *, kept: bool | None) -> None:
    questions = IncidentQuestions(IncidentId(draft.subject_id), kept=kept)
    request.turn.reply(questions, draft.event_id)


FORMS = tuple(_form(topic) for topic in Topic)
