// The faults that `simpp doctor` must find, in one table: how each is seeded on
// real parts, which check finds it, and what the finding and its mend say.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:https';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { readSetups } from '../../../proxy/config/accounts.ts';
import { setTomlKey } from '../../../proxy/config/edit.ts';
import { writeFileAtomically } from '../../../proxy/config/write.ts';
import { detectNodeCrypto } from '../../../proxy/crypto/provider.ts';
import type { Question } from '../../../proxy/doctor/doctor.ts';
import type { CheckName, Verdict } from '../../../proxy/doctor/finding.ts';
import { readHostMeta } from '../../../proxy/doctor/host-meta.ts';
import type { Patient } from '../../../proxy/doctor/patient.ts';
import { createGatewayKey, encodeGatewayKey, publicGatewayKey } from '../../../proxy/gateway/key-file.ts';
import { openKeystore } from '../../../proxy/keystore/keystore.ts';
import { Prosody } from '../../../proxy/try/prosody.ts';
import { toBase64Url } from '../../../shared/bytes.ts';
import { freePort } from '../support/free-port.ts';
import { alice, domain } from '../support/world.ts';
import type { Ward } from './ward.ts';

export interface Fault {
  readonly name: string;
  /** Makes a patient with this fault, and with no other. */
  seed(ward: Ward): Promise<Patient>;
  readonly question?: Question;
  readonly check: CheckName;
  readonly verdict: Exclude<Verdict, 'ok' | 'note'>;
  readonly text: RegExp;
  readonly mend: RegExp;
}

const crypto = detectNodeCrypto();
const hour = 3600_000;

/** A program that takes connections and says nothing. */
async function listener(ward: Ward, host = '127.0.0.1', port = 0): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(port, host);
  await once(server, 'listening');
  ward.keep({ [Symbol.dispose]: () => void server.close() });
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const gatewayOnly: Question = { role: 'gateway' };

