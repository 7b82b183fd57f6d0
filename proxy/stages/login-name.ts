// The name in the first message of a login: PLAIN and SCRAM say it in clear.
import { isMechanism, isScram, scramMechanisms } from '../sasl/mechanisms.ts';
import { readPlain } from '../sasl/plain.ts';
import { readClientFirst, ScramSyntaxError } from '../sasl/scram-message.ts';

/** The login name; undefined when the mechanism cannot be ended by the proxy, or the message cannot be read. */
export function loginName(mechanism: string, response: Uint8Array): string | undefined {
  if (!isMechanism(mechanism)) return undefined;
  if (!isScram(mechanism)) return readPlain(response)?.authcid;
  if (scramMechanisms[mechanism].plus) return undefined;
  try {
    return readClientFirst(response).username;
  } catch (error) {
    if (error instanceof ScramSyntaxError) return undefined;
    throw error;
  }
}
