"""A worker that does nothing but write down which keys it holds, whenever that changes.

`python -m tests.faults.listening FILE LINE`; as its supervisor wants it, it says that it works.
"""

import os
import socket
import sys
from pathlib import Path

from storage.vault import keywire
from storage.vault.keywire import Started, Told


def main() -> None:
    """Write one line each time it is told: its own number, then the kinds of the open keys."""
    with socket.socket(fileno=int(sys.argv[2])) as line, Path(sys.argv[1]).open("a") as written:
        told = keywire.receive(line, keywire.TOLD)
        line.sendall(keywire.pack(Started()))
        while True:
            written.write(f"{os.getpid()} {_kinds(told)}\n")
            written.flush()
            told = keywire.receive(line, keywire.TOLD)


def _kinds(told: Told) -> str:
    kinds = (kept.name.kind.value for kept in told.state.kept if kept.key is not None)
    return " ".join(sorted(kinds))


if __name__ == "__main__":
    main()
