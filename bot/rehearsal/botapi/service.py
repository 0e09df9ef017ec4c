"""The way of one call: logged, broken if a fault says so, checked, limited, done, answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TypeAlias

from bot.rehearsal.botapi.calls import NO_ANSWER, OK, Call, Request
from bot.rehearsal.botapi.definition import published_definition
from bot.rehearsal.botapi.errors import (
    ApiError,
    ConnectionCutError,
    DefinitionError,
    OddAnswerError,
)
from bot.rehearsal.botapi.faults import Fault, FaultKind, Faults
from bot.rehearsal.botapi.limits import too_many
from bot.rehearsal.botapi.messenger import Messenger
from bot.rehearsal.botapi.methods import owning, table
from bot.rehearsal.botapi.parameters import Parameters, Upload
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue

BREAKS_AFTER = frozenset({FaultKind.CUT_AFTER, FaultKind.NONSENSE, FaultKind.TRICKLE})
PAGE = b"<html><body><h1>This address is closed to you.</h1></body></html>"

BeforeRequest: TypeAlias = Callable[[Request], Awaitable[None]]
AfterRequest: TypeAlias = Callable[[Call], Awaitable[None]]


@dataclass(slots=True)
class Hooks:
    """What a test wants to have done around every call."""

    before: BeforeRequest | None = None
    after: AfterRequest | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call, read against the definition; `complaint` says what is wrong with it."""

    request: Request
    parameters: Parameters
    complaint: ApiError | None


class Service:
    """Answers calls, one after the other or many at once."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        self.faults = Faults()
        self.hooks = Hooks()
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.in_flight = 0
        self._received = 0
        self._definition = published_definition()

    async def answer(
        self, method: str, given: JsonObject, uploads: Mapping[str, Upload]
    ) -> JsonValue:
        """Do what a call asks for and give its result.

        Raises: ApiError for a refusal; ConnectionCutError when no answer may go out.
        """
        asked = self._read(method, given, uploads)
        is_poll = method.lower() == table.POLL
        self.in_flight += not is_poll
        self.messenger.active.fire()
        try:
            return await self._answer(asked)
        finally:
            self.in_flight -= not is_poll
            self.messenger.active.fire()

    def _read(self, method: str, given: JsonObject, uploads: Mapping[str, Upload]) -> _Asked:
        self._received += 1
        complaint: ApiError | None = None
        values = given
        try:
            values = self._definition.method(method).read(given, frozenset(uploads))
        except ApiError as error:
            complaint = error
        chat_id = values.get("chat_id")
        request = Request(
            number=self._received,
            method=method,
            parameters=values,
            chat_id=chat_id if isinstance(chat_id, int) else None,
            at=self.messenger.clock.now(),
        )
        return _Asked(request, Parameters(values, uploads), complaint)

    async def _answer(self, asked: _Asked) -> JsonValue:
        request = asked.request
        if self.hooks.before:
            await self.hooks.before(request)
        call = Call(request, NO_ANSWER, "cut before it was done", was_done=False)
        try:
            fault = self.faults.strike(request)
            if fault:
                await self._break_before(fault)
            result = await self._act(asked)
            call = Call(request, OK, "ok", was_done=True)
            if fault and fault.kind in BREAKS_AFTER:
                call = Call(request, NO_ANSWER, "broken after it was done", was_done=True)
                raise _broken_after(fault)
        except ApiError as error:
            call = replace(call, status=error.code, description=error.description)
            self._note_violation(request, error)
            raise
        finally:
            self.calls.append(call)
            if self.hooks.after:
                await self.hooks.after(call)
        return result

    async def _break_before(self, fault: Fault) -> None:
        match fault.kind:
            case FaultKind.SERVER_ERROR:
                raise ApiError(fault.code, HTTPStatus(fault.code).phrase)
            case FaultKind.CUT_BEFORE:
                raise ConnectionCutError
            case FaultKind.DELAY:
                await self.messenger.clock.sleep(fault.seconds)
            case FaultKind.TOO_MANY | FaultKind.UNAUTHORIZED:
                raise _refusal(fault)
            case FaultKind.REPEAT_UPDATES:
                self.messenger.updates.repeats_owed += 1
            case FaultKind.ELSEWHERE:
                raise OddAnswerError(fault.code, fault.body or PAGE)
            case FaultKind.CUT_AFTER | FaultKind.NONSENSE | FaultKind.TRICKLE:
                return

    async def _act(self, asked: _Asked) -> JsonValue:
        if asked.complaint:
            raise asked.complaint
        method = asked.request.method.lower()
        if method == table.POLL:
            return await owning.get_updates(self.messenger, asked.parameters)
        act = table.find(method)
        if act is None:
            raise DefinitionError(f"{asked.request.method} is not spoken by this server")
        chat_id = asked.request.chat_id
        if chat_id is not None and table.is_message(method):
            self.messenger.limits.admit_messages(chat_id)
        elif chat_id is not None and table.is_edit(method):
            self.messenger.limits.admit_edit(chat_id)
        return act(self.messenger, asked.parameters)

    def _note_violation(self, request: Request, error: ApiError) -> None:
        if isinstance(error, DefinitionError) or error.code == HTTPStatus.NOT_FOUND:
            self.violations.append(f"{request.method}: {error.description}")


def _refusal(fault: Fault) -> ApiError:
    is_halt = fault.kind is FaultKind.TOO_MANY
    return too_many(fault.retry_after) if is_halt else ApiError(401, "Unauthorized")


def _broken_after(fault: Fault) -> Exception:
    """Give what a call ends with that was done, and is not answered as it should be."""
    if fault.kind is FaultKind.CUT_AFTER:
        return ConnectionCutError()
    return OddAnswerError(200, fault.body, is_endless=fault.kind is FaultKind.TRICKLE)
