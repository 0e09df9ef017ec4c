"""The configuration file that `aman init` writes; config.example.toml is the same text."""

import json
import re
from collections.abc import Mapping

Settings = Mapping[str, Mapping[str, str | int | list[str]]]  # by section and key

TEMPLATE = """\
# Aman's configuration, as `aman init` writes it: every key that there is, with its default.
# Keys that are not known, and values that make no sense, refuse to start.
# Each can come from outside as AMAN_SECTION_KEY, such as AMAN_TELEGRAM_TOKEN.

[telegram]
token = ""                # from @BotFather; this file must then be yours alone (chmod 600)
token_file = ""           # or: a file that holds the token, likewise yours alone
api_url = "https://api.telegram.org"   # a self-hosted Bot API server works as well
proxy = ""                # http:// or https://, where Telegram is blocked
webhook_url = ""          # https://… if updates shall be delivered: see docs/operations.md first
webhook_listen = "127.0.0.1:8081"      # where the proxy that ends TLS passes them on
webhook_secret = ""       # what Telegram shows there; made from the token if empty
webhook_former = ""       # an address of your own that it had before: it may be taken away

[storage]
directory = "data"        # seen from this file; must be yours alone (chmod 700)

[vault]
unlock = "prompt"         # prompt | file | fd (number in unlock_file) | env (AMAN_VAULT_SECRET)
unlock_file = ""          # a secret on the same machine protects nothing when that is seized
memory_mebibytes = 256    # what each try at a new unlock secret costs; at least 19

[community]
languages = ["kk", "ru", "en"]
default_language = "ru"   # for phones that speak none of them
timezone = "Asia/Almaty"
display_name = ""         # what the bot calls itself in chats: neutral, it shows on lock screens

# How long before the start each stage of a place is told. They must come in this order.
[disclosure]
area_before_minutes = 1440
meeting_point_before_minutes = 180
address_before_minutes = 60

[escalation]
ring_every_seconds = 30           # an alarm that nobody has taken rings again
escalate_after_seconds = 90       # and from then on for deputies, too
answer_holds_minutes = 10         # "I'm on it" without any news after it
attach_for_minutes = 120          # places and files that are taken as part of an alarm
detention_again_minutes = 30      # the lawyer is reminded of somebody who was taken
ask_again_after_minutes = 5       # those who are silent in a roll call
home_question_after_minutes = 60  # after the end: "did you get home?"
proposal_minutes = 720            # what waits for a second person's confirmation

[retention]
places_minutes = 720      # messages that name a place delete themselves; at most 2400 (40 hours)
invitation_days = 14      # an invitation that nobody has opened
team_link_days = 2        # a link that makes somebody part of the team
aftercare_after_days = 3  # the neutral question after the event
traces_days = 3           # who was where, and who learnt which place, after the event
people_days = 14          # the roster, after the event; with it whatever is still known
report_link_days = 180    # links with which people report when they are forgotten, after the event
receipt_days = 365        # what a purge has destroyed, in numbers

# Sealed copies elsewhere: evidence within a minute; backup, escrow and purge list hourly. Enrol an
# organizer's or deputy's key first (`aman keys add`): without one neither backup nor escrow is
# made, and nothing can be restored.
[copies]
directory = ""            # a mounted disk or a directory of another machine, such as by sshfs

# Wakes the team beside the chat when an alarm does not arrive there, or nobody answers. Each
# gives their own address in the chat. What goes out holds no content. No proxy is used.
[second_channel]
smtp_host = ""            # a mail server; empty: no mail
smtp_port = 587
smtp_security = "starttls"   # starttls | tls (mostly port 465) | none (on this machine alone)
smtp_user = ""
smtp_password = ""        # this file must then be yours alone (chmod 600)
smtp_password_file = ""   # or: a file that holds it, likewise yours alone
smtp_sender = ""          # a neutral address: it shows on lock screens
ntfy = false              # push to the ntfy app, with urgent priority
ntfy_url = "https://ntfy.sh"   # a server of your own works as well
ntfy_token = ""           # where the server asks for one
ntfy_token_file = ""
apprise = false           # many other services; needs: pip install 'aman[apprise]'

# A sign of life to a service that calls somebody when it stays away. It carries no data.
[heartbeat]
url = ""                  # https://, asked with GET while the bot is well
every_seconds = 60

# An authority (RFC 3161) that stamps the time of a case when it is given out; it sees a hash.
[proofs]
timestamp_url = ""        # http:// or https://
timestamp_roots = ""      # a file with its root certificates (PEM), seen from this file

# What the team's lawyer lays down: rights, deadlines, reminders. See rules.example.toml.
[rules]
file = ""                 # such as rules.toml, seen from this file; read anew when it changes
"""

_SECTION = re.compile(r"\[([a-z_]+)\]")
_VALUE = re.compile(r"([a-z_]+) = (?:\"[^\"]*\"|\[[^\]]*\]|[0-9]+|true|false)")


def filled(settings: Settings) -> str:
    """Give the file with other values: by section and key; what is not in the file is left out."""
    lines, section = [], ""
    for line in TEMPLATE.splitlines():
        if found := _SECTION.fullmatch(line):
            section = found[1]
        value = _VALUE.match(line)
        new = settings.get(section, {}).get(value[1]) if value else None
        if value is not None and new is not None:
            written = f"{value[1]} = {json.dumps(new, ensure_ascii=False)}"
            lines.append(f"{written}{line[value.end() :]}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"
