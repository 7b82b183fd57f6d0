// Which set-ups a stream header selects (transparency.md §1, §3.5).
import { SimppError } from '../shared/errors.ts';
import { bareJid, domainOf } from '../shared/xmpp/jid.ts';
import type { Setup } from './options.ts';

/** What a domain's streams can be. */
export interface Choice {
  readonly domain: string;
  /** Of the whole domain: logins are relayed, but on TLS legs, where they end here, too. */
  readonly relayed: Setup | undefined;
  /** By bare JID: logins of these are ended here, whatever the domain's set-up says. */
  readonly ended: ReadonlyMap<string, Setup>;
}

interface Entry {
  readonly domain: string;
  relayed: Setup | undefined;
  readonly ended: Map<string, Setup>;
}

/** The set-ups of a proxy by domain. */
export class SetupTable {
  readonly #entries = new Map<string, Entry>();

  constructor(setups: readonly Setup[]) {
    for (const setup of setups) {
      const domain = domainOf(setup.kind === 'jid' ? setup.jid : setup.domain);
      const entry = this.#entries.get(domain) ?? { domain, relayed: undefined, ended: new Map() };
      this.#entries.set(domain, entry);
      if (setup.kind === 'jid') entry.ended.set(bareJid(setup.jid), setup);
      else entry.relayed = setup;
    }
  }

  /** The set-up that serves an account (bare JID, prepared). */
  setupOf(jid: string): Setup | undefined {
    const entry = this.#entries.get(domainOf(jid));
    return entry?.ended.get(jid) ?? entry?.relayed;
  }

  /** The set-ups for a header's `to`; throws SimppError `host-unknown`, or `jid-invalid` when none can be meant. */
  choose(to: string | undefined): Choice {
    if (to === undefined) {
      const [only, ...others] = this.#entries.values();
      if (only !== undefined && others.length === 0) return only;
      throw new SimppError('jid-invalid', 'The stream header must say in its attribute "to" which domain it is for.');
    }
    const domain = domainOf(to);
    const entry = this.#entries.get(domain);
    if (entry === undefined) throw new SimppError('host-unknown', `This proxy has no set-up for ${domain}.`);
    return entry;
  }
}

/** The account with a set-up of its own that a login name means: a localpart, or a whole bare JID. */
export function accountNamed({ domain, ended }: Choice, loginName: string): string | undefined {
  const jid = jidOfLoginName(domain, loginName);
  return jid !== undefined && ended.has(jid) ? jid : undefined;
}

/** The account of the domain's own set-up that a login name means; undefined for those above, and of other domains. */
export function visitorNamed({ domain, relayed, ended }: Choice, loginName: string): string | undefined {
  const jid = jidOfLoginName(domain, loginName);
  if (relayed === undefined || jid === undefined || ended.has(jid)) return undefined;
  return jid.endsWith(`@${domain}`) ? jid : undefined;
}

/** The bare JID, prepared, that a login name means; undefined when it can mean none. */
export function jidOfLoginName(domain: string, loginName: string): string | undefined {
  return prepared(loginName.includes('@') ? loginName : `${loginName}@${domain}`);
}

/** A bare JID in prepared form; undefined when the text is none. */
export function prepared(text: string): string | undefined {
  try {
    return bareJid(text);
  } catch {
    return undefined;
  }
}
