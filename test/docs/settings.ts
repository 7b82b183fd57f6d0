// The tables of docs/configuration.md that are written from the schemas of the
// configuration files and from the table of errors. `node test/docs/write.ts`
// writes them.
import type { z } from 'zod';
import { accountSchema } from '../../proxy/config/account-schema.ts';
import { gatewaySchema } from '../../proxy/config/gateway-schema.ts';
import { proxySchema } from '../../proxy/config/proxy-schema.ts';
import { errorTable } from '../../shared/errors.ts';
import { markdownTable, withGenerated } from './generated.ts';

/** A key of a configuration file. */
export interface Setting {
  readonly key: string;
  readonly form: string;
  /** As it is written in TOML; undefined when there is none. */
  readonly fallback: unknown;
  readonly isNeeded: boolean;
  readonly meaning: string;
}

/** What of zod's own description of a schema is read here. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly element?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
}

// Each of these schemas is made of the kinds that Definition covers.
const definitionOf = (schema: z.ZodType): Definition => schema.def;

/** All keys of a file, those of its tables behind their names. */
export function settingsOf(schema: z.ZodObject, path = ''): readonly Setting[] {
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, field]) => {
    const { inner, fallback, isOptional } = unwrap(field);
    const key = path + name;
    // as: the definition says that it is an object.
    if (definitionOf(inner).type === 'object') return settingsOf(inner as z.ZodObject, `${key}.`);
    const isNeeded = fallback === undefined && !isOptional;
    return [{ key, form: formOf(inner), fallback, isNeeded, meaning: field.description ?? '' }];
  });
}

function unwrap(field: z.ZodType): { inner: z.ZodType; fallback: unknown; isOptional: boolean } {
  const { type, innerType, defaultValue } = definitionOf(field);
  if (innerType === undefined || (type !== 'optional' && type !== 'prefault')) {
    return { inner: field, fallback: undefined, isOptional: false };
  }
  const { inner, fallback } = unwrap(innerType);
  return type === 'prefault'
    ? { inner, fallback: defaultValue, isOptional: true }
    : { inner, fallback, isOptional: true };
}

function formOf(schema: z.ZodType): string {
  const { type, element, entries } = definitionOf(schema);
  switch (type) {
    case 'array':
      return `a list of: ${element === undefined ? '' : formOf(element)}`;
    case 'enum':
      return Object.values(entries ?? {})
        .map((value) => `\`"${value}"\``)
        .join(' or ');
    case 'number': {
      const { minValue, maxValue } = schema as z.ZodNumber; // as: the definition says that it is one
      return `a whole number from ${minValue} to ${maxValue}`;
    }
    default:
      // These schemas name their form to whoever writes something else.
      return schema.safeParse(0).error?.issues[0]?.message ?? type;
  }
}

function settingTable(schema: z.ZodObject): string {
  const rows = settingsOf(schema).map(({ key, form, fallback, isNeeded, meaning }) => {
    const written = fallback === undefined ? (isNeeded ? 'must be given' : 'none') : `\`${JSON.stringify(fallback)}\``;
    return [`\`${key}\``, form, written, meaning];
  });
  return markdownTable(['key', 'form', 'default', 'meaning'], rows);
}

function errorsTable(): string {
  const rows = Object.entries(errorTable).map(([code, { exit, stream, text }]) => [
    `\`${code}\``,
    String(exit),
    `\`${stream}\``,
    text,
  ]);
  return markdownTable(
    ['code', 'exit', 'stream error', 'text when nothing more precise is known'],
    rows.toSorted((a, b) => Number(a[1]) - Number(b[1])),
  );
}

const tables: Readonly<Record<string, string>> = {
  'proxy-toml': settingTable(proxySchema),
  'account-toml': settingTable(accountSchema),
  'gateway-toml': settingTable(gatewaySchema),
  errors: errorsTable(),
};

/** The page with every generated table brought up to date. */
export const withSettings = (page: string): string => withGenerated(page, tables);
