// C1 and C2 of the classic profile (docs/protocol.md §10.3): whoever is logged
// in is told the KU of whomever they name. As published, S is simply believed.
import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { Chosen } from '../../shared/codec/message.ts';
import { isAccountOf } from '../../shared/simpp/account-id.ts';
import { classicC1Answer, type classicC1Request } from '../../shared/simpp/classic/messages.ts';
import type { Control } from '../../shared/simpp/control.ts';
import { errorFields } from '../log-error.ts';
import type { Log } from '../log.ts';
import type { RequestHost } from './key-directory/requests.ts';
import type { LookUps } from './look-ups.ts';

/** A question for somebody's KU. */
export type ClassicKeyRequest = Chosen<typeof classicC1Request>;

export function isClassicKeyRequest(control: Control): control is ClassicKeyRequest {
  return control.name === 'classic C1 request';
}

/** Unanswered questions of one channel, as of those in simpp-2 (§8). */
const maxWaiting = 32;

export interface ClassicKeysDeps {
  readonly lookUps: Pick<LookUps, 'findAccount'>;
  readonly domain: string;
  readonly log: Log;
}

export class ClassicKeys {
  readonly #deps: ClassicKeysDeps;
  readonly #host: RequestHost;
  readonly #waiting: ClassicKeyRequest['values'][] = [];
  #isOpen = false;
  #isClosed = false;
  #isAnswering = false;

  constructor(deps: ClassicKeysDeps, host: RequestHost) {
    this.#deps = deps;
    this.#host = host;
  }

  /** The server has bound the JID: questions may come. */
  open(): void {
    this.#isOpen = true;
  }

  /** The channel is over. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  receive({ name, values }: ClassicKeyRequest): void {
    if (!this.#isOpen) {
      this.#host.end(new SimppError('handshake-failed', `${name} came before the login.`));
    } else if (this.#waiting.length >= maxWaiting) {
      this.#host.end(new SimppError('gateway-refused', 'Too many requests for keys wait in this channel.'));
    } else if (!this.#isClosed) {
      this.#waiting.push(values);
      void this.#answerAll();
    }
  }

  async #answerAll(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    for (let asked = this.#waiting[0]; asked !== undefined; asked = this.#waiting[0]) {
      const kuA = await this.#keyOf(asked.jid);
      // It counts as waiting until the client has taken the answer.
      await this.#host.room();
      if (this.#isClosed) break;
      if (kuA !== undefined) this.#host.send(classicC1Answer.encode({ request: asked.request, kuA }));
      this.#waiting.shift();
    }
    this.#isAnswering = false;
  }

  /** Empty where nobody is registered; undefined where that is not known, and then nothing is said. */
  async #keyOf(jid: string): Promise<Uint8Array | undefined> {
    const { lookUps, domain, log } = this.#deps;
    if (!isAccountOf(domain, jid)) return new Uint8Array(0);
    try {
      return (await lookUps.findAccount(jid))?.kuA ?? new Uint8Array(0);
    } catch (error) {
      // An empty answer would let somebody write in clear.
      log.error('directory cannot be used', errorFields(asSimppError(error)));
      return undefined;
    }
  }
}
