// Two devices of SIMPP that talk, in memory or over the proxy's store.
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { heartbeatAfter } from '../../../shared/simpp/session.ts';
import { alice, bob, conversation } from '../../shared/simpp/conversation.ts';
import type { KeeperStore } from './simpp-keeper.ts';
import { memoryKeeper, SimppEnd, type Keeper } from './simpp-end.ts';
import { messagesPerTurn, talkOf, type Talk } from './talk.ts';

export interface SimppTalkOptions {
  readonly crypto: Crypto;
  readonly withEnvelope?: boolean;
  /** Where the sessions of each are kept; in memory without. */
  readonly stores?: { readonly a: KeeperStore; readonly b: KeeperStore };
  readonly archives?: boolean;
}

/** A session that both have used, so that no C3 is on its way any more. */
export async function simppTalk({
  crypto,
  withEnvelope = false,
  stores,
  archives = false,
}: SimppTalkOptions): Promise<Talk> {
  const { a, b, people } = conversation(crypto);
  a.open(b.seal());
  b.open(a.seal());
  const keeperOf = async (side: 'a' | 'b'): Promise<Keeper> => {
    const { session } = { a, b }[side];
    return stores === undefined ? memoryKeeper(session) : stores[side].keep(session, archives);
  };
  const idOf = (side: 'a' | 'b'): Uint8Array => people[side].devices[0]!.body.deviceId;
  const common = { crypto, withEnvelope };
  const keepers = { a: await keeperOf('a'), b: await keeperOf('b') };
  const ends = {
    a: new SimppEnd({ ...common, jid: alice, peerJid: bob, deviceId: idOf('a'), keeper: keepers.a }),
    b: new SimppEnd({ ...common, jid: bob, peerJid: alice, deviceId: idOf('b'), keeper: keepers.b }),
  };
  // §9.3: who only receives answers now and then, so that keys are replaced.
  const heartbeat = async (): Promise<void> => {
    if (ends.b.session.receivedSinceSent > heartbeatAfter - messagesPerTurn) await ends.a.open(await ends.b.seal(1));
  };
  return talkOf(ends.a, ends.b, heartbeat);
}
