// A handshake as values: each step says what to send or to look up, and `next`
// takes the answer and returns the next step. Order is enforced by the types,
// no step does I/O, and both profiles run under the same two drivers
// (proxy/server/simpp.ts and proxy/gateway/accept.ts).
import type { Protection } from './protection.ts';

/** What a finished handshake leaves: K_AS, the transcript hash, and the records' keys. */
export interface Session {
  readonly kAS: Uint8Array;
  /** The hash of the whole handshake; an enrolment inside the channel is bound to it. */
  readonly binding: Uint8Array;
  /** Protection of A → S. */
  readonly client: Protection;
  /** Protection of S → A. */
  readonly gateway: Protection;
}

/** A step of A. A message that does not verify throws SimppError('handshake-failed'). */
export type ClientStep =
  | { readonly kind: 'send'; readonly messages: readonly Uint8Array[]; next(reply: Uint8Array): ClientStep }
  | { readonly kind: 'established'; readonly messages: readonly Uint8Array[]; readonly session: Session };

/** A device that the directory lists for an account. */
export interface KnownDevice {
  readonly jid: string;
  /** 16 bytes. */
  readonly deviceId: Uint8Array;
}

/** A registration that KR_A proved; it is stored only after the server's own login (§5.4). */
export interface Registration {
  readonly jid: string;
  readonly kuA: Uint8Array;
  readonly listVersion: number;
  readonly listIssued: number;
  readonly deviceList: Uint8Array;
  /** The names of the list's certificates (§3), 32 bytes each. */
  readonly certificateNames: readonly Uint8Array[];
  readonly deviceId: Uint8Array;
  readonly kuDs: Uint8Array;
  readonly kuDd: Uint8Array;
  readonly certificate: Uint8Array;
  /** Of this device's certificate. */
  readonly certificateName: Uint8Array;
  /** Until when the certificate is valid, in seconds since 1970. */
  readonly notAfter: number;
  readonly stateEpoch: number;
}

/** A classic account as the paper stores it: ID_A, KU_A and K_A. */
export interface ClassicAccount {
  readonly idA: string;
  readonly kuA: Uint8Array;
  readonly kA: Uint8Array;
}

/** Who the other end of an established channel is. */
export type Claim =
  | { readonly kind: 'guest' }
  | {
      readonly kind: 'login';
      readonly jid: string;
      readonly deviceId: Uint8Array;
      /** The key that this login has proved: device ids are unique among listed devices only. */
      readonly kuDd: Uint8Array;
      readonly stateEpoch: number;
    }
  | { readonly kind: 'registration'; readonly jid: string; readonly registration: Registration }
  | { readonly kind: 'classic'; readonly jid: string };

/** A step of S. `refused` is answered like every other failure: constant, without a reason. */
export type GatewayStep =
  | { readonly kind: 'read'; next(message: Uint8Array): GatewayStep }
  | {
      readonly kind: 'find-device';
      readonly agreementKey: Uint8Array;
      next(device: KnownDevice | undefined): GatewayStep;
    }
  | { readonly kind: 'find-account'; readonly idA: string; next(account: ClassicAccount | undefined): GatewayStep }
  | { readonly kind: 'store-account'; readonly account: ClassicAccount; next(stored: boolean): GatewayStep }
  | { readonly kind: 'send'; readonly message: Uint8Array; next(reply: Uint8Array): GatewayStep }
  | { readonly kind: 'established'; readonly session: Session; readonly claim: Claim }
  | { readonly kind: 'refused' };
