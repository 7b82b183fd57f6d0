// `simpp setup` on a terminal: asks for what the command line left open, shows
// what it will do, does it after a yes, and says what to type into the client.

import * as prompts from '@clack/prompts';
import { asSimppError, SimppError } from '../../shared/errors.ts';
import { parseSetupName } from '../address.ts';
import { defaultProxyListen, proxySchema } from '../config/proxy-schema.ts';
import { readConfigFile } from '../config/read.ts';
import type { Home } from '../config/home.ts';
import { endpointForm, formatEndpoint, parseEndpoint, type Endpoint } from '../endpoint.ts';
import type { Policy } from '../endtoend/desk.ts';
import { parseInvite } from '../invite.ts';
import { setupName, type SetupName } from '../options.ts';
import { classicWarning } from './advice.ts';
import { askKeystore } from './keystore-choice.ts';
import type { Terminal } from './passphrase-prompt.ts';
import { checkPassword, readPasswordFile } from './password-file.ts';
import { applySetup } from './setup-apply.ts';
import {
  checkListen,
  describeRoute,
  endToEndTexts,
  hasEndToEnd,
  planEndToEnd,
  planListen,
  planRoute,
  routeOfInvite,
  type RoutePlan,
  type SetupFlags,
  type SetupPlan,
} from './setup-plan.ts';
import { fingerprintOf, isClassic, resultLines } from './setup.ts';

/** Asks, shows, does. Throws SimppError('cancelled') when the person stops. */
export async function askForSetup(home: Home, flags: SetupFlags, terminal: Terminal): Promise<void> {
  prompts.intro('simpp setup', terminal);
  const name = flags.address === undefined ? await askName(terminal) : parseSetupName(flags.address);
  const route = await askRoute(name, flags, terminal);
  const password = await askPassword(name, flags, terminal);
  const endToEnd = await askEndToEnd(route, flags, terminal);
  const keystore = await askKeystore(home, flags.keystore, terminal);
  const wanted = planListen(flags);
  const listen = wanted.listen ?? (await askListen(home, terminal));
  const plan: SetupPlan = {
    name,
    route,
    ...(password === undefined ? {} : { password }),
    ...(endToEnd === undefined ? {} : { endToEnd }),
    ...(keystore === undefined ? {} : { keystore }),
    ...wanted,
    ...(listen === undefined ? {} : { listen }),
  };
  prompts.note(summary(plan).join('\n'), 'This will be done', { ...terminal, format: (line) => line });
  if (isClassic(plan)) prompts.log.warn(classicWarning, terminal);
  if (!answered(await prompts.confirm({ message: 'Do it?', ...terminal }))) throw new SimppError('cancelled');
  const result = await applySetup(home, plan);
  prompts.outro('Done.', terminal);
  terminal.output.write(`${resultLines(plan, result).join('\n')}\n`);
}

async function askName(terminal: Terminal): Promise<SetupName> {
  const text = await prompts.text({
    message: 'Which address? (A domain alone sets up everyone of it, without keeping passwords.)',
    placeholder: 'alice@example.org',
    validate: problemOf(parseSetupName),
    ...terminal,
  });
  return parseSetupName(answered(text));
}

async function askRoute(name: SetupName, flags: SetupFlags, terminal: Terminal): Promise<RoutePlan> {
  if (flags.invite !== undefined || flags.direct === true) return planRoute(name, flags);
  const mode = await prompts.select({
    message: 'How is the server reached?',
    options: [
      { value: 'gateway', label: 'Through a SIMPP gateway', hint: 'you have an invite' },
      { value: 'direct', label: 'Directly over TLS', hint: 'a public server without a gateway' },
    ],
    ...terminal,
  });
  if (answered(mode) === 'direct') return planRoute(name, { ...flags, direct: true });
  const read = (text: string): RoutePlan => routeOfInvite(name, parseInvite(text), flags.profile);
  const invite = await prompts.text({
    message: 'Paste the invite.',
    placeholder: 'simpp://…',
    validate: problemOf(read),
    ...terminal,
  });
  return read(answered(invite));
}

