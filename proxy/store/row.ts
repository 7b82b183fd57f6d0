// Columns of a row by type: what SQLite gives back is checked, not believed.
import { SimppError } from '../../shared/errors.ts';
import type { Row } from './sqlite.ts';

function wrong(column: string): never {
  throw new SimppError('storage-failed', `The database holds something unexpected in the column ${column}.`);
}

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : wrong(column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : wrong(column);
}

/** Text, or undefined for NULL. */
export function optionalText(row: Row, column: string): string | undefined {
  return (row[column] ?? null) === null ? undefined : text(row, column);
}

/** A number, or undefined for NULL. */
export function optionalInteger(row: Row, column: string): number | undefined {
  return (row[column] ?? null) === null ? undefined : integer(row, column);
}

export function blob(row: Row, column: string): Uint8Array {
  return optionalBlob(row, column) ?? wrong(column);
}

/** Bytes, or undefined for NULL. */
export function optionalBlob(row: Row, column: string): Uint8Array | undefined {
  const value = row[column] ?? null;
  if (value === null) return undefined;
  return value instanceof Uint8Array ? value : wrong(column);
}
