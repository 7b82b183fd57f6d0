"""Checks of the files that state what comes out when everything is in order."""

from __future__ import annotations

import re

from . import classic, handshake, mlkem, openssl
from .case import Case, Mismatch
from .codec import decode, encode, from_json
from .curves import CURVES, P224, decode_point, ecdh, public_key, sign, verify
from .page import CONTROL_MESSAGES
from .primitives import gcm_seal, labelled
from .records import (
    CLOSE,
    CONTROL,
    DATA,
    LONGEST_PLAINTEXT,
    Direction,
    open_control,
    pad_control,
    rekeyed,
    split_records,
)

ROLES = {'from the client': 'client', 'from the gateway': 'gateway'}


def _same_name(case: Case, key: str) -> str:
    """An input that is also the name of the case."""
    value = case.inputs.text(key)
    case.expect_true(value == case.name, f'the case has the name of its {key}')
    return value


def label(case: Case) -> None:
    """§2.3."""
    name = _same_name(case, 'label')
    case.expect('labelled', labelled(name, case.inputs.bytes('first'), case.inputs.bytes('second')))


def message(case: Case) -> None:
    """§2.2, with the fields that the tables of §5.3 and §10.1 declare."""
    name = _same_name(case, 'message')
    values = from_json(name, case.inputs.raw('values'))
    encoded = encode(name, **values)
    case.expect('encoded', encoded)
    case.expect_true(decode(name, encoded) == values, 'the encoding decodes to the values')


def _extreme(curve: str) -> str:
    return f'{curve}: the smallest and the largest scalar'


SECRETS = {name: curve for curve in CURVES for name in (curve, _extreme(curve))}


def shared_secret(case: Case) -> None:
    """§2.2."""
    name = case.inputs.text('curve')
    case.expect_true(name == SECRETS[case.name], 'the name says which curve it is')
    curve = CURVES[name]
    a, b = case.inputs.bytes('a'), case.inputs.bytes('b')
    public_a, public_b = public_key(curve, a), public_key(curve, b)
    case.expect('publicA', public_a)
    case.expect('publicB', public_b)
    shared = ecdh(curve, a, public_b)
    case.expect('shared', shared)
    case.expect_true(ecdh(curve, b, public_a) == shared, 'both sides have the same secret')
    if case.name == _extreme(name):
        case.expect_true(
            [int.from_bytes(scalar, 'big') for scalar in (a, b)] == [1, curve.n - 1], 'they are 1 and n - 1'
        )
    if openssl.knows(curve.name):
        case.expect_true(openssl.ecdh(curve.name, a, public_b) == shared, 'OpenSSL has the same secret')


def signature(case: Case) -> None:
    """§2.2."""
    curve = CURVES[_same_name(case, 'curve')]
    secret, text = case.inputs.bytes('secret'), case.inputs.bytes('message')
    public = public_key(curve, secret)
    case.expect('publicKey', public)
    signed = sign(curve, secret, text)
    case.expect('signature', signed)
    verify(curve, public, text, signed)
    if openssl.knows(curve.name):
        case.expect_true(openssl.verifies(curve.name, public, text, signed), 'OpenSSL verifies the signature')


ENCAPSULATIONS = {
    'an ordinary key': None,
    'a first coefficient of q - 1': 0,
    'a last coefficient of q - 1': 767,
}


def encapsulation(case: Case) -> None:
    """§2.2: FIPS 203."""
    key, place = case.inputs.bytes('encapsulationKey'), ENCAPSULATIONS[case.name]
    secret, ciphertext = mlkem.encapsulate(key, case.inputs.bytes('kemMessage'))
    case.expect('ciphertext', ciphertext)
    case.expect('kemSecret', secret)
    if place is not None:
        case.expect_true(mlkem.coefficients(key)[place] == mlkem.Q - 1, 'the coefficient is q - 1')


HANDSHAKES = {
    'guest': ('guest', False),
    'login': ('login', False),
    'registration': ('register', False),
    'enrolment: a registration inside a channel': ('register', True),
    'login: to a domain with U-labels': ('login', False),
    'registration: to the same domain with A-labels': ('register', False),
}


