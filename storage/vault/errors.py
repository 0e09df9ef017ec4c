"""What the vault refuses, and in which words: one sentence, never any content or key."""

from typing import ClassVar


class VaultError(Exception):
    """The vault could not, or would not, do what was asked."""

    text_key: ClassVar[str] = "vault-fault"


class MistypedSecretError(VaultError):
    """The words are no unlock secret: one is misspelt, missing, or stands in the wrong place."""

    text_key = "vault-mistyped-secret"


class MalformedKeyError(VaultError):
    """A text is no key line: cut short, mistyped, of another kind, or worth nothing as a key."""

    text_key = "vault-malformed-key"


class ExposedIdentityError(VaultError):
    """A private identity was given where its public line belongs."""

    text_key = "vault-exposed-identity"


class WrongSecretError(VaultError):
    """The unlock secret is well formed, but opens nothing here."""

    text_key = "vault-wrong-secret"


class WeakParametersError(VaultError):
    """The key derivation would be too cheap to attack (or too dear to run)."""

    text_key = "vault-weak-parameters"


class BrokenKeySlotsError(VaultError):
    """The key slot file is damaged, cut short, altered, or mixed from two files."""

    text_key = "vault-broken-key-slots"


class ForeignKeySlotsError(VaultError):
    """The file is no key slot file, or one that belongs to another installation."""

    text_key = "vault-foreign-key-slots"


class OldKeySlotsError(VaultError):
    """An older copy of the key slot file: it may lack keys, and hold some that were destroyed."""

    text_key = "vault-old-key-slots"


class OvertakenKeySlotsError(VaultError):
    """The key slot file was written anew since this process has read it."""

    text_key = "vault-overtaken-key-slots"


class OldDatabaseError(VaultError):
    """An older copy of the database: keys that it lives by were destroyed since."""

    text_key = "vault-old-database"


class NewerKeySlotsError(VaultError):
    """The key slot file was written by a newer program."""

    text_key = "vault-newer-key-slots"


class ExposedKeySlotsError(VaultError):
    """Others on this machine may read the key slot file."""

    text_key = "vault-exposed-key-slots"


class BusyKeySlotsError(VaultError):
    """Another process writes this key slot file."""

    text_key = "vault-busy-key-slots"


class FullKeySlotsError(VaultError):
    """Every place in the key slot file is taken."""

    text_key = "vault-full-key-slots"


class KeyNameTakenError(VaultError):
    """A key, or an unlock secret, of that name is kept already."""

    text_key = "vault-key-name-taken"


class SecretNameError(VaultError):
    """The name of an unlock secret is empty, too long, or cannot be shown."""

    text_key = "vault-secret-name"


class MissingKeyError(VaultError):
    """No such key, or unlock secret, is kept: it never was, or it was destroyed."""

    text_key = "vault-missing-key"


class LockedKeyError(VaultError):
    """The key is kept, but locked: it takes an unlock secret on the server's shell."""

    text_key = "vault-locked-key"


class LastSecretError(VaultError):
    """The last unlock secret cannot be revoked: nothing could be opened any more."""

    text_key = "vault-last-secret"


class BrokenSealError(VaultError):
    """A sealed thing does not open: wrong key, wrong place, or altered."""

    text_key = "vault-broken-seal"


class BrokenProofError(VaultError):
    """A checkpoint or proof does not hold: altered, cut short, or signed by someone else."""

    text_key = "vault-broken-proof"


class WrongIdentityError(VaultError):
    """A parcel is whole, but sealed to others: the identity is a wrong one, or was revoked."""

    text_key = "vault-wrong-identity"


class BrokenParcelError(VaultError):
    """A parcel is cut short or altered."""

    text_key = "vault-broken-parcel"


class ForeignParcelError(VaultError):
    """The file is no parcel, one for something else, or one of a newer program."""

    text_key = "vault-foreign-parcel"


class BrokenPurgeListError(VaultError):
    """A purge list is altered or cut short, or was signed by another installation."""

    text_key = "vault-broken-purge-list"
