"""A worker's keys: held here in memory, kept by a supervisor that alone has the key slot file.

The supervisor tells all keys anew whenever something changes, so the next transaction sees it.
Storing and destroying come back when the supervisor has answered, and it answers when the change
is durable. Where the line ends there is no supervisor any more, and nothing may work on.
"""

import queue
import socket
import threading
from collections.abc import Callable, Iterable, Mapping

from storage.vault import keykeeper, keywire
from storage.vault.keys import Key, KeyName
from storage.vault.keyslots import Destruction
from storage.vault.keywire import (
    Answer,
    BrokenFrameError,
    Counted,
    Destroy,
    Done,
    Lock,
    New,
    Started,
    State,
    Store,
    WorkerRequest,
)
from storage.vault.sight import NOTHING, Seeing, Sight


class RemoteKeyring(Seeing):
    """The keys at the other end of `line`; `lost` is called, on a thread, when the line ends."""

    def __init__(self, line: socket.socket, lost: Callable[[], None]) -> None:
        self._line = line
        self._lost = lost
        self._asking = threading.Lock()
        self._answers: queue.SimpleQueue[tuple[State, Answer] | None] = queue.SimpleQueue()
        self.on_asked: Callable[[], None] | None = None  # how much waits; called on a thread
        self.sight = NOTHING
        self.lockings = 0
        self._take(keywire.receive(line, keywire.TOLD).state)
        threading.Thread(target=self._listen, name="keyring", daemon=True).start()

    @property
    def is_rotation_owed(self) -> bool:
        """Whether a key was destroyed while others were locked, and the epoch is the old one."""
        return self._state.is_rotation_owed

    @property
    def file_id(self) -> bytes:
        """Sixteen bytes that tell this key slot file from every other."""
        return self._state.file_id

    @property
    def generation(self) -> int:
        """How often the key slot file was written."""
        return self._state.generation

    def is_overtaken(self) -> bool:
        """Say that nobody else has written the file: its supervisor tells of every change."""
        return False

    def store(self, new: Mapping[KeyName, Key]) -> None:
        """Keep new keys: all of them durably when it returns, or none. Works while locked.

        Raises: KeyNameTakenError, FullKeySlotsError, OSError.
        """
        self._ask(Store([New(name, key) for name, key in new.items()]))

    def destroy(self, names: Iterable[KeyName]) -> Destruction:
        """Overwrite keys for good, durably; names that are not kept are passed over.

        Raises: OSError.
        """
        state, done = self._ask(Destroy(list(names)))
        return Destruction(frozenset(done.destroyed), state.is_rotation_owed, state.generation)

    def lock(self) -> None:
        """Forget people and private case keys, here and in the supervisor.

        Raises: OSError.
        """
        self._ask(Lock())

    def report_started(self) -> None:
        """Tell the supervisor that the worker works.

        Raises: OSError.
        """
        self._ask(Started())

    def tell(self, lines: list[str], amiss: list[str]) -> None:
        """Tell the supervisor how much waits, in lines for a terminal, and what is not in order.

        Raises: OSError.
        """
        self._ask(Counted(lines, amiss))

    def _ask(self, request: WorkerRequest) -> tuple[State, Done]:
        with self._asking:
            self._line.sendall(keywire.pack(request))
            told = self._answers.get()
        if told is None:
            self._answers.put(None)  # for whoever asks next
            raise ConnectionError("there is no supervisor any more")
        state, answer = told
        return state, keykeeper.done(answer)

    def _listen(self) -> None:
        try:
            while True:
                told = keywire.receive(self._line, keywire.TOLD)
                self._take(told.state)
                if told.answer is not None:
                    self._answers.put((told.state, told.answer))
                if told.is_asked and self.on_asked is not None:
                    self.on_asked()
        except (OSError, BrokenFrameError):
            self._answers.put(None)
            self._lost()

    def _take(self, state: State) -> None:
        was_locked = self.is_locked
        self.sight = Sight(
            {kept.name: kept.key for kept in state.kept if kept.key is not None},
            [kept.name for kept in state.kept],
        )
        self._state = state
        self.lockings += self.is_locked and not was_locked
