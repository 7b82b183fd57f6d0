// Version 2: binary (proxy-protocol.txt §2.2).
//
//   signature (12) ‖ version, command (1) ‖ family, protocol (1) ‖ length (2) ‖ addresses ‖ TLVs

import { concat } from '../../../shared/bytes.ts';
import { addressOf, bytesOfAddress } from './address-bytes.ts';
import { agrees, malformedHeader, maxHeaderBytes, type Addresses, type HeaderReading } from './header.ts';

/** How each header of version 2 begins; no protocol of text does. */
export const signature2: Uint8Array = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10);

const fixedBytes = 16;
const LOCAL = 0x20;
const PROXY = 0x21;

/** Bytes of one address, and of the whole block of addresses, by family and protocol; datagrams have no place here. */
const blocks: Readonly<Record<number, { readonly address: number; readonly block: number }>> = {
  0x00: { address: 0, block: 0 }, // unspecified
  0x11: { address: 4, block: 12 }, // TCP over IPv4
  0x21: { address: 16, block: 36 }, // TCP over IPv6
  0x31: { address: 0, block: 216 }, // Unix streams: nobody's network address
};

/** Reads a header that begins as one of version 2 does; throws SimppError. */
export function readVersion2(bytes: Uint8Array): HeaderReading {
  if (!agrees(bytes, signature2)) throw malformedHeader('has no signature');
  if (bytes.length < fixedBytes) return { kind: 'incomplete' };
  const command = bytes[12]!;
  if (command !== LOCAL && command !== PROXY) throw malformedHeader('has an unknown version or command');
  const length = fixedBytes + uint16(bytes, 14);
  if (length > maxHeaderBytes) throw malformedHeader('is too long');
  const block = blocks[bytes[13]!];
  // §2.2: a header of LOCAL is skipped whatever it says; in others what is unknown ends the connection.
  if (command === PROXY && (block === undefined || length < fixedBytes + block.block)) {
    throw malformedHeader('has an unknown family, or addresses that do not fit it');
  }
  if (bytes.length < length) return { kind: 'incomplete' };
  if (command === LOCAL || block === undefined) return { kind: 'complete', length, addresses: undefined };
  skipExtensions(bytes.subarray(fixedBytes + block.block, length));
  return { kind: 'complete', length, addresses: readAddresses(bytes.subarray(fixedBytes), block.address) };
}

function readAddresses(block: Uint8Array, size: number): Addresses | undefined {
  if (size === 0) return undefined;
  return {
    source: { host: addressOf(block.subarray(0, size)), port: uint16(block, 2 * size) },
    destination: { host: addressOf(block.subarray(size, 2 * size)), port: uint16(block, 2 * size + 2) },
  };
}

/** §2.2.2: type (1) ‖ length (2) ‖ value, again and again; none of them is of use here, but all must fit. */
function skipExtensions(bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    const end = at + 3 <= bytes.length ? at + 3 + uint16(bytes, at + 1) : Infinity;
    if (end > bytes.length) throw malformedHeader('has an extension that does not end');
    at = end;
  }
}

/** The header that tells these addresses. */
export function writeVersion2({ source, destination }: Addresses): Uint8Array {
  const from = bytesOfAddress(source.host);
  const to = bytesOfAddress(destination.host);
  const rest = concat(from, to, twoBytes(source.port), twoBytes(destination.port));
  const family = from.length === 4 ? 0x11 : 0x21;
  return concat(signature2, Uint8Array.of(PROXY, family), twoBytes(rest.length), rest);
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function twoBytes(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
