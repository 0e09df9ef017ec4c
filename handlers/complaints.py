"""Complaints in chat: a list by what is due next, a screen for each, and a tap for each step."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from coordination import cases, complaints, incidents
from coordination.complaints import Told
from coordination.whois import find_teammate
from handlers import closing, complaintforms, forms, paging
from handlers.buttons import pack
from handlers.buttons.complaints import (
    ComplaintAbout,
    ComplaintConfirm,
    ComplaintDay,
    ComplaintDisagree,
    ComplaintHandOver,
    ComplaintNew,
    ComplaintNext,
    ComplaintOpen,
    ComplaintReplied,
    ComplaintsPress,
    ComplaintStep,
    ComplaintTake,
)
from handlers.cases import label_of
from handlers.complaintforms import authority_key, says_key, shows_key, state_key
from handlers.context import Request, Showing
from handlers.screens import Press, Rows, Screen
from safety import complaints as rules
from safety.complaints import (
    Complaint,
    ComplaintChoice,
    ComplaintList,
    ComplaintMissed,
    ComplaintReminder,
    ComplaintScreen,
    ComplaintSteps,
    DueDay,
)
from safety.errors import OutdatedError
from safety.incidents import Entry, Incident, IncidentState
from safety.paging import MOST, cut
from safety.permissions import Action
from safety.replies import Disagreement, Reply, Shows

LONGEST = 300  # characters of a reply on the screen; the case holds all of it
DIGITS = 12  # of a SHA-256: enough to compare by eye, the case holds all of it

# ---------------------------------------------------------------- pressing


def press_list(request: Request, press: ComplaintsPress) -> str | None:
    """Show all complaints."""
    request.turn.reply(ComplaintList(press.page))
    return None


def press_open(request: Request, press: ComplaintOpen) -> str | None:
    """Show one complaint in a message of its own, which goes soon."""
    request.turn.tell(ComplaintScreen(_known(request, press.complaint_id).id))
    return None


def press_new(request: Request, press: ComplaintNew) -> str | None:
    """Ask of which incident."""
    request.turn.reply(ComplaintChoice(press.page))
    return None


def press_about(request: Request, press: ComplaintAbout) -> str | None:
    """Ask to whom, and when.

    Raises:
        OutdatedError: there is no such incident.
    """
    incident = incidents.look(request.turn, press.incident_id)
    if incident is None:
        raise OutdatedError
    forms.start(request, complaintforms.FILE, incident.event_id, incident.id)
    return None


def press_next(request: Request, press: ComplaintNext) -> str | None:
    """Show what may have happened next."""
    complaint = _known(request, press.complaint_id)
    request.turn.reply(ComplaintSteps(complaint.id, bool(press.has_all), press.page))
    return None


def press_step(request: Request, press: ComplaintStep) -> str | None:
    """Ask on which day it came to this.

    Raises:
        OutdatedError: it stands there already.
    """
    complaint = _known(request, press.complaint_id)
    if complaint.state is press.state:
        raise OutdatedError
    known = (("state", press.state.value),)
    forms.start(request, complaintforms.STEP, complaint.event_id, complaint.id, known)
    return None


def press_replied(request: Request, press: ComplaintReplied) -> str | None:
    """Ask what was answered."""
    return _ask(request, complaintforms.REPLY, press.complaint_id)


def press_hand_over(request: Request, press: ComplaintHandOver) -> str | None:
    """Ask which evidence was handed over."""
    complaint = _known(request, press.complaint_id)
    if not complaints.files_of(request.turn, complaint):
        return "complaint-no-files"
    return _ask(request, complaintforms.HAND_OVER, complaint.id)


def press_disagree(request: Request, press: ComplaintDisagree) -> str | None:
    """Ask what the reply says, and what shows otherwise."""
    return _ask(request, complaintforms.DISAGREE, press.complaint_id)


def press_confirm(request: Request, press: ComplaintConfirm) -> str | None:
    """Stand for what the bot has seen."""
    complaint = complaints.confirm(request.turn, press.complaint_id, press.mark)
    request.turn.reply(ComplaintScreen(complaint.id))
    return "complaint-noted"


def press_day(request: Request, press: ComplaintDay) -> str | None:
    """Ask for another last day."""
    return _ask(request, complaintforms.DAY, press.complaint_id)


def press_take(request: Request, press: ComplaintTake) -> str | None:
    """Remind whoever pressed from now on."""
    complaint = complaints.take_over(request.turn, press.complaint_id)
    request.turn.reply(ComplaintScreen(complaint.id))
    return "complaint-taken-over"


def _ask(request: Request, form: str, complaint_id: int) -> str | None:
    complaint = _known(request, complaint_id)
    forms.start(request, form, complaint.event_id, complaint.id)
    return None


def _known(request: Request, complaint_id: int) -> Complaint:
    complaint = complaints.look(request.turn, complaint_id)
    if complaint is None:
        raise OutdatedError
    return complaint


# ---------------------------------------------------------------- lists


def row(showing: Showing, incident: Incident) -> Rows:
    """Give *Complain* for an incident's screen, unless it did not happen."""
    if incident.state is IncidentState.FALSE:
        return ()
    return ((showing.button("button-complaint-about", ComplaintAbout(incident.id)),),)


