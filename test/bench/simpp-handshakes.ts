// The handshakes of simpp-2 as a gateway and its clients run them, without
// sockets. Many run side by side, all of them step by step, so that each side's
// CPU time can be told from the other's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { detectNodeCrypto } from '../../proxy/crypto/provider.ts';
import { createAcceptor, type Acceptor } from '../../proxy/gateway/acceptor.ts';
import { settleClaim } from '../../proxy/gateway/admission.ts';
import type { DirectoryStore } from '../../proxy/gateway/directory/directory.ts';
import { openSqliteDirectory } from '../../proxy/gateway/directory/sqlite-directory.ts';
import { createGatewayKey } from '../../proxy/gateway/key-file.ts';
import { directoryLookUps, settle, type SettledStep } from '../../proxy/gateway/look-ups.ts';
import type { PublicKey } from '../../shared/crypto/provider.ts';
import type { Hello } from '../../shared/simpp/client.ts';
import { systemEntropy } from '../../shared/simpp/entropy.ts';
import type { Claim } from '../../shared/simpp/handshake.ts';
import { simpp2 } from '../../shared/simpp/profile.ts';
import { helloOf, newDevice, now, type TestDevice } from '../shared/simpp/exchange.ts';
import type { Stopwatch } from './stopwatch.ts';

const domain = 'example.test';
const crypto = detectNodeCrypto();
const entropy = systemEntropy(crypto);
const atOnce = <T>(work: () => T): T => work();

/** A gateway with its directory in a file of its own, and accounts that log in at it. */
export class BenchGateway implements AsyncDisposable {
  readonly #acceptor: Acceptor;
  readonly #directory: DirectoryStore;
  readonly #kuS: PublicKey;
  readonly #folder: string;
  #accounts = 0;

  private constructor(directory: DirectoryStore, folder: string) {
    const key = createGatewayKey(crypto, 'simpp-2');
    if (key.profile !== 'simpp-2') throw new TypeError('a key of another profile');
    this.#acceptor = createAcceptor({ crypto, key, allowGuests: true, now: () => now });
    this.#kuS = key.agreement.publicKey;
    this.#directory = directory;
    this.#folder = folder;
  }

  static async open(): Promise<BenchGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'simpp-bench-'));
    return new BenchGateway(await openSqliteDirectory(join(folder, 'gateway.db')), folder);
  }

  /** Devices of as many new accounts. */
  newDevices(count: number): TestDevice[] {
    return Array.from({ length: count }, () => newDevice(crypto, `user${++this.#accounts}@${domain}`));
  }

  /** Devices that the directory knows. */
  async registeredDevices(count: number): Promise<TestDevice[]> {
    const devices = this.newDevices(count);
    const unmeasured = { time: async <T>(_: string, work: () => T | Promise<T>) => work() };
    await this.handshakes(devices.map(helloOf.register), unmeasured);
    return devices;
  }

  /**
   * Runs a handshake for each hello. On the watch: `A`, the client's steps; `S`, the gateway's with its look-up in
   * the directory; `settle`, what the gateway writes down once the server has let the client in.
   */
  async handshakes(hellos: readonly Hello[], watch: Pick<Stopwatch, 'time'>): Promise<void> {
    const openings = await watch.time('A', () => hellos.map((hello) => this.#open(hello)));
    const answers = await watch.time('S', () => inTurn(openings, ({ message }) => this.#answer(message)));
    const closings = await watch.time('A', () => openings.map((opening, at) => opening.next(answers[at]!.message)));
    const claims = await watch.time('S', () => inTurn(closings, (message, at) => this.#finish(answers[at]!, message)));
    await watch.time('settle', () => inTurn(claims, (claim) => this.#settle(claim)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #open(hello: Hello) {
    const { offer } = this.#acceptor;
    const context = { crypto, entropy, kuS: this.#kuS, domain, offer, binding: new Uint8Array(0), hello };
    const opening = simpp2.startClient(context);
    const [message] = opening.messages;
    if (opening.kind !== 'send' || message === undefined) throw new TypeError('A begins by sending');
    return {
      message,
      next(reply: Uint8Array): Uint8Array {
        const closing = opening.next(reply);
        const [last] = closing.messages;
        if (closing.kind !== 'established' || last === undefined) throw new TypeError('A ends by sending message 3');
        return last;
      },
    };
  }

  async #answer(message: Uint8Array): Promise<SettledStep & { kind: 'send' }> {
    const first = this.#acceptor.start(domain);
    if (first.kind !== 'read') throw new TypeError('S begins by reading');
    const answer = await settle(
      first.next(message),
      directoryLookUps({ directory: this.#directory, now: () => now }),
      atOnce,
    );
    if (answer.kind !== 'send') throw new TypeError(`S answers message 1 with ${answer.kind}`);
    return answer;
  }

  #finish(answer: SettledStep & { kind: 'send' }, message: Uint8Array): Claim {
    const end = answer.next(message);
    if (end.kind !== 'established') throw new TypeError(`S answers message 3 with ${end.kind}`);
    return end.claim;
  }

  async #settle(claim: Claim): Promise<void> {
    if (claim.kind === 'guest') return;
    const status = await settleClaim({ directory: this.#directory, now: () => now }, claim, { by: 'bind' });
    if (status === undefined) throw new TypeError('the directory did not settle a claim');
  }
}

/** One after the other: a gateway's directory is asked by one handshake at a time. */
async function inTurn<T, R>(items: readonly T[], work: (item: T, at: number) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const [at, item] of items.entries()) results.push(await work(item, at));
  return results;
}
