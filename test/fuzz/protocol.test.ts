// Mutated messages and records against decoders, state machines and channels,
// with the known answers as corpus. Allowed to be thrown: SimppError, nothing
// else; and nothing that was changed may go through.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { detectNodeCrypto } from '../../proxy/crypto/provider.ts';
import { concat, equalBytes, fromHex } from '../../shared/bytes.ts';
import type { PrivateKey } from '../../shared/crypto/provider.ts';
import { SimppError } from '../../shared/errors.ts';
import { acceptSession } from '../../shared/simpp/accept-session.ts';
import { Channel } from '../../shared/simpp/channel.ts';
import { readControl } from '../../shared/simpp/control.ts';
import {
  answerClassicConversation,
  classicConversation,
  openClassicConversation,
} from '../../shared/simpp/classic/conversation.ts';
import { startClassicGateway } from '../../shared/simpp/classic/gateway.ts';
import { startClient } from '../../shared/simpp/client.ts';
import { openBundle } from '../../shared/simpp/contact-bundle.ts';
import { importDevice } from '../../shared/simpp/device-keys.ts';
import { ratchetHeader, wrap as wrapMessage } from '../../shared/simpp/end-to-end-messages.ts';
import { systemEntropy } from '../../shared/simpp/entropy.ts';
import { startGateway } from '../../shared/simpp/gateway.ts';
import type { GatewayStep } from '../../shared/simpp/handshake.ts';
import { openPayload, readMessage, sealMessage } from '../../shared/simpp/message.ts';
import { gcmProtection } from '../../shared/simpp/protection.ts';
import { openWrap } from '../../shared/simpp/session.ts';
import { declared, declaredClassic } from '../docs/tables.ts';
import { converse, setting } from '../vectors/kinds/conversations.ts';
import {
  bob,
  bundleOf,
  now,
  oneTimeInputs,
  ownDeviceOf,
  ownKeysOf,
  prekeyInputs,
} from '../vectors/kinds/two-people.ts';
import type { Json, VectorFile } from '../vectors/vector.ts';
import { budgetMs, randomFrom, seed, type Random } from './random.ts';

const crypto = detectNodeCrypto();
const entropy = systemEntropy(crypto);
const context = { domain: 'example.test', offer: new Uint8Array(8), binding: new Uint8Array(0) };

async function corpus(...files: readonly string[]): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  const collect = (value: Json): void => {
    if (typeof value === 'string' && /^(?:[0-9a-f]{2})+$/.test(value)) found.push(fromHex(value));
    else if (typeof value === 'object') Object.values(value).forEach(collect);
  };
  for (const file of files) {
    const text = await readFile(new URL(`../vectors/${file}.json`, import.meta.url), 'utf8');
    for (const { inputs, outputs } of (JSON.parse(text) as VectorFile).cases) [inputs, outputs].forEach(collect);
  }
  return found;
}

function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1);
  const until = Math.min(bytes.length, at + 1 + random(64));
  const noise = Uint8Array.from({ length: random(20) }, () => random(256));
  switch (random(6)) {
    case 0:
      return concat(bytes.subarray(0, at), bytes.subarray(until));
    case 1:
      return concat(bytes.subarray(0, until), bytes.subarray(at));
    case 2:
      return concat(bytes.subarray(0, at), noise, bytes.subarray(at));
    case 3:
      return concat(bytes.subarray(0, at), noise, bytes.subarray(until));
    case 4:
      return concat(bytes.subarray(0, at), other.subarray(random(other.length + 1)));
    default:
      return at < bytes.length ? bytes.with(at, bytes[at]! ^ (1 << random(8))) : bytes.slice(1);
  }
}

/** Feeds mutated members of a corpus to a target until the time is up. */
function fuzz(seeds: readonly Uint8Array[], target: (changed: Uint8Array, original: Uint8Array) => void): void {
  const random = randomFrom(seed);
  const end = Date.now() + budgetMs;
  for (let runs = 0; Date.now() < end; runs++) {
    const original = seeds[random(seeds.length)]!;
    let changed = mutate(original, seeds[random(seeds.length)]!, random);
    while (random(3) === 0) changed = mutate(changed, original, random);
    if (equalBytes(changed, original)) continue;
    try {
      target(changed, original);
    } catch (error) {
      if (error instanceof SimppError) continue;
      throw new Error(`run ${runs} with SIMPP_FUZZ_SEED=${seed} found something`, { cause: error });
    }
  }
}

