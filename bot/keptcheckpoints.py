"""A checkpoint that somebody has kept, found in whatever it was kept in (`doctor --checkpoint`).

Only what is signed counts: what stands around it is passed over, and never believed.
"""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

# A C2SP note: origin, size and root, an empty line, signatures.
_NOTE = re.compile(
    r"^[^\n]+\n[0-9]+\n[A-Za-z0-9+/]+={0,2}\n\n(?:\u2014 [^ \n]+ [A-Za-z0-9+/]+={0,2}\n)+",
    re.MULTILINE,
)
_QUOTED = re.compile(r"^[\s>\ufeff]+", re.MULTILINE)


def find_checkpoint(kept: bytes) -> str:
    """Give the checkpoint in a text or in a mail that was saved whole; without one, the text.

    Raises: ValueError, LookupError where it is no text.
    """
    text = kept.decode()
    found = _find(text)
    if found is None:
        mail = message_from_bytes(kept, policy=default)
        assert isinstance(mail, EmailMessage)  # noqa: S101 - what its policy makes
        body = mail.get_body(("plain",))
        found = None if body is None else _find(str(body.get_content()))
    return text.strip() + "\n" if found is None else found


def _find(text: str) -> str | None:
    lines = [_QUOTED.sub("", line).rstrip() for line in f"{text}\n".splitlines()]
    found = _NOTE.search("\n".join((*lines, "")))
    return None if found is None else found[0]
