"""ML-KEM-768 as FIPS 203 writes it: plain, complete, not constant in time. §n in here is of FIPS 203."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from .case import Refused

Q, N, K = 3329, 256, 3
DU, DV = 10, 4  # η1 = η2 = 2 for this parameter set

Polynomial = list[int]
Vector = list[Polynomial]


def _bit_reversed(i: int) -> int:
    return int(f'{i:07b}'[::-1], 2)


ZETAS = [pow(17, _bit_reversed(i), Q) for i in range(128)]
GAMMAS = [pow(17, 2 * _bit_reversed(i) + 1, Q) for i in range(128)]


# §4.1: the hash functions


def _g(data: bytes) -> tuple[bytes, bytes]:
    digest = hashlib.sha3_512(data).digest()
    return digest[:32], digest[32:]


def _h(data: bytes) -> bytes:
    return hashlib.sha3_256(data).digest()


def _j(data: bytes) -> bytes:
    return hashlib.shake_256(data).digest(32)


# §4.2.1: bytes, compression


def _byte_encode(d: int, f: Polynomial) -> bytes:
    """Algorithm 5: d bits for each coefficient, the least significant first."""
    return sum(value << d * i for i, value in enumerate(f)).to_bytes(32 * d, 'little')


def _byte_decode(d: int, data: bytes) -> Polynomial:
    """Algorithm 6, without its reduction for d = 12: `check_encapsulation_key` excludes values above q."""
    bits = int.from_bytes(data, 'little')
    return [bits >> d * i & (1 << d) - 1 for i in range(N)]


def _compress(d: int, f: Polynomial) -> Polynomial:
    return [((x << d + 1) + Q) // (2 * Q) % (1 << d) for x in f]


def _decompress(d: int, f: Polynomial) -> Polynomial:
    return [(y * Q + (1 << d - 1)) >> d for y in f]


def _chunks(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


# §4.2.2: sampling


def _sample_ntt(seed: bytes) -> Polynomial:
    """Algorithm 7: rejection sampling from SHAKE128."""
    length = 672
    while True:
        stream = hashlib.shake_128(seed).digest(length)
        found: Polynomial = []
        for a, b, c in zip(*[iter(stream)] * 3):
            found += [d for d in (a | (b & 15) << 8, b >> 4 | c << 4) if d < Q]
        if len(found) >= N:
            return found[:N]
        length += 168


def _sample_cbd(seed: bytes, number: int) -> Polynomial:
    """Algorithm 8 with η = 2, over PRF of §4.1: differences of two sums of two bits."""
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([number])).digest(128), 'little')
    nibbles = [bits >> 4 * i & 15 for i in range(N)]
    return [((v & 1) + (v >> 1 & 1) - (v >> 2 & 1) - (v >> 3)) % Q for v in nibbles]


# §4.3: the number-theoretic transform


def _ntt(f: Polynomial) -> Polynomial:
    """Algorithm 9."""
    f, i, length = f[:], 1, 128
    while length >= 2:
        for start in range(0, N, 2 * length):
            zeta, i = ZETAS[i], i + 1
            for j in range(start, start + length):
                t = zeta * f[j + length]
                f[j + length] = (f[j] - t) % Q
                f[j] = (f[j] + t) % Q
        length //= 2
    return f


def _inverse_ntt(f: Polynomial) -> Polynomial:
    """Algorithm 10."""
    f, i, length = f[:], 127, 2
    while length <= 128:
        for start in range(0, N, 2 * length):
            zeta, i = ZETAS[i], i - 1
            for j in range(start, start + length):
                t = f[j]
                f[j] = (t + f[j + length]) % Q
                f[j + length] = zeta * (f[j + length] - t) % Q
        length *= 2
    return [x * 3303 % Q for x in f]  # 3303 = 128⁻¹


def _multiply(f: Polynomial, g: Polynomial) -> Polynomial:
    """Algorithms 11 and 12: products modulo X² − γ, pair by pair."""
    product: Polynomial = []
    for i, gamma in enumerate(GAMMAS):
        a0, a1, b0, b1 = f[2 * i], f[2 * i + 1], g[2 * i], g[2 * i + 1]
        product += [(a0 * b0 + a1 * b1 % Q * gamma) % Q, (a0 * b1 + a1 * b0) % Q]
    return product


def _add(*terms: Polynomial) -> Polynomial:
    return [sum(values) % Q for values in zip(*terms)]


def _dot(a: Vector, b: Vector) -> Polynomial:
    return _add(*(_multiply(f, g) for f, g in zip(a, b)))


@lru_cache
def _matrix(rho: bytes) -> list[Vector]:
    """Â of Algorithm 13: row i, column j from ρ ‖ j ‖ i."""
    return [[_sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


# §5: K-PKE


def _pke_keygen(d: bytes) -> tuple[bytes, bytes]:
    """Algorithm 13."""
    rho, sigma = _g(d + bytes([K]))
    s = [_ntt(_sample_cbd(sigma, i)) for i in range(K)]
    e = [_ntt(_sample_cbd(sigma, K + i)) for i in range(K)]
    t = [_add(_dot(row, s), error) for row, error in zip(_matrix(rho), e)]
    return b''.join(_byte_encode(12, f) for f in t) + rho, b''.join(_byte_encode(12, f) for f in s)


def _pke_encrypt(ek: bytes, message: bytes, seed: bytes) -> bytes:
    """Algorithm 14."""
    t = [_byte_decode(12, part) for part in _chunks(ek[:-32], 384)]
    matrix = _matrix(ek[-32:])
    y = [_ntt(_sample_cbd(seed, i)) for i in range(K)]
    e1 = [_sample_cbd(seed, K + i) for i in range(K)]
    e2 = _sample_cbd(seed, 2 * K)
    u = [_add(_inverse_ntt(_dot([row[i] for row in matrix], y)), e1[i]) for i in range(K)]
    v = _add(_inverse_ntt(_dot(t, y)), e2, _decompress(1, _byte_decode(1, message)))
    return b''.join(_byte_encode(DU, _compress(DU, f)) for f in u) + _byte_encode(DV, _compress(DV, v))


def _pke_decrypt(dk: bytes, ciphertext: bytes) -> bytes:
    """Algorithm 15."""
    u = [_decompress(DU, _byte_decode(DU, part)) for part in _chunks(ciphertext[: 32 * DU * K], 32 * DU)]
    v = _decompress(DV, _byte_decode(DV, ciphertext[32 * DU * K :]))
    s = [_byte_decode(12, part) for part in _chunks(dk, 384)]
    w = _inverse_ntt(_dot(s, [_ntt(f) for f in u]))
    return _byte_encode(1, _compress(1, [(a - b) % Q for a, b in zip(v, w)]))


# §7: ML-KEM, with the randomness handed in (§6)


@lru_cache
def keygen(seed: bytes) -> tuple[bytes, bytes]:
    """Algorithm 16 for d ‖ z: the encapsulation key and the decapsulation key."""
    d, z = seed[:32], seed[32:]
    ek, dk = _pke_keygen(d)
    return ek, dk + ek + _h(ek) + z


def coefficients(ek: bytes) -> list[int]:
    """The numbers of 12 bits that an encapsulation key begins with."""
    return [value for part in _chunks(ek[:-32], 384) for value in _byte_decode(12, part)]


def check_encapsulation_key(ek: bytes) -> None:
    """§7.2: the type check and the modulus check."""
    if len(ek) != 384 * K + 32:
        raise Refused('an encapsulation key of another length')
    if any(value >= Q for value in coefficients(ek)):
        raise Refused('an encapsulation key that is not reduced')


@lru_cache
def encapsulate(ek: bytes, m: bytes) -> tuple[bytes, bytes]:
    """Algorithm 17 for the random m: the shared secret and the ciphertext."""
    check_encapsulation_key(ek)
    secret, r = _g(m + _h(ek))
    return secret, _pke_encrypt(ek, m, r)


@lru_cache
def decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    """Algorithm 18: a ciphertext that was not made by `encapsulate` yields J(z ‖ c), the implicit rejection."""
    ek, dk = keygen(seed)
    m = _pke_decrypt(dk[: 384 * K], ciphertext)
    secret, r = _g(m + _h(ek))
    return secret if ciphertext == _pke_encrypt(ek, m, r) else implicit_rejection(seed, ciphertext)


def implicit_rejection(seed: bytes, ciphertext: bytes) -> bytes:
    return _j(seed[32:] + ciphertext)
