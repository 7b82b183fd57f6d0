// Beginning a session of SIMPP (docs/protocol.md §9.1, §9.2): from a bundle as a
// directory gives it to a first message that was read, everything checked.
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { acceptSession } from '../../../shared/simpp/accept-session.ts';
import { beginSession } from '../../../shared/simpp/begin-session.ts';
import { openBundle, type RawContactBundle } from '../../../shared/simpp/contact-bundle.ts';
import { openPayload, readMessage, sealMessage } from '../../../shared/simpp/message.ts';
import { signOneTimeKey, signPrekey } from '../../../shared/simpp/prekey.ts';
import { alice, bob } from '../../shared/simpp/conversation.ts';
import { contextOf, newPerson, now, ownDevice, type TestDevice, type TestPerson } from '../../shared/simpp/people.ts';
import type { SetUp } from './set-up.ts';
import { messageBytes } from './talk.ts';

interface Offer {
  readonly bundle: RawContactBundle;
  readonly device: TestDevice;
}

const listHash = new Uint8Array(32);
const address = { from: alice, to: bob, type: 'chat', id: 'message-1' };
const text = new Uint8Array(messageBytes).fill(0x68);
const lists = { senderListVersion: 1, senderListHash: listHash, recipientListVersion: 1, recipientListHash: listHash };

export function simppSetUp(crypto: Crypto): SetUp<Offer, Uint8Array> {
  const a = newPerson(crypto, alice);
  const b = newPerson(crypto, bob);
  const [ownA, ownB] = [ownDevice(crypto, a), ownDevice(crypto, b)];
  const context = contextOf(crypto);
  return {
    offer: async () => offer(crypto, b),
    async begin({ bundle: raw }) {
      const { jid, kuA, list, devices } = openBundle(crypto, bob, raw, now);
      const session = beginSession(context, ownA, { jid, kuA, listVersion: list.version, device: devices[0]! });
      const content = { ...lists, envelope: text };
      return sealMessage(context, { ...address, deviceId: ownA.deviceId, content, recipients: [session] }).c6;
    },
    async accept(c6, { device }) {
      const { message, wrapFor } = readMessage(crypto, c6);
      const first = { fromJid: alice, senderDeviceId: message.deviceId, wrap: wrapFor(ownB.deviceId)! };
      const keys = { prekey: () => device.prekey, oneTime: (id: number) => device.oneTime.get(id) };
      const accepted = acceptSession(context, ownB, first, keys);
      openPayload(crypto, message, accepted.plaintext, address);
    },
  };
}

/** What a device makes to be written to: G_y, a KEM key and a one-time key, signed. */
function offer(crypto: Crypto, person: TestPerson): Offer {
  const device = person.devices[0]!;
  const { jid, deviceId } = device.body;
  const secret = crypto.p256.generate();
  const decapsulation = crypto.mlKem768.generate();
  const oneTime = crypto.p256.generate();
  const shares = { gY: secret.publicKey.bytes, ek: decapsulation.encapsulationKey.bytes };
  const body = { ...device.prekey.body, ...shares };
  const raw = {
    certificate: device.certificate,
    prekey: signPrekey(crypto, device.signing, body),
    oneTime: signOneTimeKey(crypto, device.signing, { jid, deviceId, id: 9, key: oneTime.publicKey.bytes }),
  };
  return {
    bundle: { ...person.bundle, devices: [raw] },
    device: { ...device, prekey: { secret, decapsulation, body }, oneTime: new Map([[9, oneTime]]) },
  };
}
