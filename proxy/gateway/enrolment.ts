// Enrolment inside a guest's channel (docs/protocol.md §8; transparency.md §2):
// R1–R3 or S1–S3 in control messages once the server has bound a JID. The order
// of records matters: M3 is the client's last under its old key, Identity the
// gateway's last under its own.

import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { Channel } from '../../shared/simpp/channel.ts';
import { enrol, enrolRefused } from '../../shared/simpp/control.ts';
import type { GatewayStep } from '../../shared/simpp/handshake.ts';
import { checkJid, deviceOf, settleClaim, type Registrar } from './admission.ts';
import type { CryptoQueue } from './crypto-queue.ts';
import { settle, type LookUps } from './look-ups.ts';
import type { Identified } from './pipe.ts';

/** What an enrolment works with. */
export interface EnrolmentParts {
  readonly channel: Pick<Channel, 'mixReceiving' | 'mixSending'>;
  readonly lookUps: LookUps;
  readonly queue: CryptoQueue;
  readonly registrar: Registrar;
  /** Begins the handshake, bound to the channel and to the JID that the server bound. */
  start(boundJid: string): GatewayStep;
  send(control: Uint8Array): void;
  /** The device with this KU_Dd is the channel's from now on. */
  enrolled(jid: string, agreementKey: Uint8Array): void;
  /** The login goes on as a guest's. */
  refused(error: SimppError): void;
  /** A wrong message 3: the client's next record could not be opened, so the channel must end. */
  failed(error: SimppError): void;
}

type Bound = Identified & { readonly jid: string };

type Stage =
  /** No JID yet, or none that may be enrolled, or the enrolment is over. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly bound: Bound }
  | { readonly kind: 'answering' }
  | {
      readonly kind: 'confirming';
      readonly bound: Bound;
      next(message: Uint8Array): GatewayStep;
    };

/** A login that the directory does not know is followed by a registration. */
const maxAttempts = 2;
/** Out of their place: each is answered, which must not go on for ever. */
const maxStrays = 1;

/** The one enrolment that a guest's channel may have. */
export class Enrolment {
  readonly #parts: EnrolmentParts;
  #attempts = 0;
  #strays = 0;
  #stage: Stage = { kind: 'closed' };

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
  }

  /** The server has let somebody in: from now on an enrolment may come. ANONYMOUS logins get none. */
  open(identified: Identified): void {
    const { jid, anonymous } = identified;
    if (jid !== undefined && !anonymous) this.#stage = { kind: 'open', bound: { ...identified, jid } };
  }

  /** Takes a handshake message; message 3 at once, since the next record is already under the new key. */
  receive(message: Uint8Array): void {
    const stage = this.#stage;
    switch (stage.kind) {
      case 'closed':
        if (++this.#strays > maxStrays) {
          this.#parts.failed(new SimppError('malformed-message', 'Enrolment messages came out of their place.'));
          break;
        }
        this.#refuse(new SimppError('gateway-refused', 'No enrolment may begin now.'));
        break;
      case 'open':
        this.#stage = { kind: 'answering' };
        this.#attempts++;
        void this.#answer(stage.bound, message);
        break;
      case 'answering':
        this.#parts.failed(new SimppError('malformed-message', 'An enrolment message came out of turn.'));
        break;
      case 'confirming':
        this.#stage = { kind: 'closed' };
        this.#confirm(stage, message);
        break;
    }
  }

  #refuse(error: SimppError): void {
    this.#parts.send(enrolRefused.encode({}));
    this.#parts.refused(error);
  }

  async #answer(bound: Bound, message: Uint8Array): Promise<void> {
    const { lookUps, queue, start, send } = this.#parts;
    try {
      const read = start(bound.jid);
      if (read.kind !== 'read') throw new SimppError('internal');
      const run = <T>(work: () => T): Promise<T> => queue.run(work);
      const step = await settle(await run(() => read.next(message)), lookUps, run);
      if (step.kind !== 'send') throw new SimppError('gateway-refused');
      this.#stage = { kind: 'confirming', bound, next: (reply) => step.next(reply) };
      send(enrol.encode({ handshake: step.message }));
    } catch (error) {
      this.#stage = this.#attempts < maxAttempts ? { kind: 'open', bound } : { kind: 'closed' };
      this.#refuse(asSimppError(error));
    }
  }

  #confirm({ bound, next }: Extract<Stage, { kind: 'confirming' }>, message: Uint8Array): void {
    const { channel, failed } = this.#parts;
    try {
      const step = next(message);
      if (step.kind !== 'established' || step.claim.kind === 'guest') throw new SimppError('gateway-refused');
      channel.mixReceiving(step.session.kAS);
      void this.#settle(bound, step.claim, step.session.kAS);
    } catch (error) {
      failed(asSimppError(error, 'handshake-failed'));
    }
  }

  async #settle(bound: Identified, claim: Parameters<typeof settleClaim>[1], kAS: Uint8Array): Promise<void> {
    const { channel, registrar, send, enrolled } = this.#parts;
    try {
      checkJid(claim, bound);
      const identity = await settleClaim(registrar, claim, bound);
      // A registration is never confirmed by a resumed stream (transparency.md §4).
      if (identity === undefined) throw new SimppError('gateway-refused');
      send(identity);
      channel.mixSending(kAS);
      const device = deviceOf(claim);
      if (device !== undefined) enrolled(device.jid, device.agreementKey);
    } catch (error) {
      // The client's new key is in use, ours is not: so it stays, and the login goes on.
      this.#refuse(asSimppError(error));
    }
  }
}
