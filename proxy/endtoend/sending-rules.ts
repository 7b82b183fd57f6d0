// Whether a message may leave, and how (docs/protocol.md §11.1; transparency.md
// §5.3, §5.5). Only an explicit `off`, or `prefer` with a contact who has
// certainly never had keys, lets plaintext out. Whatever is not known refuses.
import type { DefinedError } from '../../shared/xmpp/refusal.ts';
import type { Policy } from './desk.ts';

/** What is known of a contact's keys at the moment of sending. */
export type KeyKnowledge =
  /** At least one device can be written to. */
  | { readonly kind: 'usable' }
  /** A decision about a key or device is due; the text says which. */
  | { readonly kind: 'undecided'; readonly text: string }
  /** Keys are known, but no device that can be written to is left. */
  | { readonly kind: 'unusable' }
  /** A directory said with authority that there are none, now or ever so far. */
  | { readonly kind: 'none'; readonly hadKeys: boolean }
  /** Nobody answered, or not credibly. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly refused?: DefinedError | undefined };

/** Why a message is not sent. */
export type Refusal =
  | { readonly kind: 'no-keys' }
  | { readonly kind: 'keys-vanished' }
  | { readonly kind: 'no-device' }
  | { readonly kind: 'undecided'; readonly text: string }
  | { readonly kind: 'look-up-failed'; readonly reason: string; readonly refused?: DefinedError | undefined }
  | { readonly kind: 'not-encryptable' }
  | { readonly kind: 'room' }
  | { readonly kind: 'device-waits' }
  | { readonly kind: 'storage-failed' }
  /** It cannot be sealed, too long for example; the text says why. */
  | { readonly kind: 'not-sealed'; readonly text: string };

export type Verdict =
  { readonly kind: 'clear' } | { readonly kind: 'seal' } | { readonly kind: 'refuse'; readonly refusal: Refusal };

const clear: Verdict = { kind: 'clear' };
const refuse = (refusal: Refusal): Verdict => ({ kind: 'refuse', refusal });

export interface SendingFacts {
  readonly policy: Policy;
  readonly keys: KeyKnowledge;
  /** The contact has opted out of encryption, and the person agreed. */
  readonly hasOptedOut: boolean;
  /** This device is not one of the account's yet, so that nobody would believe it. */
  readonly isWaiting: boolean;
}

/** The verdict on a message to one person. */
export function verdictFor({ policy, keys, hasOptedOut, isWaiting }: SendingFacts): Verdict {
  if (policy === 'off') return clear;
  const leavesClear = policy === 'prefer' && hasOptedOut;
  switch (keys.kind) {
    case 'usable':
      if (leavesClear) return clear;
      return isWaiting ? refuse({ kind: 'device-waits' }) : { kind: 'seal' };
    case 'undecided':
      return refuse({ kind: 'undecided', text: keys.text });
    case 'unusable':
      return leavesClear ? clear : refuse({ kind: 'no-device' });
    case 'none':
      if (policy === 'require') return refuse({ kind: 'no-keys' });
      return keys.hadKeys && !hasOptedOut ? refuse({ kind: 'keys-vanished' }) : clear;
    case 'unknown':
      return refuse({ kind: 'look-up-failed', reason: keys.reason, refused: keys.refused });
  }
}

/** The verdict on what goes to no person, or cannot be sealed: rooms, services, forms that a server must read. */
export function verdictWithoutKeys(
  policy: Policy,
  refusal: Extract<Refusal, { kind: 'room' | 'not-encryptable' | 'no-keys' }>,
): Verdict {
  return policy === 'require' ? refuse(refusal) : clear;
}
