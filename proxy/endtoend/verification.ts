// Verification by a short string that both sides type (docs/protocol.md §9.6),
// as a state machine without clock, randomness or transport of its own. A
// begins and commits to its nonce before it sees B's; so whoever stands between
// them has one guess in 10^6 for each digit string, and three of those.
import { equalBytes, utf8 } from '../../shared/bytes.ts';
import type { Crypto } from '../../shared/crypto/provider.ts';
import { sasCommitment, sasDigits } from '../../shared/simpp/verification.ts';

/** How long one runs, in milliseconds. */
export const verificationMs = 10 * 60_000;
/** How many wrong strings end it. */
export const maxAttempts = 3;
const nonceBytes = 16;
const maxIdLength = 64;

export const verificationSteps = ['commit', 'nonce', 'reveal'] as const;

/** What `<verification/>` carries; `value` is a commitment of 32 bytes or a nonce of 16. */
export interface VerificationStep {
  readonly id: string;
  readonly step: (typeof verificationSteps)[number];
  readonly value: Uint8Array;
}

/** One side, with the key that is to be verified. */
export interface Party {
  readonly jid: string;
  readonly kuA: Uint8Array;
}

/** Both sides, as they are when a verification begins: it verifies these keys and no later ones. */
export interface Parties {
  readonly own: Party;
  readonly contact: Party;
}

/** Why a verification ended without a result. */
export type EndReason =
  'wrong-digits' | 'too-late' | 'out-of-place' | 'false-reveal' | 'answered-elsewhere' | 'cancelled';

interface Running extends Parties {
  readonly id: string;
  readonly startedAt: number;
}

export type Verification =
  | { readonly kind: 'none' }
  /** We are A: our commitment is out. */
  | (Running & { readonly kind: 'committed'; readonly nonce: Uint8Array })
  /** They are A and have committed; our person has not answered yet. */
  | (Running & { readonly kind: 'asked'; readonly commitment: Uint8Array })
  /** We are B: our nonce is out. */
  | (Running & { readonly kind: 'answered'; readonly commitment: Uint8Array; readonly nonce: Uint8Array })
  /** Both have both nonces; the persons type. */
  | (Running & {
      readonly kind: 'comparing';
      readonly ours: string;
      readonly theirs: string;
      readonly attemptsLeft: number;
    })
  /** The person typed what the contact shows. `ours` stays, for the contact to type. */
  | (Running & { readonly kind: 'confirmed'; readonly ours: string })
  | { readonly kind: 'over'; readonly contact: Party; readonly reason: EndReason };

export type VerificationEvent =
  /** The person begins one, or answers; `id` and `nonce` are fresh. */
  | { readonly kind: 'start'; readonly parties: Parties; readonly id: string; readonly nonce: Uint8Array }
  /** A step came from the contact, in an envelope that its session opened. */
  | {
      readonly kind: 'received';
      readonly step: VerificationStep;
      readonly parties: Parties;
      readonly nonce: Uint8Array;
    }
  | { readonly kind: 'typed'; readonly digits: string }
  | { readonly kind: 'cancel' };

/** What comes of an event; `isNews` where the person should hear of the new state unasked. */
export interface VerificationOutcome {
  readonly state: Verification;
  readonly send?: VerificationStep;
  readonly isNews: boolean;
}

export const noVerification: Verification = { kind: 'none' };

/** The next state of the verification with one contact; `now` is in milliseconds. */
export function nextVerification(
  crypto: Crypto,
  state: Verification,
  event: VerificationEvent,
  now: number,
): VerificationOutcome {
  const current = expired(state, now);
  switch (event.kind) {
    case 'start':
      return started(crypto, current, event, now);
    case 'received':
      return received(crypto, current, event, now);
    case 'typed':
      return typed(current, event.digits);
    case 'cancel':
      return isRunning(current) ? over(current, 'cancelled', false) : unchanged(current);
  }
}

/** The state at this time: what ran for ten minutes is over. */
export function expired(state: Verification, now: number): Verification {
  if (!isRunning(state) || now - state.startedAt < verificationMs) return state;
  return { kind: 'over', contact: state.contact, reason: 'too-late' };
}

type RunningState = Exclude<Verification, { kind: 'none' | 'over' | 'confirmed' }>;

function isRunning(state: Verification): state is RunningState {
  return state.kind !== 'none' && state.kind !== 'over' && state.kind !== 'confirmed';
}

function unchanged(state: Verification): VerificationOutcome {
  return { state, isNews: false };
}

function over(state: Running, reason: EndReason, isNews = true): VerificationOutcome {
  return { state: { kind: 'over', contact: state.contact, reason }, isNews };
}

type Start = Extract<VerificationEvent, { kind: 'start' }>;
type Received = Extract<VerificationEvent, { kind: 'received' }>;

