"""Carries out on the key slots what a worker or a command asks for, and says what came of it.

Whoever changes unlock secrets, or opens what is locked, shows the root key: it is found with an
unlock secret and nothing else, and here it is checked, not believed.
"""

import errno
import os
import struct
from typing import assert_never

from storage.vault.errors import VaultError
from storage.vault.keyslots import KeySlots
from storage.vault.keywire import (
    Admit,
    Answer,
    Counted,
    Destroy,
    Done,
    Kept,
    Lock,
    Look,
    Open,
    Refused,
    Request,
    Revoke,
    Started,
    State,
    Store,
)

_REFUSALS = {kind.text_key: kind for kind in VaultError.__subclasses__()}


def carry_out(slots: KeySlots, request: Request) -> Answer:
    """Do what is asked; what it changes is durable when this returns."""
    try:
        return _carried_out(slots, request)
    except VaultError as error:
        return Refused(error.text_key, str(error))
    except OSError as error:
        return Refused("", "", error.errno or errno.EIO)
    except (ArithmeticError, ValueError, struct.error):
        return Refused(VaultError.text_key, "what was asked for makes no sense")


def done(answer: Answer) -> Done:
    """Give what was done.

    Raises: the VaultError or OSError that kept it from being done.
    """
    if isinstance(answer, Done):
        return answer
    if answer.kind:
        raise _REFUSALS.get(answer.kind, VaultError)(answer.words)
    raise OSError(answer.number, os.strerror(answer.number))


def state_of(slots: KeySlots) -> State:
    """Give all that a worker is told."""
    return State(
        file_id=slots.file_id,
        generation=slots.generation,
        is_rotation_owed=slots.is_rotation_owed,
        kept=[Kept(name, slots.keys.get(name)) for name in slots.names],
    )


def _carried_out(slots: KeySlots, request: Request) -> Done:
    match request:
        case Started() | Look() | Counted():
            pass
        case Store(new):
            slots.store({one.name: one.key for one in new})
        case Destroy(names):
            destroyed = slots.destroy(names).destroyed
            return Done(slots.is_locked, list(destroyed))
        case Lock():
            slots.lock()
        case Open(root):
            slots.open_with(root)
        case Admit(root, named):
            slots.require_root(root)
            slots.admit(named)
        case Revoke(root, name):
            slots.require_root(root)
            slots.revoke_secret(name)
        case _:
            assert_never(request)
    return Done(slots.is_locked)
