"""The open questions of records: of this week in numbers, and of one record with a button each."""

from functools import partial

from coordination import cases, incidents, questions, statements
from handlers import additions, paging
from handlers import cases as case_texts
from handlers import statements as statement_forms
from handlers.buttons import pack
from handlers.buttons.incidents import IncidentPage, ShowIncident
from handlers.buttons.questions import (
    AskPress,
    QuestionsPress,
    ReplacePress,
    StatementPress,
    StatementsPress,
    TakeBackPress,
    WeekPress,
)
from handlers.context import Request, Showing
from handlers.screens import Press, Rows, Screen
from handlers.statementwords import told, topic_key
from safety.errors import OutdatedError
from safety.incidents import Incident
from safety.paging import cut
from safety.questions import (
    FIRST,
    FURTHER,
    LOOKED_AT,
    IncidentQuestions,
    Part,
    StatementList,
    StatementScreen,
    WeekQuestions,
)
from safety.records import HarmKind
from safety.statements import Fields, Topic, topic_of

IN_A_ROW = 2  # short questions
LONGEST = 3000  # characters of a statement; the case holds all of it
LABEL = 48  # characters of a statement on a button

# ---------------------------------------------------------------- pressing


def press_week(request: Request, press: WeekPress) -> None:
    """Show what is open this week."""
    request.turn.reply(WeekQuestions(press.page))


def press_questions(request: Request, press: QuestionsPress) -> None:
    """Show what is open in one record, or what else may be added."""
    incident = _incident(request, press.incident_id)
    questions_of = IncidentQuestions(incident.id, press.part, page=press.page)
    request.turn.reply(questions_of, incident.event_id)


def press_ask(request: Request, press: AskPress) -> None:
    """Ask about one topic; what became of a promise is asked of the first that nobody told it of.

    Of somebody who was held it is asked where, and whether a lawyer was there.

    Raises:
        OutdatedError: there is no such record, or no such promise any more.
    """
    incident = _incident(request, press.incident_id)
    known: Fields = ()
    if press.topic is Topic.ACT:
        promise = statements.unanswered_promise(request.turn, incident)
        if promise is None:
            raise OutdatedError
        known = (("of", str(promise)),)
    if press.topic is Topic.HARM and questions.asks_of_liberty(request.turn, incident):
        known = (("harm", HarmKind.LIBERTY.value),)
    statement_forms.begin(request, incident, press.topic, known)


def press_statements(request: Request, press: StatementsPress) -> None:
    """Show what can be corrected."""
    incident = _incident(request, press.incident_id)
    request.turn.reply(StatementList(incident.id, press.page), incident.event_id)


def press_statement(request: Request, press: StatementPress) -> None:
    """Show one statement in full."""
    incident = _incident(request, press.incident_id)
    request.turn.reply(StatementScreen(incident.id, press.leaf), incident.event_id)


def press_replace(request: Request, press: ReplacePress) -> None:
    """Ask for the better statement.

    Raises:
        OutdatedError: it does not stand any more.
    """
    incident = _incident(request, press.incident_id)
    entry = statements.find_standing(request.turn, incident, press.leaf)
    topic = None if entry is None else topic_of(entry)
    if entry is None or topic is None:
        raise OutdatedError
    promise = entry.detail("of")
    known = (("corrects", str(press.leaf)), *((("of", promise),) if promise else ()))
    statement_forms.begin(request, incident, topic, known)


def press_take_back(request: Request, press: TakeBackPress) -> None:
    """Ask why it is taken back.

    Raises:
        OutdatedError: it does not stand any more.
    """
    incident = _incident(request, press.incident_id)
    if statements.find_standing(request.turn, incident, press.leaf) is None:
        raise OutdatedError
    corrects = (("corrects", str(press.leaf)),)
    statement_forms.begin(request, incident, Topic.TAKEN_BACK, corrects)


def _incident(request: Request, incident_id: int) -> Incident:
    found = incidents.look(request.turn, incident_id)
    if found is None:
        raise OutdatedError
    return found


# ---------------------------------------------------------------- showing


def week_button(showing: Showing) -> Press:
    """Give the button that leads to the open questions of this week."""
    return showing.button("button-questions-week", WeekPress(0))


def incident_button(showing: Showing, incident: Incident) -> Press:
    """Give the button that leads to the open questions of one record."""
    return showing.button("button-questions", QuestionsPress(incident.id, Part.OPEN))


def render_week(showing: Showing, notice: WeekQuestions) -> Screen:
    """Show the numbers, then a button for each record with open questions."""
    week = questions.this_week(showing.work)
    found = week.waiting
    lines = [showing.say("questions-week-title")]
    if found:
        numbers = {"records": len(found), "questions": week.count}
        lines.append(showing.say("questions-week-counts", **numbers))
    else:
        lines.append(showing.say("questions-week-none"))
    if not week.is_whole:
        lines.append(showing.say("questions-week-newest", records=LOOKED_AT))
    page = cut(found, notice.page, beside=1)
    rows = [(_week_press(showing, one),) for one in page.items]
    turns = paging.turns(showing, page, WeekPress)
    event_id = cases.event_in_mind(showing.work)
    back = showing.button("button-back", IncidentPage(event_id or 0, 0))
    return Screen("\n".join(lines), (*rows, *turns, (back,)))


