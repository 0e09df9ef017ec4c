"""`/report` in chat: one question that anything answers, then a few that one tap answers."""

from collections.abc import Sequence
from functools import partial

from coordination import incidents, reports
from handlers import forms, injuries, menu, paging, reportlinks
from handlers.buttons.reports import (
    ReportAnswer,
    ReportDone,
    ReportGoOn,
    ReportPage,
    ReportSkip,
    VisitPress,
)
from handlers.context import Form, Request, Showing, Step
from handlers.screens import Press, Rows, Screen
from handlers.statementwords import choice_key
from safety import reports as rules
from safety.forms import Draft
from safety.notices import Say
from safety.paging import cut
from safety.people import EventId
from safety.permissions import Action, is_allowed
from safety.reports import REPORT_FORM, OpenReport, ReportCard, ReportOffer, ReportQuestion

TEXT_LIMIT = 4096  # characters; the service sends no longer message
IN_A_ROW = 3  # short answers
A_SENTENCE = 3  # words; fewer tell nothing


def begin(request: Request) -> None:
    """Ask what happened; before it, whether to go on with what is not finished.

    Words behind the command, or a file above it, are the report.
    """
    words, media = request.incoming.argument, request.incoming.media
    if words or media is not None:
        reports.report_at_once(request.turn, words, media, request.incoming.message_id)
        return
    reports.offer(request.turn)
    forms.start(request, REPORT_FORM)


def offer(showing: Showing) -> Sequence[Press]:
    """Give a way to go on with a report that is not finished."""
    opened = reports.unfinished_of(showing.work, showing.chat_id)
    return () if opened is None else (_go_on(showing, opened),)


def _go_on(showing: Showing, opened: OpenReport) -> Press:
    number = incidents.number_of(showing.work, opened.incident_id) or 0
    return showing.button("button-report-go-on", ReportGoOn(opened.report_id), number=number)


def take_words(request: Request) -> None:
    """Let words join the report that is open in this chat; else show the menu.

    Whoever tells something without having said that they report reads that nobody has kept it.
    """
    incoming = request.incoming
    words = incoming.text if incoming.command is None else ""
    may_report = is_allowed(request.turn.actor.roles, Action.REPORT)
    is_added = (
        bool(words) and may_report and reports.add_words(request.turn, words, incoming.message_id)
    )
    if is_added:
        return
    if may_report and len(words.split()) >= A_SENTENCE:
        request.turn.tell(Say("report-not-kept"))
    menu.show(request)


def _finish(request: Request, draft: Draft) -> None:
    reports.report(request.turn, draft.answer("what") or "")


def press_answer(request: Request, press: ReportAnswer) -> str | None:
    """Take one tap."""
    reports.answer(request.turn, press.report_id, press.question, press.value)
    return None


def press_page(request: Request, press: ReportPage) -> str | None:
    """Show more of the offered answers."""
    request.turn.reply(ReportCard(press.report_id, press.page))
    return None


def press_skip(request: Request, press: ReportSkip) -> str | None:
    """Pass a question over."""
    reports.answer(request.turn, press.report_id, press.question, None)
    return None


def press_visit(request: Request, press: VisitPress) -> str | None:
    """Open a report by this one tap: somebody came, or was summoned."""
    reports.tell_of_visit(request.turn, EventId(press.event_id))
    return None


def press_go_on(request: Request, press: ReportGoOn) -> str | None:
    """Ask the open question anew."""
    reports.go_on(request.turn, press.report_id)
    return None


def press_done(request: Request, press: ReportDone) -> str | None:
    """Close the report; its card goes, and a short word says that it is kept."""
    reports.finish(request.turn, press.report_id)
    return "report-done"


def render_card(showing: Showing, notice: ReportCard) -> Screen | None:
    """Show that the report is kept, and the question that is open now."""
    opened = reports.look(showing.work, showing.chat_id, notice.report_id)
    if opened is None:
        return None
    number = incidents.number_of(showing.work, opened.incident_id) or 0
    lines = [showing.say("report-kept", number=number)]
    lines.append(showing.say(f"report-ask-{opened.question.value}"))
    return Screen("\n\n".join(lines), _rows(showing, opened, notice.page))


def render_offer(showing: Showing, notice: ReportOffer) -> Screen | None:
    """Say that one is not finished: go on, or it is."""
    opened = reports.unfinished_of(showing.work, showing.chat_id)
    if opened is None or opened.report_id != notice.report_id:
        return None
    number = incidents.number_of(showing.work, opened.incident_id) or 0
    rows = (
        (_go_on(showing, opened),),
        (showing.button("button-report-finished", ReportDone(opened.report_id)),),
    )
    return Screen(showing.say("report-unfinished", number=number), rows)


def _rows(showing: Showing, opened: OpenReport, wanted: int) -> Rows:
    question = opened.question
    done = showing.button("button-done", ReportDone(opened.report_id))
    if question is ReportQuestion.END:
        hurt = injuries.report_rows(showing, opened.event_id, opened.report_id)
        return (*hurt, (done,), *reportlinks.take_row(showing, opened.event_id))
    skip = showing.button("button-skip", ReportSkip(opened.report_id, question))
    offered = rules.choices(question, opened.chosen, reports.phase(showing.work, opened))
    page = cut(offered, wanted, beside=2)
    presses = [
        showing.button(label_of(question, value), ReportAnswer(opened.report_id, question, value))
        for value in page.items
    ]
    turns = paging.turns(showing, page, partial(ReportPage, opened.report_id))
    is_long = question in {ReportQuestion.QUICK, ReportQuestion.GROUP, ReportQuestion.TYPE}
    return (*paging.in_rows(presses, 1 if is_long else IN_A_ROW), *turns, (skip, done))


def label_of(question: ReportQuestion, value: str) -> str:
    """Name the text of an answer; types are called as in the dossier."""
    is_type = question in {ReportQuestion.QUICK, ReportQuestion.TYPE}
    if is_type and value != rules.OTHER:
        return choice_key("type", value)
    return f"report-{question.value}-{value}"


REPORT = Form(
    name=REPORT_FORM,
    action=Action.REPORT,
    steps=(Step("what", "report-ask-what", limit=TEXT_LIMIT),),
    finish=_finish,
)
