// Anything thrown, as fields of an event. The text of a SimppError is written
// to be read; the text of any other error may quote what it choked on, so only
// its name, its system code and its stack frames are kept.

import { SimppError } from '../shared/errors.ts';
import type { LogFields } from './log.ts';

const maxFrames = 12;

/** The fields that describe an error. */
export function errorFields(thrown: unknown): LogFields {
  if (!(thrown instanceof SimppError)) return { code: 'internal', cause: nameOf(thrown), stack: framesOf(thrown) };
  const cause = thrown.cause === undefined ? {} : { cause: nameOf(thrown.cause) };
  const stack = thrown.code === 'internal' ? { stack: framesOf(thrown.cause ?? thrown) } : {};
  return { code: thrown.code, text: thrown.message, ...cause, ...stack };
}

/** ECONNREFUSED, ERR_TLS_CERT_ALTNAME_INVALID, TypeError … */
export function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return code ?? thrown.name;
}

function framesOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown.stack === undefined) return undefined;
  const frames = thrown.stack.split('\n').filter((line) => line.startsWith('    at '));
  return frames.slice(0, maxFrames).join('\n');
}
