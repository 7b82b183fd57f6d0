// The proxy's engine, composed: listeners, the set-ups of the moment, and a
// session per client. What it works with is handed in.
import { randomUUID } from 'node:crypto';
import { SimppError } from '../shared/errors.ts';
import { systemEntropy } from '../shared/simpp/entropy.ts';
import { clientLimits } from '../shared/xml/scanner.ts';
import { setupDomain } from './address.ts';
import { LocalCertificates } from './ca/local-certificates.ts';
import { Hibernation } from './client/hibernation.ts';
import { LastLogins } from './client/last-logins.ts';
import { LoginKeys } from './client/login-keys.ts';
import { Passwords } from './client/passwords.ts';
import type { SessionContext } from './client/session-context.ts';
import { Sessions } from './client/sessions.ts';
import { defaultTiming, type Timing } from './client/timing.ts';
import { ownIdPrefix } from './endtoend/own-id.ts';
import { ClassicEndToEnd, isClassicSetup } from './endtoend/classic/engine.ts';
import { unharmed } from './endtoend/crash-points.ts';
import { EndToEnd } from './endtoend/engine.ts';
import { IdentityKeeper } from './identity/keeper.ts';
import { listenAll } from './listener.ts';
import type { Log } from './log.ts';
import {
  setupName,
  type ProxyDependencies,
  type ProxyOptions,
  type ProxyStatus,
  type RunningProxy,
  type Setup,
  type SetupNumbers,
} from './options.ts';
import { addressesOf, placesOf } from './places.ts';
import { tryLogin, type TrialLogin } from './server/trial-login.ts';
import { SetupTable } from './setup-table.ts';
import { Tally } from './tally.ts';
import { readVersion } from './version.ts';

/** Starts a proxy; throws SimppError when it cannot listen as told. */
export async function startProxy(
  options: ProxyOptions,
  dependencies: ProxyDependencies,
  timing: Partial<Timing> = {},
): Promise<RunningProxy> {
  const { crypto, accounts, log, stores, reached = unharmed } = dependencies;
  const { publishAuthorities: publish = () => undefined } = dependencies;
  let { setups } = options;
  let table = new SetupTable(setups);
  const entropy = systemEntropy(crypto);
  const now = (): number => Math.floor(Date.now() / 1000);
  const tally = new Tally();
  const lastLogins = new LastLogins(accounts, now);
  const identities = new IdentityKeeper({ store: accounts, crypto, entropy, now });
  const engine =
    stores &&
    new EndToEnd({
      crypto,
      entropy,
      identities,
      stores,
      log,
      reached,
      version: readVersion(),
      now: () => Date.now(),
      setupOf: (jid) => table.setupOf(jid),
    });
  const classic = new ClassicEndToEnd({ crypto, entropy, identities, log, now: () => Date.now() }, (jid) =>
    table.setupOf(jid),
  );
  const context: Omit<SessionContext, 'tally'> = {
    setups: () => table,
    passwords: new Passwords(accounts),
    loginKeys: new LoginKeys(),
    limits: { ...clientLimits, maxElementBytes: options.limits.maxStanzaBytes },
    timing: { ...defaultTiming, ...timing },
    lastLogins,
    hibernation: new Hibernation(() => performance.now()),
    translations: new Hibernation(() => performance.now()),
    ownIdPrefix,
    endToEnd:
      dependencies.endToEnd ??
      (engine && ((stream) => (isClassicSetup(stream.setup) ? classic : engine).stream(stream))),
    dialling: { crypto, entropy, identities },
    newId: randomUUID,
  };
  const sessions = new Sessions(context, tally, log, options.limits.maxConnections);
  const { randomBytes } = crypto;
  const certificates = new LocalCertificates({ store: accounts.authorities, now, randomBytes, publish });
  const makeAuthority = (): void => certificates.serve(setups.map(setupDomain));
  const places = placesOf(options, (name) => certificates.contextFor(name));
  const hasTls = places.some(({ security }) => security.kind !== 'plaintext');
  if (hasTls) makeAuthority();
  const listeners = await listenAll(places, (socket, { security }) => sessions.accept(socket, security));

  return {
    listen: addressesOf(places, listeners, 'plaintext'),
    listenStarttls: addressesOf(places, listeners, 'starttls'),
    listenTls: addressesOf(places, listeners, 'tls'),
    status: () => statusOf(sessions, setups, tally),
    reload: (next: readonly Setup[]) => {
      table = new SetupTable(next);
      setups = next;
      if (hasTls) makeAuthority();
      log.info('set-ups taken', { count: next.length });
    },
    makeAuthority,
    desk: (jid) => {
      if (engine === undefined) throw new SimppError('not-running', 'This proxy does not encrypt end to end.');
      return engine.desk(jid);
    },
    endToEndAccounts: () => engine?.names() ?? [],
    tryLogin: (name) => tryStored(setups, name, { ...context, log }),
    forget: (name) => {
      sessions.endOf(name, new SimppError('shutting-down', 'This account was removed from the proxy.'));
      identities.forget(name);
      engine?.forget(name);
      classic.forget(name);
    },
    restored: (jid) => {
      sessions.endOf(jid, new SimppError('shutting-down', 'This account was restored from a backup; connect again.'));
      identities.forget(jid);
      engine?.drop(jid);
    },
    settle: () => lastLogins.flush(),
    stop: async () => {
      const closing = listeners.map((listener) => listener.close());
      await sessions.stop();
      await Promise.all(closing);
      engine?.stop();
      lastLogins.flush();
    },
  };
}

async function tryStored(
  setups: readonly Setup[],
  name: string,
  { passwords, dialling, log }: Pick<SessionContext, 'passwords' | 'dialling'> & { readonly log: Log },
): Promise<TrialLogin> {
  const setup = setups.find((candidate) => setupName(candidate) === name);
  const password = passwords.stored(name);
  if (setup?.kind !== 'jid' || password === undefined) {
    throw new SimppError('config-missing', `No password of ${name} is stored here.`);
  }
  return tryLogin(setup, password, { ...dialling, log });
}

function statusOf(sessions: Sessions, setups: readonly Setup[], tally: Tally): ProxyStatus {
  const { opening, open, bySetup } = sessions.census();
  const numbersOf = (name: string): SetupNumbers => ({
    ...(bySetup.get(name) ?? { connections: 0 }),
    counters: tally.countersOf(name),
  });
  return {
    connections: { opening, open },
    setups: Object.fromEntries(setups.map(setupName).map((name) => [name, numbersOf(name)])),
    counters: tally.counters,
  };
}
