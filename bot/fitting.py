"""Making a text fit what the service takes, before it is refused: never silently, never mid-tag.

Lengths are UTF-16 units of what is seen, after the markup is taken away.
"""

import html
import re

TEXT_LIMIT = 4096  # UTF-16 units
CAPTION_LIMIT = 1024  # UTF-16 units
ANSWER_LIMIT = 200  # UTF-16 units, over a pressed button
CUT = "…"

_TAG = re.compile(r"<(/?)([a-z-]+)[^>]*>")


def seen_length(text: str) -> int:
    """Count the UTF-16 units that a person would see of this HTML."""
    return _units(html.unescape(_TAG.sub("", text)))


def fit(text: str, limit: int) -> str:
    """Give the text, or as many of its first lines as fit, with `…` and its tags closed."""
    if seen_length(text) <= limit:
        return text
    lines = text.split("\n")
    while lines and seen_length("\n".join(lines)) > limit - 2:
        lines.pop()
    if not lines:
        return fit_plain(html.unescape(_TAG.sub("", text)), limit)
    return _closed("\n".join([*lines, CUT]))


def bare(text: str) -> str:
    """Take away all markup, escaped again so that the service finds none in it."""
    return html.escape(html.unescape(_TAG.sub("", text)), quote=False)


def fit_plain(text: str, limit: int) -> str:
    """Give a text without markup, cut after whole characters where it is too long."""
    if _units(text) <= limit:
        return text
    kept = text
    while _units(kept) > limit - 1:
        kept = kept[: len(kept) - max(1, (_units(kept) - limit) // 2)]
    return kept + CUT


def _closed(text: str) -> str:
    open_tags: list[str] = []
    for match in _TAG.finditer(text):
        if match[1] and open_tags:
            open_tags.pop()
        elif not match[1]:
            open_tags.append(match[2])
    return text + "".join(f"</{tag}>" for tag in reversed(open_tags))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
