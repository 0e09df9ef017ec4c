"""The page of lives, written from the table: what is kept, under which key, for how long, and why.

`make docs` writes it, and a test holds the file to the table.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta

from safety.events import POSTPONED
from safety.kinds import EndedBy, Kind, Life
from safety.legalhold import REMINDED_EVERY
from safety.lives import LIVES
from safety.policy import Policy
from safety.retention import LONGEST_WAIT

HEADER = """# How long what is kept

Made by `make docs` from the table in `safety/lives.py`; do not edit it by hand. The figures are
the defaults; a setting of `config.toml` stands beside what it changes. Each line is enforced, and
a test moves the clock for each: *its timer* and *the hourly sweep* need nobody; *the purge* is
made by two people or by the rule, whichever comes first.

Everything stands in one encrypted database file, beside the key slot file and the sealed
evidence; *under* names the key that opens a row once more. Who reads `/privacy` in the chat is
told the same from the same table. What Telegram keeps, and a phone that is offline, is out of
reach.

| kind | what it is | stands in | under | ends | by | why |
|---|---|---|---|---|---|---|
"""
FOOTER = """
## When it waits, and what never does

- *Somebody is held.* The rule waits with the roster up to {wait} after its time, the traces wait
  for the roster.
- *A legal hold.* Two people keep an event's roster until two lift it, for a reason that is
  sealed. Organizers are reminded every {reminded}. A purge by two is refused meanwhile. Nothing
  else is prolonged: messages, places, traces and who invited whom go at their time, and whoever
  wants to be erased is erased.
- *Moved or called off.* Lives count from the end of the event as it stands; of one that was
  called off, from that moment. Whoever has no decision yet is known for a day longer, but
  not beyond the end: they are to read of it before their chat is emptied. One organizer can
  move an event until its end, and to {postponed} after the end that was planned first, at most.
- *A setting that changes.* It holds for the events that are there already. A shorter one forgets
  nobody without the warning of a day.
- *Erase mine*, at any time: registration, invitation, traces, chat and what is owed to it go at
  once. An open alarm or detention goes on, with a number and nobody's name, since whoever forces
  a person to press this must not end it. While locked, the people key of the event is replaced
  once it is opened, and the receipt says so. The receipt carries no checkpoint of the log, on
  purpose: in a chat that is a timeline on a seized phone. From a quiet chat nothing can be
  erased: somebody else may hold that phone.
- *Screens with names* that still stand on an organizer's phone go within ten minutes."""


def write_lives(policy: Policy) -> str:
    """Give the whole page."""
    wait, reminded = _words(LONGEST_WAIT), _words(REMINDED_EVERY)
    footer = FOOTER.format(wait=wait, reminded=reminded, postponed=_words(POSTPONED))
    return HEADER + "".join(_lines(policy)) + footer


def _lines(policy: Policy) -> Iterator[str]:
    for life in LIVES:
        under = ", ".join(one.value for one in life.under)
        places = ", ".join(f"`{one}`" for one in life.stands_in)
        cells = (life.kind.value, life.what, places, under, _ends(life, policy))
        yield f"| {' | '.join(cells)} | {life.ended_by.value} | {life.why} |\n"


def _ends(life: Life, policy: Policy) -> str:
    if life.lasts is None:
        word = "as long as" if life.ended_by is EndedBy.NOBODY else "when"
        return f"{word} {life.until}"
    lasts = life.lasts(policy)
    moment = life.since if life.kind is not Kind.LINKS else "it was made, or sooner"
    after = f"**{_words(lasts)}** after {moment}" if lasts else f"at **{moment}**"
    setting = f" (`{life.setting}`)" if life.setting else ""
    sooner = f"; sooner when {life.until}" if life.until else ""
    return f"{after}{setting}{sooner}{f'. Waits: {life.waits}' if life.waits else ''}"


def _words(duration: timedelta) -> str:
    day, hour = timedelta(days=1), timedelta(hours=1)
    number, unit = (duration // day, "day") if duration >= 2 * day else (duration // hour, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    sys.stdout.write(write_lives(Policy()))
