// The tables of docs/protocol.md that are written from the declarations, so
// that a field is described once. `node test/docs/write.ts` writes them.
import type { FieldSpec } from '../../shared/codec/field.ts';
import * as classicMessages from '../../shared/simpp/classic/messages.ts';
import * as endToEndMessages from '../../shared/simpp/end-to-end-messages.ts';
import * as controlMessages from '../../shared/simpp/control.ts';
import { labels } from '../../shared/simpp/labels.ts';
import * as messages from '../../shared/simpp/messages.ts';
import { withGenerated } from './generated.ts';

/** What every declared message shows of itself. */
export interface Declared {
  readonly name: string;
  readonly tag: number;
  readonly fields: Readonly<Record<string, { readonly spec: FieldSpec }>>;
  encode(values: unknown): Uint8Array;
  decode(encoded: Uint8Array): unknown;
}

function isDeclared(value: unknown): value is Declared {
  return typeof value === 'object' && value !== null && 'tag' in value && 'fields' in value;
}

const declaredIn = (module: Readonly<Record<string, unknown>>): readonly Declared[] =>
  Object.values(module)
    .filter(isDeclared)
    .toSorted((a, b) => a.tag - b.tag);

/** Messages of simpp-2, with the control messages. */
export const declared: readonly Declared[] = [
  ...declaredIn(messages),
  ...declaredIn(endToEndMessages),
  ...declaredIn(controlMessages),
];
/** Messages of the classic profile. */
export const declaredClassic: readonly Declared[] = declaredIn(classicMessages);

function kind(spec: FieldSpec): string {
  switch (spec.type) {
    case 'uint':
      return `u${spec.bytes * 8}${spec.bytes < 8 && spec.max < 2 ** (8 * spec.bytes) - 1 ? ` ≤ ${spec.max}` : ''}`;
    case 'fixed':
      return `fixed(${spec.length})`;
    case 'bytes':
    case 'text':
    case 'rest':
      return `${spec.type}(${spec.min}..${spec.max})`;
    case 'list':
      return `list(${kind(spec.item)}, ${spec.min}..${spec.max})`;
  }
}

function messageTable(rows: readonly Declared[]): string {
  const lines = rows.map(({ name, tag, fields }) => {
    const described = Object.entries(fields).map(([field, { spec }]) => `${field}: ${kind(spec)}`);
    return `| ${name} | 0x${tag.toString(16)} | ${described.join(', ') || 'none'} |`;
  });
  return ['| message | tag | fields |', '|---|---|---|', ...lines].join('\n');
}

function labelTable(): string {
  const lines = Object.entries(labels).map(([label, use]) => `| \`${label}\` | ${use} |`);
  return ['| label | use |', '|---|---|', ...lines].join('\n');
}

const tables: Readonly<Record<string, string>> = {
  labels: labelTable(),
  messages: messageTable(declared),
  'classic-messages': messageTable(declaredClassic),
};

/** The page with every generated table brought up to date. */
export const withTables = (page: string): string => withGenerated(page, tables);