export const faults: readonly Fault[] = [
  {
    name: 'Node is too old',
    seed: async (ward) => (await ward.bed().setUp()).patient({ nodeVersion: '22.11.0' }),
    check: 'node',
    verdict: 'problem',
    text: /Node 22\.11\.0 is too old/,
    mend: /^npm install --global node@24$/,
  },
  {
    name: 'others can write into the folder',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      chmodSync(bed.folder, 0o777);
      return bed.patient();
    },
    check: 'folder',
    verdict: 'problem',
    text: /Others can write into/,
    mend: /^chmod 700 \S+$/,
  },
  {
    name: 'proxy.toml has a misspelt key',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      writeFileSync(bed.home.proxyToml, '# mine\n\nlisten_tsl = ["127.0.0.1:1"]\n');
      return bed.patient();
    },
    check: 'config',
    verdict: 'problem',
    text: /proxy\.toml:3:1: listen_tsl: unknown key; did you mean "listen_tls"\?/,
    mend: /^\$\{EDITOR:-vi\} \+3 \S+proxy\.toml$/,
  },
  {
    name: 'a set-up has a value that means nothing',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const file = join(bed.home.accountsDir, `${alice.jid}.toml`);
      writeFileAtomically(file, setTomlKey(readFileSync(file, 'utf8'), 'mode', 'gatway'));
      return bed.patient();
    },
    check: 'config',
    verdict: 'problem',
    text: /mode: expected one of "gateway", "direct", got "gatway"; did you mean "gateway"\?/,
    mend: /^\$\{EDITOR:-vi\} \+\d+ \S+alice@example\.test\.toml$/,
  },
  {
    name: 'others can read the key file of the keystore',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      chmodSync(join(bed.home.keystoreDir, 'keystore.key'), 0o644);
      return bed.patient();
    },
    check: 'keystore',
    verdict: 'problem',
    text: /Others can read \S+keystore\.key \(mode 0644\)/,
    mend: /^chmod 600 \S+keystore\.key$/,
  },
  {
    name: 'the key file of the keystore is gone',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      rmSync(join(bed.home.keystoreDir, 'keystore.key'));
      return bed.patient();
    },
    check: 'keystore',
    verdict: 'problem',
    text: /key file \S+ is missing/,
    mend: /^restore \S+ .*from the same backup$/,
  },
  {
    name: 'the keystore needs a passphrase that nobody can be asked for',
    async seed(ward) {
      const bed = ward.bed();
      await openKeystore(bed.home.keystoreDir, { kind: 'passphrase', passphrase: async () => 'open sesame' });
      return (await bed.setUp({ domain })).patient();
    },
    check: 'keystore',
    verdict: 'warning',
    text: /needs its passphrase/,
    mend: /^SIMPP_PASSPHRASE_FILE=\S+ simpp doctor$/,
  },
  {
    name: 'the database is damaged',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const bytes = readFileSync(bed.home.proxyDatabase);
      bytes.fill(0x5a, 0, 4096);
      writeFileSync(bed.home.proxyDatabase, bytes);
      return bed.patient();
    },
    check: 'database',
    verdict: 'problem',
    text: /proxy\.db cannot be used/,
    mend: /^mv \S+proxy\.db \S+proxy\.db\.damaged/,
  },
  {
    name: 'a newer simpp has written the database',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const database = new DatabaseSync(bed.home.proxyDatabase);
      database.exec('PRAGMA user_version = 99');
      database.close();
      return bed.patient();
    },
    check: 'database',
    verdict: 'problem',
    text: /written by a newer simpp \(schema 99/,
    mend: /simpp --version/,
  },
  {
    name: 'the database is of another keystore',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      rmSync(bed.home.keystoreDir, { recursive: true });
      await openKeystore(bed.home.keystoreDir);
      return bed.patient();
    },
    check: 'database',
    verdict: 'problem',
    text: /sealed under another keystore/,
    mend: /^restore proxy\.db and keystore\/ from the same backup$/,
  },
  {
    name: 'the clock was put back',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const later = new Date(Date.now() + 50 * hour);
      utimesSync(bed.home.proxyDatabase, later, later);
      return bed.patient();
    },
    check: 'clock',
    verdict: 'warning',
    text: /The clock is behind: .* written 2 days later/,
    mend: /^sudo timedatectl set-ntp true$/,
  },
  {
    name: 'the clock differs from that of the server',
    // Prosody's is the machine's, so ours goes wrong.
    seed: async (ward) => (await ward.bed().setUp()).patient({ now: () => Date.now() + 3 * hour }),
    question: { login: true },
    check: 'clock',
    verdict: 'warning',
    text: /3 hours ahead of the server of alice@example\.test/,
    mend: /^sudo timedatectl set-ntp true$/,
  },
  {
    name: 'the proxy does not run',
    seed: async (ward) => (await ward.bed().setUp()).patient(),
    check: 'running',
    verdict: 'warning',
    text: /does not run/,
    mend: /^simpp proxy$/,
  },
  {
    name: 'a control socket of another user',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const path = join(bed.folder, 'proxy.sock');
      const server = createServer().listen(path);
      await once(server, 'listening');
      ward.keep({ [Symbol.dispose]: () => void server.close() });
      if (process.getuid?.() === 0) {
        chownSync(path, 65_534, 65_534);
        return bed.patient();
      }
      // Without root: we are somebody else than the owner.
      return bed.patient({ uid: 65_534 });
    },
    check: 'running',
    verdict: 'problem',
    text: /belongs to another user/,
    mend: /^sudo rm \S+proxy\.sock/,
  },
  {
    name: 'something else than a socket where the control socket goes',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      symlinkSync('/nowhere', join(bed.folder, 'proxy.sock'));
      return bed.patient();
    },
    check: 'running',
    verdict: 'problem',
    text: /is in the way/,
    mend: /^mv \S+proxy\.sock \S+proxy\.sock\.aside$/,
  },
  {
    name: 'another program has the port',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const port = await freePort();
      const program = `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('ready'))`;
      const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      ward.keep({ [Symbol.dispose]: () => void child.kill() });
      await once(child.stdout, 'data');
      writeFileAtomically(bed.home.proxyToml, `listen = ["127.0.0.1:${port}"]\n`);
      return bed.patient();
    },
    check: 'listen',
    verdict: 'problem',
    text: /is taken by \S.* \(process \d+\)/,
    mend: /^listen = \["127\.0\.0\.1:\d+"\] {3}# in \S+proxy\.toml$/,
  },
  {
    name: 'an address to listen on that this machine has not',
    async seed(ward) {
      const bed = await ward.bed().setUpGateway(['listen = ["192.0.2.77:5222"]']);
      return bed.patient();
    },
    question: gatewayOnly,
    check: 'listen',
    verdict: 'problem',
    text: /192\.0\.2\.77 is no address of this machine/,
    mend: /^listen = \["127\.0\.0\.1:5222"\]/,
  },
  {
    name: 'TLS for clients, and nobody trusts the local authority',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      const lines = `listen = []\nlisten_tls = ["127.0.0.1:${await freePort()}"]\n`;
      writeFileAtomically(bed.home.proxyToml, lines);
      writeFileSync(bed.home.authorityFile, readFileSync(ward.authority.caFile));
      return bed.patient();
    },
    check: 'local-ca',
    verdict: 'warning',
    text: /does not trust the local authority/,
    mend: /^simpp cert install$/,
  },
  {
    name: 'nothing listens where the gateway should be',
    seed: async (ward) => (await ward.bed().setUp({ gateway: `127.0.0.1:${await freePort()}` })).patient(),
    check: 'address',
    verdict: 'problem',
    text: /Nothing listens at 127\.0\.0\.1/,
    mend: /^gateway = "127\.0\.0\.1:\d+" {3}# is it right\? in \S+alice@example\.test\.toml$/,
  },
  {
    name: 'the name of the gateway is not known',
    seed: async (ward) => (await ward.bed().setUp({ gateway: 'no-such-host.invalid:5222' })).patient(),
    check: 'address',
    verdict: 'problem',
    text: /no-such-host\.invalid/,
    mend: /^gateway = "no-such-host\.invalid:5222"/,
  },
  {
    name: 'the gateway is a server without SIMPP',
    seed: async (ward) => (await ward.bed().setUp({ gateway: ward.server })).patient(),
    check: 'gateway',
    verdict: 'problem',
    text: /does not offer SIMPP/,
    mend: /^simpp setup alice@example\.test --invite/,
  },
  {
    name: 'the gateway has another key than the one that is pinned',
    async seed(ward) {
      const other = publicGatewayKey(createGatewayKey(crypto, 'simpp-2'));
      return (await ward.bed().setUp({ key: toBase64Url(other.bytes) })).patient();
    },
    check: 'key',
    verdict: 'problem',
    text: /has another key/,
    mend: /^simpp setup alice@example\.test --invite/,
  },
  {
    name: 'the set-up asks for another profile than the gateway speaks',
    async seed(ward) {
      const key = toBase64Url(publicGatewayKey(createGatewayKey(crypto, 'classic')).bytes);
      return (await ward.bed().setUp({ key, profile: 'classic' })).patient();
    },
    check: 'gateway',
    verdict: 'problem',
    text: /speaks the profile simpp-2, the set-up in \S+ asks for classic/,
    mend: /^simpp setup alice@example\.test --invite/,
  },
  {
    name: 'the gateway takes no guests, and a whole domain is set up',
    async seed(ward) {
      const { place, key } = await ward.startGateway({ guest: 'refuse' });
      return (await ward.bed().setUp({ domain, gateway: place, key })).patient();
    },
    check: 'guests',
    verdict: 'problem',
    text: /takes no guests/,
    mend: /guest = "allow"/,
  },
  {
    name: 'the server behind the gateway does not run',
    async seed(ward) {
      const server = { host: '127.0.0.1', port: await freePort(), tls: 'none' } as const;
      const { place, key } = await ward.startGateway({ server });
      return (await ward.bed().setUp({ gateway: place, key })).patient();
    },
    check: 'server',
    verdict: 'problem',
    text: /cannot reach its XMPP server/,
    mend: /^simpp gateway doctor/,
  },
  {
    name: 'the certificate of the server has expired',
    async seed(ward) {
      const server = await ward.behindTls(await ward.authority.issue([domain], { expired: true }));
      return directPatient(ward, server, ward.authority.caFile);
    },
    check: 'certificate',
    verdict: 'problem',
    text: /it has expired on/,
    mend: /^certbot renew && prosodyctl/,
  },
  {
    name: 'the certificate of the server is not valid yet',
    async seed(ward) {
      const server = await ward.behindTls(await ward.authority.issue([domain], { notYetValid: true }));
      return directPatient(ward, server, ward.authority.caFile);
    },
    check: 'certificate',
    verdict: 'problem',
    text: /it is not valid before/,
    mend: /timedatectl/,
  },
  {
    name: 'the certificate of the server is for another name',
    async seed(ward) {
      const server = await ward.behindTls(await ward.authority.issue(['chat.example.test'], { days: 90 }));
      return directPatient(ward, server, ward.authority.caFile);
    },
    check: 'certificate',
    verdict: 'problem',
    text: /not valid for example\.test: it is for chat\.example\.test/,
    mend: /by the administrator of example\.test/,
  },
  {
    name: 'nobody here knows the authority of the server',
    async seed(ward) {
      const server = await ward.behindTls(await ward.authority.issue([domain], { days: 90 }));
      return directPatient(ward, server, undefined);
    },
    check: 'certificate',
    verdict: 'problem',
    text: /authority that signed it is not trusted here/,
    mend: /^server_ca = "\S+" {3}# in \S+alice@example\.test\.toml$/,
  },
  {
    name: 'the certificate of the server ends within days',
    async seed(ward) {
      const server = await ward.behindTls(await ward.authority.issue([domain], { days: 5 }));
      return directPatient(ward, server, ward.authority.caFile);
    },
    check: 'certificate',
    verdict: 'warning',
    text: /ends on \d{4}-\d\d-\d\d/,
    mend: /^certbot renew/,
  },
  {
    name: 'the server speaks no TLS where the set-up wants it',
    async seed(ward) {
      const bed = await ward.bed().setUp({ mode: 'direct', server: ward.server, server_tls: 'direct' });
      return bed.patient();
    },
    check: 'certificate',
    verdict: 'problem',
    text: /could not begin TLS/,
    mend: /^server_tls = /,
  },
  {
    name: 'the server does not serve the domain',
    async seed(ward) {
      const jid = 'alice@elsewhere.test';
      return (await ward.bed().setUp({ jid, mode: 'direct', server: ward.server, server_tls: 'none' })).patient();
    },
    check: 'server',
    verdict: 'problem',
    text: /does not serve elsewhere\.test/,
    mend: /^domain = "…"/,
  },
  {
    name: 'the server offers no login that simpp knows',
    async seed(ward) {
      const odd = ward.keep(await Prosody.start({ domain, authentication: 'anonymous' }));
      const server = `127.0.0.1:${odd.port}`;
      return (await ward.bed().setUp({ mode: 'direct', server, server_tls: 'none' })).patient();
    },
    check: 'mechanisms',
    verdict: 'problem',
    text: /no way to log in that simpp knows/,
    mend: /authentication = /,
  },
  {
    name: 'the stored password is not the right one',
    seed: async (ward) => (await ward.bed().setUp({}, 'wrong')).patient(),
    question: { login: true },
    check: 'login',
    verdict: 'problem',
    text: /refused the login/,
    mend: /^simpp accounts password alice@example\.test$/,
  },
  {
    name: 'no password is stored',
    async seed(ward) {
      const bed = await ward.bed().setUp();
      await bed.store((accounts) => accounts.putCredentials(alice.jid, {}));
      return bed.patient();
    },
    check: 'login',
    verdict: 'warning',
    text: /No password of alice@example\.test is stored/,
    mend: /^simpp accounts password alice@example\.test$/,
  },
  {
    name: 'another device was first, so that this one is pending',
    async seed(ward) {
      const { place, key } = await ward.startGateway({});
      const first = (await ward.bed().setUp({ gateway: place, key })).patient();
      const second = (await ward.bed().setUp({ gateway: place, key })).patient();
      for (const patient of [first, second]) await logIn(patient);
      return second;
    },
    check: 'device',
    verdict: 'warning',
    text: /holds this device of alice@example\.test as pending/,
    mend: /^restore proxy\.db and keystore\/ of the first device/,
  },
  {
    name: 'the domain offers BOSH past the gateway',
    async seed(ward) {
      const certificate = await ward.authority.issue([domain], { days: 90 });
      const page = { links: [{ rel: 'urn:xmpp:alt-connections:xbosh', href: `https://${domain}/http-bind` }] };
      const web = createWebServer(
        { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) },
        (_request, response) => response.end(JSON.stringify(page)),
      );
      web.listen(0, '127.0.0.1');
      await once(web, 'listening');
      ward.keep({ [Symbol.dispose]: () => void web.close() });
      const ca = readFileSync(ward.authority.caFile, 'utf8');
      const hostMeta: Patient['hostMeta'] = (name, signal) =>
        readHostMeta(name, signal, { host: '127.0.0.1', port: portOf(web), ca });
      return (await ward.bed().setUp()).patient({ hostMeta });
    },
    check: 'bypass',
    verdict: 'warning',
    text: /offers BOSH at https:\/\/example\.test\/http-bind/,
    mend: /modules_disabled = \{ "bosh" \}/,
  },
  {
    name: 'SRV records name the server itself',
    async seed(ward) {
      const record = { name: '127.0.0.1', port: ward.prosody.port, priority: 0, weight: 0 };
      const lookup: Patient['lookup'] = async (name) => (name.startsWith('_xmpp-client') ? [record] : []);
      return (await ward.bed().setUp()).patient({ lookup });
    },
    check: 'bypass',
    verdict: 'warning',
    text: /is a way to the server without the gateway/,
    mend: /c2s_interfaces = \{ "127\.0\.0\.1" \}/,
  },
  {
    name: 'others can read the key of the gateway',
    async seed(ward) {
      const bed = await ward.bed().setUpGateway();
      chmodSync(bed.home.gatewayKey, 0o640);
      return bed.patient();
    },
    question: gatewayOnly,
    check: 'gateway-key',
    verdict: 'problem',
    text: /Others can read \S+gateway\.key \(mode 0640\)/,
    mend: /^chmod 600 \S+gateway\.key$/,
  },
  {
    name: 'the key of the gateway is of another profile than gateway.toml',
    async seed(ward) {
      const bed = await ward.bed().setUpGateway();
      writeFileAtomically(bed.home.gatewayKey, encodeGatewayKey(createGatewayKey(crypto, 'classic')));
      return bed.patient();
    },
    question: gatewayOnly,
    check: 'gateway-key',
    verdict: 'problem',
    text: /is of the profile classic, gateway\.toml asks for simpp-2/,
    mend: /^profile = "classic" {3}# in gateway\.toml$/,
  },
  {
    name: 'the directory is no database',
    async seed(ward) {
      const bed = await ward.bed().setUpGateway();
      writeFileAtomically(bed.home.gatewayDatabase, 'not at all a database, but long enough to look like one\n');
      return bed.patient();
    },
    question: gatewayOnly,
    check: 'directory',
    verdict: 'problem',
    text: /gateway\.db cannot be used/,
    mend: /^mv \S+gateway\.db /,
  },
  {
    name: 'the server of the gateway is away',
    seed: async (ward) => (await ward.bed().setUpGateway([`server = "127.0.0.1:${await freePort()}"`])).patient(),
    question: gatewayOnly,
    check: 'address',
    verdict: 'problem',
    text: /Nothing listens at/,
    mend: /systemctl start prosody/,
  },
  {
    name: 'the gateway is for a domain that its server does not serve',
    seed: async (ward) => (await ward.bed().setUpGateway(['domains = ["elsewhere.test"]'])).patient(),
    question: gatewayOnly,
    check: 'server',
    verdict: 'problem',
    text: /does not serve elsewhere\.test/,
    mend: /^VirtualHost "elsewhere\.test"/,
  },
  {
    name: 'the gateway tells addresses to a server that does not expect it',
    seed: async (ward) => (await ward.bed().setUpGateway(['server_proxy_protocol = "v1"'])).patient(),
    question: gatewayOnly,
    check: 'server',
    verdict: 'problem',
    text: /does not expect a PROXY protocol header/,
    mend: /^server_proxy_protocol = "none"/,
  },
  {
    name: 'the server can be reached past the gateway',
    async seed(ward) {
      // As the mapping of a container's port does.
      const open = await listener(ward, '0.0.0.0');
      open.on('connection', (client) => {
        const server = connect(ward.prosody.port, '127.0.0.1').on('error', () => client.destroy());
        server.pipe(client).pipe(server);
      });
      return (await ward.bed().setUpGateway([`server = "127.0.0.1:${portOf(open)}"`])).patient();
    },
    question: gatewayOnly,
    check: 'server-port',
    verdict: 'warning',
    text: /clients can go past the gateway/,
    mend: /c2s_interfaces = \{ "127\.0\.0\.1" \}/,
  },
  {
    name: 'the certificate for clients without SIMPP is for another name',
    async seed(ward) {
      const { certFile, keyFile } = await ward.authority.issue(['chat.example.test'], { days: 90 });
      return (await ward.bed().setUpGateway([`tls_cert = "${certFile}"`, `tls_key = "${keyFile}"`])).patient();
    },
    question: gatewayOnly,
    check: 'own-certificate',
    verdict: 'problem',
    text: /is not for example\.test: it names chat\.example\.test/,
    mend: /^certbot certonly -d example\.test$/,
  },
  {
    name: 'the key beside that certificate is another one',
    async seed(ward) {
      const { certFile } = await ward.authority.issue([domain], { days: 90 });
      const { keyFile } = await ward.authority.issue([domain], { days: 90 });
      return (await ward.bed().setUpGateway([`tls_cert = "${certFile}"`, `tls_key = "${keyFile}"`])).patient();
    },
    question: gatewayOnly,
    check: 'own-certificate',
    verdict: 'problem',
    text: /is not the key of/,
    mend: /^tls_key = /,
  },
];

function directPatient(ward: Ward, server: string, caFile: string | undefined): Promise<Patient> {
  const ca = caFile === undefined ? {} : { server_ca: caFile };
  return ward
    .bed()
    .setUp({ mode: 'direct', server, server_tls: 'direct', ...ca })
    .then((bed) => bed.patient());
}

/** With the stored password and keys, as the proxy does it. */
async function logIn({ home, tryLogin }: Patient): Promise<void> {
  const setup = readSetups(home.accountsDir)[0]?.setup;
  if (setup?.kind !== 'jid') throw new Error('the patient has no account');
  const trial = await tryLogin(setup, AbortSignal.timeout(10_000));
  if (trial.kind === 'failed') throw new Error(trial.text);
}
