"""Moments as rows keep them: whole milliseconds since 1970, UTC, so that SQL can compare them."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_row(moment: datetime) -> int:
    """Give an aware moment as milliseconds since 1970."""
    return (moment - EPOCH) // _MILLISECOND


def from_row(milliseconds: int) -> datetime:
    """Give the aware UTC moment back."""
    return EPOCH + milliseconds * _MILLISECOND
