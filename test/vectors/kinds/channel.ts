// Records, rekeying, mixing, control records: and what must not open.
import { utf8 } from '../../../shared/bytes.ts';
import { nobleCrypto as crypto } from '../../../shared/crypto/noble.ts';
import { Channel, type ChannelEvent, type ChannelRole } from '../../../shared/simpp/channel.ts';
import { enrol, enrolRefused, goodbye, identity, padControl, readControl } from '../../../shared/simpp/control.ts';
import type { Session } from '../../../shared/simpp/handshake.ts';
import { gcmProtection } from '../../../shared/simpp/protection.ts';
import {
  bytesOf,
  fixedBytes,
  hex,
  refusal,
  roleOf,
  textOf,
  type Json,
  type Values,
  type VectorKind,
} from '../vector.ts';
import { sampleOfMessage } from './codec.ts';

const recordKey = hex(fixedBytes('record key', 32));
/** The direction that a case is not about has a key of its own. */
const otherKey = new Uint8Array(32);

/** A session whose direction from `role` has the case's record key. */
function sessionOf(inputs: Values, role: ChannelRole): Session {
  const key = bytesOf(inputs, 'recordKey');
  return {
    kAS: new Uint8Array(32),
    binding: new Uint8Array(32),
    client: gcmProtection(crypto, role === 'client' ? key : otherKey),
    gateway: gcmProtection(crypto, role === 'gateway' ? key : otherKey),
  };
}

const opposite = (role: ChannelRole): ChannelRole => (role === 'client' ? 'gateway' : 'client');

/** One thing that an end does: `data` (hex), `control` (an encoded message), `mix` (K_AS), or `close`. */
type Action = { readonly [kind in 'data' | 'control' | 'mix' | 'close']?: string };

function actionsOf(inputs: Values): readonly Action[] {
  // The shape is that of the inputs below; a case that differs fails in act().
  return inputs['actions'] as unknown as readonly Action[];
}

function act(channel: Channel, action: Action): Uint8Array {
  if (action.data !== undefined) return channel.sealData(bytesOf({ data: action.data }, 'data'));
  if (action.control !== undefined) return channel.sealControl(bytesOf({ control: action.control }, 'control'));
  if (action.mix !== undefined) {
    channel.mixSending(bytesOf({ mix: action.mix }, 'mix'));
    return new Uint8Array(0);
  }
  if (action.close !== '') throw new TypeError('an action of a vector is unknown');
  return channel.sealClose();
}

const actions: readonly Json[] = [
  { data: hex(utf8("<?xml version='1.0'?><stream:stream to='example.test'>")) },
  { data: '' },
  { control: hex(enrolRefused.encode({})) },
  { data: hex(fixedBytes('two records', 16_385)) },
  { mix: hex(fixedBytes('K_AS of an enrolment', 32)) },
  { data: hex(utf8('the first record under the mixed key')) },
  { close: '' },
];

export const records: VectorKind = {
  file: 'records',
  about:
    'What one end does, in order, and the bytes on the wire after each action. `mix` sends nothing and changes the key; ' +
    '`rekeyedProbe` is the text "the first record after a rekey" with the header "hdr", sealed as record 0 under the key after `recordKey`.',
  section: '7, 6.2',
  inputs: ['client', 'gateway'].map((role) => ({ name: `from the ${role}`, inputs: { role, recordKey, actions } })),
  derive(inputs) {
    const role = roleOf(inputs);
    const session = sessionOf(inputs, role);
    const sender = new Channel(session, role);
    const receiver = new Channel(session, opposite(role));
    const wire = actionsOf(inputs).map((action) => {
      const sent = act(sender, action);
      receiver.push(sent);
      if (action.mix !== undefined) receiver.mixReceiving(bytesOf({ mix: action.mix }, 'mix'));
      const received: ChannelEvent[] = [];
      for (let event = receiver.next(); event !== undefined; event = receiver.next()) received.push(event);
      if (sent.length > 0 && received.length === 0) throw new Error('a sealed record did not open');
      return hex(sent);
    });
    const key = bytesOf(inputs, 'recordKey');
    const probe = gcmProtection(crypto, key).rekeyed().seal(0, utf8('hdr'), utf8('the first record after a rekey'));
    return { wire, rekeyedProbe: hex(probe) };
  },
};

