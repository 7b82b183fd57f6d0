// ejabberd's configuration, rendered from the choices that Prosody's takes:
// loopback only, no federation, no rate limits, and without the mod_fail2ban of
// Debian's own configuration, which would shut out 127.0.0.1. JSON is YAML.
import { join } from 'node:path';

import type { ProsodyAccount, ProsodyChoices } from '../../../proxy/try/prosody-config.ts';

/** `internal_hashed` offers SCRAM-SHA-1 and PLAIN, `internal_plain` every SCRAM, also with channel binding over TLS. */
export type EjabberdChoices = Omit<ProsodyChoices, 'legacyAuth' | 'logLevel' | 'plainInClear' | 'plugins'> & {
  /** XEP-0078 beside SASL. */
  readonly legacyAuth?: boolean;
};

export interface EjabberdPlace {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** Beside `port`, when there is a certificate. */
  readonly directTlsPort: number | undefined;
}

type Settings = Readonly<Record<string, unknown>>;

const usualMechanisms = ['SHA-1', 'SHA-256', 'SHA-512']
  .flatMap((hash) => [`SCRAM-${hash}`, `SCRAM-${hash}-PLUS`])
  .concat('PLAIN');
const everyMechanism = [...usualMechanisms, 'DIGEST-MD5', 'X-OAUTH2', 'ANONYMOUS'];
const anonymous = { auth_method: ['anonymous'], anonymous_protocol: 'sasl_anon' };
const maxStanzaBytes = 262_144;

function modules(choices: EjabberdChoices): Settings {
  const plain = 'adhoc blocking caps carboncopy client_state disco last offline ping privacy private version'.split(
    ' ',
  );
  const extra = choices.extraModules ?? [];
  return {
    ...Object.fromEntries(plain.map((name) => [`mod_${name}`, {}])),
    ...Object.fromEntries(extra.map((name) => [name, {}])),
    mod_mam: { assume_mam_usage: true, default: 'always' },
    mod_pubsub: { plugins: ['flat', 'pep'] },
    mod_roster: { versioning: true },
    mod_stream_mgmt: { resend_on_timeout: 'if_offline' },
    mod_vcard: { search: false },
    ...(choices.rooms && { mod_muc: { host: 'conference.@HOST@' } }),
    ...(choices.legacyAuth && { mod_legacy_auth: {} }),
    ...(choices.registration && { mod_register: { access: 'all', ip_access: 'all' } }),
  };
}

function listeners({ tls }: EjabberdChoices, { host, port, directTlsPort }: EjabberdPlace): Settings[] {
  const usual = { ip: host, module: 'ejabberd_c2s', max_stanza_size: maxStanzaBytes, access: 'all' };
  const direct = (on: number): Settings => ({ ...usual, port: on, tls: true });
  if (tls === 'direct') return [direct(port)];
  const starttls = { starttls: tls !== 'none', starttls_required: tls === 'starttls-required' };
  const main = { ...usual, port, ...starttls };
  return directTlsPort === undefined ? [main] : [main, direct(directTlsPort)];
}

/** The text of ejabberd.yml. */
export function renderEjabberdConfig(choices: EjabberdChoices, place: EjabberdPlace): string {
  const { mechanisms, authentication } = choices;
  const anonymousHosts = (choices.moreHosts ?? []).filter((host) => host.anonymous === true);
  const offered = authentication === 'anonymous' ? ['ANONYMOUS'] : (mechanisms ?? usualMechanisms);
  const settings = {
    hosts: [choices.domain, ...(choices.moreHosts ?? []).map(({ domain }) => domain)],
    host_config: Object.fromEntries(anonymousHosts.map(({ domain }) => [domain, anonymous])),
    loglevel: 'info',
    log_rotate_count: 0,
    s2s_access: 'none',
    ...(choices.tls !== 'none' && { certfiles: [join(place.folder, 'server.pem')] }),
    ...(choices.tls12 && { c2s_protocol_options: ['no_sslv3', 'no_tlsv1', 'no_tlsv1_1', 'no_tlsv1_3'] }),
    ...(authentication === 'anonymous' ? anonymous : { auth_method: ['internal'] }),
    auth_password_format: authentication === 'internal_plain' ? 'plain' : 'scram',
    disable_sasl_mechanisms: everyMechanism.filter(
      (name) => !offered.includes(name) && (name !== 'ANONYMOUS' || anonymousHosts.length === 0),
    ),
    registration_timeout: 'infinity',
    listen: listeners(choices, place),
    modules: modules(choices),
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** An Erlang binary for any text. */
function erlangBinary(text: string): string {
  return `<<${Array.from(new TextEncoder().encode(text)).join(',')}>>`;
}

/** A file of Erlang terms, one account each, for `registering`. */
export function renderAccounts(accounts: readonly ProsodyAccount[]): string {
  return accounts.map(({ name, password }) => `{${erlangBinary(name)},${erlangBinary(password)}}.\n`).join('');
}

/** Erlang that registers the accounts in the file and then prints `readyLine`; those that exist keep their passwords. */
export function registering(domains: readonly string[], file: string, readyLine: string): string {
  const hosts = `[${domains.map(erlangBinary).join(', ')}]`;
  return (
    `{ok, Accounts} = file:consult(${erlangBinary(file)}), ` +
    `[ejabberd_auth:try_register(User, Host, Password) || Host <- ${hosts}, {User, Password} <- Accounts], ` +
    `io:format("${readyLine}~n").`
  );
}