def menu_row(showing: Showing) -> Rows:
    """Give the way to all complaints."""
    return ((showing.button("button-complaints", ComplaintsPress()),),)


def render_list(showing: Showing, notice: ComplaintList) -> Screen | None:
    """Show a line and a button for each, what was missed or is due next first."""
    if not showing.may(Action.KEEP_COMPLAINT):
        return None
    found = complaints.every(showing.work)
    new = (showing.button("button-complaint-new", ComplaintNew()),)
    if not found:
        return Screen(showing.say("complaints-none"), (new,))
    missed = sum(one.standing is not None and _is_missed(showing, one) for one in found)
    lines = [showing.count("complaints-title", len(found))]
    lines += [showing.count("complaints-missed", missed)] if missed else []
    page = cut(found, notice.page, beside=1)
    rows = tuple((_line(showing, one),) for one in page.items)
    turns = paging.turns(showing, page, ComplaintsPress)
    return Screen("\n".join(lines), (*rows, *turns, new))


def render_choice(showing: Showing, notice: ComplaintChoice) -> Screen | None:
    """Ask of which incident the complaint is, the newest first."""
    if not showing.may(Action.KEEP_COMPLAINT):
        return None
    found = [
        one
        for event_id in cases.events_with_incidents(showing.work)
        for one in incidents.list_at(showing.work, event_id)
        if one.state is not IncidentState.FALSE
    ]
    found.sort(key=lambda one: one.number, reverse=True)
    back = (showing.button("button-complaints", ComplaintsPress()),)
    if not found:
        return Screen(showing.say("incidents-none"), (back,))
    page = cut(found, notice.page, beside=1)
    rows = tuple(
        (Press(label_of(showing, one), pack(ComplaintAbout(one.id))),) for one in page.items
    )
    turns = paging.turns(showing, page, ComplaintNew)
    return Screen(showing.say("complaint-ask-about"), (*rows, *turns, back))


def _line(showing: Showing, complaint: Complaint) -> Press:
    label = showing.plain(
        "complaint-line",
        number=complaint.number,
        authority=showing.plain(authority_key(complaint.authority)),
        due=_due(showing, complaint, complaint.standing) or showing.plain("complaint-no-day"),
    )
    return Press(label, pack(ComplaintOpen(complaint.id)))


# ---------------------------------------------------------------- what is due


def render_due(showing: Showing, notice: ComplaintReminder | ComplaintMissed) -> Screen | None:
    """Say that a day is near, or over: a number, and the rest behind *Show*."""
    complaint = complaints.look(showing.work, notice.complaint_id)
    if complaint is None or complaint.standing is None or not showing.may(Action.KEEP_COMPLAINT):
        return None
    is_missed = _is_missed(showing, complaint)
    key = "complaint-due-missed" if is_missed else "complaint-due-near"
    text = showing.say(key, number=complaint.number)
    due = _due(showing, complaint, complaint.standing)
    show = (showing.button("button-show", ComplaintOpen(complaint.id)),)
    return Screen(f"{text}\n{due}", (show,))


