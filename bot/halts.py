"""One halt: nothing goes out until its end, except an alarm that tries now and then.

A chat, or everything, is halted because the service said so (a 429), or because nothing gets
through. One that comes again and again lasts longer each time, never shorter than was said.
"""

from dataclasses import dataclass

LENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds; the last one again and again
PROBE_EVERY = 2.0  # seconds between alarms that try during a halt
OLD_AFTER = 60.0  # seconds after its end in which nothing has failed


@dataclass(slots=True)
class Halt:
    """A halt in the clock's seconds; one that never began lets everything pass.

    `count`: how often it began in a row. `is_said`: the service itself asked for it.
    """

    until: float = 0.0
    count: int = 0
    is_said: bool = False
    next_probe: float = 0.0

    def begin(self, now: float, seconds: float, *, is_said: bool = False) -> None:
        """Halt for `seconds`, longer where that was not enough before.

        While it lasts, only the service's own word makes it longer.
        """
        if self.is_on(now) and not is_said:
            return
        if not self.is_on(now):
            self.count += 1
            self.next_probe = now + PROBE_EVERY
        length = max(seconds, LENGTHS[min(self.count, len(LENGTHS)) - 1])
        self.until = max(self.until, now + length)
        self.is_said = self.is_said or is_said

    def is_on(self, now: float) -> bool:
        """Say whether it lasts."""
        return self.until > now

    def is_old(self, now: float) -> bool:
        """Say whether it is so long over that it says nothing about the next one."""
        return now > self.until + OLD_AFTER

    def lets(self, now: float, *, is_alarm: bool) -> bool:
        """Say whether a request may pass: an alarm may, as a probe."""
        return not self.is_on(now) or (is_alarm and now >= self.next_probe)

    def note_probe(self, now: float) -> None:
        """Note that something passes: the next probe comes later."""
        self.next_probe = now + PROBE_EVERY

    def changes(self, now: float) -> list[float]:
        """Give the seconds to its end and to its next probe, while it lasts."""
        return [self.until - now, self.next_probe - now] if self.is_on(now) else []
