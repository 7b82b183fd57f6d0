// The grammar of SCRAM messages (RFC 5802 §7), read strictly: attributes in
// their order, no mandatory extension ("m=") accepted, base64 canonical.
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../shared/bytes.ts';

/** No honest message comes near it; what is longer is not looked at. */
const maxMessageBytes = 8192;

/** A message that does not follow the grammar; each side gives it its own outward form. */
export class ScramSyntaxError extends Error {}

const nonceCharacters = /^[\x21-\x2b\x2d-\x7e]+$/;

function malformed(what: string, cause?: unknown): never {
  throw new ScramSyntaxError(what, { cause });
}

/** A nonce of its own: printable ASCII without a comma (RFC 5802 §7, `printable`). */
export function checkNonce(nonce: string): string {
  if (!nonceCharacters.test(nonce)) malformed('the nonce has characters that are not allowed');
  return nonce;
}

/** Text of a message; refuses oversized ones, invalid UTF-8 and NUL. */
export function messageText(bytes: Uint8Array): string {
  if (bytes.length > maxMessageBytes) malformed('the message is too long');
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch (error) {
    malformed('the message is not UTF-8', error);
  }
  if (text.includes('\0')) malformed('the message has a NUL');
  return text;
}

/** A name with "=" and "," written as "=3D" and "=2C" (RFC 5802 §5.1). */
export function writeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

function readName(text: string): string {
  if (text === '') malformed('the name is empty');
  if (/=(?!2C|3D)/.test(text)) malformed('the name has a wrong escape');
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

function readBase64(text: string, what: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (error) {
    malformed(`${what} is not base64`, error);
  }
}

/** Takes the value of the attribute that must come next. */
function expect(parts: string[], name: string): string {
  const part = parts.shift();
  if (part === undefined || !part.startsWith(`${name}=`)) malformed(`the attribute "${name}" is missing`);
  return part.slice(2);
}

/** What follows is optional extensions: each `ALPHA=value`, none of them mandatory. */
function checkExtensions(parts: readonly string[]): void {
  for (const part of parts) {
    if (!/^[A-Za-z]=./s.test(part)) malformed('an extension is malformed');
    if (part.startsWith('m=')) malformed('a mandatory extension is not known');
  }
}

/** What the client says about channel binding: can't, could but the server seems not to, does (RFC 5802 §6). */
export type BindingFlag =
  { readonly kind: 'n' } | { readonly kind: 'y' } | { readonly kind: 'p'; readonly type: string };

export interface Gs2Header {
  readonly flag: BindingFlag;
  readonly authzid: string | undefined;
}

export function writeGs2Header(header: Gs2Header): string {
  const flag = header.flag.kind === 'p' ? `p=${header.flag.type}` : header.flag.kind;
  return `${flag},${header.authzid === undefined ? '' : `a=${writeName(header.authzid)}`},`;
}

export interface ClientFirst {
  readonly header: Gs2Header;
  /** The header as it came: `c=` must repeat it byte for byte. */
  readonly headerText: string;
  /** The rest of the message, which the proof covers. */
  readonly bare: string;
  readonly username: string;
  readonly nonce: string;
}

function readFlag(text: string): BindingFlag {
  if (text === 'n' || text === 'y') return { kind: text };
  const type = /^p=([A-Za-z0-9.-]+)$/.exec(text)?.[1];
  return type === undefined ? malformed('the channel-binding flag is wrong') : { kind: 'p', type };
}

export function readClientFirst(bytes: Uint8Array): ClientFirst {
  const text = messageText(bytes);
  const [flagText, authzidText, ...rest] = text.split(',');
  if (flagText === undefined || authzidText === undefined) malformed('the header is cut short');
  const flag = readFlag(flagText);
  if (authzidText !== '' && !authzidText.startsWith('a=')) malformed('the header has something else than authzid');
  const authzid = authzidText === '' ? undefined : readName(authzidText.slice(2));
  const headerText = `${flagText},${authzidText},`;
  const username = readName(expect(rest, 'n'));
  const nonce = checkNonce(expect(rest, 'r'));
  checkExtensions(rest);
  return { header: { flag, authzid }, headerText, bare: text.slice(headerText.length), username, nonce };
}

export interface ServerFirst {
  readonly text: string;
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** XEP-0474: hash of what the server offered. */
  readonly offerHash: Uint8Array | undefined;
}

export function readServerFirst(bytes: Uint8Array): ServerFirst {
  const text = messageText(bytes);
  const parts = text.split(',');
  const nonce = checkNonce(expect(parts, 'r'));
  const salt = readBase64(expect(parts, 's'), 'the salt');
  if (salt.length === 0) malformed('the salt is empty');
  const count = expect(parts, 'i');
  if (!/^[1-9][0-9]{0,9}$/.test(count)) malformed('the iteration count is not a positive number');
  checkExtensions(parts);
  const hash = parts.find((part) => part.startsWith('h='));
  const offerHash = hash === undefined ? undefined : readBase64(hash.slice(2), "the offer's hash");
  return { text, nonce, salt, iterations: Number(count), offerHash };
}

export interface ClientFinal {
  /** The message up to its proof, which the proof covers. */
  readonly withoutProof: string;
  readonly channelBinding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
}

export function readClientFinal(bytes: Uint8Array): ClientFinal {
  const text = messageText(bytes);
  const parts = text.split(',');
  const last = [parts.pop() ?? ''];
  const proof = readBase64(expect(last, 'p'), 'the proof');
  const channelBinding = readBase64(expect(parts, 'c'), 'the channel binding');
  const nonce = checkNonce(expect(parts, 'r'));
  checkExtensions(parts);
  return { withoutProof: text.slice(0, text.lastIndexOf(',p=')), channelBinding, nonce, proof };
}

export type ServerFinal =
  { readonly kind: 'signature'; readonly signature: Uint8Array } | { readonly kind: 'error'; readonly error: string };

export function readServerFinal(bytes: Uint8Array): ServerFinal {
  const parts = messageText(bytes).split(',');
  const isError = parts[0]?.startsWith('e=') ?? false;
  const value = expect(parts, isError ? 'e' : 'v');
  checkExtensions(parts);
  if (!isError) return { kind: 'signature', signature: readBase64(value, 'the signature') };
  // RFC 5802 §7 `server-error-value`; anything else is not repeated to a person.
  return { kind: 'error', error: /^[a-z-]{1,64}$/.test(value) ? value : 'other-error' };
}

/** The content of `c=`: header and channel-binding data (RFC 5802 §7, `cbind-input`). */
export function bindingInput(headerText: string, data: Uint8Array | undefined): Uint8Array {
  const header = utf8(headerText);
  if (data === undefined) return header;
  const input = new Uint8Array(header.length + data.length);
  input.set(header);
  input.set(data, header.length);
  return input;
}

export function writeServerFirst(nonce: string, salt: Uint8Array, iterations: number): string {
  return `r=${nonce},s=${toBase64(salt)},i=${iterations}`;
}
