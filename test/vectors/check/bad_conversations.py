"""Checks of first messages that must not be read: §9.2, §9.4."""

from __future__ import annotations

from . import message, session
from .bundles import sign_prekey
from .case import Case, Inputs, Refused, Script
from .codec import decode
from .refusal import expect_refusal

_ANOTHER_SESSION, _FALSE_TAG = 'another session id', 'the tag is false'
_NO_WRAP, _ANOTHER_PAYLOAD = 'no wrap for this device', 'the wrap is bound to another payload'
BAD_CONVERSATIONS = {
    'the prekey is gone': 'the prekey is gone',
    'the one-time key is gone': 'the one-time key is gone',
    "the certificate's date is over": 'certificate: not valid any more',
    'the list does not name the certificate': 'certificate: not listed',
    'the list is signed by another': 'device list: a false signature',
    'KU_A is of another account': 'device list: a false signature',
    'C3 is of another JID': 'C3 of another JID',
    'C6 names another device': 'C3 of another device',
    'the signature is by another key': 'a false signature',
    'the signature is missing': 'no signature in the wrap',
    'DH1 is of another agreement key': _FALSE_TAG,
    'a byte of G_x': _ANOTHER_SESSION,
    'a byte of ct': _ANOTHER_SESSION,
    'another version of the list of B': _ANOTHER_SESSION,
    'no one-time key instead of one': _ANOTHER_SESSION,
    'another session id': _ANOTHER_SESSION,
    'a byte of the header': _FALSE_TAG,
    'a byte of what is sealed': _FALSE_TAG,
    'the wrap is for another device': _NO_WRAP,
    'no wrap': _NO_WRAP,
    'a byte of the payload': _ANOTHER_PAYLOAD,
    'a byte of the commitment': _ANOTHER_PAYLOAD,
    'another payload under the same key': _ANOTHER_PAYLOAD,
    'a commitment to another key': 'the key is not the one committed to',
    'a payload that is no Content': 'another tag',
    'another type': _FALSE_TAG,
    'another id': _FALSE_TAG,
}


def _keeper(inputs: Inputs) -> session.Keeper:
    """Bob's device with the private parts of what it has published."""
    bob = session.read_person(inputs.object('bob'))
    prekey, one_time = inputs.object('prekey'), inputs.object('oneTime')
    body = decode('PrekeyBody', decode('Signed', sign_prekey(bob, prekey))['body'])
    has_one_time = bool(one_time.json)
    return session.Keeper(
        bob,
        body,
        prekey.bytes('y'),
        prekey.bytes('kemSeed'),
        one_time.number('id') if has_one_time else 0,
        one_time.bytes('secret') if has_one_time else b'',
    )


def bad_conversation(case: Case) -> None:
    """§9.2, §9.4."""
    case.expect_digest()
    inputs = case.inputs
    keeper, now, sender, encoded = _keeper(inputs), inputs.number('now'), inputs.text('from'), inputs.bytes('c6')
    stanza = message.Stanza(sender, keeper.person.jid, inputs.text('type'), inputs.text('id'))

    def read() -> None:
        c6 = decode('C6', encoded)
        wraps = [wrap for wrap in c6['wraps'] if decode('Wrap', wrap)['deviceId'] == keeper.person.device_id]
        if not wraps:
            raise Refused('no wrap for this device')
        plaintext, _ = session.accept(keeper, sender, c6['deviceId'], wraps[0], now, Script([]))
        message.open_payload(c6, plaintext, stanza)

    expect_refusal(case, read, BAD_CONVERSATIONS[case.name])
    case.expect('refused', True)
