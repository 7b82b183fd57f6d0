"""Account keys, certificates, device lists and fingerprints: §3."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from .case import Inputs, Refused
from .codec import Values, decode, encode
from .curves import P224, P256, decode_point, public_key, sign, verify
from .primitives import labelled, sha256

CLOCK_SKEW = 48 * 3600


@lru_cache
def account_key(phrase: str, jid: str) -> bytes:
    """KR_A of a recovery phrase: scrypt's 48 bytes modulo the order of P-256."""
    stretched = hashlib.scrypt(
        phrase.encode(),
        salt=labelled('recovery', jid.encode()),
        n=2**17,
        r=8,
        p=1,
        maxmem=2**28,
        dklen=48,
    )
    scalar = int.from_bytes(stretched, 'big') % P256.n
    if scalar == 0:
        raise Refused('the phrase yields zero')
    return scalar.to_bytes(32, 'big')


def person_fingerprint(jid: str, ku_a: bytes) -> bytes:
    decode_point(P256, ku_a)
    return sha256(labelled('fingerprint', jid.encode(), ku_a))


def gateway_fingerprint(profile: str, ku_s: bytes) -> bytes:
    """Both halves of KU_S, which in `classic` are the one point."""
    curve, halves = (P224, (ku_s, ku_s)) if profile == 'classic' else (P256, (ku_s[:65], ku_s[65:]))
    for half in halves:
        decode_point(curve, half)
    return sha256(labelled('gateway-fingerprint', *halves))


def digits(fingerprint: bytes) -> str:
    """The first 199 bits in 60 decimal digits, shown in groups of five."""
    text = f'{int.from_bytes(fingerprint, "big") >> 256 - 199:060}'
    return ' '.join(text[i : i + 5] for i in range(0, 60, 5))


@dataclass(frozen=True)
class Account:
    """A person with one device whose certificate is listed beside that of another device."""

    ku_a: bytes
    certificate: bytes
    certificate_hash: bytes
    device_list: bytes


def read_account(inputs: Inputs) -> Account:
    """Certifies and lists the device that the inputs describe."""
    jid, kr_a = inputs.text('jid'), inputs.bytes('krA')
    ku_a = public_key(P256, kr_a)
    certificate_body = encode(
        'CertificateBody',
        jid=jid,
        deviceId=inputs.bytes('deviceId'),
        kuDs=public_key(P256, inputs.bytes('krDs')),
        kuDd=public_key(P256, inputs.bytes('krDd')),
        notBefore=inputs.number('notBefore'),
        notAfter=inputs.number('notAfter'),
    )
    certificate_hash = certificate_name(certificate_body)
    list_body = encode(
        'DeviceListBody',
        jid=jid,
        kuA=ku_a,
        version=inputs.number('listVersion'),
        issued=inputs.number('issued'),
        certificates=sorted([certificate_hash, inputs.bytes('otherCertificate')]),
    )
    return Account(
        ku_a,
        sign_body(kr_a, 'device-cert', certificate_body),
        certificate_hash,
        sign_body(kr_a, 'device-list', list_body),
    )


def certificate_name(body: bytes) -> bytes:
    return sha256(labelled('device-cert-hash', body))


def sign_body(key: bytes, label: str, body: bytes) -> bytes:
    """A `Signed` of this body."""
    return encode('Signed', body=body, signature=sign(P256, key, labelled(label, body)))


def open_body(key: bytes, label: str, encoded: bytes, what: str) -> bytes:
    """The body of a `Signed` that this public key signed under this label."""
    fields = decode('Signed', encoded)
    try:
        verify(P256, key, labelled(label, fields['body']), fields['signature'])
    except Refused as refusal:
        raise Refused(f'{what}: {refusal.reason}') from None
    return fields['body']


def accept_list(ku_a: bytes, device_list: bytes, now: int) -> Values:
    """§3: the body of a list that KU_A signed, valid now; or a refusal."""
    decode_point(P256, ku_a)
    listed = decode('DeviceListBody', open_body(ku_a, 'device-list', device_list, 'device list'))
    decode_point(P256, listed['kuA'])
    names = listed['certificates']
    if listed['kuA'] != ku_a:
        raise Refused('device list: another account key')
    if any(left >= right for left, right in zip(names, names[1:])):
        raise Refused('device list: the names do not ascend')
    if listed['issued'] > now + CLOCK_SKEW:
        raise Refused('device list: issued in the future')
    return listed


def accept_certificate(ku_a: bytes, listed: Values, certificate: bytes, now: int) -> Values:
    """§3: the body of a certificate that KU_A signed and this list of it names, valid now; or a refusal."""
    body = open_body(ku_a, 'device-cert', certificate, 'certificate')
    device = decode('CertificateBody', body)
    for point in (device['kuDs'], device['kuDd']):
        decode_point(P256, point)
    if listed['jid'] != device['jid']:
        raise Refused('device list: another JID')
    if certificate_name(body) not in listed['certificates']:
        raise Refused('certificate: not listed')
    if now < device['notBefore'] - CLOCK_SKEW:
        raise Refused('certificate: not valid yet')
    if now > device['notAfter'] + CLOCK_SKEW:
        raise Refused('certificate: not valid any more')
    return device


def accept_account(ku_a: bytes, certificate: bytes, device_list: bytes, now: int) -> Values:
    """§3 and §5.4: the body of the certificate, when the list and it are in order."""
    return accept_certificate(ku_a, accept_list(ku_a, device_list, now), certificate, now)
