// The SASL mechanisms that both legs speak, and which one the proxy takes from
// a server's list (RFC 6120 §6.3.3: the strongest first).

/** Hash of a SCRAM mechanism, by node:crypto's name. */
export type ScramHash = 'sha1' | 'sha256' | 'sha512';

interface ScramRow {
  readonly hash: ScramHash;
  /** The mechanism binds the channel (RFC 5802 §6). */
  readonly plus: boolean;
}

const row = (hash: ScramHash, plus: boolean): ScramRow => ({ hash, plus });

/** RFC 5802, RFC 7677 and draft-melnikov-scram-sha-512, the strongest first. */
export const scramMechanisms = {
  'SCRAM-SHA-512-PLUS': row('sha512', true),
  'SCRAM-SHA-256-PLUS': row('sha256', true),
  'SCRAM-SHA-1-PLUS': row('sha1', true),
  'SCRAM-SHA-512': row('sha512', false),
  'SCRAM-SHA-256': row('sha256', false),
  'SCRAM-SHA-1': row('sha1', false),
} as const satisfies Record<string, ScramRow>;

export type ScramMechanism = keyof typeof scramMechanisms;
export type Mechanism = ScramMechanism | 'PLAIN';

export function isScram(name: string): name is ScramMechanism {
  return Object.hasOwn(scramMechanisms, name);
}

export function isMechanism(name: string): name is Mechanism {
  return name === 'PLAIN' || isScram(name);
}

export interface LegSecurity {
  /** The password itself may cross this leg: it is encrypted, or plaintext was allowed for it. */
  readonly plainAllowed: boolean;
  /** The leg can supply channel-binding data, so that -PLUS can be used. */
  readonly canBind: boolean;
}

/** The best mechanism of the list that the leg may use; undefined when there is none. */
export function chooseMechanism(offered: readonly string[], leg: LegSecurity): Mechanism | undefined {
  for (const name of Object.keys(scramMechanisms).filter(isScram)) {
    if (offered.includes(name) && (leg.canBind || !scramMechanisms[name].plus)) return name;
  }
  return leg.plainAllowed && offered.includes('PLAIN') ? 'PLAIN' : undefined;
}
