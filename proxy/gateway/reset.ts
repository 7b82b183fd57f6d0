// Releasing a JID whose account key is lost (docs/protocol.md §5.4): the
// operator allows the next login under another account key to take it, at once
// or after a time in which a device of the account can object.
import type { DirectoryStore } from './directory/directory.ts';

/** How long a device has to object. */
export const objectionSeconds = 72 * 3600;
/** How long the JID then stays open: a leave that nobody used must not wait for a thief. */
export const openSeconds = 7 * 24 * 3600;

export const resetChoices = ['now', 'wait', 'cancel'] as const;
export type ResetChoice = (typeof resetChoices)[number];

/** What came of it; times in seconds since 1970. */
export type ResetOutcome =
  | { readonly kind: 'allowed'; readonly dueAt: number; readonly expiresAt: number }
  /** `had`: whether there was anything to cancel. */
  | { readonly kind: 'cancelled'; readonly had: boolean }
  /** The directory does not have the JID: whoever comes first gets it anyway. */
  | { readonly kind: 'unknown' };

/** `now` in seconds since 1970. */
export async function resetAccount(
  { keys }: Pick<DirectoryStore, 'keys'>,
  jid: string,
  choice: ResetChoice,
  now: number,
): Promise<ResetOutcome> {
  if (choice === 'cancel') return { kind: 'cancelled', had: await keys.stopReset(jid) };
  const dueAt = choice === 'now' ? now : now + objectionSeconds;
  const expiresAt = dueAt + openSeconds;
  const isKnown = await keys.allowReset(jid, { dueAt, expiresAt, canBeStopped: choice === 'wait' });
  return isKnown ? { kind: 'allowed', dueAt, expiresAt } : { kind: 'unknown' };
}
