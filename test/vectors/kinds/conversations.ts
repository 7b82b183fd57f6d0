// A session from C3 on, and messages in it, with every choice fixed
// (docs/protocol.md §9.2 to §9.4).
import assert from 'node:assert/strict';
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { acceptSession } from '../../../shared/simpp/accept-session.ts';
import { beginSession } from '../../../shared/simpp/begin-session.ts';
import { openBundle } from '../../../shared/simpp/contact-bundle.ts';
import type { Content } from '../../../shared/simpp/end-to-end-messages.ts';
import { openPayload, readMessage, sealMessage, type StanzaAddress } from '../../../shared/simpp/message.ts';
import { openWrap, type OwnDevice, type Session } from '../../../shared/simpp/session.ts';
import { scriptedEntropy } from '../scripted-entropy.ts';
import {
  bytesOf,
  digestOf,
  fixedBytes,
  hex,
  listOf,
  numberOf,
  textOf,
  valuesOf,
  type Values,
  type VectorKind,
} from '../vector.ts';
import { alice, bob, bundleOf, now, oneTimeInputs, ownDeviceOf, ownKeysOf, prekeyInputs } from './two-people.ts';

const named = (name: string, length = 32): string => hex(fixedBytes(name, length));

function said(by: 'A' | 'B', id: string, envelope: string): Values {
  return {
    by,
    type: 'chat',
    id,
    senderListVersion: by === 'A' ? 7 : 12,
    senderListHash: named(`list of ${by}`),
    recipientListVersion: by === 'A' ? 12 : 7,
    recipientListHash: named('list of the other'),
    envelope: hex(utf8(envelope)),
    k: named(`k of ${id}`),
    salt: named(`salt of ${id}`, 16),
  };
}

const choices: Values = {
  x: named('x'),
  kemMessage: named('m of C3'),
  ratchetOfA: [named('first DHs of A'), named('second DHs of A')],
  ratchetOfB: [named('first DHs of B')],
};

/** Two before an answer, so that C3 is repeated; then each direction anew. */
const messages: readonly Values[] = [
  said('A', 'a1', "<envelope xmlns='urn:xmpp:sce:1'>Grüße</envelope>"),
  said('A', '', '<envelope>again</envelope>'),
  said('B', 'b1', '<envelope>an answer</envelope>'),
  said('A', 'a3', '<envelope>in a new chain, without C3</envelope>'),
];

export const setting = (oneTime: Values): Values => ({
  alice,
  bob,
  prekey: prekeyInputs,
  oneTime,
  now,
  choices,
  messages,
});

interface Side {
  readonly me: OwnDevice;
  readonly scalars: readonly Uint8Array[];
}

const scalarsOf = (inputs: Values, key: string): readonly Uint8Array[] => {
  const list = valuesOf(inputs, 'choices')[key];
  if (!Array.isArray(list)) throw new TypeError(`the vector lacks the list ${key}`);
  return list.map((_, at) => bytesOf({ [key]: list[at] }, key));
};

const addressOf = (message: Values, from: Side, to: Side): StanzaAddress => ({
  from: from.me.jid,
  to: to.me.jid,
  type: textOf(message, 'type'),
  id: textOf(message, 'id'),
});

const contentOf = (message: Values): Content => ({
  senderListVersion: numberOf(message, 'senderListVersion'),
  senderListHash: bytesOf(message, 'senderListHash'),
  recipientListVersion: numberOf(message, 'recipientListVersion'),
  recipientListHash: bytesOf(message, 'recipientListHash'),
  envelope: bytesOf(message, 'envelope'),
});

