"""Checks of the files whose cases must be refused.

Each table names the cases of a file and why they are refused: a case that this implementation refuses for another
reason than the one its name gives has failed, and so has one that is missing.
"""

from __future__ import annotations

from . import mlkem
from .case import Case
from .codec import decode
from .curves import CURVES, decode_point, decode_scalar
from .identities import accept_account
from .invite import read_invite
from .page import MESSAGES, Message, Rest
from .records import DATA, Direction, open_control
from .refusal import expect_refusal, flipped


DEFECTS = {
    'another tag': 'another tag',
    'one byte trails': 'trailing bytes',
    'the last byte is missing': 'truncated',
    'nothing': 'truncated',
}


def _defects(message: Message) -> dict[str, str]:
    if not message.fields:  # what is left of a bare tag is nothing
        return {defect: reason for defect, reason in DEFECTS.items() if defect != 'the last byte is missing'}
    if isinstance(message.fields[-1][1], Rest):  # what trails belongs to it; the examples have it at its shortest
        others = {defect: reason for defect, reason in DEFECTS.items() if defect != 'one byte trails'}
        return others | {'the last byte is missing': 'a value of another length'}
    return DEFECTS


MALFORMED = {
    f'{name}: {defect}': reason
    for name, message in MESSAGES.items()
    for defect, reason in _defects(message).items()
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
    expect_refusal(case, lambda: decode(message, encoded), MALFORMED[case.name])
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
    expect_refusal(case, lambda: decode_point(CURVES[curve], point), BAD_POINTS[case.name])
    case.expect('refused', True)


SCALAR_DEFECTS = {
    'zero': 'a private key that is zero',
    'n': 'a private key that is not below n',
    'n + 1': 'a private key that is not below n',
    'all bits': 'a private key that is not below n',
    'truncated': 'a private key of another length',
    'a leading zero too many': 'a private key of another length',
    'nothing': 'a private key of another length',
}
BAD_SCALARS = {f'{curve}: {defect}': reason for curve in CURVES for defect, reason in SCALAR_DEFECTS.items()}


def bad_scalar(case: Case) -> None:
    """§2.2."""
    case.expect_digest()
    name, scalar = case.inputs.text('curve'), case.inputs.bytes('scalar')
    curve, defect = CURVES[name], case.name.removeprefix(f'{name}: ')
    expect_refusal(case, lambda: decode_scalar(curve, scalar), BAD_SCALARS[case.name])
    if defect in ('n', 'n + 1'):
        case.expect_true(int.from_bytes(scalar, 'big') == curve.n + (defect == 'n + 1'), f'it is {defect}')
    case.expect('refused', True)


_UNREDUCED, _OTHER_LENGTH = 'an encapsulation key that is not reduced', 'an encapsulation key of another length'
BAD_ENCAPSULATION_KEYS = {
    'the first coefficient is q': (_UNREDUCED, 0, mlkem.Q),
    'the second coefficient is q': (_UNREDUCED, 1, mlkem.Q),
    'the first coefficient is 4095': (_UNREDUCED, 0, 4095),
    'the second coefficient is 4095': (_UNREDUCED, 1, 4095),
    'a coefficient in the middle is q + 1': (_UNREDUCED, 300, mlkem.Q + 1),
    'the last coefficient is q': (_UNREDUCED, 767, mlkem.Q),
    'the last coefficient is 4095': (_UNREDUCED, 767, 4095),
    'the last byte is missing': (_OTHER_LENGTH, None, None),
    'one byte trails': (_OTHER_LENGTH, None, None),
    'the length of ML-KEM-512': (_OTHER_LENGTH, None, None),
    'nothing': (_OTHER_LENGTH, None, None),
}


def bad_encapsulation_key(case: Case) -> None:
    """§2.2."""
    case.expect_digest()
    key, (reason, place, value) = case.inputs.bytes('encapsulationKey'), BAD_ENCAPSULATION_KEYS[case.name]
    expect_refusal(case, lambda: mlkem.check_encapsulation_key(key), reason)
    if place is not None:
        coefficients = mlkem.coefficients(key)
        unreduced = [(i, found) for i, found in enumerate(coefficients) if found >= mlkem.Q]
        case.expect_true(unreduced == [(place, value)], 'it is this coefficient, and no other')
    case.expect('refused', True)


BAD_INVITES = {
    'a key with padding': 'not base64url',
    'another scheme': 'another scheme',
    'no scheme': 'another scheme',
    'no host': 'no address',
    'a user name before the host': 'no address',
    'a host with a space': 'no address',
    'an IPv6 address without brackets': 'no address',
    'a port beyond 65535': 'no address',
    'a port that is no number': 'no address',
    'no path': 'another form',
    'no domain': 'no domain',
    'an empty domain after another': 'no domain',
    'a bare JID for a domain': 'no domain',
    'a second level of path': 'no domain',
    'a domain that is not UTF-8': 'not UTF-8',
    'seventeen domains': 'too many domains',
    'no key': 'no key',
    'nothing after the domain': 'another form',
    'an empty key': 'not the uncompressed form',
    'a key twice': 'a part that stands twice',
    'a key without its last character': 'not base64url',
    'a key in the alphabet of base64': 'not base64url',
    'a key that is not canonical': 'not base64url',
    'one half of a key': 'not the uncompressed form',
    'a compressed key': 'not the uncompressed form',
    'a first half that is not on the curve': 'not on the curve',
    'a second half that is not on the curve': 'not on the curve',
    'a classic key that does not say so': 'a point of another length',
    'a key of simpp-2 for classic': 'a point of another length',
    'a classic key that is not on the curve': 'not on the curve',
    'an unknown profile': 'a profile that is not known',
    'an unknown part': 'a part that is not known',
    'a fragment': 'another form',
}


def bad_invite(case: Case) -> None:
    """§3."""
    case.expect_digest()
    text = case.inputs.text('text')
    expect_refusal(case, lambda: read_invite(text), BAD_INVITES[case.name])
    case.expect('refused', True)


BAD_CERTIFICATES = {
    'a bit of the certificate is flipped': 'certificate: a false signature',
    "a bit of the certificate's signature is flipped": 'certificate: a false signature',
    "the certificate's signature has a high s": 'certificate: a signature with a high s',
    'the certificate is signed in the context of lists': 'certificate: a false signature',
    'the list is signed by another account key': 'device list: a false signature',
    'both are of another account key': 'device list: a false signature',
    'the list names another certificate': 'certificate: not listed',
    'the list is of another JID': 'device list: another JID',
    "the list's names are not in ascending order": 'device list: the names do not ascend',
    'the certificate is not valid yet': 'certificate: not valid yet',
    'the certificate is not valid any more': 'certificate: not valid any more',
    'the list was issued in the future': 'device list: issued in the future',
}


def bad_certificate(case: Case) -> None:
    """§3."""
    case.expect_digest()
    inputs = case.inputs
    ku_a, certificate, device_list = inputs.bytes('kuA'), inputs.bytes('certificate'), inputs.bytes('deviceList')
    now = inputs.number('now')
    expect_refusal(case, lambda: accept_account(ku_a, certificate, device_list, now), BAD_CERTIFICATES[case.name])
    case.expect('refused', True)


BAD_CONTROL = {
    'nothing': 'truncated',
    'no padding': 'padding of another length',
    'one byte short of a block': 'padding of another length',
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
    expect_refusal(case, lambda: open_control(plaintext), BAD_CONTROL[case.name])
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
        records[place] = _read_as_one(flipped(records[place], attack.number('at')), b''.join(records[place + 1 :]))
    delivered: list[bytes] = []

    def read_all() -> None:
        for record in records:
            delivered.append(reader.open(record)[1])

    expect_refusal(case, read_all, BAD_RECORDS[case.name])
    case.expect('delivered', delivered)
    case.expect('refused', True)


def _read_as_one(record: bytes, following: bytes) -> bytes:
    """What a reader takes for the record after its length was changed."""
    return (record + following)[: 3 + int.from_bytes(record[1:3], 'big')]
