// An established channel: the XMPP server is reached, the streams are joined,
// and the server's word on the JID decides what becomes of the claim
// (docs/protocol.md §6, §8).

import type { Socket } from 'node:net';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { Channel } from '../../shared/simpp/channel.ts';
import { goodbye, goodbyeReasons, type Control } from '../../shared/simpp/control.ts';
import type { StreamPart } from '../../shared/xml/scanner.ts';
import { ChannelSocket } from '../channel-socket.ts';
import { lastWords } from '../client/last-words.ts';
import type { Leg } from '../leg.ts';
import { linger } from '../linger.ts';
import { errorFields } from '../log-error.ts';
import type { Established } from './accept.ts';
import { checkJid, deviceOf, settleClaim } from './admission.ts';
import { ClassicKeys, isClassicKeyRequest } from './classic-keys.ts';
import { Enrolment } from './enrolment.ts';
import { goodbyeFor, shutdown } from './goodbye.ts';
import type { InnerOpening } from './inner-opening.ts';
import { clientLeg, connectServer, innerHost, openServer, type InnerClient } from './inner-stream.ts';
import { freshStreamId } from './outer-stream.ts';
import { isKeyRequest, KeyRequests, type RequestHost } from './key-directory/requests.ts';
import { Pipe, type Identified } from './pipe.ts';
import { Route } from './route.ts';
import { TimeLimit } from './time-limit.ts';

/** A Goodbye holds 512 bytes; a character takes three at most in texts of ours. */
const maxTextLength = 170;

/** One client in one channel. */
export class ChannelSession {
  readonly #client: InnerClient;
  readonly #claim: Established['claim'];
  readonly #stream: ChannelSocket;
  readonly #leg: Leg;
  readonly #enrolment: Enrolment | undefined;
  readonly #requests: KeyRequests;
  /** In place of them in the classic profile. */
  readonly #classicKeys: ClassicKeys | undefined;
  #pipe: Pipe | undefined;
  #closed: Promise<void> | undefined;
  #isStopped = false;

  constructor(client: InnerClient, socket: Socket, { session, claim }: Established) {
    this.#client = client;
    this.#claim = claim;
    this.#stream = new ChannelSocket(socket, new Channel(session, 'gateway'));
    this.#leg = clientLeg(client.engine, this.#stream);
    const host: RequestHost = {
      send: (control) => this.#stream.sendControl(control),
      room: () => this.#stream.room(),
      end: (error) => this.#break(error),
    };
    this.#requests = new KeyRequests(client.engine.keys, host);
    const { domain, log } = client;
    const { lookUps } = client.engine;
    this.#classicKeys = claim.kind === 'classic' ? new ClassicKeys({ lookUps, domain, log }, host) : undefined;
    this.#enrolment = claim.kind === 'guest' ? this.#createEnrolment() : undefined;
    this.#stream.onControl((control) => this.#receive(control));
  }

  /** Serves the channel; resolves when all its connections are closed, and never rejects. */
  async run(): Promise<void> {
    await this.#join();
    // Not awaited where it began, which would keep all that the opening took.
    await this.#closed;
    this.#requests.close();
    this.#classicKeys?.close();
  }

