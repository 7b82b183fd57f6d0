// Where patients for `simpp doctor` are made ill: a real Prosody, a real
// gateway before it, real certificates, and for each patient a folder of its
// own with a healthy set-up that a test then breaks in one place.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

import { thisMachine } from '../../../proxy/cli/doctor.ts';
import type { AccountFile } from '../../../proxy/config/account-schema.ts';
import { setupFile, writeSetup } from '../../../proxy/config/accounts.ts';
import { findHome, type Home } from '../../../proxy/config/home.ts';
import { writeFileAtomically } from '../../../proxy/config/write.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import type { Patient } from '../../../proxy/doctor/patient.ts';
import { createGatewayKey, encodeGatewayKey, publicGatewayKey } from '../../../proxy/gateway/key-file.ts';
import type { GatewayOptions } from '../../../proxy/gateway/options.ts';
import { startGateway } from '../../../proxy/gateway/server.ts';
import { openKeystore } from '../../../proxy/keystore/keystore.ts';
import { silentLog } from '../../../proxy/log.ts';
import { AccountStore } from '../../../proxy/store/accounts.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { toBase64Url } from '../../../shared/bytes.ts';
import { TestAuthority, type Certificate } from '../support/certs.ts';
import { freePort } from '../support/free-port.ts';
import { alice, bob, domain } from '../support/world.ts';

const crypto = detectNodeCrypto();

/** A gateway of this process, and its key as a set-up pins it. */
export interface WardGateway {
  readonly place: string;
  readonly key: string;
}

export class Ward implements AsyncDisposable {
  readonly prosody: Prosody;
  readonly authority: TestAuthority;
  /** For everyone with an invite. */
  readonly gateway: WardGateway;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Pick<Ward, 'prosody' | 'authority'>, gateway: WardGateway, stack: AsyncDisposableStack) {
    this.prosody = parts.prosody;
    this.authority = parts.authority;
    this.gateway = gateway;
    this.#stack = stack;
  }

  static async open(): Promise<Ward> {
    await using stack = new AsyncDisposableStack();
    const prosody = stack.use(await Prosody.start({ domain, accounts: [alice, bob] }));
    const authority = stack.use(await TestAuthority.create());
    const gateway = await startWardGateway(prosody, {}, stack);
    return new Ward({ prosody, authority }, gateway, stack.move());
  }

  get server(): string {
    return `127.0.0.1:${this.prosody.port}`;
  }

  /** Whatever a fault needs until the ward closes. */
  keep<T extends AsyncDisposable | Disposable>(thing: T): T {
    return this.#stack.use(thing);
  }

  /** Another gateway before the same server. */
  startGateway(changes: Partial<GatewayOptions>): Promise<WardGateway> {
    return startWardGateway(this.prosody, changes, this.#stack);
  }

  /** The same server behind TLS from the first byte, with this certificate. */
  async behindTls({ certFile, keyFile }: Certificate): Promise<string> {
    const front = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (client) => {
      const server = connect(this.prosody.port, '127.0.0.1');
      client.on('error', () => server.destroy()).pipe(server);
      server.on('error', () => client.destroy()).pipe(client);
    });
    front.on('tlsClientError', () => undefined);
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    this.#stack.defer(() => void front.close());
    const address = front.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** A folder in which nothing is set up yet. */
  bed(): Bed {
    return this.keep(new Bed(this));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function startWardGateway(
  prosody: Prosody,
  changes: Partial<GatewayOptions>,
  stack: AsyncDisposableStack,
): Promise<WardGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'simpp-ward-gateway-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const key = createGatewayKey(crypto, 'simpp-2');
  const options: GatewayOptions = {
    domains: [domain],
    listen: [{ host: '127.0.0.1', port: 0 }],
    server: { host: prosody.host, port: prosody.port, tls: 'none' },
    plainClients: 'splice',
    guest: 'allow',
    profile: 'simpp-2',
    databaseFile: join(folder, 'gateway.db'),
    limits: { maxConnections: 100, maxStanzaBytes: 262_144 },
    ...changes,
  };
  const gateway = await startGateway(options, { crypto, key, log: silentLog });
  stack.defer(() => gateway.stop());
  return { place: gateway.listen[0]!, key: toBase64Url(publicGatewayKey(key).bytes) }; // it listens on one address
}

/** One patient's folder. */
export class Bed implements Disposable {
  readonly folder: string;
  readonly home: Home;
  readonly #ward: Ward;

  constructor(ward: Ward) {
    this.#ward = ward;
    this.folder = mkdtempSync(join(tmpdir(), 'simpp-bed-'));
    this.home = findHome({ platform: process.platform, home: this.folder, env: { SIMPP_HOME: this.folder } });
  }

  /** This machine, looking at this folder. */
  patient(changes: Partial<Patient> = {}): Patient {
    return { ...thisMachine(this.home), ...changes };
  }

  /** A set-up of a proxy, by default alice's through the gateway, with a password and a listener. */
  async setUp(changes: Partial<AccountFile> = {}, password = alice.password): Promise<this> {
    const { place, key } = this.#ward.gateway;
    const route = changes.mode === 'direct' ? {} : { gateway: place, key };
    const values: AccountFile = {
      ...(changes.domain === undefined ? { jid: alice.jid } : {}),
      mode: 'gateway',
      ...route,
      ...changes,
    };
    const name =
      values.jid === undefined
        ? ({ kind: 'domain', domain: values.domain ?? '' } as const)
        : ({ kind: 'jid', jid: values.jid } as const);
    writeSetup(setupFile(this.home.accountsDir, name), values);
    writeFileAtomically(this.home.proxyToml, `listen = ["127.0.0.1:${await freePort()}"]\n`);
    const { jid } = values;
    if (jid === undefined) return this;
    await this.store((accounts) => {
      accounts.add(jid);
      accounts.putCredentials(jid, { password });
    });
    return this;
  }

  /** A gateway's files, before the ward's server. */
  async setUpGateway(lines: readonly string[] = []): Promise<this> {
    const base = [
      `domains = ["${domain}"]`,
      `listen = ["127.0.0.1:${await freePort()}"]`,
      `server = "${this.#ward.server}"`,
      'server_tls = "none"',
    ];
    const changed = new Set(lines.map((line) => line.split(' ', 1)[0]));
    const kept = base.filter((line) => !changed.has(line.split(' ', 1)[0]));
    writeFileAtomically(this.home.gatewayToml, `${[...kept, ...lines].join('\n')}\n`);
    writeFileAtomically(this.home.gatewayKey, encodeGatewayKey(createGatewayKey(crypto, 'simpp-2')));
    return this;
  }

  /** Does something with the accounts' database. */
  async store(body: (accounts: AccountStore) => void): Promise<void> {
    const accounts = AccountStore.open(this.home.proxyDatabase, await openKeystore(this.home.keystoreDir));
    try {
      body(accounts);
    } finally {
      accounts.close();
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
