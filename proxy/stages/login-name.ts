// The name in the first message of a login: PLAIN and SCRAM say it in clear.
import { isMechanism, isScram, scramMechanisms } from '../sasl/mechanisms.ts';
import { readPlain } from '../sasl/plain.ts';
import { readClientFirst, ScramSyntaxError } from '../sasl/scram-message.ts';

/** Whether a login by this mechanism says who logs in, and the proxy could end it. */
export function saysName(mechanism: string): boolean {
  return isMechanism(mechanism) && !(isScram(mechanism) && scramMechanisms[mechanism].plus);
}

/** The login name; undefined when the mechanism does not say it, or the message cannot be read. */
export function loginName(mechanism: string, response: Uint8Array): string | undefined {
  if (!isMechanism(mechanism) || !saysName(mechanism)) return undefined;
  if (!isScram(mechanism)) return readPlain(response)?.authcid;
  try {
    return readClientFirst(response).username;
  } catch (error) {
    if (error instanceof ScramSyntaxError) return undefined;
    throw error;
  }
}
