"""Checks of the files whose cases must be refused.

Each table names the cases of a file and why they are refused: a case that this implementation refuses for another
reason than the one its name gives has failed, and so has one that is missing.
"""

from __future__ import annotations

from typing import Callable

from . import classic, handshake
from .case import Case, Inputs, Mismatch, Refused
from .codec import decode
from .curves import CURVES, decode_point
from .identities import accept_account
from .page import MESSAGES
from .records import DATA, Direction, open_control


def _refusal(case: Case, attempt: Callable[[], object], reason: str) -> None:
    try:
        attempt()
    except Refused as refusal:
        case.expect_true(refusal.reason == reason, f'it is refused because of: {reason} (but: {refusal.reason})')
        return
    raise Mismatch(f'accepted, in spite of: {reason}')


def _flipped(data: bytes, at: int) -> bytes:
    """The byte at this place, counted from the end when negative, XORed with 1."""
    place = range(len(data))[at]
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


DEFECTS = {
    'another tag': 'another tag',
    'one byte trails': 'trailing bytes',
    'the last byte is missing': 'truncated',
    'nothing': 'truncated',
}
MALFORMED = {
    f'{name}: {defect}': reason
    for name, message in MESSAGES.items()
    for defect, reason in DEFECTS.items()
    if message.fields or defect != 'the last byte is missing'  # what is left of a bare tag is nothing
} | {
    'S1: an empty ID_A': 'a value of another length',
    'S1: ID_A is not UTF-8': 'not UTF-8',
    'S1: a list version above 2^53 - 1': 'a number above its maximum',
    'DeviceListBody: more items announced than follow': 'truncated',
    'Identity: a status that does not exist': 'a number above its maximum',
}


def malformed_message(case: Case) -> None:
    """§2.2."""
    case.expect_digest()
    message, encoded = case.inputs.text('message'), case.inputs.bytes('encoded')
    case.expect_true(case.name.startswith(f'{message}: '), 'the name says which message it is')
    _refusal(case, lambda: decode(message, encoded), MALFORMED[case.name])
    case.expect('refused', 'malformed-message')


POINT_DEFECTS = {
    'infinity': 'not the uncompressed form',
    'the compressed form': 'not the uncompressed form',
    'the hybrid form': 'not the uncompressed form',
    'not on the curve': 'not on the curve',
    'x is not below the field prime': 'a coordinate is not below the field prime',
    'truncated': 'a point of another length',
    'a trailing byte': 'a point of another length',
    'zeros': 'not on the curve',
}
BAD_POINTS = {f'{curve}: {defect}': reason for curve in CURVES for defect, reason in POINT_DEFECTS.items()}


def bad_point(case: Case) -> None:
    """§2.2."""
    case.expect_digest()
    curve, point = case.inputs.text('curve'), case.inputs.bytes('point')
    case.expect_true(case.name.startswith(f'{curve}: '), 'the name says which curve it is')
    _refusal(case, lambda: decode_point(CURVES[curve], point), BAD_POINTS[case.name])
    case.expect('refused', True)


BAD_CERTIFICATES = {
    'a bit of the certificate is flipped': 'certificate: a false signature',
    "a bit of the certificate's signature is flipped": 'certificate: a false signature',
    "the certificate's signature has a high s": 'certificate: a signature with a high s',
    'the certificate is signed in the context of lists': 'certificate: a false signature',
    'the list is signed by another account key': 'device list: a false signature',
    'both are of another account key': 'certificate: a false signature',
    'the list names another certificate': 'certificate: not listed',
    'the list is of another JID': 'device list: another JID',
    "the list's names are not in ascending order": 'device list: the names do not ascend',
    'the certificate is not valid yet': 'certificate: not valid yet',
    'the certificate is not valid any more': 'certificate: not valid any more',
}


def bad_certificate(case: Case) -> None:
    """§3."""
    case.expect_digest()
    inputs = case.inputs
    ku_a, certificate, device_list = inputs.bytes('kuA'), inputs.bytes('certificate'), inputs.bytes('deviceList')
    now = inputs.number('now')
    _refusal(case, lambda: accept_account(ku_a, certificate, device_list, now), BAD_CERTIFICATES[case.name])
    case.expect('refused', True)


BAD_CONTROL = {
    'nothing': 'truncated',
    'no padding': 'padding of another length',
    'a block too many': 'padding of another length',
    'padding that is not zero': 'padding that is not zero',
    'a length beyond the record': 'truncated',
    'a length of zero': 'padding that is not zero',
    'an unknown message': 'no control message',
}


def bad_control(case: Case) -> None:
    """§8."""
    case.expect_digest()
    plaintext = case.inputs.bytes('plaintext')
    _refusal(case, lambda: open_control(plaintext), BAD_CONTROL[case.name])
    case.expect('refused', True)


BAD_RECORDS = {
    'a bit of the ciphertext': 'the tag is false',
    'a bit of the tag': 'the tag is false',
    'the type': 'no type of record',
    'the length': 'the tag is false',
    'swapped': 'the tag is false',
    'replayed': 'the tag is false',
    'left out': 'the tag is false',
    'reflected to its sender': 'the tag is false',
}


