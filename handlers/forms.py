"""Questions one at a time: one small engine, and each form is only a declaration (see `context`).

Every question can be cancelled, a wrong answer is explained in a sentence and asked again, an old
button is answered as such, and a restart in the middle changes nothing: the draft is a row.
"""

from dataclasses import replace
from functools import partial

from coordination import drafts
from handlers import paging
from handlers.buttons import pack
from handlers.buttons.forms import FormCancel, FormChoice, FormConfirm, FormPage, FormSkip
from handlers.context import Form, Request, Showing, Step, Table
from handlers.screens import Press, Rows, Screen
from safety.answers import means_nothing
from safety.errors import OutdatedError, RefusalError
from safety.forms import SUMMARY, Draft, Question
from safety.notices import Say
from safety.paging import cut
from safety.people import EventId
from safety.permissions import is_allowed


def start(
    request: Request,
    name: str,
    event_id: EventId | None = None,
    subject_id: int = 0,
    answers: tuple[tuple[str, str], ...] = (),
) -> None:
    """Ask the first question of a form; `answers` may give some beforehand.

    Raises:
        RefusalError: the actor may not answer this form.
    """
    form = request.table.form(name)
    request.turn.require(form.action)
    draft = Draft(
        id=request.turn.tx.new_id(),
        form=name,
        step=form.steps[0].name,
        event_id=event_id,
        subject_id=subject_id,
        answers=answers,
        begun_at=request.turn.now,
    )
    drafts.begin(request.turn, draft)
    first = _next_step(request, form, draft, None)
    _go_on(request, form, replace(draft, step=first))


def current(request: Request) -> Draft | None:
    """Give the form that is open in the actor's chat, or None.

    One whose question this release no longer asks is none: nobody could answer it.
    """
    return _known(
        request.table, drafts.current(request.turn, request.turn.actor.recipient.chat_id)
    )


def answer_text(request: Request, draft: Draft) -> None:
    """Take what was typed, or a place or file that was sent, as the answer to the question."""
    form = request.table.form(draft.form)
    request.turn.require(form.action)
    if draft.step == SUMMARY:
        request.turn.tell(Question(draft.id, SUMMARY, "form-press-confirm"))
        return
    step = _step(form, draft.step)
    place = request.incoming.place
    typed = request.incoming.text
    if request.incoming.media is not None and step.keep_file is not None:
        _accept(request, form, draft, step.keep_file(request, draft, request.incoming.media))
        return
    if place is not None and step.takes_location:
        typed = place.written
    if step.is_optional and means_nothing(typed):
        _pass_over(request, form, draft)
    else:
        _take(request, form, draft, typed)


def wants_location(table: Table, draft: Draft) -> bool:
    """Say whether the open question can be answered with a location."""
    if draft.step == SUMMARY:
        return False
    return _step(table.form(draft.form), draft.step).takes_location


def wants_file(table: Table, draft: Draft) -> bool:
    """Say whether the open question can be answered with a file."""
    if draft.step == SUMMARY:
        return False
    return _step(table.form(draft.form), draft.step).keep_file is not None


def choose(request: Request, press: FormChoice) -> None:
    """Take a pressed answer."""
    form, draft = _open_form(request, press.draft_id, press.step)
    _take(request, form, draft, press.value)


def turn_page(request: Request, press: FormPage) -> None:
    """Show more of the offered answers."""
    _, draft = _open_form(request, press.draft_id, press.step)
    request.turn.reply(Question(draft.id, draft.step, page=press.page))


def skip(request: Request, press: FormSkip) -> None:
    """Go on without an answer, where that is allowed."""
    form, draft = _open_form(request, press.draft_id, press.step)
    if not _may_pass(_step(form, draft.step), draft):
        raise OutdatedError
    _pass_over(request, form, draft)


def confirm(request: Request, press: FormConfirm) -> None:
    """Finish a form whose summary was found right."""
    draft = current(request)
    if draft is None or draft.id != press.draft_id or draft.step != SUMMARY:
        raise OutdatedError
    form = request.table.form(draft.form)
    request.turn.require(form.action)
    _finish(request, form, draft)


def cancel(request: Request, press: FormCancel) -> None:
    """Give a form up by its button."""
    draft = current(request)
    if draft is None or draft.id != press.draft_id:
        raise OutdatedError
    give_up(request, draft)


def cancel_open(request: Request) -> None:
    """Give up whatever form is open: /cancel."""
    draft = current(request)
    if draft is None:
        request.turn.tell(Say("nothing-to-cancel"))
    else:
        give_up(request, draft)


def give_up(request: Request, draft: Draft) -> None:
    """Drop the open form; its questions and answers leave the chat."""
    form = request.table.form(draft.form)
    drafts.end(request.turn, draft)
    if form.on_cancel is not None:
        form.on_cancel(apart(request), draft)
    request.turn.tell(Say(form.kept or "cancelled"))


