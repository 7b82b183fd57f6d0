"""Checks of handshakes that must be refused: damaged on the wire, or made by somebody who lies."""

from __future__ import annotations

from typing import Callable

from . import classic, handshake
from .case import Case, Inputs, from_hex
from .codec import decode
from .curves import P256, public_key, verify
from .primitives import labelled
from .refusal import expect_refusal, flipped

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




class _Run:
    """The messages that arrive, and whose turn it is to refuse one."""

    def __init__(self, change: Callable[[str, bytes], bytes] = lambda _, message: message) -> None:
        self._change = change
        self.arrived: list[bytes] = []
        self.outcome = 'accepted'

    def carry(self, name: str, message: bytes, to: str) -> bytes:
        self.outcome = f'refused by {to}'
        self.arrived.append(self._change(name, message))
        return self.arrived[-1]

    def simpp2(self, client: handshake.Client, gateway: handshake.Gateway) -> None:
        gateway.read_m1(self.carry('M1', client.write_m1(), 'S'))
        client.read_m2(self.carry('M2', gateway.write_m2(), 'A'))
        gateway.read_m3(self.carry('M3', client.keys.seal_third(client.third_payload()), 'S'))

    def classic(self, client: classic.Client, gateway: classic.Gateway) -> None:
        r2 = gateway.r2(self.carry('r1', client.r1(), 'S'))
        r3 = client.r3(self.carry('r2', r2, 'A'))
        gateway.read_r3(self.carry('r3', r3, 'S'))
        s2 = gateway.s2(self.carry('s1', client.s1(), 'S'))
        s3 = client.s3(self.carry('s2', s2, 'A'))
        gateway.read_s3(self.carry('s3', s3, 'S'))


def bad_handshake(case: Case) -> None:
    """§5."""
    case.expect_digest()
    case.expect_true(case.name.startswith(f'{case.inputs.text("kind")}: '), 'the name says which kind it is')
    setting, tamper = handshake.read_setting(case.inputs), case.inputs.object('tamper')
    target, place = tamper.text('message'), tamper.number('at')
    run = _Run(lambda name, message: flipped(message, place) if name == target else message)
    who, reason = BAD_HANDSHAKES[case.name]
    expect_refusal(case, lambda: run.simpp2(handshake.Client(setting), handshake.Gateway(setting)), reason)
    case.expect_true(run.outcome == who, f'it is {who}')
    case.expect('outcome', run.outcome)
    case.expect('tampered', run.arrived[-1])


_NOT_PREPARED = ('refused by S', 'ID_A is not a prepared bare JID')
_NOT_BOUND = ('refused by S', 'ID_A is not the JID that the server bound')
_UNKNOWN = ('refused by S', 'the directory does not know this device')
_UNREDUCED = ('refused by S', 'an encapsulation key that is not reduced')
BAD_CLAIMS = {
    'guest: S2, h of another K_AS': ('refused by A', 'the hash of S2 is false'),
    'login: S2, h of another ID_A': ('refused by A', 'the hash of S2 is false'),
    'login: S2, h of another K_AS': ('refused by A', 'the hash of S2 is false'),
    'login: R2 in place of S2': ('refused by A', 'another tag'),
    'register: R2, h of another ID_A': ('refused by A', 'the hash of R2 is false'),
    'register: R2, h of another KU_A': ('refused by A', 'the hash of R2 is false'),
    'register: S2 in place of R2': ('refused by A', 'another tag'),
    'login: e1 has a coefficient of q': _UNREDUCED,
    'login: e1 has a coefficient of 4095': _UNREDUCED,
    'login: s is not on the curve': ('refused by S', 'not on the curve'),
    'guest: guests are refused': ('refused by S', 'guests are refused'),
    'login: the device is not listed': _UNKNOWN,
    'login: the device is listed with another id': _UNKNOWN,
    'login: the device is listed for another ID_A': _UNKNOWN,
    'login: ID_A is not the JID that the server bound': _NOT_BOUND,
    'register: ID_A is not the JID that the server bound': _NOT_BOUND,
    'register: ID_A is of another domain': ('refused by S', 'ID_A is of another domain'),
    'register: ID_A is of a subdomain': ('refused by S', 'ID_A is of another domain'),
    'register: ID_A is not in lower case': _NOT_PREPARED,
    'register: ID_A has a localpart that is not in lower case': _NOT_PREPARED,
    'register: ID_A has two @': _NOT_PREPARED,
    'register: ID_A has an empty localpart': _NOT_PREPARED,
    'register: ID_A has no localpart': _NOT_PREPARED,
    'register: ID_A has a resource': _NOT_PREPARED,
    'register: ID_A has a resource that ends like an address': _NOT_PREPARED,
    'register: ID_A ends with a dot': _NOT_PREPARED,
    'register: ID_A has a space': _NOT_PREPARED,
    'register: ID_A is not composed': _NOT_PREPARED,
    'register: ID_A has a letter of full width': _NOT_PREPARED,
    'register: ID_A has an A-label': _NOT_PREPARED,
    'register: the certificate and the list are for another ID_A': (
        'refused by S',
        'the certificate is of another JID',
    ),
    'register: the certificate is for another s': ('refused by S', 'the certificate is of another agreement key'),
    'register: the certificate has a KU_Ds that is not on the curve': ('refused by S', 'not on the curve'),
    'register: KU_A is not on the curve': ('refused by S', 'not on the curve'),
    'register: KU_A is of another account': ('refused by S', 'device list: a false signature'),
    'guest: S3, h of another R_S': ('refused by S', 'the hash of S3 is false'),
    'login: S3, h of another R_S': ('refused by S', 'the hash of S3 is false'),
    'login: R3 in place of S3': ('refused by S', 'another tag'),
    'register: S3 in place of R3': ('refused by S', 'another tag'),
    'register: R3 over the bare R_S': ('refused by S', 'a false signature'),
    'register: R3 over another R_S': ('refused by S', 'a false signature'),
    'register: R3 over another transcript': ('refused by S', 'a false signature'),
    "register: R3 by the device's signing key": ('refused by S', 'a false signature'),
    'register: R3 with a high s': ('refused by S', 'a signature with a high s'),
}


