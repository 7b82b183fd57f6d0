// First messages that Bob's device must not read (docs/protocol.md §9.2, §9.4):
// made by somebody who lies, or changed on the way.
import { concat } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { acceptSession } from '../../../shared/simpp/accept-session.ts';
import { beginSession } from '../../../shared/simpp/begin-session.ts';
import { certificateHash, signCertificate, signDeviceList } from '../../../shared/simpp/certificate.ts';
import { openBundle } from '../../../shared/simpp/contact-bundle.ts';
import { SimppError } from '../../../shared/errors.ts';
import {
  c3 as c3Message,
  c6 as c6Message,
  content as contentMessage,
  wrap as wrapMessage,
  type C3,
  type C6,
  type Wrap,
} from '../../../shared/simpp/end-to-end-messages.ts';
import { labelled } from '../../../shared/simpp/labels.ts';
import { openPayload, readMessage, sealMessage, type StanzaAddress } from '../../../shared/simpp/message.ts';
import { certificateBody, deviceListBody, signedObject } from '../../../shared/simpp/messages.ts';
import { sealWrap, type OwnDevice, type Session } from '../../../shared/simpp/session.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  fixedBytes,
  hex,
  numberOf,
  refusal,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';
import { alice, bob, bundleOf, now, oneTimeInputs, ownDeviceOf, ownKeysOf, prekeyInputs } from './two-people.ts';

const a = ownDeviceOf(alice);
const b = ownDeviceOf(bob);
const mallory = crypto.p256.privateKey(fixedBytes('M', 32));
const address: StanzaAddress = { from: a.jid, to: b.jid, type: 'chat', id: 'a1' };
const k = fixedBytes('k of a1', 32);
const content = {
  senderListVersion: 7,
  senderListHash: fixedBytes('list of A', 32),
  recipientListVersion: 12,
  recipientListHash: fixedBytes('list of the other', 32),
  envelope: fixedBytes('envelope', 60),
};

const entropy = () =>
  scriptedEntropy({
    scalars: [fixedBytes('x', 32), fixedBytes('first DHs of A', 32)],
    kemMessages: [fixedBytes('m of C3', 32)],
    bytes: [],
  });
const salted = (...bytes: readonly Uint8Array[]) =>
  scriptedEntropy({ bytes: [...bytes, fixedBytes('salt of a1', 16)] });

/** A session that A begins with Bob's device. */
function begin(me: OwnDevice = a): Session {
  const bundle = openBundle(crypto, b.jid, bundleOf(bob, prekeyInputs, oneTimeInputs), now);
  const { jid, kuA, list, devices } = bundle;
  const peer = { jid, kuA, listVersion: list.version, device: devices[0]! };
  return beginSession({ crypto, entropy: entropy(), now }, me, peer);
}

/** The C6 of this session; all is in order but what the session brings. */
function c6Of(session: Session, deviceId = a.deviceId): Uint8Array {
  const message = { ...address, deviceId, content, recipients: [session] };
  return sealMessage({ crypto, entropy: salted(k) }, message).c6;
}

const good = c6Of(begin());
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes.at(at)! ^ 1);
const bodyOf = (signed: Uint8Array): Uint8Array => signedObject.decode(signed).body;

const changed = (change: (message: C6) => Partial<C6>): Uint8Array => {
  const message = c6Message.decode(good);
  return c6Message.encode({ ...message, ...change(message) });
};
const changedWrap = (change: (wrap: Wrap) => Partial<Wrap>): Uint8Array =>
  changed(({ wraps }) => {
    const wrap = wrapMessage.decode(wraps[0]!);
    return { wraps: [wrapMessage.encode({ ...wrap, ...change(wrap) })] };
  });
const changedC3 = (change: (c3: C3) => Partial<C3>): Uint8Array =>
  changedWrap((wrap) => {
    const c3 = c3Message.decode(wrap.c3);
    return { c3: c3Message.encode({ ...c3, ...change(c3) }) };
  });

const zeroNonce = new Uint8Array(12);
const payloadData = labelled(
  'payload-data',
  ...[address.from, address.to, address.type, address.id].map((text) => Buffer.from(text)),
);
const sealedPayload = (key: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const payloadKey = crypto.aes256Gcm.key(crypto.hkdfExpand(key, labelled('payload'), 32));
  return crypto.aes256Gcm.seal(payloadKey, zeroNonce, payloadData, plaintext);
};

/** A C6 whose wrap is bound to `bound`, whatever payload it carries. */
function forged(parts: { payload: Uint8Array; bound?: Uint8Array; committed?: Uint8Array }): Uint8Array {
  const { payload, bound = payload, committed = k } = parts;
  const commitment = crypto.hkdfExpand(committed, labelled('commit'), 32);
  const binding = crypto.sha256(labelled('c6-binding', a.deviceId, commitment, crypto.sha256(bound)));
  const { wrap } = sealWrap({ crypto, entropy: salted() }, begin(), concat(k, binding));
  return c6Message.encode({ deviceId: a.deviceId, commitment, wraps: [wrap], payload });
}

