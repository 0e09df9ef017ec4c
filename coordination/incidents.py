"""The recorder: it makes incidents of the facts that use cases have stated."""

from coordination.turns import Work


def record_facts(work: Work) -> None:
    """Write what happened in this transaction into the incident store."""
    work.facts.clear()
