"""Says what is wrong with a file that somebody edits: the place and never the value (T-09)."""

import re
import tomllib

import msgspec


def place_in_toml(error: tomllib.TOMLDecodeError) -> str:
    """Say where a file stops being TOML, such as `at line 3, column 1`."""
    place = re.search(r"\((at .*)\)$", str(error))
    return place[1] if place else "somewhere"


def what_is_wrong(error: msgspec.ValidationError) -> str:
    """Say where and what, never which value: it might be a secret in the wrong place."""
    what, _, where = str(error).partition(" - at ")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", what)
    place = re.sub(r"[`$]|\[\.\.\.\]", "", where).strip(".").replace(".", " → ")
    place = re.sub(r"\[([0-9]+)\]", lambda found: f" {int(found[1]) + 1}", place)
    if unknown:
        inside = f" in [{place}]" if place else ""
        return f"the key {_shortened(unknown[1])!r}{inside} is not known"
    if what.startswith("Invalid enum value"):
        return f"{place} has a value that is not known"
    return f"{place}: {what[:1].lower()}{what[1:]}".replace("`", "")


def _shortened(name: str) -> str:
    return name if re.fullmatch(r"[a-z_]{1,40}", name) else name[:3] + "…"
