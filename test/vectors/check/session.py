"""How a session begins, and its K_AB: §9.2."""

from __future__ import annotations

from dataclasses import dataclass

from . import mlkem
from .bundle import Device
from .case import Inputs, Refused, Script
from .codec import Values, decode, encode
from .curves import P256, decode_point, ecdh, public_key, sign, verify
from .identities import Account, accept_account, certificate_name, read_account
from .primitives import hkdf, labelled, sha256
from .ratchet import Ratchet

SUITE = b'P256+MLKEM768_AESGCM_SHA256_DR'
PLAINTEXT_LENGTH, SIGNATURE_LENGTH = 64, 64


def _u64(value: int) -> bytes:
    return value.to_bytes(8, 'big')


@dataclass(frozen=True)
class Person:
    """Somebody with one device, all secrets known."""

    jid: str
    account: Account
    list_version: int
    device_id: bytes
    kr_a: bytes
    kr_ds: bytes
    kr_dd: bytes


def read_person(inputs: Inputs) -> Person:
    return Person(
        inputs.text('jid'),
        read_account(inputs),
        inputs.number('listVersion'),
        inputs.bytes('deviceId'),
        inputs.bytes('krA'),
        inputs.bytes('krDs'),
        inputs.bytes('krDd'),
    )


@dataclass(frozen=True)
class Named:
    """One side as TH names it."""

    jid: str
    ku_a: bytes
    certificate_name: bytes
    list_version: int


def named(person: Person) -> Named:
    account = person.account
    return Named(person.jid, account.ku_a, account.certificate_hash, person.list_version)


def transcript_hash(a: Named, b: Named, g_x: bytes, prekey: Values, one_time: Values | None, ct: bytes) -> bytes:
    """TH; without a one-time key its id and point are empty."""
    return sha256(
        labelled(
            'c3-transcript',
            SUITE,
            a.jid.encode(),
            b.jid.encode(),
            a.ku_a,
            b.ku_a,
            a.certificate_name,
            b.certificate_name,
            _u64(a.list_version),
            _u64(b.list_version),
            g_x,
            prekey['gY'],
            _u64(prekey['id']),
            _u64(prekey['issued']),
            _u64(one_time['id']) if one_time else b'',
            one_time['key'] if one_time else b'',
            prekey['ek'],
            ct,
        )
    )


def session_id(th: bytes) -> bytes:
    return sha256(labelled('session-id', th))


def k_ab(th: bytes, dhs: list[bytes], secret: bytes) -> bytes:
    """C5."""
    return hkdf(bytes(32), b'\xff' * 32 + b''.join(dhs) + secret, labelled('k-ab', th), 32)


@dataclass(frozen=True)
class Begun:
    """A's side of C3."""

    th: bytes
    id: bytes
    k_ab: bytes
    c3: bytes
    signature: bytes


def begin(a: Person, b: Named, device: Device, x: bytes, kem_message: bytes) -> Begun:
    """A knows B's device from its bundle."""
    prekey, one_time, g_x = device.prekey, device.one_time, public_key(P256, x)
    secret, ct = mlkem.encapsulate(prekey['ek'], kem_message)
    th = transcript_hash(named(a), b, g_x, prekey, one_time, ct)
    dhs = [ecdh(P256, a.kr_dd, prekey['gY']), ecdh(P256, x, device.certificate['kuDd']), ecdh(P256, x, prekey['gY'])]
    if one_time:
        dhs.append(ecdh(P256, x, one_time['key']))
    c3 = encode(
        'C3',
        prekeyId=prekey['id'],
        oneTimeId=one_time['id'] if one_time else 0,
        gX=g_x,
        ct=ct,
        kuA=a.account.ku_a,
        list=a.account.device_list,
        certificate=a.account.certificate,
        recipientListVersion=b.list_version,
    )
    return Begun(th, session_id(th), k_ab(th, dhs, secret), c3, sign(P256, a.kr_ds, labelled('C3', th)))


@dataclass(frozen=True)
class Keeper:
    """B with the private parts of what its device has published."""

    person: Person
    prekey: Values  # the body
    y: bytes
    kem_seed: bytes
    one_time_id: int  # 0 where there is none
    one_time_secret: bytes


def accept(
    b: Keeper, from_jid: str, from_device: bytes, encoded_wrap: bytes, now: int, fresh: Script
) -> tuple[bytes, Ratchet]:
    """What a first wrap holds, and the session; everything is checked, the signature last."""
    wrap = decode('Wrap', encoded_wrap)
    c3 = decode('C3', wrap['c3'])
    if wrap['deviceId'] != b.person.device_id:
        raise Refused('a wrap for another device')
    if c3['prekeyId'] != b.prekey['id']:
        raise Refused('the prekey is gone')
    if c3['oneTimeId'] not in (0, b.one_time_id):
        raise Refused('the one-time key is gone')
    certificate = accept_account(c3['kuA'], c3['certificate'], c3['list'], now)
    if certificate['jid'] != from_jid:
        raise Refused('C3 of another JID')
    if certificate['deviceId'] != from_device:
        raise Refused('C3 of another device')
    one_time = {'id': b.one_time_id, 'key': public_key(P256, b.one_time_secret)} if c3['oneTimeId'] else None
    listed = decode('DeviceListBody', decode('Signed', c3['list'])['body'])
    name = certificate_name(decode('Signed', c3['certificate'])['body'])
    a = Named(from_jid, c3['kuA'], name, listed['version'])
    known = named(b.person)
    b_as_a_knows = Named(known.jid, known.ku_a, known.certificate_name, c3['recipientListVersion'])
    th = transcript_hash(a, b_as_a_knows, c3['gX'], b.prekey, one_time, c3['ct'])
    if session_id(th) != wrap['sessionId']:
        raise Refused('another session id')
    decode_point(P256, c3['gX'])
    dhs = [
        ecdh(P256, b.y, certificate['kuDd']),
        ecdh(P256, b.person.kr_dd, c3['gX']),
        ecdh(P256, b.y, c3['gX']),
    ]
    if one_time:
        dhs.append(ecdh(P256, b.one_time_secret, c3['gX']))
    ratchet = Ratchet.of_b(k_ab(th, dhs, mlkem.decapsulate(b.kem_seed, c3['ct'])), b.y, fresh)
    inner = ratchet.open(wrap['sessionId'], wrap['header'], wrap['sealed'])
    if len(inner) != PLAINTEXT_LENGTH + SIGNATURE_LENGTH:
        raise Refused('no signature in the wrap')
    verify(P256, certificate['kuDs'], labelled('C3', th), inner[PLAINTEXT_LENGTH:])
    return inner[:PLAINTEXT_LENGTH], ratchet
