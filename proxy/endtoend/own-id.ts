// Ids of the requests that the engine sends on a client's stream. The stage
// knows the answers to them by their beginning, and the client never sees them
// (transparency.md §5.8).
import { randomBytes } from 'node:crypto';

/** Another one in each process, so that no client and no stranger hits upon it. */
export const ownIdPrefix = `${randomBytes(12).toString('base64url')}-`;

/** An id for one request. Who is asked learns the prefix by it, so the rest is as hard to guess. */
export function newOwnId(): string {
  return `${ownIdPrefix}${randomBytes(12).toString('base64url')}`;
}
