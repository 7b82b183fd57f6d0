// A gateway on a free port with a directory of its own, and what a test asks of
// it. The XMPP server behind it is the test's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Crypto } from '../../../shared/crypto/provider.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import { openSqliteDirectory } from '../../../proxy/gateway/directory/sqlite-directory.ts';
import type { DirectoryStore } from '../../../proxy/gateway/directory/directory.ts';
import type { EngineDependencies } from '../../../proxy/gateway/engine.ts';
import { createGatewayKey, type GatewayKey } from '../../../proxy/gateway/key-file.ts';
import type { GatewayOptions, RunningGateway } from '../../../proxy/gateway/options.ts';
import { startGateway } from '../../../proxy/gateway/server.ts';
import type { Log, LogFields } from '../../../proxy/log.ts';
import { now } from '../../shared/simpp/exchange.ts';

export const crypto: Crypto = detectNodeCrypto();
export const domain = 'example.test';

export interface LoggedEvent {
  readonly event: string;
  readonly fields: LogFields;
}

export class World implements AsyncDisposable {
  readonly gateway: RunningGateway;
  readonly directory: DirectoryStore;
  readonly key: GatewayKey;
  readonly events: readonly LoggedEvent[];
  readonly #folder: string;

  private constructor(parts: Pick<World, 'gateway' | 'directory' | 'key' | 'events'>, folder: string) {
    this.gateway = parts.gateway;
    this.directory = parts.directory;
    this.key = parts.key;
    this.events = parts.events;
    this.#folder = folder;
  }

  static async start(
    server: GatewayOptions['server'],
    changes: Partial<GatewayOptions> = {},
    deps: Partial<EngineDependencies> = {},
  ): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'simpp-gateway-'));
    const directory = await openSqliteDirectory(join(folder, 'directory.db'));
    const profile = changes.profile ?? 'simpp-2';
    const key = createGatewayKey(crypto, profile);
    const events: LoggedEvent[] = [];
    const options: GatewayOptions = {
      domains: [domain],
      listen: [{ host: '127.0.0.1', port: 0 }],
      server,
      plainClients: 'splice',
      guest: 'allow',
      profile,
      databaseFile: '',
      limits: { maxConnections: 100, maxStanzaBytes: 262_144 },
      ...changes,
    };
    const gateway = await startGateway(options, {
      crypto,
      key,
      log: collectingLog(events),
      directory,
      now: () => now,
      ...deps,
    });
    return new World({ gateway, directory, key, events }, folder);
  }

  get port(): number {
    return Number(this.gateway.listen[0]!.split(':').at(-1));
  }

  counter(name: string): number | undefined {
    return this.gateway.status().counters[name];
  }

  /** The fields of the last event of this name. */
  logged(event: string): LogFields | undefined {
    return this.events.findLast((each) => each.event === event)?.fields;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.stop();
    await this.directory.close();
    await rm(this.#folder, { recursive: true });
  }
}

function collectingLog(events: LoggedEvent[], more: LogFields = {}): Log {
  const note = (event: string, fields: LogFields = {}): void => {
    events.push({ event, fields: { ...more, ...fields } });
  };
  const child = (fields: LogFields): Log => collectingLog(events, { ...more, ...fields });
  return { debug: note, info: note, warn: note, error: note, child };
}