def render_question(showing: Showing, notice: Question) -> Screen | None:
    """Show the open question as it stands now; one that is no longer open is not shown."""
    draft = _known(showing.table, drafts.current(showing.work, showing.chat_id))
    if draft is None or draft.id != notice.draft_id or draft.step != notice.step:
        return None
    form = showing.table.form(draft.form)
    refusal = ""
    if notice.refusal is not None:
        refusal = showing.say(notice.refusal, **dict(notice.values)) + "\n\n"
    if draft.step == SUMMARY:
        assert form.summary is not None  # noqa: S101 - only forms with one get there
        last = (showing.button("button-confirm", FormConfirm(draft.id)),)
        rows = (last, (_cancel_button(showing, draft, form),))
        return Screen(refusal + form.summary(showing, draft), rows)
    step = _step(form, draft.step)
    text = refusal + showing.say(step.question, **step.values(showing, draft))
    return Screen(text, _rows(showing, form, draft, notice.page))


def _rows(showing: Showing, form: Form, draft: Draft, wanted: int) -> Rows:
    step = _step(form, draft.step)
    number = form.steps.index(step)
    last = [_cancel_button(showing, draft, form)]
    if _may_pass(step, draft):
        label = "button-skip" if draft.answer(step.name) is None else "button-done"
        last.insert(0, showing.button(label, FormSkip(draft.id, number)))
    page = cut(step.choices(showing, draft), wanted, beside=len(last))
    presses = [
        Press(choice.label, pack(FormChoice(draft.id, number, choice.value)))
        for choice in page.items
    ]
    turns = paging.turns(showing, page, partial(FormPage, draft.id, number))
    return (*paging.in_rows(presses, step.choices_in_row), *turns, tuple(last))


def _cancel_button(showing: Showing, draft: Draft, form: Form) -> Press:
    label = "button-cancel" if form.kept is None else "button-enough"
    return showing.button(label, FormCancel(draft.id))


def _open_form(request: Request, draft_id: int, number: int) -> tuple[Form, Draft]:
    draft = current(request)
    if draft is None or draft.id != draft_id:
        raise OutdatedError
    form = request.table.form(draft.form)
    if not 0 <= number < len(form.steps) or form.steps[number].name != draft.step:
        raise OutdatedError
    if not is_allowed(request.turn.actor.roles, form.action):
        raise OutdatedError
    return form, draft


def _pass_over(request: Request, form: Form, draft: Draft) -> None:
    _go_on(request, form, replace(draft, step=_next_step(request, form, draft, draft.step)))


def _take(request: Request, form: Form, draft: Draft, typed: str) -> None:
    step = _step(form, draft.step)
    try:
        value = step.read(request, draft, _bounded(typed.strip(), step.limit))
    except RefusalError as refusal:
        values = tuple(refusal.values.items())
        request.turn.tell(Question(draft.id, draft.step, refusal.key, values))
        return
    _accept(request, form, draft, value)


def _accept(request: Request, form: Form, draft: Draft, value: str) -> None:
    """Keep an answer and go on; a question that collects stays open for another one."""
    step = _step(form, draft.step)
    if step.collects:
        earlier = (draft.answer(step.name) or "").split(",")
        value = ",".join(one for one in dict.fromkeys((*earlier, value)) if one)
    others = tuple((name, old) for name, old in draft.answers if name != step.name)
    answered = replace(draft, answers=(*others, (step.name, value)))
    following = step.name if step.collects else _next_step(request, form, answered, step.name)
    _go_on(request, form, replace(answered, step=following))


def _may_pass(step: Step, draft: Draft) -> bool:
    return step.is_optional or (step.collects and draft.answer(step.name) is not None)


def _bounded(typed: str, limit: int) -> str:
    if not typed:
        raise RefusalError("form-empty-answer")
    if len(typed) > limit:
        raise RefusalError("form-long-answer")
    return typed


def _next_step(request: Request, form: Form, draft: Draft, after: str | None) -> str:
    names = [step.name for step in form.steps]
    start_at = 0 if after is None else names.index(after) + 1
    for step in form.steps[start_at:]:
        if draft.answer(step.name) is None and step.applies(request, draft):
            return step.name
    return SUMMARY


def _go_on(request: Request, form: Form, draft: Draft) -> None:
    if draft.step == SUMMARY and form.summary is None:
        _finish(request, form, draft)
        return
    drafts.keep(request.turn, draft)
    request.turn.reply(Question(draft.id, draft.step))


def _finish(request: Request, form: Form, draft: Draft) -> None:
    drafts.end(request.turn, draft)
    form.finish(apart(request), draft)


def apart(request: Request) -> Request:
    """Have what follows written anew: what was pressed stays, or leaves the chat with its form."""
    return replace(request, turn=replace(request.turn, pressed=None))


def _known(table: Table, draft: Draft | None) -> Draft | None:
    form = next((form for form in table.forms if draft and form.name == draft.form), None)
    if draft is None or form is None:
        return None
    names = [step.name for step in form.steps]
    is_known = draft.step in names if form.summary is None else draft.step in (*names, SUMMARY)
    return draft if is_known else None


def _step(form: Form, name: str) -> Step:
    return next(step for step in form.steps if step.name == name)
