"""Hashes, key derivation and ciphers of §1, and the labelled strings of §2.3."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .case import Refused


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, 'sha256')


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 §2.3."""
    block, output = b'', b''
    for counter in range(1, 2 + (length - 1) // 32):
        block = hmac_sha256(key, block + info + bytes([counter]))
        output += block
    return output[:length]


def hkdf(salt: bytes, key: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 §2: extract and expand."""
    return hkdf_expand(hmac_sha256(salt, key), info, length)


def labelled(label: str, *fields: bytes) -> bytes:
    """§2.3."""
    return b'simpp-2/' + label.encode() + b'\0' + b''.join(len(field).to_bytes(2, 'big') + field for field in fields)


def gcm_nonce(number: int) -> bytes:
    """§7, and the AESGCM functions of Noise (§12.3 there): 4 zero bytes, then 8 bytes of counter."""
    return number.to_bytes(12, 'big')


def gcm_seal(key: bytes, number: int, header: bytes, plaintext: bytes) -> bytes:
    return AESGCM(key).encrypt(gcm_nonce(number), plaintext, header)


def gcm_open(key: bytes, number: int, header: bytes, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(gcm_nonce(number), sealed, header)
    except InvalidTag:
        raise Refused('the tag is false') from None


def cbc_seal(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """§10.1: IV ‖ AES-128-CBC with PKCS#7 padding."""
    padding = 16 - len(plaintext) % 16
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(plaintext + bytes([padding]) * padding) + encryptor.finalize()


def cbc_open(key: bytes, sealed: bytes) -> bytes:
    if len(sealed) < 32 or len(sealed) % 16:
        raise Refused('no whole number of blocks')
    decryptor = Cipher(algorithms.AES(key), modes.CBC(sealed[:16])).decryptor()
    padded = decryptor.update(sealed[16:]) + decryptor.finalize()
    padding = padded[-1]
    if not 1 <= padding <= 16 or padded[-padding:] != bytes([padding]) * padding:
        raise Refused('the padding is false')
    return padded[:-padding]