/** Changes to the wire of three data records, and what a receiver must say to it. */
const attacks: readonly Values[] = [
  { what: 'a bit of the ciphertext', record: 1, at: 5 },
  { what: 'a bit of the tag', record: 1, at: -1 },
  { what: 'the type', record: 1, at: 0 },
  { what: 'the length', record: 1, at: 2 },
  { what: 'swapped', order: [1, 0, 2] },
  { what: 'replayed', order: [0, 0, 1] },
  { what: 'left out', order: [0, 2] },
  { what: 'reflected to its sender', reflect: true },
];

export const badRecords: VectorKind = {
  file: 'bad-records',
  about:
    'Three data records "one", "two", "three" from the client, changed on the wire: the byte `at` of `record` is XORed with 1, ' +
    'or the records come in `order`, or go back to their sender. `delivered` is what is delivered before the channel dies.',
  section: '7',
  inputs: attacks.map((attack) => ({ name: textOf(attack, 'what'), inputs: { recordKey, attack } })),
  derive(inputs) {
    const attack = inputs['attack'] as Values;
    const session = sessionOf(inputs, 'client');
    const sender = new Channel(session, 'client');
    const receiver = new Channel(session, attack['reflect'] === true ? 'client' : 'gateway');
    const sent = ['one', 'two', 'three'].map((word) => sender.sealData(utf8(word)));
    const order = Array.isArray(attack['order']) ? attack['order'] : [0, 1, 2];
    const delivered: string[] = [];
    const refused = refusal(inputs, () => {
      for (const which of order) {
        const record = sent[Number(which)]!;
        const at = Number(attack['at']);
        receiver.push(which === attack['record'] ? record.with(at, record.at(at)! ^ 1) : record);
        for (let event = receiver.next(); event !== undefined; event = receiver.next()) {
          if (event.kind === 'data') delivered.push(hex(event.bytes));
        }
      }
    });
    return { delivered, ...refused };
  },
};

/** An Enrol that has this many bytes with its tag and the length of its field. */
const enrolOf = (length: number): Uint8Array =>
  enrol.encode({ handshake: fixedBytes(`handshake of ${length}`, length - 3) });

/** C1 and C2, and what keeps the directory up to date. */
const directoryMessages = [
  'Publish',
  'OneTimeKeys',
  'Published',
  'Fetch',
  'Entry',
  'EntryDevice',
  'Changed',
  'classic C1 request',
  'classic C1 answer',
];

export const controls: VectorKind = {
  file: 'control',
  about: 'Control messages as the plaintext of their record.',
  section: '8',
  inputs: [
    { name: 'Enrol', inputs: { message: hex(enrol.encode({ handshake: fixedBytes('handshake', 1300) })) } },
    { name: 'Enrol: 510 bytes, one block', inputs: { message: hex(enrolOf(510)) } },
    { name: 'Enrol: 511 bytes, two blocks', inputs: { message: hex(enrolOf(511)) } },
    { name: 'EnrolRefused', inputs: { message: hex(enrolRefused.encode({})) } },
    {
      name: 'Identity',
      inputs: {
        message: hex(identity.encode({ jid: 'alice@example.test', status: 1, listVersion: 7, stateEpoch: 3 })),
      },
    },
    { name: 'Goodbye', inputs: { message: hex(goodbye.encode({ reason: 0, text: 'The server cannot be reached.' })) } },
    ...directoryMessages.map((name) => ({ name, inputs: { message: hex(sampleOfMessage(name)) } })),
  ],
  derive(inputs) {
    const padded = padControl(bytesOf(inputs, 'message'));
    readControl(padded);
    return { padded: hex(padded) };
  },
};

const paddings = (): { name: string; inputs: Values }[] => {
  const good = padControl(enrolRefused.encode({}));
  const item = (name: string, plaintext: Uint8Array) => ({ name, inputs: { plaintext: hex(plaintext) } });
  return [
    item('nothing', new Uint8Array(0)),
    item('no padding', good.subarray(0, 3)),
    item('one byte short of a block', good.subarray(0, -1)),
    item('a block too many', Uint8Array.of(...good, ...new Uint8Array(512))),
    item('padding that is not zero', good.with(511, 1)),
    item('a length beyond the record', good.with(0, 2)),
    item('a length of zero', good.with(1, 0)),
    item('an unknown message', good.with(2, 0x6f)),
  ];
};

export const badControls: VectorKind = {
  file: 'bad-control',
  about: 'Plaintexts of control records that must be refused.',
  section: '8',
  inputs: paddings(),
  derive: (inputs) => refusal(inputs, () => readControl(bytesOf(inputs, 'plaintext'))),
};
