// Why a connection could not be made, in words that name the endpoint.

import { SimppError } from '../../shared/errors.ts';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';

const reasons: Readonly<Record<string, (endpoint: Endpoint) => string>> = {
  ECONNREFUSED: (endpoint) => `Nothing listens at ${formatEndpoint(endpoint)}: the connection was refused.`,
  ENOTFOUND: ({ host }) => `The name ${host} is not known.`,
  EAI_AGAIN: ({ host }) => `The name ${host} could not be looked up: the name server did not answer.`,
  ETIMEDOUT: (endpoint) => `${formatEndpoint(endpoint)} did not answer.`,
  EHOSTUNREACH: (endpoint) => `There is no route to ${formatEndpoint(endpoint)}.`,
  ENETUNREACH: (endpoint) => `There is no route to ${formatEndpoint(endpoint)}.`,
  ECONNRESET: (endpoint) => `${formatEndpoint(endpoint)} closed the connection at once.`,
};

/** The system's code of an error; of several addresses' errors, the first. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof AggregateError) return systemCode(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A failed connection as a SimppError('server-unreachable'); a SimppError stays what it is. */
export function unreachable(endpoint: Endpoint, error: unknown): SimppError {
  if (error instanceof SimppError) return error;
  const code = systemCode(error);
  const known = code === undefined ? undefined : reasons[code];
  const text = known?.(endpoint) ?? `${formatEndpoint(endpoint)} cannot be reached (${code ?? 'unknown reason'}).`;
  return new SimppError('server-unreachable', text, { cause: error });
}
