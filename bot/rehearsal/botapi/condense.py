"""Makes the small definition that every call is checked against, out of the full published one.

Run by hand when the Bot API grows: ``python -m bot.rehearsal.botapi.condense SPEC.json``. Nothing
here runs while the server does. Prose is left behind; names, types, duties and lengths stay.
"""

import json
import re
import sys
from pathlib import Path
from typing import NotRequired, TypedDict

TARGET = Path(__file__).with_name("definition.json")
LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes|UTF-16)", re.IGNORECASE)
ITEMS = re.compile(r"(?:list of|must include) (\d+)-(\d+) ")
RANGE = re.compile(r"(?:between |; |, )(\d+)-(\d+)(?: are accepted|\.| |$)")
ARRAY = "Array of "
UPDATE = "Update"


class PublishedField(TypedDict):
    """One parameter or field, as it is published."""

    name: str
    types: list[str]
    required: bool
    description: str


class PublishedEntry(TypedDict):
    """One method or type, as it is published."""

    fields: NotRequired[list[PublishedField]]
    subtypes: NotRequired[list[str]]


class Published(TypedDict):
    """The parts of the published definition that are read here."""

    version: str
    methods: dict[str, PublishedEntry]
    types: dict[str, PublishedEntry]


class CondensedField(TypedDict):
    """One parameter or field, as it is kept: `unit` says what `least` and `most` count."""

    types: list[str]
    required: NotRequired[bool]
    unit: NotRequired[str]
    least: NotRequired[int]
    most: NotRequired[int]


class CondensedType(TypedDict):
    """One type: its own fields, or the types that it may be."""

    fields: NotRequired[dict[str, CondensedField]]
    any: NotRequired[list[str]]


class Condensed(TypedDict):
    """The whole definition that the server loads."""

    version: str
    methods: dict[str, dict[str, CondensedField]]
    types: dict[str, CondensedType]


def condense_field(field: PublishedField) -> CondensedField:
    """Keep what can be checked of one parameter; limits come out of its description."""
    kept = CondensedField(types=field["types"])
    if field["required"]:
        kept["required"] = True
    words = field["description"]
    if "enti" in words and "parsing" in words:
        return kept  # counted by the parser of entities, after parsing
    if match := LENGTH.search(words):
        unit = "bytes" if match[3].lower() == "bytes" else "characters"
    elif match := ITEMS.search(words):
        unit = "items"
    elif field["types"] == ["Integer"] and (match := RANGE.search(words)):
        unit = "value"
    else:
        return kept
    kept["unit"], kept["least"], kept["most"] = unit, int(match[1]), int(match[2])
    return kept


def condense_fields(entry: PublishedEntry) -> dict[str, CondensedField]:
    """Keep every parameter of a method, or field of a type, by its name."""
    return {field["name"]: condense_field(field) for field in entry.get("fields", [])}


def bare(type_name: str) -> str:
    """Give the type that an array of arrays of it holds."""
    while type_name.startswith(ARRAY):
        type_name = type_name.removeprefix(ARRAY)
    return type_name


def reachable(published: Published) -> dict[str, CondensedType]:
    """Keep the types that a caller can send or an update can bring; none that only answer."""
    kept: dict[str, CondensedType] = {}
    waiting = [bare(t) for m in published["methods"].values() for t in named_types(m)]
    waiting.append(UPDATE)
    while waiting:
        name = waiting.pop()
        entry = published["types"].get(name)
        if entry is None or name in kept:
            continue
        if "subtypes" in entry:
            kept[name] = CondensedType(any=entry["subtypes"])
        else:
            kept[name] = CondensedType(fields=condense_fields(entry))
        waiting += [bare(t) for t in named_types(entry)]
    return dict(sorted(kept.items()))


def named_types(entry: PublishedEntry) -> list[str]:
    """Give every type that an entry speaks of."""
    own = [t for field in entry.get("fields", []) for t in field["types"]]
    return own + entry.get("subtypes", [])


def main(source: Path) -> None:
    """Read the published definition at `source` and write the condensed one beside this file."""
    published: Published = json.loads(source.read_text(encoding="utf-8"))
    condensed = Condensed(
        version=published["version"],
        methods={name: condense_fields(entry) for name, entry in published["methods"].items()},
        types=reachable(published),
    )
    TARGET.write_text(
        json.dumps(condensed, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