function started(crypto: Crypto, state: Verification, event: Start, now: number): VerificationOutcome {
  if (state.kind === 'asked') return answer(state, event.nonce, false);
  if (isRunning(state)) return unchanged(state);
  const { id, nonce, parties } = event;
  return {
    state: { kind: 'committed', ...parties, id, nonce, startedAt: now },
    send: { id, step: 'commit', value: sasCommitment(crypto, nonce) },
    isNews: false,
  };
}

function answer(
  state: Running & { readonly commitment: Uint8Array },
  nonce: Uint8Array,
  isNews: boolean,
): VerificationOutcome {
  const { id, own, contact, startedAt, commitment } = state;
  return {
    state: { kind: 'answered', id, own, contact, startedAt, commitment, nonce },
    send: { id, step: 'nonce', value: nonce },
    isNews,
  };
}

function received(crypto: Crypto, state: Verification, event: Received, now: number): VerificationOutcome {
  const { step } = event;
  if (!isWellFormed(step)) return isRunning(state) ? over(state, 'out-of-place') : unchanged(state);
  if (step.step === 'commit') return receivedCommit(state, event, now);
  // A step of another verification, or of one that is over, says nothing about this one.
  if (!isRunning(state) || state.id !== step.id) return unchanged(state);
  switch (state.kind) {
    case 'committed':
      if (step.step !== 'nonce') return over(state, 'out-of-place');
      return {
        state: comparing(crypto, state, 'A', state.nonce, step.value),
        send: { id: state.id, step: 'reveal', value: state.nonce },
        isNews: true,
      };
    case 'asked':
      // Another device of ours has answered: A reveals to all of them.
      return over(state, step.step === 'reveal' ? 'answered-elsewhere' : 'out-of-place', step.step !== 'reveal');
    case 'answered':
      if (step.step !== 'reveal') return over(state, 'out-of-place');
      // §9.6: a nonce that A did not commit to was chosen after ours.
      if (!equalBytes(sasCommitment(crypto, step.value), state.commitment)) return over(state, 'false-reveal');
      return { state: comparing(crypto, state, 'B', step.value, state.nonce), isNews: true };
    case 'comparing':
      return over(state, 'out-of-place');
  }
}

function receivedCommit(state: Verification, event: Received, now: number): VerificationOutcome {
  const { step, parties, nonce } = event;
  const asked = { kind: 'asked', ...parties, id: step.id, commitment: step.value, startedAt: now } as const;
  if (!isRunning(state)) return { state: asked, isNews: true };
  if (state.id === step.id) return over(state, 'out-of-place');
  switch (state.kind) {
    case 'committed':
      // Both have begun: the side with the lower address stays A, the other one answers (§9.6).
      return isLower(state.own.jid, state.contact.jid) ? unchanged(state) : answer(asked, nonce, false);
    case 'asked':
      // Nothing of ours is out yet; they have begun anew.
      return { state: asked, isNews: true };
    case 'answered':
    case 'comparing':
      return over(state, 'out-of-place');
  }
}

function comparing(
  crypto: Crypto,
  { id, own, contact, startedAt }: Running,
  role: 'A' | 'B',
  nonceA: Uint8Array,
  nonceB: Uint8Array,
): Verification {
  const [a, b] = role === 'A' ? [own, contact] : [contact, own];
  const digits = sasDigits(crypto, {
    id,
    jidA: a.jid,
    jidB: b.jid,
    kuA: a.kuA,
    kuB: b.kuA,
    nA: nonceA,
    nB: nonceB,
  });
  const [ours, theirs] = role === 'A' ? [digits.a, digits.b] : [digits.b, digits.a];
  return { kind: 'comparing', id, own, contact, startedAt, ours, theirs, attemptsLeft: maxAttempts };
}

function typed(state: Verification, digits: string): VerificationOutcome {
  if (state.kind !== 'comparing') return unchanged(state);
  const { id, own, contact, startedAt, ours, theirs } = state;
  if (equalBytes(utf8(digits.replace(/\D/g, '')), utf8(theirs))) {
    return { state: { kind: 'confirmed', id, own, contact, startedAt, ours }, isNews: false };
  }
  const attemptsLeft = state.attemptsLeft - 1;
  if (attemptsLeft === 0) return over(state, 'wrong-digits', false);
  return { state: { ...state, attemptsLeft }, isNews: false };
}

function isWellFormed({ id, step, value }: VerificationStep): boolean {
  return id.length >= 1 && id.length <= maxIdLength && value.length === (step === 'commit' ? 32 : nonceBytes);
}

/** By UTF-8 bytes, so that both sides find the same. */
function isLower(a: string, b: string): boolean {
  return Buffer.compare(utf8(a), utf8(b)) < 0;
}
