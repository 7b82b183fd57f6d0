// `simpp setup`: from flags alone, or on a terminal by asking for what is
// missing.

import { findHome } from '../config/home.ts';
import { setupName } from '../options.ts';
import { checkInvitedKey, keyFingerprint } from '../pinned-key.ts';
import { detectNodeCrypto } from '../crypto/provider.ts';
import { classicWarning, clientAdvice } from './advice.ts';
import { planKeystore } from './keystore-choice.ts';
import { processOutput, type Output } from './output.ts';
import { applySetup, type SetupResult } from './setup-apply.ts';
import { describeRoute, planFromFlags, type SetupFlags, type SetupPlan } from './setup-plan.ts';

/** Runs the command. */
export async function setUp(flags: SetupFlags): Promise<void> {
  const output = processOutput(flags.json === true);
  const home = findHome();
  const isInteractive = !output.json && process.stdin.isTTY && process.stdout.isTTY && isIncomplete(flags);
  if (isInteractive) {
    const { askForSetup } = await import('./setup-wizard.ts');
    await askForSetup(home, flags, { input: process.stdin, output: process.stdout });
    return;
  }
  const plan = planFromFlags(flags);
  const fingerprint = fingerprintOf(plan);
  if (isClassic(plan)) output.warn(classicWarning);
  const keystore = planKeystore(home, flags.keystore);
  const whole = keystore === undefined ? plan : { ...plan, keystore };
  showResult(output, plan, fingerprint, await applySetup(home, whole));
}

/** The fingerprint of the key that a plan pins; throws when it is no key. */
export function fingerprintOf(plan: SetupPlan): string | undefined {
  if (plan.route.mode !== 'gateway') return undefined;
  const crypto = detectNodeCrypto();
  checkInvitedKey(crypto, plan.route.key);
  return keyFingerprint(crypto, plan.route.key);
}

/** Whether a plan uses the paper's profile. */
export function isClassic(plan: SetupPlan): boolean {
  return plan.route.mode === 'gateway' && plan.route.key.profile === 'classic';
}

/** The lines that say what was done and what to do next. */
export function resultLines(plan: SetupPlan, result: SetupResult): string[] {
  const done = `${setupName(plan.name)} is set up ${describeRoute(plan.name, plan.route)}.`;
  return [
    result.replaced ? `${done} This replaced its earlier set-up.` : done,
    `  file         ${result.file}`,
    ...result.notes.map((note) => `  note         ${note}`),
    '',
    result.reloaded ? 'The running proxy has taken it.' : 'Start the proxy: simpp proxy',
    '',
    ...clientAdvice(plan.name, result.listen),
  ];
}

function showResult(output: Output, plan: SetupPlan, fingerprint: string | undefined, result: SetupResult): void {
  for (const line of resultLines(plan, result)) output.say(line);
  if (fingerprint !== undefined) output.say(`\nFingerprint of the gateway, to compare:\n  ${fingerprint}`);
  output.result({
    setup: setupName(plan.name),
    mode: plan.route.mode,
    ...(plan.route.mode === 'gateway' ? { profile: plan.route.key.profile, fingerprint } : {}),
    ...result,
  });
}

function isIncomplete(flags: SetupFlags): boolean {
  const hasRoute = flags.invite !== undefined || flags.direct === true;
  const needsPassword = flags.address?.includes('@') === true && flags.passwordFile === undefined;
  return flags.address === undefined || !hasRoute || needsPassword;
}
