// Two devices of libsignal that talk, in memory or with sessions in SQLite.
import type { ProtocolAddress } from '@signalapp/libsignal-client';

import type { SetUp } from './set-up.ts';
import { SignalDevice, type SignalOffer } from './signal-device.ts';
import type { DurableSessions } from './signal-stores.ts';
import { messageBytes, talkOf, type End, type Talk } from './talk.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const text = new Uint8Array(messageBytes).fill(0x68);

export function signalSetUp(): SetUp<SignalOffer, Bytes> {
  const a = new SignalDevice();
  const b = new SignalDevice();
  return {
    offer: () => b.offer(),
    async begin(offer) {
      await a.begin(b.address, offer);
      return a.encrypt(b.address, text);
    },
    accept: (first) => b.decryptFirst(a.address, first),
  };
}

export interface SignalTalkOptions {
  /** In memory without. */
  readonly stores?: { readonly a: DurableSessions; readonly b: DurableSessions };
  /** Many saves in one commit, as many as ours has in one turn: else each is one of its own. */
  readonly isGrouped?: boolean;
}

/** A session that both have used. */
export async function signalTalk({ stores, isGrouped = false }: SignalTalkOptions = {}): Promise<Talk> {
  const devices = { a: new SignalDevice(stores?.a), b: new SignalDevice(stores?.b) };
  const { a, b } = devices;
  await a.begin(b.address, await b.offer());
  await b.decryptFirst(a.address, await a.encrypt(b.address, text));
  await a.decrypt(b.address, await b.encrypt(a.address, text));
  const groupOf = (side: 'a' | 'b'): DurableSessions | undefined => (isGrouped ? stores?.[side] : undefined);
  return talkOf(endOf(a, b.address, groupOf('a')), endOf(b, a.address, groupOf('b')));
}

function endOf(device: SignalDevice, peer: ProtocolAddress, group: DurableSessions | undefined): End<Bytes> {
  const grouped = <T>(work: () => Promise<T>): Promise<T> => (group === undefined ? work() : group.group(work));
  return {
    seal: (messages) =>
      grouped(async () => {
        const sealed: Bytes[] = [];
        for (let made = 0; made < messages; made++) sealed.push(await device.encrypt(peer, text));
        return sealed;
      }),
    open: (sealed) =>
      grouped(async () => {
        for (const each of sealed) await device.decrypt(peer, each);
      }),
  };
}
