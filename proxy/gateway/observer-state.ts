// What the observer of an inner stream knows, and what it can ask for: the
// values that observe.ts and its two halves share.

import { noBindings, type Bindings } from '../../shared/xml/tag.ts';
import type { SaslLogin } from './sasl-account.ts';

/** What the observer is told once. */
export interface ObserverRules {
  /** The domain of the channel. */
  readonly domain: string;
  /** Whether accounts may be made before a login (XEP-0077). */
  readonly allowRegistration: boolean;
  /**
   * Whether a login may be tried, for an account at this domain if it is known. It counts as failed from now on, since
   * many may be tried at once, until the effect `login-cleared` says otherwise.
   */
  beginLogin(account: string | undefined): boolean;
  /** The same for an account that the login names only now. */
  nameLogin(account: string | undefined): boolean;
}

/** What the server has yet to answer before the client may go on. */
export type Awaited =
  | { readonly kind: 'sasl' }
  | { readonly kind: 'legacy'; readonly id: string; readonly account: string | undefined }
  | { readonly kind: 'bind' | 'other-iq'; readonly id: string | undefined }
  | { readonly kind: 'resume' };

/** How the JID was learned. */
export type IdentifiedBy = 'bind' | 'legacy' | 'resumed';

/** What is known of a stream so far. */
export interface ObserverState {
  readonly stage: 'before-login' | 'authenticated' | 'identified';
  readonly login: SaslLogin | undefined;
  readonly awaited: Awaited | undefined;
  /** Bare, once it is known. */
  readonly jid: string | undefined;
  /** Ids of requests to delete the account (XEP-0077) that the server has not answered. */
  readonly removals: readonly string[];
  readonly clientScope: Bindings;
  readonly serverScope: Bindings;
}

/** What is to be done; `forward` goes to the other side, `answer` back to where the part came from. */
export type Effect =
  | { readonly kind: 'forward' | 'answer'; readonly bytes: Uint8Array }
  /** Nothing more of the client is read until `release`. */
  | { readonly kind: 'hold' | 'release' }
  /** Both sides begin a new stream (RFC 6120 §6.4.6). */
  | { readonly kind: 'restart' }
  | { readonly kind: 'login-failed'; readonly account: string | undefined }
  /** A login has succeeded, or ended in a way that tells nothing about a password. */
  | { readonly kind: 'login-cleared' }
  /** An account is being registered: a person fills in a form. */
  | { readonly kind: 'extend' }
  /** The bytes go to the client when the JID was found right. */
  | {
      readonly kind: 'identified';
      readonly by: IdentifiedBy;
      readonly jid: string | undefined;
      readonly anonymous: boolean;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'removed'; readonly jid: string };

/** A step of the observer. */
export interface Observation {
  readonly state: ObserverState;
  readonly effects: readonly Effect[];
}

/** The state of a stream of which nothing was seen. */
export const initialObserver: ObserverState = {
  stage: 'before-login',
  login: undefined,
  awaited: undefined,
  jid: undefined,
  removals: [],
  clientScope: noBindings,
  serverScope: noBindings,
};

/** The part goes on as it is. */
export function pass(state: ObserverState, bytes: Uint8Array): Observation {
  return { state, effects: [{ kind: 'forward', bytes }] };
}

/** The part goes on, and the client with it. */
export function passAndRelease(state: ObserverState, bytes: Uint8Array): Observation {
  if (state.awaited === undefined) return pass(state, bytes);
  return { state: { ...state, awaited: undefined }, effects: [{ kind: 'forward', bytes }, { kind: 'release' }] };
}

/** The part goes on; what the client sent behind it waits for the server's answer. */
export function passAndAwait(state: ObserverState, bytes: Uint8Array, awaited: Awaited): Observation {
  return { state: { ...state, awaited }, effects: [{ kind: 'forward', bytes }, { kind: 'hold' }] };
}
