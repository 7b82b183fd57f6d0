// The directories of one account as one (docs/protocol.md §9.1): the gateway's
// where it has the domain, and PEP. Both are asked, since either may hold an
// older list; which one counts is for the engine, which checks them.
import type { Directory, Found, Publication, Published } from './directory.ts';
import { FoundCache } from './found-cache.ts';

export interface DirectoriesOptions {
  /** Bare. */
  readonly ownJid: string;
  /** Absent in direct mode. */
  readonly gateway?: Directory | undefined;
  readonly pep: Directory;
  /** Monotonic, in milliseconds. */
  readonly now?: () => number;
}

/** What became of a publication in one directory. */
export interface PublishedIn {
  readonly directory: Directory['kind'];
  readonly published: Published;
}

interface Look {
  readonly found: Promise<readonly Found[]>;
  readonly wantsOneTimeKeys: boolean;
}

const maxLooksAtOnce = 16;
const maxLooksWaiting = 512;

export class Directories {
  readonly #ownJid: string;
  readonly #directories: readonly Directory[];
  readonly #cache: FoundCache;
  readonly #looks = new Map<string, Look>();
  readonly #listeners: ((jid: string) => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ ownJid, gateway, pep, now = () => performance.now() }: DirectoriesOptions) {
    this.#ownJid = ownJid;
    this.#directories = gateway === undefined ? [pep] : [gateway, pep];
    this.#cache = new FoundCache(now);
    for (const directory of this.#directories) directory.onChanged((jid) => this.#changed(jid));
  }

  get kinds(): readonly Directory['kind'][] {
    return this.#directories.map(({ kind }) => kind);
  }

  /**
   * What each directory has for a bare JID, the gateway's first; authoritative `none` for what is no account. One-time
   * keys are fetched anew each time and given to one caller only.
   */
  async fetchAll(jid: string, wantsOneTimeKeys: boolean): Promise<readonly Found[]> {
    const asked = this.#directories.filter((directory) => directory.covers(jid));
    if (asked.length === 0 || !jid.includes('@')) return [{ kind: 'none' }];
    const known = wantsOneTimeKeys ? undefined : this.#cache.get(jid);
    if (known !== undefined) return known;
    const running = this.#looks.get(jid);
    // One that brings no one-time keys does not serve who wants some; the other way round it does.
    if (running !== undefined && (running.wantsOneTimeKeys || !wantsOneTimeKeys))
      return withoutOneTime(await running.found);
    const found = this.#look(jid, asked, wantsOneTimeKeys);
    const look = { found, wantsOneTimeKeys };
    this.#looks.set(jid, look);
    try {
      const all = await found;
      // Unless it was forgotten, or asked for anew, while it was on its way.
      if (this.#looks.get(jid) === look) this.#cache.set(jid, withoutOneTime(all));
      return all;
    } finally {
      if (this.#looks.get(jid) === look) this.#looks.delete(jid);
    }
  }

  /** The next fetch asks anew. */
  forget(jid: string): void {
    this.#cache.delete(jid);
    this.#looks.delete(jid);
  }

  /** Publishes everywhere; each directory's own outcome. */
  async publish(publication: Publication): Promise<readonly PublishedIn[]> {
    const outcomes = await Promise.all(
      this.#directories.map(async (directory) => ({
        directory: directory.kind,
        published: await directory.publish(publication),
      })),
    );
    this.forget(this.#ownJid);
    return outcomes;
  }

  onChanged(listener: (jid: string) => void): void {
    this.#listeners.push(listener);
  }

  #changed(jid: string): void {
    this.forget(jid);
    for (const listener of this.#listeners) listener(jid);
  }

  async #look(jid: string, asked: readonly Directory[], wantsOneTimeKeys: boolean): Promise<readonly Found[]> {
    if (this.#waiting.length >= maxLooksWaiting)
      return [{ kind: 'failed', reason: 'too many keys are looked up at once' }];
    if (this.#running >= maxLooksAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await Promise.all(asked.map((directory) => directory.fetch(jid, wantsOneTimeKeys)));
    } finally {
      // The place goes to the next one, without being free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** What may be used by more than one: everything but the keys that are used once. */
function withoutOneTime(found: readonly Found[]): readonly Found[] {
  return found.map((each) => {
    if (each.kind !== 'bundle') return each;
    const devices = each.bundle.devices.map(({ oneTime: _oneTime, ...device }) => device);
    return { ...each, bundle: { ...each.bundle, devices } };
  });
}
