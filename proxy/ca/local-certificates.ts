// Keeps the authorities of this installation and their server certificates.
// An authority's domains are fixed when it is made (docs/decisions/0006). So
// when a domain is added that none covers, a new authority is made for all, and
// the older ones go on for the domains that they cover: what clients trust
// already stays as it is. Which certificate a client gets is chosen by the name
// that it asks for. Nothing here runs by itself: each handshake looks at the clock.

import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { SimppError } from '../../shared/errors.ts';
import type { AuthorityStore, StoredAuthority } from '../store/authorities.ts';
import {
  covers,
  importKey,
  issue,
  newAuthority,
  publicAuthority,
  renewalSeconds,
  validFrom,
  validUntil,
  type Certified,
  type IssuingDeps,
  type PublicAuthority,
} from './authority.ts';
import { dnsNameOf } from './names.ts';

const minVersion = 'TLSv1.2';

export interface LocalCertificatesDeps extends IssuingDeps {
  readonly store: AuthorityStore;
  /** Takes the authorities in use whenever they have changed, for those who shall trust them. */
  readonly publish: (authorities: readonly PublicAuthority[]) => void;
}

/** An authority in use, with the certificate that its clients get. */
interface Issuer extends PublicAuthority {
  readonly stored: StoredAuthority;
  serving: Serving | undefined;
}

interface Serving {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
}

export class LocalCertificates {
  readonly #deps: LocalCertificatesDeps;
  #names: readonly string[] = [];
  /** The oldest first. */
  #issuers: readonly Issuer[] = [];

  constructor(deps: LocalCertificatesDeps) {
    this.#deps = deps;
  }

  /** Serves these domains from now on; makes an authority when none covers them. */
  serve(domains: readonly string[]): void {
    this.#names = [...new Set(domains.map(dnsNameOf).filter((name) => name !== undefined))].toSorted();
    this.#issuers = this.#deps.store
      .all()
      .map((stored) => issuerOf(stored))
      .filter((issuer) => this.#isOfUse(issuer));
    this.#complete();
    this.#deps.publish(this.#issuers);
  }

  /** What to serve a client that asks for this name, by SNI or not at all. */
  contextFor(serverName: string | undefined): SecureContext {
    if (this.#issuers.some((issuer) => !this.#lasts(issuer))) this.serve(this.#names);
    const issuer = this.#chooseIssuer(serverName?.toLowerCase());
    if (issuer.serving === undefined || !this.#isFresh(issuer.serving.certificate)) {
      issuer.serving = servingOf(this.#leafOf(issuer));
    }
    return issuer.serving.context;
  }

  /** The oldest authority that covers the name, which is likeliest to be trusted; without one, all names. */
  #chooseIssuer(name: string | undefined): Issuer {
    const wanted = name !== undefined && this.#issuers.some((issuer) => covers(issuer, name)) ? [name] : this.#names;
    const chosen = this.#issuers.find((issuer) => wanted.every((each) => covers(issuer, each))) ?? this.#issuers.at(-1);
    if (chosen === undefined) throw new SimppError('internal', 'certificates are asked for before they are made');
    return chosen;
  }

  /** Sees to it that each domain has an authority. */
  #complete(): void {
    const isCovered = (name: string): boolean => this.#issuers.some((issuer) => covers(issuer, name));
    if (this.#issuers.length > 0 && this.#names.every(isCovered)) return;
    const made = this.#deps.store.add(newAuthority(this.#names, this.#deps));
    this.#issuers = [...this.#issuers, issuerOf(made)];
  }

  #isOfUse(issuer: Issuer): boolean {
    const isNeeded = this.#names.length === 0 || this.#names.some((name) => covers(issuer, name));
    return isNeeded && this.#lasts(issuer);
  }

  #lasts({ certificate }: PublicAuthority): boolean {
    return validUntil(certificate) - this.#deps.now() > renewalSeconds;
  }

  /** Valid now, not only for some days more, whichever way the clock was set. */
  #isFresh(certificate: X509Certificate): boolean {
    const now = this.#deps.now();
    return validFrom(certificate) <= now && validUntil(certificate) - now > renewalSeconds;
  }

  /** The certificate that the authority gave last, where it still fits, so that clients that pin it see no change. */
  #leafOf({ stored, ...issuer }: Issuer): Certified {
    const names = this.#names.filter((name) => covers(issuer, name));
    const { leaf: last } = stored;
    if (last !== undefined) {
      const certificate = new X509Certificate(last.certificate);
      const isFor = (name: string): boolean => certificate.checkHost(name, { wildcards: false }) !== undefined;
      if (this.#isFresh(certificate) && names.every(isFor)) return last;
    }
    const leaf = issue(stored, names, this.#deps);
    this.#deps.store.putLeaf(stored.id, leaf);
    return leaf;
  }
}

function issuerOf(stored: StoredAuthority): Issuer {
  return { ...publicAuthority(stored.certificate), stored, serving: undefined };
}

function servingOf(leaf: Certified): Serving {
  const certificate = new X509Certificate(leaf.certificate);
  const key = importKey(leaf).export({ type: 'pkcs8', format: 'pem' });
  return { certificate, context: createSecureContext({ cert: certificate.toString(), key, minVersion }) };
}
