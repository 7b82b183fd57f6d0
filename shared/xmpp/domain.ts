// Domainparts (RFC 7622 §3.2): a DNS name, an IPv4 address or an IPv6 address
// in brackets. Labels are compared in their Unicode form (U-labels), so that
// xn--bcher-kva.example and bücher.example are one domain. The mapping of what
// people type is RFC 5895's; an underscore passes, because internal host names
// have it and the DNS does not mind.

import { satisfiesBidiRule } from './bidi.ts';
import type { Problem } from './precis.ts';
import { characterName } from './precis.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';

const maxLabelBytes = 63;
const maxNameBytes = 253;
const prefix = 'xn--';

/** The prepared domainpart, or why it is none. */
export function prepDomain(text: string): string | Problem {
  if (text.startsWith('[')) return prepIpv6(text);
  // RFC 5895 §2: lower case, width, NFC, and the ideographic full stop as a dot.
  const mapped = text
    .toLowerCase()
    .replace(/[\uff01-\uffee]/g, (char) => char.normalize('NFKC'))
    .replaceAll('\u3002', '.')
    .normalize('NFC');
  // RFC 7622 §3.2: one final dot is stripped before anything else is done.
  const name = mapped.endsWith('.') ? mapped.slice(0, -1) : mapped;
  if (name === '') return { problem: 'is empty' };
  const labels: string[] = [];
  let asciiLength = -1;
  for (const label of name.split('.')) {
    const prepared = prepLabel(label);
    if (typeof prepared !== 'string') return prepared;
    labels.push(prepared);
    asciiLength += 1 + asciiForm(prepared)!.length;
  }
  if (asciiLength > maxNameBytes) return { problem: `has more than ${maxNameBytes} bytes` };
  return labels.join('.');
}

/** The form of a prepared domainpart that DNS and certificates use: each U-label as its A-label. */
export function toAsciiDomain(prepared: string): string {
  return prepared
    .split('.')
    .map((label) => asciiForm(label) ?? label)
    .join('.');
}

function asciiForm(label: string): string | undefined {
  if (!/[^\p{ASCII}]/u.test(label)) return label;
  const encoded = encodePunycode(label);
  return encoded === undefined ? undefined : prefix + encoded;
}

function prepLabel(label: string): string | Problem {
  if (label === '') return { problem: 'has an empty label' };
  if (/^[a-z0-9_-]+$/.test(label) && !label.startsWith(prefix)) {
    if (label.startsWith('-') || label.endsWith('-'))
      return { problem: 'has a label that begins or ends with a hyphen' };
    return label.length > maxLabelBytes ? { problem: `has a label of more than ${maxLabelBytes} bytes` } : label;
  }
  if (!label.startsWith(prefix)) return prepUnicodeLabel(label);
  const decoded = decodePunycode(label.slice(prefix.length));
  // RFC 5890 §2.3.2.1: an A-label is what its U-label encodes to, nothing else.
  if (decoded === undefined || prepUnicodeLabel(decoded) !== decoded || asciiForm(decoded) !== label) {
    return { problem: `has a label, ${label}, that is no valid A-label` };
  }
  return decoded;
}

/** A label with characters beyond ASCII, checked as RFC 5892 classifies them. */
function prepUnicodeLabel(label: string): string | Problem {
  // RFC 5891 §4.2.3: form C, hyphens, no leading combining mark, letters and digits only.
  if (label.startsWith('-') || label.endsWith('-')) return { problem: 'has a label that begins or ends with a hyphen' };
  if (/^..--/u.test(label)) return { problem: 'has a label with hyphens in third and fourth place' };
  if (/^\p{M}/u.test(label)) return { problem: 'has a label that begins with a combining mark' };
  for (const char of label) {
    if (!isLabelCharacter(char)) return { problem: `contains ${characterName(char)}, which is not allowed there` };
  }
  if (!satisfiesBidiRule(label)) return { problem: 'has a label that mixes directions of writing' };
  const ascii = asciiForm(label);
  if (ascii === undefined || ascii.length > maxLabelBytes) {
    return { problem: `has a label of more than ${maxLabelBytes} bytes` };
  }
  return label;
}

function isLabelCharacter(char: string): boolean {
  if (/^[a-z0-9_-]$/.test(char)) return true;
  if (char.charCodeAt(0) < 0x80) return false;
  if (/^[\u00b7\u00df\u0375\u03c2\u05f3\u05f4\u06fd\u06fe\u0f0b\u3007\u30fb]$/u.test(char)) return true;
  // RFC 5892 §2.2: whatever NFKC and case folding change is unstable.
  if (char.normalize('NFKC').toLowerCase().normalize('NFKC') !== char) return false;
  return /^(?!\p{Default_Ignorable_Code_Point})[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]$/u.test(char);
}

/** An IPv6 address in brackets (RFC 3986 §3.2.2), in the form of RFC 5952, so that two spellings are one. */
function prepIpv6(text: string): string | Problem {
  const problem = { problem: 'is not a valid IPv6 address' };
  const address = /^\[([0-9a-fA-F:.]+)\]$/.exec(text)?.[1];
  if (address === undefined) return problem;
  const groups = ipv6Groups(address);
  return groups === undefined ? problem : `[${formatGroups(groups)}]`;
}

function ipv6Groups(address: string): readonly number[] | undefined {
  // An IPv4 address may stand for the last two groups, nowhere else.
  const groups = address.replace(/(?<=:)(\d{1,3}\.){3}\d{1,3}$/, ipv4Groups);
  const halves = groups.split('::');
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half) => (half === '' ? [] : half.split(':').map(readGroup)));
  if (left === undefined || [...left, ...(right ?? [])].some(Number.isNaN)) return undefined;
  if (right === undefined) return left.length === 8 ? left : undefined;
  const missing = 8 - left.length - right.length;
  return missing < 1 ? undefined : [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

function ipv4Groups(address: string): string {
  const octets = address.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return address;
  const [a, b, c, d] = octets as [number, number, number, number];
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function readGroup(group: string): number {
  return /^[0-9a-fA-F]{1,4}$/.test(group) ? Number.parseInt(group, 16) : Number.NaN;
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of at least two zeros as `::`. */
function formatGroups(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':');
  const runs = text.match(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`));
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