def bad_record(case: Case) -> None:
    """§7."""
    case.expect_digest()
    key, attack = case.inputs.bytes('recordKey'), case.inputs.object('attack')
    case.expect_true(attack.text('what') == case.name, 'the name says what the attack is')
    writer = Direction(key)
    records = [writer.seal(DATA, text) for text in (b'one', b'two', b'three')]
    reader = Direction(key)
    if 'order' in attack:
        records = [records[place] for place in attack.list('order')]
    elif 'reflect' in attack:
        case.expect_true(attack.flag('reflect'), 'the records go back')
        reader = Direction(bytes(32))  # A reads with the other direction's key; which one is of no importance
    else:
        place = attack.number('record')
        records[place] = _read_as_one(_flipped(records[place], attack.number('at')), b''.join(records[place + 1 :]))
    delivered: list[bytes] = []

    def read_all() -> None:
        for record in records:
            delivered.append(reader.open(record)[1])

    _refusal(case, read_all, BAD_RECORDS[case.name])
    case.expect('delivered', delivered)
    case.expect('refused', True)


def _read_as_one(record: bytes, following: bytes) -> bytes:
    """What a reader takes for the record after its length was changed."""
    return (record + following)[: 3 + int.from_bytes(record[1:3], 'big')]


BAD_HANDSHAKES = {
    'login: M1, the form byte of e': ('refused by S', 'not the uncompressed form'),
    'login: M1, a byte of e: not on the curve': ('refused by S', 'not on the curve'),
    'login: M1, a byte of the sealed e1': ('refused by S', 'the tag is false'),
    'login: M1, a byte of the sealed s': ('refused by S', 'the tag is false'),
    'login: M1, a byte of the sealed S1': ('refused by S', 'the tag is false'),
    'login: M2, a byte of e: not on the curve': ('refused by A', 'not on the curve'),
    'login: M2, a byte of the sealed KEM ciphertext': ('refused by A', 'the tag is false'),
    'login: M2, a byte of the sealed S2': ('refused by A', 'the tag is false'),
    'login: M3, a byte of the sealed S3': ('refused by S', 'the tag is false'),
    'register: M1, a byte of the sealed R1': ('refused by S', 'the tag is false'),
    'register: M3, a byte of the sealed R3': ('refused by S', 'the tag is false'),
}


class _Wire:
    """Carries messages, and changes one of them on its way."""

    def __init__(self, tamper: Inputs) -> None:
        self._target, self._at = tamper.text('message'), tamper.number('at')
        self.tampered = b''

    def carry(self, name: str, message: bytes) -> bytes:
        if name != self._target:
            return message
        self.tampered = _flipped(message, self._at)
        return self.tampered


def bad_handshake(case: Case) -> None:
    """§5."""
    case.expect_digest()
    case.expect_true(case.name.startswith(f'{case.inputs.text("kind")}: '), 'the name says which kind it is')
    setting, wire = handshake.read_setting(case.inputs), _Wire(case.inputs.object('tamper'))
    client, gateway = handshake.Client(setting), handshake.Gateway(setting)
    outcome = 'accepted'

    def run() -> None:
        nonlocal outcome
        m1 = wire.carry('M1', client.write_m1())
        outcome = 'refused by S'
        gateway.read_m1(m1)
        m2 = wire.carry('M2', gateway.write_m2())
        outcome = 'refused by A'
        client.read_m2(m2)
        m3 = wire.carry('M3', client.keys.seal_third(client.third_payload()))
        outcome = 'refused by S'
        gateway.read_m3(m3)
        outcome = 'accepted'

    who, reason = BAD_HANDSHAKES[case.name]
    _refusal(case, run, reason)
    case.expect_true(outcome == who, f'it is {who}')
    case.expect('outcome', outcome)
    case.expect('tampered', wire.tampered)


BAD_CLASSIC_HANDSHAKES = {
    'r1: KU_A is not on the curve': 'not on the curve',
    'r2: a byte of the sealed R_S: A signs another value': 'the hash of R2 is false',
    'r3: a byte of the signature': 'a false signature',
    's1: the length of ID_A': 'truncated',
    's2: a byte of the sealed hash': 'the padding is false',
    's3: a byte of the sealed hash': 'the padding is false',
}


def bad_classic_handshake(case: Case) -> None:
    """§10.1."""
    case.expect_digest()
    setting, tamper = classic.read_setting(case.inputs), case.inputs.object('tamper')
    wire, what = _Wire(tamper), tamper.text('what')
    case.expect_true(case.name == f'{tamper.text("message")}: {what}', 'the name says what is changed')
    client, gateway = classic.Client(setting), classic.Gateway(setting)

    def run() -> None:
        r2 = wire.carry('r2', gateway.r2(wire.carry('r1', client.r1())))
        gateway.read_r3(wire.carry('r3', client.r3(r2)))
        s2 = wire.carry('s2', gateway.s2(wire.carry('s1', client.s1())))
        gateway.read_s3(wire.carry('s3', client.s3(s2)))

    _refusal(case, run, BAD_CLASSIC_HANDSHAKES[case.name])
    case.expect('tampered', wire.tampered)
    case.expect('refused', True)
