"""Checks of the files about what people say to each other: §9.2 to §9.6."""

from __future__ import annotations

from . import bundle, message, session, verification
from .bundles import sign_one_time, sign_prekey
from .case import Case, Inputs, Mismatch, Script
from .codec import Values, decode, encode
from .primitives import sha256

VERIFICATIONS = {'alice begins': False, 'digits with leading zeros': True}


def short_string(case: Case) -> None:
    """§9.6."""
    inputs = case.inputs
    a, b = (inputs.text('jidA'), inputs.bytes('kuA')), (inputs.text('jidB'), inputs.bytes('kuB'))
    n_a, n_b = inputs.bytes('nA'), inputs.bytes('nB')
    case.expect('commitment', verification.commitment(n_a))
    shown_by_a, shown_by_b = verification.digits(inputs.text('id'), a, b, n_a, n_b)
    case.expect('shownByA', shown_by_a)
    case.expect('shownByB', shown_by_b)
    case.expect_true(shown_by_b.startswith('00') == VERIFICATIONS[case.name], 'the name says whether zeros lead')


CONVERSATIONS = {'with a one-time key': True, 'without a one-time key': False}


class Pair:
    """Alice and Bob with one device each, and the session that Alice begins."""

    def __init__(self, inputs: Inputs) -> None:
        self.alice, self.bob = (session.read_person(inputs.object(name)) for name in ('alice', 'bob'))
        self.now = inputs.number('now')
        prekey, one_time, choices = (inputs.object(name) for name in ('prekey', 'oneTime', 'choices'))
        account = self.bob.account
        self.prekey = sign_prekey(self.bob, prekey)
        self.has_one_time = bool(one_time.json)
        self.one_time = sign_one_time(self.bob, one_time) if self.has_one_time else b''
        listed = bundle.accept_bundle_list(self.bob.jid, account.ku_a, account.device_list, 1, self.now)
        raw = bundle.RawDevice(account.certificate, self.prekey, self.one_time, b'')
        device = bundle.accept_device(account.ku_a, listed, raw, self.now)
        known = session.named(self.bob)
        self.begun = session.begin(self.alice, known, device, choices.bytes('x'), choices.bytes('kemMessage'))
        self.keeper = session.Keeper(
            self.bob,
            device.prekey,
            prekey.bytes('y'),
            prekey.bytes('kemSeed'),
            one_time.number('id') if self.has_one_time else 0,
            one_time.bytes('secret') if self.has_one_time else b'',
        )
        self.fresh = {end: Script(choices.list(f'ratchetOf{end}')) for end in 'AB'}
        g_y = device.prekey['gY']
        self.ratchets = {'A': session.Ratchet.of_a(self.begun.k_ab, g_y, self.fresh['A'])}
        self._answered = False

    def speak(self, inputs: Inputs) -> tuple[bytes, message.Stanza, Values]:
        """The C6 that one of them sends, the stanza around it, and the content."""
        by = inputs.text('by')
        if by not in self.ratchets:
            raise Mismatch('only A, or B once it has a session, can speak')
        sender, recipient = (self.alice, self.bob) if by == 'A' else (self.bob, self.alice)
        stanza = message.Stanza(sender.jid, recipient.jid, inputs.text('type'), inputs.text('id'))
        content = {
            'senderListVersion': inputs.number('senderListVersion'),
            'senderListHash': inputs.bytes('senderListHash'),
            'recipientListVersion': inputs.number('recipientListVersion'),
            'recipientListHash': inputs.bytes('recipientListHash'),
            'envelope': inputs.bytes('envelope'),
        }
        k, salt = inputs.bytes('k'), inputs.bytes('salt')
        payload = message.seal_payload(k, stanza, content)
        inner = k + message.binding(sender.device_id, message.commitment(k), payload)
        brings_c3 = by == 'A' and not self._answered
        if brings_c3:
            inner += self.begun.signature
        header, sealed = self.ratchets[by].seal(self.begun.id, inner, salt)
        wrap = encode(
            'Wrap',
            deviceId=recipient.device_id,
            sessionId=self.begun.id,
            header=header,
            c3=self.begun.c3 if brings_c3 else b'',
            sealed=sealed,
        )
        c6 = encode(
            'C6', deviceId=sender.device_id, commitment=message.commitment(k), wraps=[wrap], payload=payload
        )
        self._answered = self._answered or by == 'B'
        return c6, stanza, content

    def read(self, by: str, c6: bytes, stanza: message.Stanza) -> Values:
        """What the other one reads."""
        fields = decode('C6', c6)
        wrap = decode('Wrap', fields['wraps'][0])
        if by == 'A' and 'B' not in self.ratchets:
            sender, device_id = self.alice.jid, fields['deviceId']
            plaintext, self.ratchets['B'] = session.accept(
                self.keeper, sender, device_id, fields['wraps'][0], self.now, self.fresh['B']
            )
        else:
            ratchet = self.ratchets['B' if by == 'A' else 'A']
            plaintext = ratchet.open(self.begun.id, wrap['header'], wrap['sealed'])[: session.PLAINTEXT_LENGTH]
        return message.open_payload(fields, plaintext, stanza)


def conversation(case: Case) -> None:
    """§9.2, §9.3, §9.4."""
    case.expect_digest()
    pair = Pair(case.inputs)
    case.expect_true(pair.has_one_time == CONVERSATIONS[case.name], 'the name says whether there is a one-time key')
    case.expect('list', pair.bob.account.device_list)
    case.expect('prekey', pair.prekey)
    case.expect('oneTime', pair.one_time)
    case.expect('sessionId', pair.begun.id)
    case.expect('c3', pair.begun.c3)
    case.expect('signature', pair.begun.signature)
    sent = []
    for said in case.inputs.objects('messages'):
        c6, stanza, content = pair.speak(said)
        case.expect_true(pair.read(said.text('by'), c6, stanza) == content, 'the other one reads what was said')
        sent.append(c6)
    case.expect('messages', sent)
    case.expect('digests', [sha256(c6) for c6 in sent])
    case.expect_true(not any(script.left for script in pair.fresh.values()), 'every private key was used')
