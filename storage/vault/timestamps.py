"""Time stamps of an authority (RFC 3161): a checkpoint was there by then, by another's word.

The authority sees a hash. Its answer counts only under root certificates that were chosen before.
"""

from dataclasses import dataclass

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from storage.vault.errors import BrokenProofError

LONGEST = 65_536  # bytes of an answer


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an authority: the request, and what it is about."""

    request: TimeStampRequest
    content: bytes

    @classmethod
    def about(cls, content: bytes) -> "Question":
        """Ask for a stamp of the SHA-256 of `content`, with a nonce and the certificates."""
        builder = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
        return cls(builder.nonce(nonce=True).cert_request(cert_request=True).build(), content)

    def accept(self, answer: bytes, roots: bytes) -> bytes:
        """Give the answer as it came, having checked it up to one of these roots (PEM).

        Raises: BrokenProofError.
        """
        try:
            response = decode_timestamp_response(answer)
            builder = VerifierBuilder.from_request(self.request)
            for certificate in read_roots(roots):
                builder = builder.add_root_certificate(certificate)
            builder.build().verify_message(response, self.content)
        except (ValueError, VerificationError):
            raise BrokenProofError("the time stamp is not what was asked for") from None
        return answer


def read_roots(roots: bytes) -> list[x509.Certificate]:
    """Read root certificates, one PEM block after the other.

    Raises: ValueError where there is none.
    """
    return x509.load_pem_x509_certificates(roots)