def bad_claim(case: Case) -> None:
    """§5.3, §5.4, §6.2."""
    case.expect_digest()
    case.expect_true(case.name.startswith(f'{case.inputs.text("kind")}: '), 'the name says which kind it is')
    forged = {part: from_hex(plaintext) for part, plaintext in case.inputs.raw('forged').items()}
    setting = handshake.read_setting(case.inputs, forged, handshake.read_knowledge(case.inputs.object('gateway')))
    client, gateway, run = handshake.Client(setting), handshake.Gateway(setting), _Run()
    who, reason = BAD_CLAIMS[case.name]
    expect_refusal(case, lambda: run.simpp2(client, gateway), reason)
    case.expect_true(run.outcome == who, f'it is {who}')
    case.expect('outcome', run.outcome)
    case.expect('messages', run.arrived)
    if case.name in R3_LIES:
        signature = decode('R3', forged['payload3'])['signature']
        R3_LIES[case.name](setting, gateway.keys.h3, signature)


def _over_the_bare_r_s(setting: handshake.Setting, h3: bytes, signature: bytes) -> None:
    assert setting.ku_a is not None
    verify(P256, setting.ku_a, setting.r_s, signature)


def _by_the_device(setting: handshake.Setting, h3: bytes, signature: bytes) -> None:
    assert setting.kr_ds is not None
    verify(P256, public_key(P256, setting.kr_ds), labelled('R3', setting.r_s, h3), signature)


def _with_a_high_s(setting: handshake.Setting, h3: bytes, signature: bytes) -> None:
    assert setting.ku_a is not None
    low = (P256.n - int.from_bytes(signature[32:], 'big')).to_bytes(32, 'big')
    verify(P256, setting.ku_a, labelled('R3', setting.r_s, h3), signature[:32] + low)


R3_LIES = {
    'register: R3 over the bare R_S': _over_the_bare_r_s,
    "register: R3 by the device's signing key": _by_the_device,
    'register: R3 with a high s': _with_a_high_s,
}


BAD_CLASSIC_HANDSHAKES = {
    'r1: KU_A is not on the curve': ('refused by S', 'not on the curve'),
    'r2: a byte of the IV: A signs another R_S': ('refused by S', 'a false signature'),
    'r2: a byte of the sealed R_S, and so one of the hash': ('refused by A', 'the hash of R2 is false'),
    'r3: a byte of the signature': ('refused by S', 'a false signature'),
    's1: the length of ID_A': ('refused by S', 'truncated'),
    's2: a byte of the IV: A hashes another R_S': ('refused by S', 'the hash of S3 is false'),
    's2: a byte of the sealed hash, in front of the padding': ('refused by A', 'the padding is false'),
    's3: a byte of the sealed hash, in front of the padding': ('refused by S', 'the padding is false'),
    'r1: ID_A is of another domain': ('refused by S', 'ID_A is of another domain'),
    'r1: ID_A is not in lower case': _NOT_PREPARED,
    'r1: ID_A has two @': _NOT_PREPARED,
    'r1: ID_A has an empty localpart': _NOT_PREPARED,
    'r1: ID_A has no localpart': _NOT_PREPARED,
    'r1: ID_A has a resource': _NOT_PREPARED,
    'r2: h of another ID_A': ('refused by A', 'the hash of R2 is false'),
    'r2: h of another KU_A': ('refused by A', 'the hash of R2 is false'),
    'r3: by another key': ('refused by S', 'a false signature'),
    'r3: over another R_S': ('refused by S', 'a false signature'),
    'r3: with a high s': ('refused by S', 'a signature with a high s'),
    's1: ID_A is nobody who is registered': ('refused by S', 'nobody of this name is registered'),
    's1: sealed under the K_A of another': ('refused by S', 'the padding is false'),
    's2: h of another ID_A': ('refused by A', 'the hash of S2 is false'),
    's2: h of another K_AS': ('refused by A', 'the hash of S2 is false'),
    's3: h of another R_S': ('refused by S', 'the hash of S3 is false'),
    's3: sealed under another K_AS': ('refused by S', 'the padding is false'),
    'r3: another KU_A is stored for ID_A': ('refused by S', 'another KU_A is stored for ID_A'),
}


def bad_classic_handshake(case: Case) -> None:
    """§10.1."""
    case.expect_digest()
    setting, tamper = classic.read_setting(case.inputs), case.inputs.object('tamper')
    run = _Run(_tampering(case, tamper) if tamper.json else lambda _, message: message)
    client, gateway = classic.Client(setting), classic.Gateway(setting)
    who, reason = BAD_CLASSIC_HANDSHAKES[case.name]
    expect_refusal(case, lambda: run.classic(client, gateway), reason)
    case.expect_true(run.outcome == who, f'it is {who}')
    case.expect('outcome', run.outcome)
    case.expect('messages', run.arrived)


def _tampering(case: Case, tamper: Inputs) -> Callable[[str, bytes], bytes]:
    target = tamper.text('message')
    case.expect_true(case.name.startswith(f'{target}: '), 'the name says which message is changed')
    if 'bytes' in tamper:
        instead = tamper.bytes('bytes')
        return lambda name, message: instead if name == target else message
    place = tamper.number('at')
    return lambda name, message: flipped(message, place) if name == target else message
