"""When a bot is well enough to say so: updates come in, and no alarm is stuck on its way out."""

from datetime import datetime, timedelta

HEARD_WITHIN = timedelta(minutes=2)
SENT_WITHIN = timedelta(minutes=2)  # an alarm that is owed for longer is stuck


def is_heard(heard_at: datetime | None, now: datetime) -> bool:
    """Say whether the service was heard lately, as far as the clock can be believed."""
    return heard_at is not None and abs(now - heard_at) <= HEARD_WITHIN


def goes_out(owed_since: datetime | None, now: datetime) -> bool:
    """Say whether alarms go out: the oldest that waits for the chat is owed since then."""
    return owed_since is None or now - owed_since <= SENT_WITHIN