/** What came of the conversation: the first session of A, and every C6 with its digest. */
export function converse(inputs: Values) {
  const own = valuesOf(inputs, 'choices');
  const a: Side = { me: ownDeviceOf(valuesOf(inputs, 'alice')), scalars: scalarsOf(inputs, 'ratchetOfA') };
  const b: Side = { me: ownDeviceOf(valuesOf(inputs, 'bob')), scalars: scalarsOf(inputs, 'ratchetOfB') };
  const at = numberOf(inputs, 'now');
  const raw = bundleOf(valuesOf(inputs, 'bob'), valuesOf(inputs, 'prekey'), valuesOf(inputs, 'oneTime'));
  const { jid, kuA, list, devices } = openBundle(crypto, b.me.jid, raw, at);
  const bytesFor = (side: 'A' | 'B'): Uint8Array[] =>
    listOf(inputs, 'messages')
      .filter(({ by }) => by === side)
      .flatMap((message) => [bytesOf(message, 'k'), bytesOf(message, 'salt')]);
  const entropyOfA = scriptedEntropy({
    scalars: [bytesOf(own, 'x'), ...a.scalars],
    kemMessages: [bytesOf(own, 'kemMessage')],
    bytes: bytesFor('A'),
  });
  const contextOfA = { crypto, entropy: entropyOfA, now: at };
  const contextOfB = { crypto, entropy: scriptedEntropy({ scalars: b.scalars, bytes: bytesFor('B') }), now: at };
  const begun = beginSession(contextOfA, a.me, { jid, kuA, listVersion: list.version, device: devices[0]! });
  let ofA: Session = begun;
  let ofB: Session | undefined;
  const sealed = listOf(inputs, 'messages').map((message) => {
    const isByA = textOf(message, 'by') === 'A';
    const [from, to] = isByA ? [a, b] : [b, a];
    const session = isByA ? ofA : ofB;
    assert(session !== undefined, 'B speaks first');
    const address = addressOf(message, from, to);
    const out = sealMessage(isByA ? contextOfA : contextOfB, {
      ...address,
      deviceId: from.me.deviceId,
      content: contentOf(message),
      recipients: [session],
    });
    const { wrapFor, message: c6 } = readMessage(crypto, out.c6);
    const wrap = wrapFor(to.me.deviceId)!;
    const receiver = isByA ? ofB : ofA;
    const opened =
      receiver === undefined
        ? acceptSession(
            contextOfB,
            b.me,
            { fromJid: a.me.jid, senderDeviceId: a.me.deviceId, wrap },
            ownKeysOf(valuesOf(inputs, 'bob'), inputs),
          )
        : openWrap({ crypto }, receiver, wrap, () => undefined);
    assert.deepEqual(openPayload(crypto, c6, opened.plaintext, address), contentOf(message), 'B reads something else');
    if (isByA) [ofA, ofB] = [out.sessions[0]!, opened.session];
    else [ofA, ofB] = [opened.session, out.sessions[0]!];
    return out;
  });
  return { begun, raw, sealed };
}

export const conversations: VectorKind = {
  file: 'conversations',
  about:
    'Alice begins a session with the one device of Bob, they exchange messages in order. `ratchetOfA` and `ratchetOfB` are ' +
    'the private keys of their DH ratchet steps. `c3` and `signature` are what the first messages carry. `digests` are those of the messages, ' +
    '`digest` that of the inputs: z of the KEM seed shows nowhere else.',
  section: '9.2, 9.3, 9.4',
  inputs: [
    { name: 'with a one-time key', inputs: setting(oneTimeInputs) },
    { name: 'without a one-time key', inputs: setting({}) },
  ],
  derive(inputs) {
    const { begun, raw, sealed } = converse(inputs);
    const { prekey, oneTime } = raw.devices[0]!;
    return {
      list: hex(raw.list),
      prekey: hex(prekey!),
      oneTime: hex(oneTime!),
      sessionId: hex(begun.id),
      c3: hex(begun.c3!.encoded),
      signature: hex(begun.c3!.signature),
      messages: sealed.map(({ c6 }) => hex(c6)),
      digests: sealed.map(({ digest }) => hex(digest)),
      digest: digestOf(inputs),
    };
  },
};
