"""The page's own small server: the records of one case, and forms that add to them.

It listens on 127.0.0.1 alone. Whatever asks must know the key that stands in the printed address,
call this very address by its name, and come from this page itself, so that no other page in the
same browser can look or write. It sends no script, and nothing of it is kept by the browser.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.editing import views
from bot.editing.draft import Draft
from bot.listener import HOST
from coordination.editing import LaidOpen, OpenRecord
from handlers.texts import Texts, visible
from safety import additions as rules
from safety.additions import Desk
from safety.cases import one_of
from safety.errors import RefusalError
from safety.incidents import Entry
from safety.languages import Language
from safety.people import Unprinted
from safety.statements import Topic, topic_of
from storage.additions import FullSheetError
from storage.bundle import dossier
from storage.vault.digests import new_token, same

LONGEST = 512 << 10  # bytes of what is posted: the longest words of a form, as browsers write them
MOST_FIELDS = 64
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OURS = frozenset({"same-origin", "none"})  # from this page, or typed into the address line
SEE_OTHER, FORBIDDEN, GONE, TOO_LONG, UNREADABLE, MISDIRECTED = 303, 403, 404, 413, 422, 421


class GoneError(Exception):
    """What was asked for is not here."""


@dataclass(frozen=True, slots=True, repr=False)
class Form(Unprinted):
    """One form: of which record and topic, and which statement it corrects, or is of."""

    one: OpenRecord
    topic: Topic
    corrects: tuple[int, Entry] | None
    of: tuple[int, Entry] | None

    @property
    def aside(self) -> dict[str, str]:
        """Give which statements are meant, as fields of the new one."""
        named = (("corrects", self.corrects), ("of", self.of))
        return {name: str(found[0]) for name, found in named if found is not None}


class EditingPage:
    """Serves one case to its keyholder. `path_with_key` is what to open in the browser."""

    def __init__(self, case: LaidOpen, draft: Draft, texts: Texts, clock: Clock) -> None:
        self._case = case
        self._draft = draft
        self._texts = texts
        self._clock = clock
        self._key = new_token()
        self._address = ""
        self.path_with_key = f"/{self._key}/{case.language.value}/"
        form, record = "/{key}/{language}/{record:int}/{topic}", "/{key}/{language}/{record:int}"
        ways: tuple[tuple[str, Callable[[Request], Awaitable[Response]], str], ...] = (
            ("/{key}/style.css", self._style, "GET"),
            ("/{key}/{language}/", self._list, "GET"),
            (record, self._record, "GET"),
            (f"{record}/drop", self._drop, "POST"),
            (form, self._ask, "GET"),
            (form, self._save, "POST"),
        )
        self.application = Starlette(
            routes=[
                Route(path, partial(self._guarded, show), methods=[method])
                for path, show, method in ways
            ]
        )
        self.application.router.redirect_slashes = False

    def answer_at(self, port: int) -> None:
        """Take calls for this port of this machine from now on, and for no other name."""
        self._address = f"{HOST}:{port}"

    # ------------------------------------------------------------ who may

    async def _guarded(
        self, show: Callable[[Request], Awaitable[Response]], request: Request
    ) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return Response("", refused, HEADERS)
        try:
            answer = await show(request)
        except GoneError:
            answer = self._page(request, "gone.html.j2", GONE)
        answer.headers.update(HEADERS)
        return answer

    def _refused(self, request: Request) -> int | None:
        headers = request.headers
        if headers.get("host") != self._address:
            return MISDIRECTED
        if not same(request.path_params["key"].encode(), self._key.encode()):
            return GONE
        if request.path_params.get("language", Language.EN) not in set(Language):
            return GONE
        if headers.get("sec-fetch-site", "none") not in OURS:
            return FORBIDDEN
        if request.method == "POST" and headers.get("origin") != f"http://{self._address}":
            return FORBIDDEN
        return None

    # ------------------------------------------------------------ what is shown

    async def _style(self, _request: Request) -> Response:
        page = _templates().get_template("page.css.j2").render()
        return Response(f"{dossier.style()}\n{page}", media_type="text/css")

    async def _list(self, request: Request) -> Response:
        say = self._say(request)
        lines = [
            views.line(one, len(self._draft.of(one.record.id)), say) for one in self._case.records
        ]
        return self._page(request, "case.html.j2", lines=lines)

    async def _record(self, request: Request) -> Response:
        one, say = self._found(request), self._say(request)
        return self._page(
            request,
            "record.html.j2",
            number=one.record.id,
            section=views.section(one.record, say),
            open=views.open_steps(one, say),
            added=views.added_steps(say),
            statements=views.statements(one, say),
            written=views.written(self._draft.of(one.record.id), self._case.zone, say),
            said=request.query_params.get("said", ""),
        )

    async def _ask(self, request: Request) -> Response:
        form = self._form(request)
        known = (
            {} if form.corrects is None else views.typed_anew(form.corrects[1], self._case.zone)
        )
        return self._shown(request, form, known)

    def _shown(
        self, request: Request, form: Form, typed: Mapping[str, str], problem: str = ""
    ) -> Response:
        say = self._say(request)
        return self._page(
            request,
            "form.html.j2",
            UNREADABLE if problem else 200,
            number=form.one.record.id,
            title=views.title(form.topic, say),
            is_back=form.topic is Topic.TAKEN_BACK,
            corrects=views.words_of(form.corrects, say),
            of=views.words_of(form.of, say),
            questions=views.asked(form.topic, typed, say, corrects=form.corrects is not None),
            problem=problem,
        )

    # ------------------------------------------------------------ what is written

    async def _save(self, request: Request) -> Response:
        form, typed = self._form(request), await _typed(request)
        if typed is None:
            return Response("", TOO_LONG)
        number, now = form.one.record.id, self._clock.now()
        desk = Desk(now, self._case.zone, frozenset(one.record.id for one in self._case.records))
        try:
            fields = rules.read(desk, number, form.topic, typed | form.aside)
            self._draft.add(number, form.topic, fields, now)
        except RefusalError as refusal:
            problem = self._texts.plain(_language(request), refusal.key, **refusal.values)
            return self._shown(request, form, typed, problem)
        except FullSheetError:
            return self._shown(request, form, typed, self._say(request)("additions-full"))
        except OSError:
            return self._shown(request, form, typed, self._say(request)("additions-not-saved"))
        return self._back(request, number, "saved")

    async def _drop(self, request: Request) -> Response:
        one, typed = self._found(request), await _typed(request)
        try:
            self._draft.drop(bytes.fromhex((typed or {}).get("id", "")))
        except (ValueError, OSError):
            raise GoneError from None
        return self._back(request, one.record.id, "dropped")

    def _back(self, request: Request, number: int, said: str) -> Response:
        path = f"/{self._key}/{_language(request).value}/{number}?said={said}#here"
        return RedirectResponse(path, SEE_OTHER)

    # ------------------------------------------------------------ finding

    def _found(self, request: Request) -> OpenRecord:
        number = request.path_params["record"]
        for one in self._case.records:
            if one.record.id == number:
                return one
        raise GoneError

    def _form(self, request: Request) -> Form:
        """Find what a form is about; what it corrects, or is of, has to stand, and to be that."""
        one = self._found(request)
        topic = one_of(Topic, request.path_params["topic"])
        if topic is None:
            raise GoneError
        corrects = _meant(one, request.query_params.get("corrects"))
        of = _meant(one, request.query_params.get("of"))
        is_back = topic is Topic.TAKEN_BACK
        if corrects is None and is_back:
            raise GoneError
        if corrects is not None and not is_back and topic_of(corrects[1]) is not topic:
            raise GoneError
        if (of is not None) is not (topic is Topic.ACT):
            raise GoneError
        return Form(one, topic, corrects, of)

    def _say(self, request: Request) -> views.Say:
        return partial(self._texts.plain, _language(request))

    def _page(
        self, request: Request, template: str, status: int = 200, **values: object
    ) -> Response:
        language, say = _language(request), self._say(request)
        rest = request.url.path.split("/", 3)[3]
        query = f"?{request.url.query}" if request.url.query else ""
        html = (
            _templates()
            .get_template(template)
            .render(
                values,
                say=say,
                page=lambda name, **filled: self._texts.plain(
                    language, f"additions-page-{name}", **filled
                ),
                language=language.value,
                languages=[
                    (
                        f"/{self._key}/{one.value}/{rest}{query}",
                        self._texts.plain(one, "language-name"),
                    )
                    for one in Language
                ],
                top=f"/{self._key}/{language.value}/",
                style=f"/{self._key}/style.css",
                title_of_case=self._case.title,
                file=str(self._draft.path),
                command=f"aman amend {self._draft.path.name}",
            )
        )
        return HTMLResponse(html, status)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("bot.editing", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _language(request: Request) -> Language:
    return Language(request.path_params["language"])


def _meant(one: OpenRecord, leaf: str | None) -> tuple[int, Entry] | None:
    """Find the statement with that number in the log.

    Raises:
        GoneError: there is none that stands.
    """
    if leaf is None:
        return None
    for found in one.statements:
        if str(found[0]) == leaf:
            return found
    raise GoneError


async def _typed(request: Request) -> dict[str, str] | None:
    """Read what was posted; None where it is longer than any form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            return None
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return {}
    return {name: visible(value) for name, value in pairs}