/** The header with another number in its chain. */
function withNumber(header: Uint8Array, number: number): Uint8Array {
  return ratchetHeader.encode({ ...ratchetHeader.decode(header), number });
}

/** S, about to read M1, with an empty directory. */
function startS(krS: PrivateKey): GatewayStep {
  return startGateway({
    ...context,
    crypto,
    entropy,
    krS,
    importDevice: (agreementKey) => importDevice(crypto.p256, krS, agreementKey),
    allowGuests: true,
    now: () => 1_800_000_000,
  });
}

describe('under fuzzing', function () {
  this.timeout(budgetMs + 30_000);

  it('message decoders refuse or decode canonically', async () => {
    const all = [...declared, ...declaredClassic];
    fuzz(await corpus('messages', 'malformed-messages'), (changed) => {
      for (const message of all) {
        if (message.tag !== changed[0]) continue;
        assert.deepEqual(message.encode(message.decode(changed)), changed);
      }
    });
  });

  it('S answers no changed M1', async () => {
    const krS = crypto.p256.generate();
    const hello = { kind: 'guest', agreement: crypto.p256.generate() } as const;
    const opening = () => startClient({ ...context, crypto, entropy, kuS: krS.publicKey }, hello).messages[0]!;
    const others = await corpus('handshakes');
    fuzz([opening(), opening(), ...others.filter((bytes) => bytes[0] === 0x41)], (changed) => {
      let step = startS(krS);
      if (step.kind === 'read') step = step.next(changed);
      if (step.kind === 'find-device') step = step.next(undefined);
      assert.equal(step.kind, 'refused');
    });
  });

  it('A answers no changed M2', () => {
    const krS = crypto.p256.generate();
    const hello = { kind: 'guest', agreement: crypto.p256.generate() } as const;
    const client = startClient({ ...context, crypto, entropy, kuS: krS.publicKey }, hello);
    let gateway = startS(krS);
    if (gateway.kind === 'read') gateway = gateway.next(client.messages[0]!);
    if (gateway.kind === 'find-device') gateway = gateway.next(undefined);
    assert(gateway.kind === 'send' && client.kind === 'send');
    const { next } = client;
    fuzz([gateway.message], (changed) => {
      next(changed);
      assert.fail('a changed M2 was answered');
    });
  });

  it('classic S only throws what it may', async () => {
    const krS = crypto.p224.generate();
    fuzz(await corpus('classic-handshakes'), (changed) => {
      let step = startClassicGateway({ crypto, entropy, krS, domain: 'example.test' });
      if (step.kind === 'read') step = step.next(changed);
      if (step.kind === 'find-account') step = step.next(undefined);
      if (step.kind === 'send') step = step.next(changed);
      assert.notEqual(step.kind, 'established');
    });
  });

  it('a channel delivers only what was sent, in order, and never anything changed', () => {
    const key = new Uint8Array(32).fill(7);
    const session = {
      kAS: key,
      binding: key,
      client: gcmProtection(crypto, key),
      gateway: gcmProtection(crypto, key.with(0, 1)),
    };
    const sender = new Channel(session, 'client');
    const sent = ['one', 'two', 'three', 'four'].map((word) => Buffer.from(word.repeat(30)));
    const records = [...sent.map((data) => sender.sealData(data)), sender.sealClose()];
    const whole = concat(...sent);
    fuzz([concat(...records)], (changed) => {
      const receiver = new Channel(session, 'gateway');
      receiver.push(changed);
      const delivered: Uint8Array[] = [];
      try {
        for (let event = receiver.next(); event !== undefined; event = receiver.next()) {
          if (event.kind === 'data') delivered.push(event.bytes);
        }
      } finally {
        const got = concat(...delivered);
        assert.deepEqual(Buffer.from(got), Buffer.from(whole.subarray(0, got.length)));
      }
    });
  });

  it('a bundle counts only what is signed: a changed one is refused, or has no device, or loses what was changed', () => {
    const good = bundleOf(bob, prekeyInputs, oneTimeInputs);
    const device = good.devices[0]!;
    const { jid } = ownDeviceOf(bob);
    const parts = [good.list, device.certificate, device.prekey!, device.oneTime!];
    fuzz(parts, (changed, original) => {
      const instead = (part: Uint8Array): Uint8Array => (part === original ? changed : part);
      const bundle = openBundle(
        crypto,
        jid,
        {
          kuA: good.kuA,
          list: instead(good.list),
          devices: [
            {
              certificate: instead(device.certificate),
              prekey: instead(device.prekey!),
              oneTime: instead(device.oneTime!),
              tombstone: changed,
            },
          ],
        },
        now,
      );
      if (original === device.oneTime) assert.equal(bundle.devices[0]?.oneTime, undefined);
      else assert.deepEqual(bundle.devices, []);
    });
  });

  it('B reads no changed first message, and what it reads nevertheless is what was sealed', () => {
    const { sealed } = converse(setting(oneTimeInputs));
    const original = sealed[0]!.c6;
    const me = ownDeviceOf(bob);
    const keys = ownKeysOf(bob, { prekey: prekeyInputs, oneTime: oneTimeInputs });
    const from = 'alice@example.test';
    const read = (encoded: Uint8Array): Uint8Array => {
      const { message, wrapFor } = readMessage(crypto, encoded);
      const wrap = wrapFor(me.deviceId);
      if (wrap === undefined) throw new SimppError('unreadable');
      const first = { fromJid: from, senderDeviceId: message.deviceId, wrap };
      const { plaintext } = acceptSession({ crypto, entropy, now }, me, first, keys);
      return openPayload(crypto, message, plaintext, { from, to: me.jid, type: 'chat', id: 'a1' }).envelope;
    };
    const envelope = read(original);
    // Wraps for other devices are theirs: what surrounds ours may change, and nothing else.
    fuzz([original], (changed) => {
      assert.deepEqual(read(changed), envelope);
    });
  });

  it('a session opens no changed wrap, and stays as it was', () => {
    const { begun } = converse(setting({}));
    const session = { ...begun, c3: undefined, role: 'B' as const };
    const out = sealMessage(
      { crypto, entropy },
      {
        from: 'a@example.test',
        to: 'b@example.test',
        type: 'chat',
        id: '',
        deviceId: new Uint8Array(16),
        content: {
          senderListVersion: 1,
          senderListHash: new Uint8Array(32),
          recipientListVersion: 1,
          recipientListHash: new Uint8Array(32),
          envelope: new Uint8Array(9),
        },
        recipients: [session],
      },
    );
    const [wrap] = readMessage(crypto, out.c6).message.wraps;
    const { header } = wrapMessage.decode(wrap!);
    fuzz([wrap!, wrapMessage.encode({ ...wrapMessage.decode(wrap!), header: withNumber(header, 900) })], (changed) => {
      openWrap({ crypto }, session, wrapMessage.decode(changed), () => undefined);
      assert.fail('a changed wrap was opened');
    });
  });

  it('a classic conversation goes on with nothing that was changed', () => {
    const [krA, krB] = [crypto.p224.generate(), crypto.p224.generate()];
    const curve = 'P-224' as const;
    const a = { crypto, entropy, own: krA, other: krB.publicKey, curve };
    const b = { crypto, entropy, own: krB, other: krA.publicKey, curve };
    const opening = openClassicConversation(a);
    const { c4 } = answerClassicConversation(b, opening.c3);
    const conversation = classicConversation(crypto, entropy, new Uint8Array(16));
    const c6 = conversation.seal(new Uint8Array(40));
    fuzz([opening.c3, c4, c6], (changed, original) => {
      if (original === opening.c3) answerClassicConversation(b, changed);
      else if (original === c4) opening.next(changed);
      else conversation.open(changed);
      assert.fail('something that was changed was taken');
    });
  });

  it('control records are refused or read canonically', async () => {
    fuzz(await corpus('control', 'bad-control'), (changed) => {
      readControl(changed);
    });
  });
});
