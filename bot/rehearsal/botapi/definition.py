"""The published definition of the Bot API, compiled into checks: nothing passes that it forbids.

Loaded once from ``definition.json`` (see ``condense.py``). A call is read parameter by parameter:
text from a form becomes the declared type, and nested objects are checked to the last field.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import TypeAlias

from bot.rehearsal.botapi.condense import ARRAY, Condensed, CondensedField, CondensedType
from bot.rehearsal.botapi.errors import ApiError, DefinitionError
from bot.rehearsal.botapi.shapes import JsonObject, JsonValue, utf16_length

Check: TypeAlias = Callable[[JsonValue], str | None]
"""Says what is wrong with a value, or nothing."""

Read: TypeAlias = Callable[[JsonValue], JsonValue]
"""Turns what came over HTTP into the declared type, or raises ValueError."""

PLAIN = {"Integer", "String", "Boolean", "Float", "InputFile"}
TRUTH = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method: how to read it, and what it must be."""

    name: str
    required: bool
    read: Read
    check: Check


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it takes."""

    name: str
    parameters: Mapping[str, Parameter]
    required: frozenset[str]

    def read(self, given: JsonObject, uploads: frozenset[str]) -> JsonObject:
        """Give every parameter in its declared type.

        `uploads` names the files that came beside the parameters.

        Raises: DefinitionError for what is unknown, missing, of a wrong type or length.
        """
        values = {name: self._read_one(name, value) for name, value in given.items()}
        if missing := self.required - values.keys() - uploads:
            raise DefinitionError(f"{self.name}: {', '.join(sorted(missing))} is missing")
        return values

    def _read_one(self, name: str, value: JsonValue) -> JsonValue:
        parameter = self.parameters.get(name)
        if parameter is None:
            raise DefinitionError(f"{self.name} has no parameter {name}")
        try:
            read = parameter.read(value)
        except ValueError as error:
            raise DefinitionError(f"{self.name}: {name} {error}") from None
        if complaint := parameter.check(read):
            raise DefinitionError(f"{self.name}: {name}{complaint}")
        return read


class Definition:
    """All methods, found by name whatever their case, as the service does."""

    def __init__(self, condensed: Condensed) -> None:
        self.version = condensed["version"]
        checks = _Checks(condensed["types"])
        self._methods = {
            name.lower(): _compile_method(name, fields, checks)
            for name, fields in condensed["methods"].items()
        }

    def method(self, name: str) -> Method:
        """Find a method.

        Raises: ApiError 404 for a name that the Bot API does not have.
        """
        method = self._methods.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        return method


@cache
def published_definition() -> Definition:
    """Load the definition that stands beside this file; once for all servers."""
    words = resources.files(__package__).joinpath("definition.json").read_text(encoding="utf-8")
    condensed: Condensed = json.loads(words)
    return Definition(condensed)


class _Checks:
    """The compiled check of every type, made when first asked for, so that types may nest."""

    def __init__(self, types: Mapping[str, CondensedType]) -> None:
        self._types = types
        self._made: dict[str, Check] = {}

    def of(self, type_name: str) -> Check:
        if type_name not in self._made:
            self._made[type_name] = self._make(type_name)
        return self._made[type_name]

    def _make(self, type_name: str) -> Check:
        if type_name.startswith(ARRAY):
            return partial(_check_array, self.of(type_name.removeprefix(ARRAY)))
        if type_name in PLAIN:
            return partial(_check_plain, type_name)
        entry = self._types[type_name]
        if "any" in entry:
            return partial(self._check_any, tuple(entry["any"]))
        return partial(self._check_object, type_name)

    def _check_object(self, type_name: str, value: JsonValue) -> str | None:
        if not isinstance(value, dict):
            return f" must be an object ({type_name})"
        fields = self._fields_of(type_name)
        for name, inner in value.items():
            field = fields.get(name)
            if field is None:
                return f".{name} is unknown in {type_name}"
            if complaint := field.check(inner):
                return f".{name}{complaint}"
        for name, field in fields.items():
            if field.required and name not in value:
                return f".{name} is missing in {type_name}"
        return None

    def _check_any(self, type_names: tuple[str, ...], value: JsonValue) -> str | None:
        """Accept any of the types; otherwise complain as the likeliest of them does."""
        complaints = [self.of(type_name)(value) for type_name in type_names]
        if None in complaints:
            return None
        likeliest = max(
            range(len(type_names)), key=lambda at: self._likeness(type_names[at], value)
        )
        return complaints[likeliest]

    def _likeness(self, type_name: str, value: JsonValue) -> int:
        if not isinstance(value, dict) or "any" in self._types.get(type_name, {}):
            return 0
        if type_name not in self._types:
            return 0
        return len(value.keys() & self._fields_of(type_name).keys())

    @cache  # noqa: B019 -- one instance for the life of the definition
    def _fields_of(self, type_name: str) -> Mapping[str, Parameter]:
        fields = self._types[type_name].get("fields", {})
        return {name: self.field(name, field) for name, field in fields.items()}

    def field(self, name: str, field: CondensedField) -> Parameter:
        """Compile one parameter of a method or field of a type."""
        types = tuple(field["types"])
        check = self.of(types[0]) if len(types) == 1 else partial(self._check_any, types)
        if "unit" in field:
            check = partial(_check_length, check, field["unit"], field["least"], field["most"])
        return Parameter(name, field.get("required", False), _reader(types), check)


def _compile_method(name: str, fields: Mapping[str, CondensedField], checks: _Checks) -> Method:
    parameters = {key: checks.field(key, field) for key, field in fields.items()}
    required = frozenset(key for key, p in parameters.items() if p.required)
    return Method(name, parameters, required)


def _reader(types: tuple[str, ...]) -> Read:
    """Choose how a value of one of `types` is read from a form."""
    match types:
        case ("Integer",):
            return _read_integer
        case ("Integer", "String"):
            return _read_chat
        case ("Boolean",):
            return _read_boolean
        case ("Float",):
            return _read_float
        case ("String",) | ("InputFile",) | ("InputFile", "String"):
            return _read_as_it_is
        case _:
            return _read_json


def _read_as_it_is(value: JsonValue) -> JsonValue:
    return value


def _read_integer(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _read_chat(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return value


def _read_boolean(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    if value not in TRUTH:
        raise ValueError("must be true or false")
    return TRUTH[value]


def _read_float(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        raise ValueError("must be a number") from None


def _read_json(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        parsed: JsonValue = json.loads(value)
    except ValueError:
        raise ValueError("must be JSON") from None
    return parsed


def _check_plain(type_name: str, value: JsonValue) -> str | None:
    match type_name:
        case "Integer":
            right = isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            right = isinstance(value, (int, float)) and not isinstance(value, bool)
        case "Boolean":
            right = isinstance(value, bool)
        case _:
            right = isinstance(value, str)
    return None if right else f" must be a {type_name}"


def _check_array(inner: Check, value: JsonValue) -> str | None:
    if not isinstance(value, list):
        return " must be an array"
    for position, item in enumerate(value):
        if complaint := inner(item):
            return f"[{position}]{complaint}"
    return None


def _check_length(inner: Check, unit: str, least: int, most: int, value: JsonValue) -> str | None:
    if complaint := inner(value):
        return complaint
    measured = _measure(unit, value)
    if least <= measured <= most:
        return None
    return f" has {measured} {unit}, {least}-{most} are allowed"


def _measure(unit: str, value: JsonValue) -> int:
    match value:
        case str() if unit == "bytes":
            return len(value.encode())
        case str():
            return utf16_length(value)
        case list():
            return len(value)
        case int():
            return value
        case _:
            return 0