def _is_missed(showing: Showing, complaint: Complaint) -> bool:
    day = complaint.standing
    return day is not None and day.until < complaints.today(showing.work, complaint)


def _due(showing: Showing, complaint: Complaint, day: DueDay | None) -> str:
    if day is None:
        return ""
    left = (day.until - complaints.today(showing.work, complaint)).days
    until = _date(showing, day.until)
    if left < 0:
        return showing.count("complaint-missed", -left, day=until)
    if left == 0:
        return showing.plain("complaint-last-day")
    return showing.count("complaint-days-left", left, day=until)


def _date(showing: Showing, day: date) -> str:
    return f"{showing.texts.day(showing.language, day)} {day.year}"


# ---------------------------------------------------------------- one complaint


def render_screen(showing: Showing, notice: ComplaintScreen) -> Screen | None:
    """Show how far a complaint is, what is due, and what the case says of it while it is open."""
    complaint = complaints.look(showing.work, notice.complaint_id)
    if complaint is None or not showing.may(Action.KEEP_COMPLAINT):
        return None
    told = complaints.look_into(showing.work, complaint)
    lines = [*_head(showing, complaint), *_law_lines(showing, complaint), ""]
    if told is None:
        lines.append(closing.unreadable(showing, complaint.event_id))
        return Screen("\n".join(lines), _rows(showing, complaint, None))
    zone = complaints.zone_of(showing.work, complaint)
    lines += [_handed_line(showing, one, zone) for one in told.handed_over]
    lines += [line for one in told.replies for line in _reply_lines(showing, one)]
    lines += _disagreement_lines(showing, complaint, told)
    return Screen("\n".join(lines).rstrip(), _rows(showing, complaint, told))


def _head(showing: Showing, complaint: Complaint) -> list[str]:
    incident = complaints.incident_of(showing.work, complaint)
    lines = [
        showing.say("complaint-title", number=complaint.number),
        showing.say(
            "complaint-authority",
            authority=showing.plain(authority_key(complaint.authority)),
            name=complaint.name or "",
        ).rstrip(),
        showing.say(
            "complaint-state",
            state=showing.plain(state_key(complaint.state)),
            day=_date(showing, complaint.since),
        ),
    ]
    if complaint.registered is not None:
        lines.append(showing.say("complaint-registered", registered=complaint.registered))
    if incident is not None:
        lines.append(showing.say("complaint-incident", number=incident.number))
    keeper = find_teammate(showing.work, complaint.keeper)
    if keeper is None or not keeper.name:
        lines.append(showing.say("complaint-kept-by-organizers"))
    else:
        lines.append(showing.say("complaint-kept-by", name=keeper.name))
    return lines


def _law_lines(showing: Showing, complaint: Complaint) -> list[str]:
    """Say by when, and what the lawyer's file says of this step; earlier missed days as well."""
    lines = []
    for day in complaint.due:
        due = _due(showing, complaint, day)
        if day.step is complaint.state:
            lines.append(showing.say("complaint-due", due=due))
        else:
            step = showing.plain(state_key(day.step))
            until = _date(showing, day.until)
            lines.append(showing.say("complaint-missed-earlier", step=step, day=until))
    rule = showing.work.policy.law.deadline(complaint.authority, complaint.state)
    if rule is not None:
        note, decides = rule.note.get(showing.language), rule.decides.get(showing.language)
        lines += [] if note is None else [showing.say("complaint-note", note=note)]
        lines += [] if decides is None else [showing.say("complaint-decides", decides=decides)]
    elif complaint.standing is None:
        lines.append(showing.say("complaint-no-rule"))
    return lines


def _handed_line(showing: Showing, entry: Entry, zone: ZoneInfo) -> str:
    numbers = (entry.detail("number") or "").split(",")
    digests = (entry.detail("sha256") or entry.detail("sealed_sha256") or "").split(",")
    pairs = zip(numbers, digests, strict=False)
    files = ", ".join(f"{number} (SHA-256 {digest[:DIGITS]}…)" for number, digest in pairs)
    day, time = showing.day(entry.at, zone), showing.time(entry.at, zone)
    return showing.say("complaint-handed", files=files, day=day, time=time)