def simpp2_handshake(case: Case) -> None:
    """§5: both sides run, each reading what the other wrote."""
    inputs, (kind, enrolment) = case.inputs, HANDSHAKES[case.name]
    setting = handshake.read_setting(inputs)
    case.expect_true(inputs.text('kind') == kind, f'the kind is {kind}')
    case.expect_true(bool(inputs.text('offer')) != enrolment, 'there is an offer except in an enrolment')
    case.expect_true(bool(inputs.bytes('binding')) == enrolment, 'there is a binding in an enrolment')
    client, gateway = handshake.Client(setting), handshake.Gateway(setting)
    case.expect('h0', client.state.h)
    case.expect('payload1', setting.payload1)
    m1 = client.write_m1()
    case.expect('m1', m1)
    case.expect('h1', client.state.h)
    gateway.read_m1(m1)
    case.expect('kA', gateway.k_a)
    m2 = gateway.write_m2()
    case.expect('ciphertext', gateway.ciphertext)
    case.expect('kemSecret', gateway.kem_secret)
    changed = bytes([gateway.ciphertext[0] ^ 1]) + gateway.ciphertext[1:]
    case.expect('kemRejection', mlkem.decapsulate(setting.kem_seed, changed))
    keys = gateway.keys
    case.expect('ck', keys.ck)
    case.expect('h2', keys.h2)
    case.expect('kAS', keys.k_as)
    case.expect('payload2', gateway.payload2)
    case.expect('m2', m2)
    client.read_m2(m2)
    case.expect_true(client.keys == keys, 'both sides have the same keys')
    case.expect('h3', keys.h3)
    case.expect('confirmationKey', keys.derived('confirm'))
    case.expect('recordKeyClient', keys.derived('records-client'))
    case.expect('recordKeyGateway', keys.derived('records-gateway'))
    payload3 = client.third_payload()
    case.expect('payload3', payload3)
    m3 = client.keys.seal_third(payload3)
    case.expect('m3', m3)
    gateway.read_m3(m3)


CONTROLS = {name: name for name in CONTROL_MESSAGES} | {
    'Enrol: 510 bytes, one block': 'Enrol',
    'Enrol: 511 bytes, two blocks': 'Enrol',
}


def control(case: Case) -> None:
    """§8."""
    message_, padded = case.inputs.bytes('message'), pad_control(case.inputs.bytes('message'))
    case.expect('padded', padded)
    case.expect_true(open_control(padded) == message_, 'the record holds the message')
    decode(CONTROLS[case.name], message_)
    if match := re.search(r'(\d+) bytes, (\w+) block', case.name):
        blocks = {'one': 1, 'two': 2}[match[2]]
        case.expect_true((len(message_), len(padded)) == (int(match[1]), 512 * blocks), 'it is as long as its name says')


def records(case: Case) -> None:
    """§7, §6.2."""
    case.expect_true(case.inputs.text('role') == ROLES[case.name], 'the name says who writes')
    key = case.inputs.bytes('recordKey')
    writer, reader = Direction(key), Direction(key)
    wire: list[bytes] = []
    for action in case.inputs.objects('actions'):
        what = ' '.join(action.json)  # one key; several are no action
        value = action.bytes(what)
        if what == 'mix':
            writer.mix(value)
            reader.mix(value)
            wire.append(b'')
            continue
        kind, pieces = _plaintexts(what, value)
        sent = b''.join(writer.seal(kind, piece) for piece in pieces)
        wire.append(sent)
        arrived = [reader.open(record) for record in split_records(sent)]
        case.expect_true(arrived == [(kind, piece) for piece in pieces], 'the peer reads what was written')
    case.expect('wire', wire)
    case.expect('rekeyedProbe', gcm_seal(rekeyed(key), 0, b'hdr', b'the first record after a rekey'))


def _plaintexts(what: str, value: bytes) -> tuple[int, list[bytes]]:
    """The type and the plaintexts of the records that an action sends; long data fills one record after another."""
    if what == 'data':
        return DATA, [value[i : i + LONGEST_PLAINTEXT] for i in range(0, len(value), LONGEST_PLAINTEXT)] or [b'']
    if what == 'control':
        return CONTROL, [pad_control(value)]
    if what == 'close' and not value:
        return CLOSE, [b'']
    raise Mismatch(f'no action: {what} {value.hex()}')


def classic_handshake(case: Case) -> None:
    """§10.1."""
    setting = classic.read_setting(case.inputs)
    client, gateway = classic.Client(setting), classic.Gateway(setting)
    case.expect('kuA', client.ku_a)
    case.expect('kA', client.k_a)
    r1 = client.r1()
    case.expect('r1', r1)
    r2 = gateway.r2(r1)
    case.expect_true(client.k_a == gateway.k_a, 'both sides have the same K_A')
    case.expect('r2', r2)
    r3 = client.r3(r2)
    case.expect('r3', r3)
    gateway.read_r3(r3)
    s1 = client.s1()
    case.expect('s1', s1)
    s2 = gateway.s2(s1)
    case.expect('s2', s2)
    s3 = client.s3(s2)
    case.expect('s3', s3)
    gateway.read_s3(s3)
    case.expect_true(gateway.k_as == setting.k_as, 'both sides have the same K_AS')
    decode_point(P224, client.ku_a)


def classic_records(case: Case) -> None:
    """§10.2."""
    inputs, role = case.inputs, ROLES[case.name]
    case.expect_true(inputs.text('role') == role, 'the name says who writes')
    k_as, from_gateway = inputs.bytes('kAS'), role == 'gateway'
    writer, reader = classic.Direction(k_as, from_gateway), classic.Direction(k_as, from_gateway)
    plaintexts = [(DATA, inputs.bytes('data0')), (DATA, inputs.bytes('data1')), (CLOSE, b'')]
    wire = [writer.seal(kind, inputs.bytes(f'iv{i}'), plaintext) for i, (kind, plaintext) in enumerate(plaintexts)]
    case.expect('wire', wire)
    case.expect_true([reader.open(record) for record in wire] == plaintexts, 'the peer reads what was written')