  async #join(): Promise<void> {
    const { engine, addresses, log } = this.#client;
    const route = new Route(engine, addresses, log);
    let server: Leg;
    try {
      server = await connectServer(this.#client, route);
    } catch (error) {
      log.warn('server not reached', errorFields(error));
      await this.#apologise();
      return;
    }
    const first = await this.#firstPart();
    let opening: InnerOpening = { server, answer: undefined };
    try {
      if (first.part !== undefined) opening = await openServer(this.#client, this.#stream, server, first.part, route);
    } catch (error) {
      await this.#refuse(asSimppError(error));
      return;
    }
    const known = this.#claim.kind === 'login' ? this.#claim.jid : undefined;
    this.#pipe = new Pipe(this.#leg, opening.server, this.#pipeHost(known), engine.timing);
    this.#closed = this.#pipe.run(first.part, opening.answer);
    if (this.#isStopped) this.#pipe.drop(shutdown);
    else if (first.isLate) this.#pipe.fail(new SimppError('too-slow'));
  }

  /** What the client says first. Nothing when it ends or breaks the rules instead, which the pipe then meets again. */
  async #firstPart(): Promise<{ readonly part: StreamPart | undefined; readonly isLate: boolean }> {
    const time = new TimeLimit(this.#client.engine.timing.loginMs);
    try {
      return { part: await time.on(this.#leg.read()), isLate: false };
    } catch (error) {
      return { part: undefined, isLate: asSimppError(error).code === 'too-slow' };
    } finally {
      time.clear();
    }
  }

  /** Ends the channel because the gateway stops; the server keeps what can be resumed. */
  stop(): void {
    this.#isStopped = true;
    if (this.#pipe === undefined) this.#stream.destroy();
    else this.#pipe.drop(shutdown);
  }

  #pipeHost(known: string | undefined): ConstructorParameters<typeof Pipe>[2] {
    return {
      ...innerHost(this.#client, known),
      identified: (identity) => this.#identified(identity),
      farewell: (error) => this.#farewell(error),
    };
  }

  /** The server has let somebody in. Its answer waits until this is done, and goes no further when it fails. */
  async #identified(identity: Identified): Promise<void> {
    const { engine, log } = this.#client;
    const claim = this.#claim;
    if (claim.kind !== 'guest') checkJid(claim, identity);
    this.#client.settled();
    if (claim.kind === 'guest') {
      engine.counters.add('guests');
      log.info('login', { jid: identity.jid, mode: 'guest' });
      this.#enrolment?.open(identity);
      this.#requests.open(undefined);
      return;
    }
    const word = await settleClaim(engine.registrar, claim, identity);
    this.#requests.open(deviceOf(claim));
    this.#classicKeys?.open();
    if (word !== undefined) this.#stream.sendControl(word);
    // Nothing is registered by a resumed stream (transparency.md §4).
    const isUnconfirmed = claim.kind === 'registration' && word === undefined;
    engine.counters.add(claim.kind === 'registration' && !isUnconfirmed ? 'registrations' : 'logins');
    log.info('login', { jid: claim.jid, mode: isUnconfirmed ? 'resumed' : claim.kind });
  }

  /** A Goodbye says what concerns the channel; what concerns the stream inside is said there. */
  #farewell(error: SimppError): boolean {
    const { engine, log } = this.#client;
    if (error.code === 'jid-mismatch') engine.counters.add('jidMismatches');
    log.info('channel ended', {
      ...errorFields(error),
      jid: this.#claim.kind === 'guest' ? undefined : this.#claim.jid,
    });
    const reason = goodbyeFor(error);
    if (reason !== undefined) this.#sayGoodbye(reason, error.message);
    return reason !== undefined;
  }

  /** Ends the channel before the inner stream was answered. */
  async #refuse(error: SimppError): Promise<void> {
    const { engine, domain } = this.#client;
    const isTold = this.#farewell(error);
    const header = { from: domain, id: freshStreamId(engine.crypto), version: '1.0' };
    const words = isTold ? undefined : lastWords(error, { kind: 'not-yet', header });
    await linger(this.#leg, engine.timing.lingerMs, words);
  }

  #sayGoodbye(reason: (typeof goodbyeReasons)[number], text: string): void {
    this.#stream.sendControl(
      goodbye.encode({ reason: goodbyeReasons.indexOf(reason), text: text.slice(0, maxTextLength) }),
    );
  }

  /** The server is away. The client speaks first, so it is heard first. */
  async #apologise(): Promise<void> {
    const { timing } = this.#client.engine;
    const timer = setTimeout(() => this.#stream.destroy(), timing.establishMs);
    const first = await this.#leg.read().catch((error: unknown) => asSimppError(error));
    clearTimeout(timer);
    if (first === undefined || first instanceof SimppError) {
      this.#stream.destroy();
      return;
    }
    this.#sayGoodbye('server-unreachable', 'The gateway cannot reach its XMPP server. Try again later.');
    await linger(this.#leg, timing.lingerMs);
  }

  #receive(control: Control): void {
    if (control.name === 'Enrol' && this.#enrolment !== undefined) {
      this.#enrolment.receive(control.values.handshake);
      return;
    }
    const keys = this.#classicKeys;
    if (keys === undefined && isKeyRequest(control)) this.#requests.receive(control);
    else if (keys !== undefined && isClassicKeyRequest(control)) keys.receive(control);
    else this.#break(new SimppError('handshake-failed', `${control.name} does not belong into this channel.`));
  }

  /** The channel itself went wrong. */
  #break(error: SimppError): void {
    if (this.#pipe === undefined) this.#stream.destroy(error);
    else this.#pipe.fail(error);
  }

  #createEnrolment(): Enrolment | undefined {
    const { engine, domain, log } = this.#client;
    const { startInside } = engine.acceptor;
    if (startInside === undefined) return undefined;
    const { channel } = this.#stream;
    return new Enrolment({
      channel,
      lookUps: engine.lookUps,
      queue: engine.queue,
      registrar: engine.registrar,
      start: (boundJid) => startInside(domain, channel.binding, boundJid),
      send: (control) => this.#stream.sendControl(control),
      enrolled: (jid, agreementKey) => {
        this.#requests.open({ jid, agreementKey });
        engine.counters.add('enrolments');
        log.info('enrolled', { jid });
      },
      refused: (error) => {
        engine.counters.add('enrolmentFailures');
        log.info('enrolment refused', errorFields(error));
      },
      failed: (error) => {
        engine.counters.add('enrolmentFailures');
        this.#break(new SimppError('handshake-failed', 'The enrolment failed.', { cause: error }));
      },
    });
  }
}