def _reply_lines(showing: Showing, reply: Reply) -> list[str]:
    says = [showing.plain(says_key(one)) for one in reply.says]
    if reply.platform is not None:
        says.append(reply.platform)
    lines = [showing.say("complaint-replied", says="; ".join(says))]
    lines += [showing.say("complaint-words", words=reply.summary)] if reply.summary else []
    if reply.words is not None:
        lines.append(showing.say("complaint-quote", words=reply.words[:LONGEST]))
    if reply.files:
        files = ", ".join(str(number) for number in reply.files)
        lines.append(showing.say("complaint-reply-files", files=files))
    return lines


def _disagreement_lines(showing: Showing, complaint: Complaint, told: Told) -> list[str]:
    lines = []
    if told.disagreements:
        lines += ["", showing.say("complaint-disagreements")]
        lines += [f"• {_against(showing, one)}" for one in told.disagreements]
    proposed = _proposed(showing, complaint, told)
    if proposed:
        lines += ["", showing.say("complaint-proposed")]
        lines += [f"{place}. {_against(showing, one)}" for place, one in enumerate(proposed, 1)]
    return lines


def _against(showing: Showing, found: Disagreement) -> str:
    says = showing.plain(says_key(found.says))
    if found.platform is not None:
        says = f"{says} ({found.platform})"
    numbers = [showing.plain("complaint-evidence", number=one) for one in found.evidence]
    where = ", ".join([*numbers, *([found.address] if found.address else [])])
    shows = next((one for one in Shows if one.value == found.shows), None)
    shown = found.shows if shows is None else showing.plain(shows_key(shows))
    return showing.say("complaint-against", says=says, evidence=where or "—", shows=shown)


def _rows(showing: Showing, complaint: Complaint, told: Told | None) -> Rows:
    proposed = () if told is None else _proposed(showing, complaint, told)
    confirms = (ComplaintConfirm(complaint.id, one.mark) for one in proposed)
    rows = [
        (showing.button("button-complaint-confirm", one, place=place),)
        for place, one in enumerate(confirms, 1)
    ]
    return (*rows, *_steps(showing, complaint, told))


def _proposed(showing: Showing, complaint: Complaint, told: Told) -> Sequence[Disagreement]:
    """Give what can be confirmed on this screen; when it is noted the rest follows."""
    return told.proposed[: MOST - sum(map(len, _steps(showing, complaint, told)))]


def _steps(showing: Showing, complaint: Complaint, told: Told | None) -> Rows:
    number = complaint.id
    rows = [
        (showing.button("button-complaint-next", ComplaintNext(number)),),
        (showing.button("button-complaint-replied", ComplaintReplied(number)),),
        (showing.button("button-complaint-hand-over", ComplaintHandOver(number)),),
    ]
    if told is None or told.replies:
        rows.append((showing.button("button-complaint-disagree", ComplaintDisagree(number)),))
    last = [showing.button("button-complaint-day", ComplaintDay(number))]
    if complaint.keeper is None or showing.actor.team_id != complaint.keeper:
        last.append(showing.button("button-complaint-take", ComplaintTake(number)))
    return (*rows, tuple(last), (showing.button("button-complaints", ComplaintsPress()),))


def render_steps(showing: Showing, notice: ComplaintSteps) -> Screen | None:
    """Show what usually comes next; everything else stands behind *Something else*."""
    complaint = complaints.look(showing.work, notice.complaint_id)
    if complaint is None or not showing.may(Action.KEEP_COMPLAINT):
        return None
    state = complaint.state
    others = (showing.button("button-complaint-other", ComplaintNext(complaint.id, 1)),)
    last = (showing.button("button-back", ComplaintOpen(complaint.id)),)
    ending = (last,) if notice.has_all else (others, last)
    steps = rules.others(state) if notice.has_all else rules.likely(state)
    page = cut(steps, notice.page, beside=len(ending))
    shown = (
        (showing.button(state_key(one), ComplaintStep(complaint.id, one)),) for one in page.items
    )
    turn = partial(ComplaintNext, complaint.id, int(notice.has_all))
    rows = (*shown, *paging.turns(showing, page, turn), *ending)
    text = showing.say("complaint-title", number=complaint.number)
    return Screen(f"{text}\n{showing.say('complaint-ask-next')}", rows)
