"""A third opinion on P-256 and P-224, by the library; it does not have secp160r1."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_CURVES = {'P-256': ec.SECP256R1(), 'P-224': ec.SECP224R1()}


def knows(curve: str) -> bool:
    return curve in _CURVES


def ecdh(curve: str, private: bytes, public: bytes) -> bytes:
    own = ec.derive_private_key(int.from_bytes(private, 'big'), _CURVES[curve])
    return own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve], public))


def verifies(curve: str, public: bytes, message: bytes, signature: bytes) -> bool:
    half = len(signature) // 2
    encoded = encode_dss_signature(int.from_bytes(signature[:half], 'big'), int.from_bytes(signature[half:], 'big'))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve], public)
        key.verify(encoded, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
