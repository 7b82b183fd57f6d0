// Where the time of an encrypted round trip goes: the same sealing, opening and
// committing without any way between the two, beside the paths themselves.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { detectNodeCrypto } from '../../proxy/crypto/provider.ts';
import { alice, bob } from '../shared/simpp/conversation.ts';
import type { Contender } from './blocks.ts';
import type { Rows } from './measurement.ts';
import { KeeperStore } from './sessions/simpp-keeper.ts';
import { simppTalk, type SimppTalkOptions } from './sessions/simpp-talk.ts';
import { used } from './sessions/used.ts';

const roundTripsPerBlock = 50;
const messages = 2 * roundTripsPerBlock;

const [sealing, committing] = ['split, in memory', 'split, on the disk'] as const;
const milliseconds = (micros: number): number => micros / 1000;

/** Contenders that talk in this process, in memory and on the disk. */
export async function splitContenders(stack: AsyncDisposableStack): Promise<readonly Contender[]> {
  const crypto = detectNodeCrypto();
  const folder = await mkdtemp(join(tmpdir(), 'simpp-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const storeOf = (jid: string): KeeperStore => stack.use(new KeeperStore(crypto, folder, jid));
  const stores = { a: storeOf(alice), b: storeOf(bob) };
  const contender = (name: string, options: Partial<SimppTalkOptions>): Contender => ({
    name,
    async block() {
      const talk = await simppTalk({ crypto, withEnvelope: true, ...options });
      return used(roundTripsPerBlock, () => talk.pingPong(messages));
    },
  });
  return [contender(sealing, {}), contender(committing, { stores, archives: true })];
}

/** Rows of what one encrypted round trip is made of. */
export function addSplit(rows: Rows, direct: string, plain: string, encrypted: string): void {
  const path = (name: string): readonly [string, string] => [name, 'micros'];
  const add = (name: string, parts: Parameters<Rows['addDifference']>[2], counted: string): void =>
    void rows.addDifference(`split: ${name}`, 'ms', parts, milliseconds, counted);
  add('direct', [path(direct)], 'clients, kernel, Prosody');
  add('legs and records', [path(plain), path(direct)], 'two proxies and the gateway, nothing encrypted end to end');
  add('seal and open', [[sealing, 'wall']], 'two messages with envelope, in one process');
  add(
    'commits',
    [
      [committing, 'wall'],
      [sealing, 'wall'],
    ],
    'four, with session and archive',
  );
  add(
    'the rest',
    [path(encrypted), path(plain), [committing, 'wall']],
    'surgery of stanzas, longer ones, two processes',
  );
}
