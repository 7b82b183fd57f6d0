"""Checks of the files about C3 to C7 of the classic profile: §10.3."""

from __future__ import annotations

from typing import Callable

from . import classic
from .case import Case, Mismatch
from .codec import decode
from .curves import CURVES, P224, decode_point, public_key
from .refusal import expect_refusal

CLASSIC_CONVERSATIONS = {f'on {curve.name}': curve for curve in classic.TALKING_CURVES}


class _ClassicRun:
    """C3 to C7, what arrives of them, and whose turn it is to refuse one."""

    def __init__(self, case: Case, change: Callable[[str, bytes], bytes] = lambda _, message: message) -> None:
        inputs = case.inputs
        name = inputs.text('curve')
        if name not in CURVES:
            raise Mismatch(f'no curve: {name}')
        self.curve = CURVES[name]
        kr_a, kr_b = inputs.bytes('krA'), inputs.bytes('krB')
        self._a = classic.Talker(kr_a, public_key(P224, kr_b), self.curve, inputs.bytes('x'))
        self._b = classic.Talker(kr_b, public_key(P224, kr_a), self.curve, inputs.bytes('y'))
        self._data = {name: inputs.bytes(f'data{name.upper()}') for name in ('c6', 'c7')}
        self._ivs = {name: inputs.bytes(f'iv{name.upper()}') for name in ('c6', 'c7')}
        self._change = change
        self.arrived: dict[str, bytes] = {}
        self.outcome = 'over'

    def _carry(self, name: str, message: bytes, to: str) -> bytes:
        self.outcome = f'refused by {to}'
        self.arrived[name] = self._change(name, message)
        return self.arrived[name]

    def run(self) -> None:
        key_of_b = self._b.agree('classic C3', self._carry('c3', self._a.offer('classic C3'), 'B'))
        self.k_ab = self._a.agree('classic C4', self._carry('c4', self._b.offer('classic C4'), 'A'))
        for name, sender, receiver, to in (('c6', self.k_ab, key_of_b, 'B'), ('c7', key_of_b, self.k_ab, 'A')):
            sealed = classic.seal_message(sender, self._ivs[name], self._data[name])
            assert classic.open_message(receiver, self._carry(name, sealed, to)) == self._data[name]
        self.outcome = 'over'


def classic_conversation(case: Case) -> None:
    """§10.3."""
    run = _ClassicRun(case)
    run.run()
    case.expect_true(run.curve is CLASSIC_CONVERSATIONS[case.name], 'the name says which curve it is')
    for name, message in run.arrived.items():
        case.expect(name, message)
    case.expect('kAB', run.k_ab)
    decode_point(run.curve, decode('classic C3', run.arrived['c3'])['gX'])


_CLASSIC_LIES = {
    'c3: a byte of G_x': ('refused by B', 'a false signature'),
    'c3: by another key': ('refused by B', 'a false signature'),
    'c3: with a high s': ('refused by B', 'a signature with a high s'),
    'c3: on the other curve': ('refused by B', 'another curve'),
    'c3: signed, but not on the curve': ('refused by B', 'not on the curve'),
    'c4: a byte of G_y': ('refused by A', 'a false signature'),
    'c4: C3 comes back': ('refused by A', 'another tag'),
    'c4: G_x comes back': ('refused by A', 'a false signature'),
    'c4: on the other curve': ('refused by A', 'another curve'),
    'c4: signed, but not on the curve': ('refused by A', 'not on the curve'),
    'c6: a byte of the IV': ('refused by B', 'the MAC is false'),
    'c6: a byte of the ciphertext': ('refused by B', 'the MAC is false'),
    'c6: a byte of the MAC': ('refused by B', 'the MAC is false'),
    'c6: under another K_AB': ('refused by B', 'the MAC is false'),
}
BAD_CLASSIC_CONVERSATIONS = {
    f'{curve.name}: {name}': lie for curve in classic.TALKING_CURVES for name, lie in _CLASSIC_LIES.items()
}


def bad_classic_conversation(case: Case) -> None:
    """§10.3."""
    case.expect_digest()
    tamper = case.inputs.object('tamper')
    target, instead = tamper.text('message'), tamper.bytes('bytes')
    run = _ClassicRun(case, lambda name, message: instead if name == target else message)
    case.expect_true(case.name.startswith(f'{run.curve.name}: {target}: '), 'the name says what is changed')
    who, reason = BAD_CLASSIC_CONVERSATIONS[case.name]
    expect_refusal(case, run.run, reason)
    case.expect_true(run.outcome == who, f'it is {who}')
    case.expect('outcome', run.outcome)
    case.expect('messages', list(run.arrived.values()))