async function askPassword(name: SetupName, flags: SetupFlags, terminal: Terminal): Promise<string | undefined> {
  if (name.kind === 'domain') return undefined;
  if (flags.passwordFile !== undefined) return readPasswordFile(flags.passwordFile);
  const password = await prompts.password({
    message: `Password of ${name.jid}? It is kept sealed on this machine.`,
    validate: problemOf(checkPassword),
    ...terminal,
  });
  return answered(password);
}

/** Undefined where there is nothing to choose. */
async function askEndToEnd(route: RoutePlan, flags: SetupFlags, terminal: Terminal): Promise<Policy | undefined> {
  if (flags.e2e !== undefined || !hasEndToEnd(route)) return planEndToEnd(flags).endToEnd;
  const policy = await prompts.select<Policy>({
    message: 'Shall messages be encrypted end to end, so that the server cannot read them?',
    options: [
      { value: 'prefer', label: 'Whenever the contact can', hint: 'they need SIMPP too' },
      { value: 'require', label: 'Always', hint: 'nothing is sent to people without SIMPP' },
      { value: 'off', label: 'Not at all' },
    ],
    ...terminal,
  });
  return answered(policy);
}

/** The listener; not asked when there is one already. */
async function askListen(home: Home, terminal: Terminal): Promise<readonly Endpoint[] | undefined> {
  if (readConfigFile(home.proxyToml, proxySchema) !== undefined) return undefined;
  const text = await prompts.text({
    message: 'Where shall your XMPP clients connect?',
    initialValue: defaultProxyListen,
    validate: problemOf(readListen),
    ...terminal,
  });
  return [readListen(answered(text))];
}

function readListen(text: string): Endpoint {
  const endpoint = parseEndpoint(text.trim());
  if (endpoint === undefined) throw new SimppError('usage', `Expected ${endpointForm}.`);
  return checkListen(endpoint);
}

function summary(plan: SetupPlan): string[] {
  const fingerprint = fingerprintOf(plan);
  return [
    `Set up ${setupName(plan.name)} ${describeRoute(plan.name, plan.route)}.`,
    ...(plan.password === undefined ? [] : ['Keep its password, sealed, on this machine.']),
    ...(plan.endToEnd === undefined ? [] : [endToEndTexts[plan.endToEnd]]),
    ...(plan.keystore === undefined ? [] : [keystoreTexts[plan.keystore.kind]]),
    ...(plan.listen === undefined ? [] : [`Listen on ${plan.listen.map(formatEndpoint).join(', ')}.`]),
    ...[...(plan.listenStarttls ?? []), ...(plan.listenTls ?? [])].map(
      (endpoint) =>
        `Listen with TLS on ${formatEndpoint(endpoint)}, with a certificate of an authority of this machine.`,
    ),
    ...(fingerprint === undefined
      ? []
      : ['Accept only the gateway with this fingerprint, to be compared:', fingerprint]),
  ];
}

const keystoreTexts = {
  file: 'Make a keystore that a key file opens.',
  passphrase: 'Make a keystore that a passphrase opens.',
  keyring: "Make a keystore that the system's keyring opens.",
} as const;

/** What a reader would complain about, as a prompt's validation. */
function problemOf(read: (text: string) => unknown): (text: string | undefined) => string | undefined {
  return (text) => {
    try {
      read(text ?? '');
      return undefined;
    } catch (error) {
      return asSimppError(error).message;
    }
  };
}

/** A prompt's answer; throws SimppError('cancelled') when there is none. */
function answered<Value>(value: Value | typeof prompts.CANCEL_SYMBOL): Value {
  if (prompts.isCancel(value)) throw new SimppError('cancelled');
  return value;
}
