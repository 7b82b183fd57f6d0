"""The Double Ratchet over P-256 and the wraps that it seals: §9.3."""

from __future__ import annotations

import copy
from .case import Refused, Script
from .codec import decode, encode
from .curves import P256, decode_point, ecdh, public_key
from .primitives import gcm_open, gcm_seal, hkdf, hmac_sha256, labelled

MOST_SKIPPED_IN_A_STEP = 1000


def message_cipher(message_key: bytes, salt: bytes) -> tuple[bytes, int]:
    """The AES-256-GCM key and the nonce, as a number of 12 bytes."""
    both = hkdf(salt, message_key, labelled('message-key'), 44)
    return both[:32], int.from_bytes(both[32:], 'big')


class Ratchet:
    """One end. `fresh` has the private keys that it would draw at random."""

    def __init__(self, root: bytes, own: bytes, fresh: Script) -> None:
        self._root, self._own, self._fresh = root, own, fresh
        self._peer = b''
        self._sending: bytes | None = None
        self._receiving: bytes | None = None
        self._sent = self._received = self._previous = 0
        self._skipped: dict[tuple[bytes, int], bytes] = {}

    @staticmethod
    def of_a(k_ab: bytes, g_y: bytes, fresh: Script) -> Ratchet:
        """DHr = G_y and a fresh pair."""
        ratchet = Ratchet(k_ab, fresh.take(), fresh)
        ratchet._peer = g_y
        ratchet._sending = ratchet._step()
        return ratchet

    @staticmethod
    def of_b(k_ab: bytes, y: bytes, fresh: Script) -> Ratchet:
        return Ratchet(k_ab, y, fresh)

    def _step(self) -> bytes:
        """A DH ratchet step; gives the chain key."""
        both = hkdf(self._root, ecdh(P256, self._own, self._peer), labelled('ratchet-root'), 64)
        self._root = both[:32]
        return both[32:]

    def seal(self, session_id: bytes, plaintext: bytes, salt: bytes) -> tuple[bytes, bytes]:
        """The header and what it seals."""
        if self._sending is None:  # the answer to a new DHr
            if not self._peer:
                raise Refused('nothing was received yet')
            self._own = self._fresh.take()
            self._sending = self._step()
        header = encode(
            'RatchetHeader', dh=public_key(P256, self._own), previous=self._previous, number=self._sent, salt=salt
        )
        key, nonce = message_cipher(hmac_sha256(self._sending, labelled('ratchet-message')), salt)
        self._sending = hmac_sha256(self._sending, labelled('ratchet-chain'))
        self._sent += 1
        return header, gcm_seal(key, nonce, labelled('wrap', session_id, header), plaintext)

    def open(self, session_id: bytes, header: bytes, sealed: bytes) -> bytes:
        """Works on a copy, and keeps it only when the tag was right."""
        trial = copy.copy(self)
        trial._skipped = dict(self._skipped)
        plaintext = trial._open(session_id, header, sealed)
        self.__dict__.update(trial.__dict__)
        return plaintext

    def _open(self, session_id: bytes, header: bytes, sealed: bytes) -> bytes:
        fields = decode('RatchetHeader', header)
        dh, number = fields['dh'], fields['number']
        decode_point(P256, dh)
        message_key = self._skipped.pop((dh, number), None)
        if message_key is None:
            message_key = self._advance(dh, number, fields['previous'])
        key, nonce = message_cipher(message_key, fields['salt'])
        return gcm_open(key, nonce, labelled('wrap', session_id, header), sealed)

    def _advance(self, dh: bytes, number: int, previous: int) -> bytes:
        """The message key of this number in the chain of this DHr; the ones before it are kept."""
        before = len(self._skipped)
        if dh != self._peer or self._receiving is None:
            if self._receiving is not None:
                self._skip(previous, before)
                if self._sending is None:
                    raise Refused('a new DHr that answers nothing')
            self._peer = dh
            self._receiving, self._received = self._step(), 0
            self._previous, self._sent, self._sending = self._sent, 0, None
        elif number < self._received:
            raise Refused('read before, or skipped too long ago')
        self._skip(number, before)
        assert self._receiving is not None
        message_key = hmac_sha256(self._receiving, labelled('ratchet-message'))
        self._receiving, self._received = hmac_sha256(self._receiving, labelled('ratchet-chain')), number + 1
        return message_key

    def _skip(self, until: int, before: int) -> None:
        if until - self._received > MOST_SKIPPED_IN_A_STEP - (len(self._skipped) - before):
            raise Refused('too many skipped')
        while self._received < until:
            assert self._receiving is not None
            self._skipped[self._peer, self._received] = hmac_sha256(self._receiving, labelled('ratchet-message'))
            self._receiving = hmac_sha256(self._receiving, labelled('ratchet-chain'))
            self._received += 1
