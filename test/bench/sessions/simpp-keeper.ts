// A session in the proxy's own store: decoded by its session book, sealed into
// SQLite, committed in groups (docs/protocol.md §9.8).
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { SessionBook } from '../../../proxy/endtoend/session-book.ts';
import { keystoreKey } from '../../../proxy/keystore/key.ts';
import { EndToEndStores } from '../../../proxy/store/endtoend/stores.ts';
import { toHex } from '../../../shared/bytes.ts';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import type { Session } from '../../../shared/simpp/session.ts';
import type { Keeper } from './simpp-end.ts';

/** The end-to-end database of one proxy. */
export class KeeperStore implements Disposable {
  readonly #crypto: Crypto;
  readonly #stores: EndToEndStores;
  readonly #jid: string;
  #commits = 0;

  constructor(crypto: Crypto, folder: string, jid: string) {
    this.#crypto = crypto;
    this.#jid = jid;
    const reached = (point: string): void => void (this.#commits += point === 'commit.after' ? 1 : 0);
    const key = keystoreKey(new Uint8Array(randomBytes(32)));
    this.#stores = EndToEndStores.open(join(folder, `${jid}.db`), key, { reached });
  }

  get commits(): number {
    return this.#commits;
  }

  /** Keeps a session that has just begun, and with `archives` each message too, as the proxy does. */
  async keep(session: Session, archives: boolean): Promise<Keeper> {
    const store = this.#stores.account(this.#jid);
    const book = new SessionBook({ crypto: this.#crypto, store, now: Date.now, reached: () => undefined });
    const { peerJid, id } = session;
    const deviceId = toHex(session.peerDeviceId);
    book.add(session, 'us');
    await store.durable();
    return {
      get session() {
        const found = book.find(peerJid, deviceId, toHex(id));
        if (found.kind !== 'live') throw new TypeError(`a session that is ${found.kind}`);
        return found.session;
      },
      sent: (before, after) => book.sent(before, after),
      received: (after, skipped) => book.received(after, skipped),
      ...(archives && {
        archive: (digest, envelope, isOwn) =>
          store.archive.put({
            digest: toHex(digest),
            contact: peerJid,
            isOwn,
            at: Date.now(),
            id: 'message-1',
            state: 'encrypted',
            deviceId,
            envelope,
            text: 'h'.repeat(200),
          }),
      }),
      durable: () => store.durable(),
    };
  }

  [Symbol.dispose](): void {
    this.#stores.close();
  }
}