/** Alice with another certificate, in a list of her own. */
function withCertificate(changes: Partial<ReturnType<typeof certificateBody.decode>>, isListed = true): OwnDevice {
  const krA = crypto.p256.privateKey(bytesOf(alice, 'krA'));
  const certificate = signCertificate(crypto, krA, { ...certificateBody.decode(bodyOf(a.certificate)), ...changes });
  const certificateName = certificateHash(crypto, certificate);
  const list = signDeviceList(crypto, krA, {
    ...deviceListBody.decode(bodyOf(a.list)),
    certificates: [isListed ? certificateName : a.certificateName],
  });
  return { ...a, certificate, certificateName, list };
}

const item = (name: string, c6: Uint8Array, changes: Values = {}): { name: string; inputs: Values } => ({
  name,
  inputs: {
    bob,
    prekey: prekeyInputs,
    oneTime: oneTimeInputs,
    now,
    from: a.jid,
    type: address.type,
    id: address.id,
    c6: hex(c6),
    ...changes,
  },
});

function lies(): { name: string; inputs: Values }[] {
  const plaintext = contentMessage.encode(content);
  const payload = sealedPayload(k, plaintext);
  const other = sealedPayload(k, contentMessage.encode({ ...content, envelope: fixedBytes('another', 60) }));
  const unsigned = begin();
  return [
    item('the prekey is gone', good, { prekey: { ...prekeyInputs, id: 1 } }),
    item('the one-time key is gone', good, { oneTime: {} }),
    item("the certificate's date is over", c6Of(begin(withCertificate({ notAfter: now - 2 * 86_400 - 1 })))),
    item('the list does not name the certificate', c6Of(begin(withCertificate({ notAfter: now }, false)))),
    item('the list is signed by another', c6Of(begin({ ...a, list: otherList() }))),
    item('KU_A is of another account', c6Of(begin({ ...a, kuA: mallory.publicKey.bytes }))),
    item('C3 is of another JID', good, { from: 'mallory@example.test' }),
    item('C6 names another device', c6Of(begin(), fixedBytes('another device id', 16))),
    item('the signature is by another key', c6Of(begin({ ...a, signing: mallory }))),
    item('the signature is missing', c6Of({ ...unsigned, c3: { ...unsigned.c3!, signature: new Uint8Array(0) } })),
    item('DH1 is of another agreement key', c6Of(begin({ ...a, agreement: mallory }))),
    item(
      'a byte of G_x',
      changedC3(({ gX }) => ({ gX: flipped(gX, -1) })),
    ),
    item(
      'a byte of ct',
      changedC3(({ ct }) => ({ ct: flipped(ct, 7) })),
    ),
    item(
      'another version of the list of B',
      changedC3(() => ({ recipientListVersion: 11 })),
    ),
    item(
      'no one-time key instead of one',
      changedC3(() => ({ oneTimeId: 0 })),
    ),
    item(
      'another session id',
      changedWrap(({ sessionId }) => ({ sessionId: flipped(sessionId, 0) })),
    ),
    item(
      'a byte of the header',
      changedWrap(({ header }) => ({ header: flipped(header, -1) })),
    ),
    item(
      'a byte of what is sealed',
      changedWrap(({ sealed }) => ({ sealed: flipped(sealed, 40) })),
    ),
    item(
      'the wrap is for another device',
      changedWrap(() => ({ deviceId: a.deviceId })),
    ),
    item(
      'no wrap',
      changed(() => ({ wraps: [] })),
    ),
    item(
      'a byte of the payload',
      changed((message) => ({ payload: flipped(message.payload, 0) })),
    ),
    item(
      'a byte of the commitment',
      changed(({ commitment }) => ({ commitment: flipped(commitment, 0) })),
    ),
    item('another payload under the same key', forged({ payload: other, bound: payload })),
    item('a commitment to another key', forged({ payload, committed: fixedBytes('another k', 32) })),
    item('a payload that is no Content', forged({ payload: sealedPayload(k, plaintext.with(0, 0x53)) })),
    item('another type', good, { type: 'normal' }),
    item('another id', good, { id: 'a2' }),
  ];
}

const otherList = (): Uint8Array => signDeviceList(crypto, mallory, deviceListBody.decode(bodyOf(a.list)));

/** What Bob's device does with the first message of a session. */
function readFirst(inputs: Values): void {
  const me = ownDeviceOf(valuesOf(inputs, 'bob'));
  const from = textOf(inputs, 'from');
  const { message, wrapFor } = readMessage(crypto, bytesOf(inputs, 'c6'));
  const wrap = wrapFor(me.deviceId);
  if (wrap === undefined) throw new SimppError('unreadable');
  const opened = acceptSession(
    { crypto, entropy: scriptedEntropy({}), now: numberOf(inputs, 'now') },
    me,
    { fromJid: from, senderDeviceId: message.deviceId, wrap },
    ownKeysOf(valuesOf(inputs, 'bob'), inputs),
  );
  openPayload(crypto, message, opened.plaintext, {
    from,
    to: me.jid,
    type: textOf(inputs, 'type'),
    id: textOf(inputs, 'id'),
  });
}

readFirst(item('what is in order', good).inputs);

export const badConversations: VectorKind = {
  file: 'bad-conversations',
  about: "First messages of a session that Bob's device refuses at the time `now`; nothing is stored or erased.",
  section: '9.2, 9.4',
  inputs: lies(),
  derive: (inputs) => refusal(inputs, () => readFirst(inputs)),
};
