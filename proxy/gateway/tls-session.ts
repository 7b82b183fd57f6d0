// A client without SIMPP whose TLS ends at the gateway, because its server has
// none (transparency.md §4). The stream inside is observed like a channel's; a
// JID that has a SIMPP device may not log in this way, or a stolen password
// alone would undo what the device protects (docs/protocol.md §6).

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { readHeader } from '../../shared/xmpp/stream-header.ts';
import { lastWords } from '../client/last-words.ts';
import type { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import { errorFields } from '../log-error.ts';
import type { Engine } from './engine.ts';
import { shutdown } from './goodbye.ts';
import { clientLeg, connectServer, innerHost, openServer, type InnerClient } from './inner-stream.ts';
import { chooseDomain, freshStreamId } from './outer-stream.ts';
import { Pipe, type Identified, type PipeHost } from './pipe.ts';
import { Route } from './route.ts';
import { TimeLimit } from './time-limit.ts';

/** Takes TLS from a client; rejects with SimppError. */
export async function takeTls(engine: Engine, socket: Socket, time: TimeLimit): Promise<TLSSocket> {
  if (engine.tls === undefined) throw new SimppError('tls-missing');
  // XEP-0368 §2.3: ALPN, for clients that ask.
  const secured = new TLSSocket(socket, { isServer: true, secureContext: engine.tls, ALPNProtocols: ['xmpp-client'] });
  secured.on('error', () => secured.destroy());
  try {
    await time.on(once(secured, 'secure'));
    return secured;
  } catch (cause) {
    secured.destroy();
    throw new SimppError('tls-missing', 'A client did not complete TLS.', { cause });
  }
}

/** One client whose TLS ends here. */
export class TlsSession {
  readonly #client: Omit<InnerClient, 'domain'>;
  readonly #leg: Leg;
  #pipe: Pipe | undefined;
  #isStopped = false;

  constructor(client: Omit<InnerClient, 'domain'>, stream: TLSSocket) {
    this.#client = client;
    this.#leg = clientLeg(client.engine, stream);
  }

  /** Serves the client; resolves when all its connections are closed, and never rejects. */
  async run(): Promise<void> {
    const { engine, log } = this.#client;
    let domain: string | undefined;
    try {
      const first = await this.#firstPart();
      domain = chooseDomain(readHeader(first.bytes), engine.options.domains);
      const client = { ...this.#client, domain };
      const route = new Route(engine, client.addresses, log);
      const opening = await openServer(client, this.#leg.stream, await connectServer(client, route), first, route);
      this.#pipe = new Pipe(this.#leg, opening.server, this.#pipeHost(client), engine.timing);
      const closed = this.#pipe.run(first, opening.answer);
      if (this.#isStopped) this.#pipe.drop(shutdown);
      await closed;
    } catch (error) {
      log.info('stream not begun', errorFields(error));
      const from = domain ?? engine.options.domains[0];
      const header = { ...(from === undefined ? {} : { from }), id: freshStreamId(engine.crypto), version: '1.0' };
      await linger(this.#leg, engine.timing.lingerMs, lastWords(asSimppError(error), { kind: 'not-yet', header }));
    }
  }

  /** Ends the connection because the gateway stops. */
  stop(): void {
    this.#isStopped = true;
    if (this.#pipe === undefined) this.#leg.destroy();
    else this.#pipe.drop(shutdown);
  }

  /** The client's header: it says which domain, which direct TLS does not. */
  async #firstPart(): Promise<StreamPart> {
    const time = new TimeLimit(this.#client.engine.timing.establishMs);
    try {
      const part = await time.on(this.#leg.read());
      if (part?.kind !== 'header') throw new SimppError('bad-format');
      return part;
    } finally {
      time.clear();
    }
  }

  #pipeHost(client: InnerClient): PipeHost {
    return {
      ...innerHost(client),
      identified: (identity) => this.#identified(identity),
      farewell: (error) => {
        client.log.info('stream ended', errorFields(error));
        return false;
      },
    };
  }

  async #identified({ jid }: Identified): Promise<void> {
    const { engine, log } = this.#client;
    if (engine.options.registeredOverTls !== 'allow' && (await this.#isRegistered(jid))) {
      throw new SimppError('simpp-missing', 'This account uses SIMPP: log in through a SIMPP proxy.');
    }
    this.#client.settled();
    log.info('login', { jid, mode: 'tls' });
  }

  async #isRegistered(jid: string | undefined): Promise<boolean> {
    // A resumed stream that does not tell whose it is could be anybody's.
    return jid === undefined || (await this.#client.engine.registrar.directory.account(jid)) !== undefined;
  }
}
