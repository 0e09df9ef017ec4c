"""What organizers are told of the machine: that its storage is nearly full, once (DESIGN)."""

from dataclasses import dataclass

from typing_extensions import override

from safety.notices import Lane, Notice, notice


@notice
@dataclass(frozen=True, slots=True, repr=False)
class StorageLow(Notice):
    """The room that is kept in reserve was used, or could not be had."""

    lane = Lane.HOLD

    @override
    def card(self) -> str | None:
        return "storage"
