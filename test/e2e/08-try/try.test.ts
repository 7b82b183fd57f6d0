// `npm start`: the world to try things out, as a person and as a script start it.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { needs } from '../../run/needs.ts';
import { DrivenProcess } from '../support/driven-process.ts';
import { eventually } from '../support/eventually.ts';
import { SlixmppClient } from '../support/slixmpp.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const worldTimeoutMs = 50_000;

/** `npm start` with a place for temporary files that nobody else uses. */
class TryOut implements AsyncDisposable {
  readonly child: DrivenProcess;
  readonly #place: string;

  private constructor(place: string, args: readonly string[]) {
    this.#place = place;
    const options = { name: 'npm start', cwd: root, env: { TMPDIR: place } };
    this.child = new DrivenProcess('npm', ['start', '--silent', '--', ...args], options);
  }

  static async start(...args: readonly string[]): Promise<TryOut> {
    const place = await mkdtemp(join(tmpdir(), 'simpp-e2e-'));
    // Prosody runs as another user when we are root.
    await chmod(place, 0o755);
    return new TryOut(place, args);
  }

  /** The folders of the world that are there now. */
  async folders(): Promise<string[]> {
    return (await readdir(this.#place)).filter((name) => name.startsWith('simpp-'));
  }

  /** How many processes have a configuration in one of the folders: Prosody's. */
  async servers(): Promise<number> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const commands = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
    return (await Promise.all(commands)).filter((command) => command.includes(`${this.#place}/`)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
    await rm(this.#place, { recursive: true, force: true });
  }
}

describe('08 the try-out world', function () {
  needs('prosody', 'slixmpp');
  this.timeout(60_000);

  it('with --json --once talks, finds no word on the wire nor at the server, and ends with 0', async () => {
    const startedAt = performance.now();
    await using world = await TryOut.start('--json', '--once');
    const { child } = world;
    child.endInput();
    const { code } = await child.exited;
    assert.equal(code, 0, child.errors);
    assert.deepEqual(await world.folders(), []);
    assert.ok(performance.now() - startedAt < worldTimeoutMs);
    const result = JSON.parse(child.lines.all.at(-1) ?? '') as Record<string, unknown>;
    const { ok, ports, fingerprints, exchange, words } = result as {
      ok: boolean;
      ports: Record<string, number>;
      fingerprints: Record<string, string>;
      exchange: { from: string; text: string }[];
      words: Record<string, number>;
    };
    assert.equal(ok, true);
    assert.deepEqual([words['onWire'], words['atServer']], [0, 0]);
    // The control: between clients and proxy the same search finds every one.
    assert.equal(words['onLoopback'], words['said']);
    assert.ok((words['said'] ?? 0) > 10 && (words['wireBytes'] ?? 0) > 10_000);
    assert.deepEqual(Object.keys(ports).toSorted(), ['gateway', 'proxy', 'server']);
    assert.deepEqual(Object.keys(fingerprints).toSorted(), ['alice@example.test', 'bob@example.test', 'gateway']);
    for (const digits of Object.values(fingerprints)) assert.match(digits, /^(\d{5} ?){12}$/);
    assert.ok(new Set(exchange.map(({ from }) => from)).size === 2);
  });

  it('without --once waits for people, and SIGTERM ends all of it with 0', async () => {
    await using world = await TryOut.start('--json');
    const { child } = world;
    const line = await child.lines.take((text) => text.includes('"ready"'), 'the ready line', worldTimeoutMs);
    const { ports, accounts, domain } = JSON.parse(line) as {
      ports: Record<string, number>;
      accounts: { name: string; password: string }[];
      domain: string;
    };
    const [alice] = accounts;
    assert.ok(alice);
    assert.deepEqual([(await world.folders()).length, (await world.servers()) > 0], [2, true]);
    {
      const { name, password } = alice;
      const place = { host: '127.0.0.1', port: ports['proxy'] ?? 0 };
      await using client = await SlixmppClient.login({ ...place, jid: `${name}@${domain}`, password });
      assert.ok((await client.ping()) >= 0);
    }
    child.signal('SIGTERM');
    const { code, signal } = await child.exited;
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    assert.deepEqual(await world.folders(), []);
    await eventually('the end of Prosody', async () => (await world.servers()) === 0);
  });

  it('prints for people what to type into a client', async () => {
    await using world = await TryOut.start();
    const { child } = world;
    await child.lines.take((text) => text.includes('Ctrl-C ends the world'), 'the advice', worldTimeoutMs);
    const text = child.lines.all.join('\n');
    for (const client of ['Pidgin', 'Gajim', 'Profanity']) assert.match(text, new RegExp(`^ +${client} `, 'm'));
    assert.match(text, /alice@example\.test +password {2}\S+/);
    assert.match(text, /Fingerprint of the gateway: (\d{5} ?){12}/);
    child.signal('SIGINT');
    assert.equal((await child.exited).code, 0);
  });
});
