// The state epoch (docs/protocol.md §9.8): a database that is an older copy of
// itself must not go on where it was, for its keys may have been used since.
import type { IdentityKeeper } from '../identity/keeper.ts';
import { isRestored } from '../store/endtoend/epochs.ts';
import type { EndToEndStore } from '../store/endtoend/store.ts';

export interface StateEpochDeps {
  readonly jid: string;
  readonly store: EndToEndStore;
  readonly identities: IdentityKeeper;
  /** Sessions and prekeys are gone: what is remembered of them must be forgotten. */
  readonly dropped: () => void;
  /** The person must hear of it. */
  readonly restored: () => void;
}

export class StateEpoch {
  readonly #deps: StateEpochDeps;

  constructor(deps: StateEpochDeps) {
    this.#deps = deps;
  }

  /** To be called before anything is sent or opened. */
  start(): void {
    const { store, identities, jid } = this.#deps;
    const reading = store.epoch();
    const { database, beside } = reading;
    const known = identities.find(jid)?.stateEpoch ?? 0;
    const isNew = database === 0 && beside === 0;
    const isCopy = !isNew && (isRestored(reading) || known > database);
    if (isCopy) this.beginAnew(Math.max(database, beside, known));
    else if (database === 0) this.#raise(Math.max(beside, known) + 1);
  }

  /** It is an older copy: sessions and prekeys are dropped, and the epoch goes beyond all that was seen. */
  beginAnew(seen: number): void {
    this.#raise(seen + 1);
    this.#deps.restored();
  }

  #raise(epoch: number): void {
    const { store, identities, jid } = this.#deps;
    store.raiseEpoch(epoch);
    this.#deps.dropped();
    const identity = identities.find(jid);
    if (identity !== undefined) {
      identities.replace({ ...identity, stateEpoch: epoch }, identities.recoveryEntropy(jid));
    }
  }
}
