"""The curves in affine arithmetic, ECDH and ECDSA: §2.2 of docs/protocol.md. Not constant in time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .case import Refused
from .primitives import hmac_sha256, sha256

Point = tuple[int, int] | None  # None is the point at infinity


@dataclass(frozen=True)
class Curve:
    """y² = x³ − 3x + b over the field of p elements, with a base point of prime order n (cofactor 1)."""

    name: str
    p: int
    b: int
    base: tuple[int, int]
    n: int

    @property
    def field_length(self) -> int:
        return (self.p.bit_length() + 7) // 8

    @property
    def scalar_length(self) -> int:
        """One more than `field_length` for secp160r1, whose order has 161 bits."""
        return (self.n.bit_length() + 7) // 8

    def contains(self, x: int, y: int) -> bool:
        return (y * y - x * x * x + 3 * x - self.b) % self.p == 0

    def add(self, left: Point, right: Point) -> Point:
        if left is None or right is None:
            return left or right
        (x1, y1), (x2, y2) = left, right
        if x1 == x2 and (y1 + y2) % self.p == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, self.p) if left == right else (y2 - y1) * pow(x2 - x1, -1, self.p)
        x3 = (slope * slope - x1 - x2) % self.p
        return x3, (slope * (x1 - x3) - y1) % self.p

    def multiply(self, scalar: int, point: Point) -> Point:
        """The sum of those doublings of the point whose bits are set in the scalar."""
        result: Point = None
        for i, doubling in enumerate(_doublings(self, point)):
            if scalar >> i & 1:
                result = self.add(result, doubling)
        return result


@lru_cache(maxsize=64)
def _doublings(curve: Curve, point: Point) -> list[Point]:
    """P, 2P, 4P, … for each bit of a scalar; kept, since base points and long-lived keys return."""
    doublings = [point]
    while len(doublings) < curve.n.bit_length():
        doublings.append(curve.add(doublings[-1], doublings[-1]))
    return doublings


# FIPS 186-5 / SP 800-186 for P-256 and P-224, SEC 2 version 1 for secp160r1
P256 = Curve(
    'P-256',
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    (
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
)
P224 = Curve(
    'P-224',
    2**224 - 2**96 + 1,
    0xB4050A850C04B3ABF54132565044B0B7D7BFD8BA270B39432355FFB4,
    (
        0xB70E0CBD6BB4BF7F321390B94A03C1D356C21122343280D6115C1D21,
        0xBD376388B5F723FB4C22DFE6CD4375A05A07476444D5819985007E34,
    ),
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFF16A2E0B8F03E13DD29455C5C2A3D,
)
SECP160R1 = Curve(
    'secp160r1',
    2**160 - 2**31 - 1,
    0x1C97BEFC54BD7A8B65ACF89F81D4D4ADC565FA45,
    (0x4A96B5688EF573284664698968C38BB913CBFC82, 0x23A628553168947D59DCC912042351377AC5FB32),
    0x0100000000000000000001F4C8F927AED3CA752257,
)
CURVES = {curve.name: curve for curve in (P256, P224, SECP160R1)}


def encode_point(curve: Curve, point: Point) -> bytes:
    """The uncompressed form 0x04 ‖ x ‖ y."""
    assert point is not None, 'infinity has no encoding here'
    return b'\x04' + b''.join(value.to_bytes(curve.field_length, 'big') for value in point)


def decode_point(curve: Curve, data: bytes) -> tuple[int, int]:
    """§2.2: form, length, coordinates below the field prime, on the curve."""
    if data[:1] != b'\x04':
        raise Refused('not the uncompressed form')
    if len(data) != 1 + 2 * curve.field_length:
        raise Refused('a point of another length')
    x = int.from_bytes(data[1 : 1 + curve.field_length], 'big')
    y = int.from_bytes(data[1 + curve.field_length :], 'big')
    if x >= curve.p or y >= curve.p:
        raise Refused('a coordinate is not below the field prime')
    if not curve.contains(x, y):
        raise Refused('not on the curve')
    return x, y


def decode_scalar(curve: Curve, data: bytes) -> int:
    """§2.2: the big-endian number at full scalar length; 0 and values ≥ n are none."""
    if len(data) != curve.scalar_length:
        raise Refused('a private key of another length')
    scalar = int.from_bytes(data, 'big')
    if scalar == 0:
        raise Refused('a private key that is zero')
    if scalar >= curve.n:
        raise Refused('a private key that is not below n')
    return scalar


@lru_cache(maxsize=None)
def public_key(curve: Curve, private: bytes) -> bytes:
    return encode_point(curve, curve.multiply(decode_scalar(curve, private), curve.base))


@lru_cache(maxsize=None)
def ecdh(curve: Curve, private: bytes, public: bytes) -> bytes:
    """§2.2: the x coordinate at full field length. The point is validated first; the cofactor is 1."""
    shared = curve.multiply(decode_scalar(curve, private), decode_point(curve, public))
    assert shared is not None, 'a valid point has order n, and 0 < scalar < n'
    return shared[0].to_bytes(curve.field_length, 'big')


def _bits2int(curve: Curve, data: bytes) -> int:
    """RFC 6979 §2.3.2, also the truncation of the hash in FIPS 186-5 §6.4: the leftmost bits, as many as n has."""
    return int.from_bytes(data, 'big') >> max(0, 8 * len(data) - curve.n.bit_length())


def _nonces(curve: Curve, private: bytes, digest: bytes):
    """RFC 6979 §3.2 with SHA-256."""
    seed = private + (_bits2int(curve, digest) % curve.n).to_bytes(curve.scalar_length, 'big')
    key, value = bytes(32), b'\x01' * 32
    for separator in (b'\0', b'\x01'):
        key = hmac_sha256(key, value + separator + seed)
        value = hmac_sha256(key, value)
    while True:
        stream = b''
        while 8 * len(stream) < curve.n.bit_length():
            value = hmac_sha256(key, value)
            stream += value
        nonce = _bits2int(curve, stream)
        if 0 < nonce < curve.n:
            yield nonce
        key = hmac_sha256(key, value + b'\0')
        value = hmac_sha256(key, value)


@lru_cache(maxsize=None)
def sign(curve: Curve, private: bytes, message: bytes) -> bytes:
    """ECDSA with SHA-256, r ‖ s at full scalar length, s ≤ (n − 1) / 2; the nonce of RFC 6979."""
    digest = sha256(message)
    for nonce in _nonces(curve, private, digest):
        point = curve.multiply(nonce, curve.base)
        assert point is not None
        r = point[0] % curve.n
        s = pow(nonce, -1, curve.n) * (_bits2int(curve, digest) + r * decode_scalar(curve, private)) % curve.n
        if r and s:
            s = min(s, curve.n - s)
            return b''.join(value.to_bytes(curve.scalar_length, 'big') for value in (r, s))
    raise AssertionError('the nonces do not end')


@lru_cache(maxsize=None)
def verify(curve: Curve, public: bytes, message: bytes, signature: bytes) -> None:
    """§2.2: a signature with a high s is refused like a false one."""
    point = decode_point(curve, public)
    if len(signature) != 2 * curve.scalar_length:
        raise Refused('a signature of another length')
    r = int.from_bytes(signature[: curve.scalar_length], 'big')
    s = int.from_bytes(signature[curve.scalar_length :], 'big')
    if not (0 < r < curve.n and 0 < s < curve.n):
        raise Refused('a signature out of range')
    if s > (curve.n - 1) // 2:
        raise Refused('a signature with a high s')
    inverse = pow(s, -1, curve.n)
    sum_of_products = curve.add(
        curve.multiply(_bits2int(curve, sha256(message)) * inverse % curve.n, curve.base),
        curve.multiply(r * inverse % curve.n, point),
    )
    if sum_of_products is None or sum_of_products[0] % curve.n != r:
        raise Refused('a false signature')
