"""The `classic` profile, the paper message for message: §10."""

from __future__ import annotations

from dataclasses import dataclass

from .case import Inputs, Refused
from .codec import Values, decode, encode
from .curves import P224, SECP160R1, Curve, decode_point, ecdh, public_key, sign, verify
from .names import demand_account, prepared_domain
from .primitives import cbc_open, cbc_seal, hmac_sha256, sha256
from .records import header, split_header


def _master_key(private: bytes, public: bytes) -> bytes:
    """K_A: the first 16 bytes of x."""
    return ecdh(P224, private, public)[:16]


def _sealed(key: bytes, iv: bytes, name: str, **values: bytes) -> bytes:
    """{content}key."""
    return cbc_seal(key, iv, encode(name, **values))


def _opened(key: bytes, sealed: bytes, name: str) -> Values:
    return decode(name, cbc_open(key, sealed))


@dataclass(frozen=True)
class Setting:
    """The choices of both sides."""

    domain: str
    id_a: str
    kr_a: bytes
    kr_s: bytes
    registration_r_s: bytes
    k_as: bytes
    login_r_s: bytes
    ivs: dict[str, bytes]
    stored_ku_a: bytes  # what S has stored for ID_A before; empty for nothing


def read_setting(inputs: Inputs) -> Setting:
    return Setting(
        prepared_domain(inputs.text('to')),
        inputs.text('idA'),
        inputs.bytes('krA'),
        inputs.bytes('krS'),
        inputs.bytes('registrationRS'),
        inputs.bytes('kAS'),
        inputs.bytes('loginRS'),
        {name: inputs.bytes(name) for name in ('ivR2', 'ivS1', 'ivS2', 'ivS3')},
        inputs.bytes('storedKuA'),
    )


class Client:
    """A: sends R1, R3, S1 and S3."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.ku_a = public_key(P224, setting.kr_a)
        self.k_a = _master_key(setting.kr_a, public_key(P224, setting.kr_s))

    def r1(self) -> bytes:
        return encode('classic R1', idA=self._setting.id_a, kuA=self.ku_a)

    def r3(self, r2: bytes) -> bytes:
        content = _opened(self.k_a, decode('classic R2', r2)['sealed'], 'classic R2 content')
        if content['hash'] != sha256(self._setting.id_a.encode() + self.ku_a):
            raise Refused('the hash of R2 is false')
        return encode('classic R3', signature=sign(P224, self._setting.kr_a, content['rS']))

    def s1(self) -> bytes:
        my = self._setting
        return encode(
            'classic S1', idA=my.id_a, sealed=_sealed(self.k_a, my.ivs['ivS1'], 'classic S1 content', kAS=my.k_as)
        )

    def s3(self, s2: bytes) -> bytes:
        my = self._setting
        content = _opened(self.k_a, decode('classic S2', s2)['sealed'], 'classic S2 content')
        if content['hash'] != sha256(my.id_a.encode() + my.k_as):
            raise Refused('the hash of S2 is false')
        sealed = _sealed(my.k_as, my.ivs['ivS3'], 'classic S3 content', hash=sha256(content['rS']))
        return encode('classic S3', sealed=sealed)


class Gateway:
    """S: sends R2 and S2, and knows after R3 and S3 whether A is who it says."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def r2(self, r1: bytes) -> bytes:
        my, fields = self._setting, decode('classic R1', r1)
        self._id_a, self._ku_a = fields['idA'].encode(), fields['kuA']
        demand_account(my.domain, fields['idA'])
        decode_point(P224, self._ku_a)
        self.k_a = _master_key(my.kr_s, self._ku_a)
        sealed = _sealed(
            self.k_a,
            my.ivs['ivR2'],
            'classic R2 content',
            rS=my.registration_r_s,
            hash=sha256(self._id_a + self._ku_a),
        )
        return encode('classic R2', sealed=sealed)

    def read_r3(self, r3: bytes) -> None:
        my = self._setting
        verify(P224, self._ku_a, my.registration_r_s, decode('classic R3', r3)['signature'])
        if my.stored_ku_a not in (b'', self._ku_a):
            raise Refused('another KU_A is stored for ID_A')

    def s2(self, s1: bytes) -> bytes:
        my, fields = self._setting, decode('classic S1', s1)
        if fields['idA'].encode() != self._id_a:
            raise Refused('nobody of this name is registered')
        self.k_as = _opened(self.k_a, fields['sealed'], 'classic S1 content')['kAS']
        sealed = _sealed(
            self.k_a, my.ivs['ivS2'], 'classic S2 content', rS=my.login_r_s, hash=sha256(self._id_a + self.k_as)
        )
        return encode('classic S2', sealed=sealed)

    def read_s3(self, s3: bytes) -> None:
        content = _opened(self.k_as, decode('classic S3', s3)['sealed'], 'classic S3 content')
        if content['hash'] != sha256(self._setting.login_r_s):
            raise Refused('the hash of S3 is false')


