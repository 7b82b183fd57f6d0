"""What others must know of a JID to write to it: §9.1."""

from __future__ import annotations

from dataclasses import dataclass

from . import mlkem
from .case import Refused
from .codec import Values, decode, encode
from .curves import P256, decode_point, public_key
from .identities import CLOCK_SKEW, accept_certificate, accept_list, certificate_name, open_body, sign_body
from .primitives import labelled, sha256

DAY = 24 * 3600
STALE, DEAD = 30 * DAY, 90 * DAY
MOST_DEVICES = 32


def sign_prekey(kr_ds: bytes, jid: str, device_id: bytes, id: int, y: bytes, seed: bytes, issued: int, epoch: int) -> bytes:
    """G_y and the encapsulation key, made and replaced together."""
    body = encode(
        'PrekeyBody',
        jid=jid,
        deviceId=device_id,
        id=id,
        gY=public_key(P256, y),
        ek=mlkem.keygen(seed)[0],
        issued=issued,
        epoch=epoch,
    )
    return sign_body(kr_ds, 'prekey', body)


def sign_one_time(kr_ds: bytes, jid: str, device_id: bytes, id: int, secret: bytes) -> bytes:
    body = encode('OneTimeBody', jid=jid, deviceId=device_id, id=id, key=public_key(P256, secret))
    return sign_body(kr_ds, 'one-time', body)


def sign_tombstone(kr_ds: bytes, jid: str, device_id: bytes, at: int) -> bytes:
    return sign_body(kr_ds, 'tombstone', encode('TombstoneBody', jid=jid, deviceId=device_id, at=at))


def sign_rollover(kr_a: bytes, jid: str, next_ku_a: bytes, issued: int) -> bytes:
    """By the old KR_A, which names the next KU_A."""
    ku_a = public_key(P256, kr_a)
    return sign_body(kr_a, 'reset', encode('RolloverBody', jid=jid, kuA=ku_a, nextKuA=next_ku_a, issued=issued))


def list_hash(device_list: bytes) -> bytes:
    return sha256(labelled('device-list-hash', decode('Signed', device_list)['body']))


@dataclass(frozen=True)
class Device:
    """A device that can be written to."""

    certificate: Values
    certificate_name: bytes
    prekey: Values
    one_time: Values | None
    stale: bool


@dataclass(frozen=True)
class RawDevice:
    """As a directory gives it; what is absent is empty."""

    certificate: bytes
    prekey: bytes
    one_time: bytes
    tombstone: bytes


def accept_bundle_list(jid: str, ku_a: bytes, device_list: bytes, devices: int, now: int) -> Values:
    """The list; a bundle whose list does not verify is refused as a whole."""
    if devices > MOST_DEVICES:
        raise Refused('more than 32 devices')
    listed = accept_list(ku_a, device_list, now)
    if listed['jid'] != jid:
        raise Refused('device list: another JID')
    return listed


def accept_device(ku_a: bytes, listed: Values, raw: RawDevice, now: int) -> Device:
    """One device, or the reason why it is skipped."""
    certificate = accept_certificate(ku_a, listed, raw.certificate, now)
    if raw.tombstone:
        _accept_own(certificate, 'tombstone', 'TombstoneBody', raw.tombstone)
        raise Refused('the device has retired itself')
    if not raw.prekey:
        raise Refused('no prekey')
    prekey = _accept_own(certificate, 'prekey', 'PrekeyBody', raw.prekey)
    decode_point(P256, prekey['gY'])
    mlkem.check_encapsulation_key(prekey['ek'])
    if prekey['issued'] > now + CLOCK_SKEW:
        raise Refused('prekey: issued in the future')
    if now - prekey['issued'] > DEAD:
        raise Refused('prekey: too old')
    return Device(
        certificate,
        certificate_name(decode('Signed', raw.certificate)['body']),
        prekey,
        _accept_one_time(certificate, raw.one_time),
        now - prekey['issued'] > STALE,
    )


def _accept_own(certificate: Values, label: str, name: str, encoded: bytes) -> Values:
    """What the device of this certificate signed about itself."""
    values = decode(name, open_body(certificate['kuDs'], label, encoded, label))
    if (values['jid'], values['deviceId']) != (certificate['jid'], certificate['deviceId']):
        raise Refused(f'{label}: of another device')
    return values


def _accept_one_time(certificate: Values, encoded: bytes) -> Values | None:
    """A one-time key that does not hold counts as none."""
    try:
        values = _accept_own(certificate, 'one-time', 'OneTimeBody', encoded) if encoded else None
        if values is not None:
            decode_point(P256, values['key'])
        return values if values is None or values['id'] != 0 else None
    except Refused:
        return None
