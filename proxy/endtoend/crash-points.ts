// The moments at which a crash would hurt most: what is durable, what has left
// and what was acknowledged must agree after each (docs/protocol.md §9.8). The
// code says when it reaches one; a test run kills the process there.

export const crashPoints = [
  // Sending: the lease and the archive row are committed before the stanza leaves.
  'seal.before-archive',
  'seal.after-archive-before-commit',
  'seal.after-commit-before-send',
  'seal.after-send',
  'lease.taken-before-commit',
  // Receiving: the client has it at once, the server hears of it when ratchet and archive are committed.
  'open.before-ratchet',
  'open.after-ratchet-before-commit',
  'open.after-delivery-before-commit',
  'open.after-commit-before-acknowledgement',
  'session.accepted-before-commit',
  'session.begun-before-commit',
  // Keys of one's own: durable before they are published.
  'prekey.rotated-before-commit',
  'prekey.rotated-before-publish',
  'prekey.published',
  'trust.changed-before-commit',
  'outbox.resent-before-removal',
  // The store itself.
  'commit.before',
  'commit.after',
  'epoch.beside-before-database',
  'sweep.before-scrub',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Called when a point is reached. */
export type Reached = (point: CrashPoint) => void;

/** What it does outside of test runs. */
export const unharmed: Reached = () => undefined;
