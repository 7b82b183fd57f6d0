// Identities made ahead of need: a recovery phrase's scrypt takes longer, on a
// busy machine, than an enrolment may (transparency.md §2). They are made for a
// name that a client typed, which proves nothing: they stay in memory, few of
// them, until the server has bound that very JID.
import type { NewIdentity } from './account-identity.ts';

/** At a time: each takes a thread of the pool, and 128 MiB. */
const maxMaking = 2;
/** Kept, those being made included. */
const maxKept = 4;

export class PreparedIdentities {
  readonly #make: (jid: string) => Promise<NewIdentity>;
  readonly #kept = new Map<string, Promise<NewIdentity>>();
  readonly #making = new Set<string>();

  constructor(make: (jid: string) => Promise<NewIdentity>) {
    this.#make = make;
  }

  /** Begins to make one, unless there is one or enough are being made; the oldest one makes room. */
  prepare(jid: string): void {
    if (this.#kept.has(jid) || this.#making.has(jid) || this.#making.size >= maxMaking) return;
    const made = this.#make(jid);
    this.#making.add(jid);
    this.#kept.set(jid, made);
    made
      // It is made again, and its failure seen, when it is needed.
      .catch(() => this.#kept.delete(jid))
      .finally(() => this.#making.delete(jid));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break;
      if (!this.#making.has(oldest)) this.#kept.delete(oldest);
    }
  }

  /** Hands one out, once; made now when none was prepared. */
  take(jid: string): Promise<NewIdentity> {
    const prepared = this.#kept.get(jid);
    this.#kept.delete(jid);
    return prepared?.catch(() => this.#make(jid)) ?? this.#make(jid);
  }
}
