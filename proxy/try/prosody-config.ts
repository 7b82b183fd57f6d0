// Prosody's configuration and account files, rendered from a few choices:
// loopback only, one host, no federation, no rate limits.
import { join } from 'node:path';

/** What the server does about TLS on its client port; `direct` also takes TLS from the first byte. */
export type ProsodyTls = 'none' | 'starttls' | 'starttls-required' | 'direct';

export interface ProsodyAccount {
  /** Local part of the JID. */
  readonly name: string;
  readonly password: string;
}

/** Another host of the same server, with the same accounts unless it is anonymous. */
export interface ProsodyHost {
  readonly domain: string;
  readonly anonymous?: boolean;
}

export interface ProsodyChoices {
  readonly domain: string;
  readonly moreHosts?: readonly ProsodyHost[];
  readonly tls: ProsodyTls;
  /** Only TLS 1.2, where Prosody 0.12 can bind channels (SCRAM-SHA-1-PLUS by tls-unique). */
  readonly tls12?: boolean;
  /** SASL mechanisms offered; absent means all that the storage of the passwords allows. */
  readonly mechanisms?: readonly string[];
  /** PLAIN and XEP-0078 on plaintext connections although the server has TLS. */
  readonly plainInClear?: boolean;
  /** XEP-0078 beside SASL, or instead of it. */
  readonly legacyAuth?: 'beside' | 'instead';
  /** `internal_hashed` offers one SCRAM and PLAIN; `internal_plain` every SCRAM; `anonymous` only ANONYMOUS. */
  readonly authentication: 'internal_hashed' | 'internal_plain' | 'anonymous';
  /** In-band registration (XEP-0077). */
  readonly registration?: boolean;
  /** A service for rooms at `conference.DOMAIN`. */
  readonly rooms?: boolean;
  readonly extraModules?: readonly string[];
  /** Modules of one's own, loaded too: their Lua by their name. */
  readonly plugins?: Readonly<Record<string, string>>;
  /** Lines of the global part for the port it listens on, which count more than those that are usual here. */
  readonly globalLines?: (port: number) => string;
  readonly logLevel: 'debug' | 'info';
}

export interface ProsodyPlace {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
}

const everyMechanism = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'DIGEST-MD5', 'EXTERNAL', 'ANONYMOUS', 'OAUTHBEARER'];
const everyMechanismPlus = everyMechanism.flatMap((name) => [name, `${name}-PLUS`]);
const usualModules =
  'roster disco private blocklist vcard4 vcard_legacy version time ping posix pep mam smacks carbons csi_simple'.split(
    ' ',
  );

/** Where modules of one's own are, below the folder of the configuration. */
export const pluginFolder = 'plugins';

/** A Lua string literal for any text: everything but letters and digits is escaped by number. */
function luaString(text: string): string {
  const escape = (byte: number): string => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  };
  return `"${Array.from(new TextEncoder().encode(text), escape).join('')}"`;
}

function luaList(texts: readonly string[]): string {
  return `{ ${texts.map(luaString).join(', ')} }`;
}

function modules(choices: ProsodyChoices): string[] {
  const enabled = [...usualModules, ...(choices.extraModules ?? []), ...Object.keys(choices.plugins ?? {})];
  if (choices.legacyAuth !== 'instead') enabled.push('saslauth');
  if (choices.legacyAuth) enabled.push('legacyauth');
  if (choices.registration) enabled.push('register');
  if (choices.tls !== 'none') enabled.push('tls');
  return enabled;
}

function tlsLines(choices: ProsodyChoices, place: ProsodyPlace): string[] {
  if (choices.tls === 'none') return ['modules_disabled = { "s2s", "tls" }', 'allow_unencrypted_plain_auth = true'];
  const protocol = choices.tls12 ? 'protocol = "tlsv1_2"; ' : '';
  const file = (name: string): string => luaString(join(place.folder, name));
  const files = `certificate = ${file('server.crt')}; key = ${file('server.key')}`;
  const inClear = `allow_unencrypted_plain_auth = ${choices.plainInClear === true}`;
  return ['modules_disabled = { "s2s" }', inClear, `ssl = { ${protocol}${files} }`];
}

/** The text of prosody.cfg.lua. */
export function renderConfig(choices: ProsodyChoices, place: ProsodyPlace): string {
  const portsOf = (mine: boolean): string => (mine ? `{ ${place.port} }` : '{ }');
  const { mechanisms } = choices;
  const disabled = mechanisms ? everyMechanismPlus.filter((name) => !mechanisms.includes(name)) : ['DIGEST-MD5'];
  const lines = [
    `interfaces = { ${luaString(place.host)} }`,
    `c2s_ports = ${portsOf(choices.tls !== 'direct')}`,
    `c2s_direct_tls_ports = ${portsOf(choices.tls === 'direct')}`,
    `data_path = ${luaString(join(place.folder, 'data'))}`,
    `pidfile = ${luaString(join(place.folder, 'prosody.pid'))}`,
    `certificates = ${luaString(place.folder)}`,
    `log = { { levels = { min = "${choices.logLevel}" }, to = "console", timestamps = false } }`,
    `plugin_paths = ${luaList(choices.plugins ? [join(place.folder, pluginFolder)] : [])}`,
    `modules_enabled = ${luaList(modules(choices))}`,
    ...tlsLines(choices, place),
    `c2s_require_encryption = ${choices.tls === 'starttls-required'}`,
    `authentication = ${luaString(choices.authentication)}`,
    `disable_sasl_mechanisms = ${luaList(disabled)}`,
    `allow_registration = ${choices.registration === true}`,
    'storage = "internal"',
    'archive_expires_after = "1d"',
    ...(choices.globalLines === undefined ? [] : [choices.globalLines(place.port)]),
    ...hostLines(choices),
  ];
  return `${lines.join('\n')}\n`;
}

/** Sections, each of which goes on to the next one: after what is global. */
function hostLines(choices: ProsodyChoices): string[] {
  return [{ domain: choices.domain, anonymous: false }, ...(choices.moreHosts ?? [])].flatMap((host) => [
    `VirtualHost ${luaString(host.domain)}`,
    ...(host.anonymous ? ['authentication = "anonymous"'] : []),
    ...(choices.rooms ? [`Component ${luaString(`conference.${host.domain}`)} "muc"`] : []),
  ]);
}

/** Prosody's way of turning a name into a file name: all but ASCII letters and digits as %xx. */
function storeName(text: string): string {
  const encode = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`;
  const bytes = Array.from(new TextEncoder().encode(text));
  return bytes
    .map((byte) => (/[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : encode(byte)))
    .join('');
}

/** Path below the data folder and text of an account's file; Prosody itself hashes the password at the first login. */
export function renderAccount(
  domain: string,
  account: ProsodyAccount,
): { readonly path: string; readonly text: string } {
  return {
    path: join(storeName(domain), 'accounts', `${storeName(account.name)}.dat`),
    text: `return { ["password"] = ${luaString(account.password)} };\n`,
  };
}
