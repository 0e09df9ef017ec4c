"""The questions of complaints: what was filed, what came next, the reply, and what it is against.

Most answers are a tap; a day can be typed, and of the past it is never guessed forward.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from coordination import cases, complaints
from coordination.complaints import Filing
from handlers.context import Choice, Form, Request, Showing, Step, read_offered
from handlers.statementwords import choice_key
from safety import dates, replies
from safety.complaints import AUTHORITIES, REPLY_STATES, Complaint, ComplaintScreen
from safety.errors import OutdatedError, RefusalError
from safety.evidence import Media
from safety.forms import Draft
from safety.permissions import Action
from safety.records import CaseState, Precision
from safety.replies import AGAINST, PLATFORMS, Disagreement, Reply, Says, Shows
from safety.taxonomy import ActorKind

FILE, STEP, REPLY = "complaint", "complaint-step", "complaint-reply"
HAND_OVER, DISAGREE, DAY = "complaint-hand-over", "complaint-disagree", "complaint-day"
TODAY, YESTERDAY = "today", "yesterday"
LATER = (7, 14, 30)  # days that are offered for another last day
NUMBERED = frozenset({CaseState.REGISTERED, CaseState.ACCEPTED, CaseState.FILED})
WORDS_LIMIT = 3000  # characters of a reply that is written down as it stands
NAME_LIMIT = 120  # characters

# ---------------------------------------------------------------- days


def _zone(where: Request | Showing, draft: Draft) -> ZoneInfo:
    return cases.zone_at(where.work, draft.event_id)


def _today(where: Request | Showing, draft: Draft) -> date:
    return where.work.now.astimezone(_zone(where, draft)).date()


def _read_past(request: Request, draft: Draft, typed: str) -> str:
    today = _today(request, draft)
    if typed in {TODAY, YESTERDAY}:
        return (today - timedelta(days=typed == YESTERDAY)).isoformat()
    try:
        return dates.read_past(typed, Precision.DAY, request.turn.now, _zone(request, draft))
    except RefusalError:
        raise RefusalError("complaint-no-past-day") from None


def _past_days(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one, showing.plain(f"report-when-{one}")) for one in (TODAY, YESTERDAY)]


def _read_later(request: Request, draft: Draft, typed: str) -> str:
    today = _today(request, draft)
    if typed.isdecimal() and int(typed) in LATER:
        return (today + timedelta(days=int(typed))).isoformat()
    return dates.read_day(typed, today).isoformat()


def _later_days(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(str(days), showing.count("complaint-in-days", days)) for days in LATER]


_ON = Step("on", "complaint-ask-on", read=_read_past, choices=_past_days, choices_in_row=2)

# ---------------------------------------------------------------- choosing


def _authorities(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one.value, showing.plain(authority_key(one))) for one in AUTHORITIES]


def authority_key(kind: ActorKind) -> str:
    """Name the text of a kind of authority, as the dossier calls it."""
    if kind is ActorKind.UNKNOWN:
        return "complaint-authority-other"
    return choice_key("actor", kind)


def state_key(state: CaseState) -> str:
    """Name the text of a step, as the dossier calls it."""
    return choice_key("state", state)


def _outcomes(showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(one.value, showing.plain(state_key(one))) for one in REPLY_STATES]


def _says(showing: Showing, draft: Draft) -> Sequence[Choice]:
    chosen = (draft.answer("says") or "").split(",")
    left = (one for one in Says if one.value not in chosen)
    return [Choice(one.value, showing.plain(says_key(one))) for one in left]


def says_key(says: Says) -> str:
    """Name the text of what a reply says."""
    return f"complaint-says-{says.value.replace('_', '-')}"


def shows_key(shows: Shows) -> str:
    """Name the text of what evidence shows."""
    return f"complaint-shows-{shows.value.replace('_', '-')}"


def _platforms(_showing: Showing, _draft: Draft) -> Sequence[Choice]:
    return [Choice(name, name) for name in PLATFORMS]


def _has_searched(_where: Request | Showing, draft: Draft) -> bool:
    return Says.SEARCHED.value in (draft.answer("says") or "").split(",")


def _shown(showing: Showing, draft: Draft) -> Sequence[Choice]:
    says = draft.answer("says")
    likely = [against for one, against in AGAINST.items() if one.value == says]
    every = (*likely, *(one for one in Shows if one not in likely))
    return [Choice(one.value, showing.plain(shows_key(one))) for one in every]


def _is_numbered(_where: Request | Showing, draft: Draft) -> bool:
    return draft.answer("state") in {one.value for one in NUMBERED}


# ---------------------------------------------------------------- evidence


def _complaint(where: Request | Showing, draft: Draft) -> Complaint:
    work = where.work
    complaint = complaints.look(work, draft.subject_id)
    if complaint is None:
        raise OutdatedError
    return complaint


def _files(showing: Showing, draft: Draft) -> Sequence[Choice]:
    chosen = replies.numbers_in(draft.answer("numbers"))
    found = complaints.files_of(showing.work, _complaint(showing, draft))
    left = (one for one in found if one.number not in chosen)
    return [
        Choice(str(one.number), showing.plain(f"evidence-{one.kind.value}", number=one.number))
        for one in left
    ]


def _read_file(request: Request, draft: Draft, typed: str) -> str:
    found = complaints.files_of(request.turn, _complaint(request, draft))
    if typed not in {str(one.number) for one in found}:
        raise RefusalError("form-press-confirm")
    return typed


def _keep_reply(request: Request, draft: Draft, media: Media) -> str:
    message_id = request.incoming.message_id
    if message_id is None:
        return ""
    words = request.incoming.text
    turn = request.turn
    number = complaints.keep_file(turn, draft.subject_id, media, message_id, words)
    return "" if number is None else str(number)


def _refuse_words(_request: Request, _draft: Draft, _typed: str) -> str:
    raise RefusalError("complaint-send-file")


# ---------------------------------------------------------------- finishing


def _finish_file(request: Request, draft: Draft) -> None:
    filing = Filing(
        ActorKind(draft.answer("authority") or ""),
        draft.answer("name"),
        _day(draft, "on"),
        draft.answer("registered"),
    )
    _show(request, complaints.file(request.turn, draft.subject_id, filing))


def _finish_step(request: Request, draft: Draft) -> None:
    state, number = CaseState(draft.answer("state") or ""), draft.answer("registered")
    on = _day(draft, "on")
    _show(request, complaints.step(request.turn, draft.subject_id, state, on, number))


def _finish_reply(request: Request, draft: Draft) -> None:
    said = (draft.answer("says") or "").split(",")
    reply = Reply(
        tuple(one for one in Says if one.value in said),
        draft.answer("searched"),
        draft.answer("gist"),
        draft.answer("words"),
        replies.numbers_in(draft.answer("files")),
    )
    state = CaseState(draft.answer("state") or "")
    on = _day(draft, "on")
    _show(request, complaints.reply(request.turn, draft.subject_id, state, on, reply))


def _finish_hand_over(request: Request, draft: Draft) -> None:
    numbers = replies.numbers_in(draft.answer("numbers"))
    _show(request, complaints.hand_over(request.turn, draft.subject_id, numbers))


def _finish_disagree(request: Request, draft: Draft) -> None:
    found = Disagreement(
        Says(draft.answer("says") or ""),
        replies.numbers_in(draft.answer("numbers")),
        draft.answer("shows") or "",
        draft.answer("searched"),
        draft.answer("address"),
    )
    _show(request, complaints.disagree(request.turn, draft.subject_id, found))


def _finish_day(request: Request, draft: Draft) -> None:
    until = _day(draft, "until")
    _show(request, complaints.move_day(request.turn, draft.subject_id, until, draft.answer("why")))


def _day(draft: Draft, name: str) -> date:
    return date.fromisoformat(draft.answer(name) or "")


def _go_back(request: Request, draft: Draft) -> None:
    request.turn.tell(ComplaintScreen(draft.subject_id))


def _show(request: Request, complaint: Complaint) -> None:
    request.turn.tell(ComplaintScreen(complaint.id))


_NUMBER = Step("registered", "complaint-ask-number", is_optional=True, limit=NAME_LIMIT)
_SEARCHED = Step(
    "searched",
    "complaint-ask-searched",
    choices=_platforms,
    choices_in_row=2,
    is_optional=True,
    limit=NAME_LIMIT,
    applies=_has_searched,
)

FORMS = (
    Form(
        FILE,
        Action.KEEP_COMPLAINT,
        (
            Step(
                "authority",
                "complaint-ask-authority",
                read=read_offered(AUTHORITIES),
                choices=_authorities,
            ),
            Step("name", "complaint-ask-name", is_optional=True, limit=NAME_LIMIT),
            _ON,
            _NUMBER,
        ),
        _finish_file,
    ),
    Form(
        STEP,
        Action.KEEP_COMPLAINT,
        (
            _ON,
            Step(
                "registered",
                "complaint-ask-number",
                is_optional=True,
                limit=NAME_LIMIT,
                applies=_is_numbered,
            ),
        ),
        _finish_step,
        on_cancel=_go_back,
    ),
    Form(
        REPLY,
        Action.KEEP_COMPLAINT,
        (
            Step(
                "state",
                "complaint-ask-outcome",
                read=read_offered(REPLY_STATES),
                choices=_outcomes,
            ),
            _ON,
            Step(
                "says",
                "complaint-ask-says",
                read=read_offered(tuple(Says)),
                choices=_says,
                is_optional=True,
                collects=True,
            ),
            _SEARCHED,
            Step("gist", "complaint-ask-summary", is_optional=True),
            Step("words", "complaint-ask-words", is_optional=True, limit=WORDS_LIMIT),
            Step(
                "files",
                "complaint-ask-files",
                read=_refuse_words,
                keep_file=_keep_reply,
                is_optional=True,
                collects=True,
            ),
        ),
        _finish_reply,
        on_cancel=_go_back,
    ),
    Form(
        HAND_OVER,
        Action.KEEP_COMPLAINT,
        (
            Step(
                "numbers",
                "complaint-ask-handed",
                read=_read_file,
                choices=_files,
                choices_in_row=2,
                collects=True,
            ),
        ),
        _finish_hand_over,
        on_cancel=_go_back,
    ),
    Form(
        DISAGREE,
        Action.KEEP_COMPLAINT,
        (
            Step("says", "complaint-ask-said", read=read_offered(tuple(Says)), choices=_says),
            _SEARCHED,
            Step(
                "numbers",
                "complaint-ask-evidence",
                read=_read_file,
                choices=_files,
                choices_in_row=2,
                is_optional=True,
                collects=True,
            ),
            Step("address", "complaint-ask-address", is_optional=True),
            Step("shows", "complaint-ask-shows", choices=_shown),
        ),
        _finish_disagree,
        on_cancel=_go_back,
    ),
    Form(
        DAY,
        Action.KEEP_COMPLAINT,
        (
            Step("until", "complaint-ask-until", read=_read_later, choices=_later_days),
            Step("why", "complaint-ask-why", is_optional=True),
        ),
        _finish_day,
        on_cancel=_go_back,
    ),
)
