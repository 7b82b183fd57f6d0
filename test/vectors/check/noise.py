"""The symmetric state of the Noise framework, revision 34, §5.2 there, for AESGCM and SHA256."""

from __future__ import annotations

from .primitives import gcm_open, gcm_seal, hmac_sha256, sha256

PROTOCOL_NAME = b'Noise_IKhfs_P256+MLKEM768_AESGCM_SHA256'


class SymmetricState:
    """ck, h, k and n; k is absent until the first MixKey, before which nothing is encrypted here."""

    def __init__(self, prologue: bytes) -> None:
        self.h = sha256(PROTOCOL_NAME)  # the name is longer than a hash
        self.ck = self.h
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        self.h = sha256(self.h + data)

    def mix_key(self, material: bytes) -> None:
        """HKDF of §4.3 there, with two outputs."""
        secret = hmac_sha256(self.ck, material)
        self.ck = hmac_sha256(secret, b'\x01')
        self._k, self._n = hmac_sha256(secret, self.ck + b'\x02'), 0

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        sealed = gcm_seal(self._k, self._n, self.h, plaintext)
        self._n += 1
        self.mix_hash(sealed)
        return sealed

    def decrypt_and_hash(self, sealed: bytes) -> bytes:
        plaintext = gcm_open(self._k, self._n, self.h, sealed)
        self._n += 1
        self.mix_hash(sealed)
        return plaintext
