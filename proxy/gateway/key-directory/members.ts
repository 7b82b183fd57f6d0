// The channels of this gateway that are told when an entry changes: those of
// its account, and those that have asked for it. Gateways that share a database
// tell their own channels only; contacts learn the rest from the lists in
// messages (docs/protocol.md §9.4).

/** A channel whose JID the server has bound, and whose device the handshake proved. */
export interface Member {
  readonly jid: string;
  /** KU_Dd. */
  readonly agreementKey: Uint8Array;
  /** The entry of this JID has changed. */
  changed(jid: string): void;
  /** Its device may not be here any more. */
  end(): void;
}

/** JIDs that one channel hears of; the one that was asked for longest ago makes room. */
const maxWatched = 256;

export class Members {
  readonly #ofAccount = new Map<string, Set<Member>>();
  readonly #watchers = new Map<string, Set<Member>>();
  readonly #watched = new Map<Member, Set<string>>();

  join(member: Member): void {
    add(this.#ofAccount, member.jid, member);
  }

  leave(member: Member): void {
    remove(this.#ofAccount, member.jid, member);
    for (const jid of this.#watched.get(member) ?? []) remove(this.#watchers, jid, member);
    this.#watched.delete(member);
  }

  /** From now on this channel hears of changes of the JID, as long as it is one of an account. */
  watch(member: Member, jid: string): void {
    if (this.#ofAccount.get(member.jid)?.has(member) !== true) return;
    const watched = this.#watched.get(member) ?? new Set();
    this.#watched.set(member, watched);
    // Taken out and put back, so that the first in the set is the one asked for longest ago.
    watched.delete(jid);
    watched.add(jid);
    add(this.#watchers, jid, member);
    for (const oldest of watched) {
      if (watched.size <= maxWatched) break;
      watched.delete(oldest);
      remove(this.#watchers, oldest, member);
    }
  }

  /** The channels of an account. */
  of(jid: string): readonly Member[] {
    return [...(this.#ofAccount.get(jid) ?? [])];
  }

  /** Tells who must know of a change but not its author: the account's own channels, and, where others can see it, those who asked. */
  tell(jid: string, isPublic: boolean, author?: Member): void {
    const told = new Set([...this.of(jid), ...(isPublic ? (this.#watchers.get(jid) ?? []) : [])]);
    if (author !== undefined) told.delete(author);
    for (const member of told) member.changed(jid);
  }
}

function add(map: Map<string, Set<Member>>, key: string, member: Member): void {
  const members = map.get(key);
  if (members === undefined) map.set(key, new Set([member]));
  else members.add(member);
}

function remove(map: Map<string, Set<Member>>, key: string, member: Member): void {
  const members = map.get(key);
  members?.delete(member);
  if (members?.size === 0) map.delete(key);
}