class Direction:
    """§10.2: one direction of a channel under K_AS."""

    def __init__(self, k_as: bytes, from_gateway: bool) -> None:
        self._key, self._direction, self._number = k_as, bytes([from_gateway]), 0

    def _mac(self, start: bytes, sealed: bytes) -> bytes:
        return hmac_sha256(self._key, self._direction + self._number.to_bytes(8, 'big') + start + sealed)

    def seal(self, kind: int, iv: bytes, plaintext: bytes) -> bytes:
        sealed = cbc_seal(self._key, iv, plaintext)
        start = header(kind, len(sealed) + 32)
        record = start + sealed + self._mac(start, sealed)
        self._number += 1
        return record

    def open(self, record: bytes) -> tuple[int, bytes]:
        kind, start, rest = split_header(record, 16 + 16 + 32, 16 + 16400 + 32)
        sealed, mac = rest[:-32], rest[-32:]
        if mac != self._mac(start, sealed):
            raise Refused('the MAC is false')
        self._number += 1
        return kind, cbc_open(self._key, sealed)


class Talker:
    """§10.3: one side of C3–C7, with its KR and the other's KU."""

    def __init__(self, kr: bytes, other_ku: bytes, curve: Curve, share: bytes) -> None:
        self._kr, self._other, self._curve, self._share = kr, other_ku, curve, share

    def offer(self, name: str) -> bytes:
        """C3 of A, C4 of B: G signed by KR over the bare bytes."""
        g = public_key(self._curve, self._share)
        number = TALKING_CURVES.index(self._curve)
        return encode(name, signature=sign(P224, self._kr, g), curve=number, **{_SHARES[name]: g})

    def agree(self, name: str, offer: bytes) -> bytes:
        """K_AB as a key, once the other's signature holds (C5)."""
        fields = decode(name, offer)
        g = fields[_SHARES[name]]
        if TALKING_CURVES[fields['curve']] is not self._curve:
            raise Refused('another curve')
        verify(P224, self._other, g, fields['signature'])
        return ecdh(self._curve, self._share, g)[:16]


TALKING_CURVES = (P224, SECP160R1)
_SHARES = {'classic C3': 'gX', 'classic C4': 'gY'}


def seal_message(k_ab: bytes, iv: bytes, data: bytes) -> bytes:
    """C6 and C7: encrypt-then-MAC under the one K_AB."""
    sealed = cbc_seal(k_ab, iv, data)
    return encode('classic C6', sealed=sealed + hmac_sha256(k_ab, sealed))


def open_message(k_ab: bytes, message: bytes) -> bytes:
    joined = decode('classic C6', message)['sealed']
    sealed, mac = joined[:-32], joined[-32:]
    if mac != hmac_sha256(k_ab, sealed):
        raise Refused('the MAC is false')
    return cbc_open(k_ab, sealed)
