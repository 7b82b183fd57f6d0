// PLAIN (RFC 4616), both sides: authzid NUL authcid NUL password.
import { fromUtf8, utf8 } from '../../shared/bytes.ts';
import { SimppError } from '../../shared/errors.ts';

export interface PlainMessage {
  readonly authzid?: string | undefined;
  readonly authcid: string;
  readonly password: string;
}

/** RFC 4616 §2: each part 1 to 255 octets of UTF-8; passwords may be longer here, within reason. */
const maxNameBytes = 1023;
const maxPasswordBytes = 4096;

export function writePlain(message: PlainMessage): Uint8Array {
  const parts = [message.authzid ?? '', message.authcid, message.password];
  if (message.authcid === '' || message.password === '' || parts.some((part) => part.includes('\0'))) {
    throw new SimppError('sasl-failed', 'PLAIN cannot carry this name or password: it is empty or has a NUL.');
  }
  return utf8(parts.join('\0'));
}

/** The parts of a PLAIN message; undefined when it is malformed. */
export function readPlain(bytes: Uint8Array): PlainMessage | undefined {
  if (bytes.length > 2 * maxNameBytes + maxPasswordBytes + 2) return undefined;
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    return undefined;
  }
  const [authzid, authcid, password, ...rest] = text.split('\0');
  if (authzid === undefined || !authcid || !password || rest.length > 0) return undefined;
  return { authzid: authzid === '' ? undefined : authzid, authcid, password };
}
