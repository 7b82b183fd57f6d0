"""C6 and C7: the payload, its key for each device, and what binds them: §9.4."""

from __future__ import annotations

from dataclasses import dataclass

from .case import Inputs, Refused
from .codec import Values, decode, encode
from .primitives import gcm_open, gcm_seal, hkdf_expand, labelled, sha256


@dataclass(frozen=True)
class Stanza:
    """What is tied to the payload of the stanza around it."""

    sender: str
    recipient: str
    type: str
    id: str

    @property
    def data(self) -> bytes:
        return labelled(
            'payload-data', *(text.encode() for text in (self.sender, self.recipient, self.type, self.id))
        )


def read_stanza(inputs: Inputs) -> Stanza:
    return Stanza(*(inputs.text(key) for key in ('from', 'to', 'type', 'id')))


def commitment(k: bytes) -> bytes:
    return hkdf_expand(k, labelled('commit'), 32)


def binding(device_id: bytes, commitment_: bytes, payload: bytes) -> bytes:
    return sha256(labelled('c6-binding', device_id, commitment_, sha256(payload)))


def _payload_key(k: bytes) -> bytes:
    return hkdf_expand(k, labelled('payload'), 32)


def seal_payload(k: bytes, stanza: Stanza, content: Values) -> bytes:
    return gcm_seal(_payload_key(k), 0, stanza.data, encode('Content', **content))


def open_payload(c6: Values, plaintext: bytes, stanza: Stanza) -> Values:
    """The content, with k ‖ binding from the wrap."""
    k, bound = plaintext[:32], plaintext[32:]
    if bound != binding(c6['deviceId'], c6['commitment'], c6['payload']):
        raise Refused('the wrap is bound to another payload')
    if commitment(k) != c6['commitment']:
        raise Refused('the key is not the one committed to')
    return decode('Content', gcm_open(_payload_key(k), 0, stanza.data, c6['payload']))
