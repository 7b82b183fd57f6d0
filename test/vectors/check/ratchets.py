"""Checks of the files about the ratchet alone: §9.3."""

from __future__ import annotations

from .case import Case, Inputs, Mismatch, Script
from .curves import P256, public_key
from .ratchet import Ratchet
from .refusal import expect_refusal

RATCHETS = ('in order', 'late, over a step of the ratchet')
_FALSE_TAG, _READ = 'the tag is false', 'read before, or skipped too long ago'
BAD_RATCHETS = {
    'a byte of the sealed key': _FALSE_TAG,
    'a byte of the tag': _FALSE_TAG,
    'a byte of the salt': _FALSE_TAG,
    'another number': _FALSE_TAG,
    'the length of the previous chain': _FALSE_TAG,
    'a DHs that is not on the curve': 'not on the curve',
    'a DHs of another': _FALSE_TAG,
    '1001 messages skipped': 'too many skipped',
    'a header with a byte more': 'trailing bytes',
    'read twice': _READ,
    'read late, and twice': _READ,
    'back to its sender': _FALSE_TAG,
}


class _Exchange:
    """Two ends of a ratchet, and what they do one after the other."""

    def __init__(self, inputs: Inputs) -> None:
        k_ab, y = inputs.bytes('kAB'), inputs.bytes('y')
        self.fresh = {end: Script(inputs.list(f'ratchetOf{end}')) for end in 'AB'}
        self._session_id = inputs.bytes('sessionId')
        self._ends = {
            'A': Ratchet.of_a(k_ab, public_key(P256, y), self.fresh['A']),
            'B': Ratchet.of_b(k_ab, y, self.fresh['B']),
        }
        self.sealed: list[tuple[bytes, bytes]] = []
        self.opened: list[bytes] = []

    def act(self, action: Inputs) -> None:
        end = self._ends.get(action.text('by'))
        if end is None:
            raise Mismatch('an end is A or B')
        if 'seals' in action:
            self.sealed.append(end.seal(self._session_id, action.bytes('seals'), action.bytes('salt')))
            return
        if 'opens' in action:
            which = action.number('opens')
            if not 0 <= which < len(self.sealed):
                raise Mismatch('nothing of this number was sealed')
            header, sealed = self.sealed[which]
        else:
            header, sealed = action.bytes('header'), action.bytes('sealed')
        self.opened.append(end.open(self._session_id, header, sealed))


def ratchet(case: Case) -> None:
    """§9.3."""
    exchange = _Exchange(case.inputs)
    for action in case.inputs.objects('actions'):
        exchange.act(action)
    case.expect('headers', [header for header, _ in exchange.sealed])
    case.expect('sealed', [sealed for _, sealed in exchange.sealed])
    case.expect('opened', exchange.opened)
    case.expect_true(not any(script.left for script in exchange.fresh.values()), 'every private key was used')


def bad_ratchet(case: Case) -> None:
    """§9.3."""
    case.expect_digest()
    exchange = _Exchange(case.inputs)
    *before, last = case.inputs.objects('actions')
    for action in before:
        exchange.act(action)
    expect_refusal(case, lambda: exchange.act(last), BAD_RATCHETS[case.name])
    case.expect('opened', exchange.opened)
    case.expect('refused', True)