def _week_press(showing: Showing, waiting: questions.Waiting) -> Press:
    label = case_texts.label_of(showing, waiting.incident)
    asked = waiting.asked
    key = "questions-line-locked" if asked is None else "questions-line"
    count = 0 if asked is None else asked.count
    text = showing.plain(key, line=label, count=count)
    return Press(text, pack(QuestionsPress(waiting.incident.id, Part.OPEN)))


def render_incident(showing: Showing, notice: IncidentQuestions) -> Screen | None:
    """Show what is open in one record, a button for each; or what else may be added."""
    incident = incidents.look(showing.work, notice.incident_id)
    if incident is None:
        return None
    asked = questions.of_incident(showing.work, incident)
    lines = [showing.say("questions-number", number=incident.number)]
    if notice.kept is not None:
        lines.append(showing.say("questions-kept" if notice.kept else "questions-nothing-kept"))
    if notice.part is Part.MORE:
        lines.append(showing.say("questions-more-title"))
        more_rows = _more_rows(showing, incident, notice.page, can_read=asked is not None)
        return Screen("\n".join(lines), more_rows)
    lines += _open_lines(showing, asked)
    topics = FIRST if asked is None else asked.topics
    page = cut(topics, notice.page, beside=2)
    rows = [(_ask(showing, incident, topic),) for topic in page.items]
    turns = paging.turns(showing, page, partial(QuestionsPress, incident.id, Part.OPEN))
    more = showing.button("button-questions-more", QuestionsPress(incident.id, Part.MORE))
    back = showing.button("button-back", ShowIncident(incident.id))
    return Screen("\n".join(lines), (*rows, *turns, (more,), (back,)))


def _open_lines(showing: Showing, asked: questions.Asked | None) -> list[str]:
    if asked is None:
        return [showing.say("questions-locked")]
    if not asked.count:
        return [showing.say("questions-none")]
    lines = [showing.count("questions-open", asked.count)]
    if asked.differing:
        names = ", ".join(_field(showing, name) for name in asked.differing)
        lines.append(showing.say("questions-differ", fields=names))
    return lines


def _field(showing: Showing, name: str) -> str:
    """Call a field as the dossier does; one that it has no word for stands as it is."""
    key = f"dossier-field-{name.replace('_', '-')}"
    return showing.plain(key) if key in showing.texts.keys else name


def _more_rows(showing: Showing, incident: Incident, wanted: int, *, can_read: bool) -> Rows:
    """Offer what may be added beside the open questions, and to correct what is there."""
    presses = [_ask(showing, incident, topic) for topic in (*FURTHER, *FIRST)]
    if can_read:
        presses.insert(0, showing.button("button-correct", StatementsPress(incident.id, 0)))
    page = cut(presses, wanted, beside=1)
    back = showing.button("button-back", QuestionsPress(incident.id, Part.OPEN))
    further = partial(QuestionsPress, incident.id, Part.MORE)
    rows = paging.in_rows(page.items, IN_A_ROW)
    return (*rows, *paging.turns(showing, page, further), (back,))


def _ask(showing: Showing, incident: Incident, topic: Topic) -> Press:
    return showing.button(topic_key(topic), AskPress(incident.id, topic))


def render_list(showing: Showing, notice: StatementList) -> Screen | None:
    """Show what can be corrected, a button for each statement."""
    incident = incidents.look(showing.work, notice.incident_id)
    if incident is None:
        return None
    found = statements.standing(showing.work, incident) or []
    page = cut(found, notice.page, beside=1)
    key = "statements-title" if found else "statements-none"
    rows = [
        (Press(told(showing.plain, entry)[:LABEL], pack(StatementPress(incident.id, leaf))),)
        for leaf, entry in page.items
    ]
    turns = paging.turns(showing, page, partial(StatementsPress, incident.id))
    back = showing.button("button-back", QuestionsPress(incident.id, Part.MORE))
    number = showing.say("questions-number", number=incident.number)
    return Screen(f"{number}\n{showing.say(key)}", (*rows, *turns, (back,)))


def render_statement(showing: Showing, notice: StatementScreen) -> Screen | None:
    """Show one statement in full; one that was corrected meanwhile says so."""
    incident = incidents.look(showing.work, notice.incident_id)
    if incident is None:
        return None
    entry = statements.find_standing(showing.work, incident, notice.leaf)
    back = (showing.button("button-back", StatementsPress(incident.id, 0)),)
    lines = [showing.say("questions-number", number=incident.number)]
    if entry is None:
        return Screen("\n".join((*lines, showing.say("statement-gone"))), (back,))
    zone = cases.zone_at(showing.work, incident.event_id)
    lines += additions.written_line(showing, entry, zone)
    lines.append(showing.say("statement-told", words=told(showing.plain, entry)[:LONGEST]))
    rows = (
        (showing.button("button-replace", ReplacePress(incident.id, notice.leaf)),),
        (showing.button("button-take-back", TakeBackPress(incident.id, notice.leaf)),),
        back,
    )
    return Screen("\n".join(lines), rows)
