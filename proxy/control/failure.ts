// SimppErrors across the control socket: code and text travel, the cause stays.

import { ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { asSimppError, errorTable, SimppError, type ErrorCode } from '../../shared/errors.ts';

interface FailureData {
  readonly code: string;
}

/** What the server answers when a method throws. */
export function toResponseError(thrown: unknown): ResponseError<FailureData> {
  const error = asSimppError(thrown);
  return new ResponseError(ErrorCodes.InternalError, error.message, { code: error.code });
}

/** What a client throws when a method failed. */
export function fromResponseError(thrown: unknown): SimppError {
  if (thrown instanceof ResponseError) {
    const code = (thrown.data as Partial<FailureData> | undefined)?.code;
    if (code !== undefined && isErrorCode(code)) return new SimppError(code, thrown.message, { cause: thrown });
  }
  return new SimppError('internal', 'The running process did not answer as expected.', { cause: thrown });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
