// The SCRAM keys of the last login at each account's server: they spare the next
// one PBKDF2. They live in memory only, and each belongs to one password; for
// another salt or count the login itself makes new ones (RFC 5802 §5.1).
import type { ScramKeys } from '../sasl/scram-keys.ts';

export class LoginKeys {
  readonly #known = new Map<string, { readonly password: string; readonly keys: ScramKeys }>();

  /** The keys for this password; undefined when the last login was with another one, or by PLAIN. */
  of(jid: string, password: string): ScramKeys | undefined {
    const known = this.#known.get(jid);
    return known?.password === password ? known.keys : undefined;
  }

  /** Takes the keys of a login that the server accepted; they replace those before. */
  remember(jid: string, password: string, keys: ScramKeys | undefined): void {
    if (keys === undefined) this.#known.delete(jid);
    else this.#known.set(jid, { password, keys });
  }
}
