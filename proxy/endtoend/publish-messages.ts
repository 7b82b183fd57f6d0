// A publication cut into Publish and OneTimeKeys messages that fit a record
// each (docs/protocol.md §8, §9.1): certificates first, the list that names
// them in the last one.
import { oneTimeKeys, publish } from '../../shared/simpp/control.ts';
import { maxPlaintextBytes } from '../../shared/simpp/records.ts';
import type { Publication } from './directory.ts';

const nothing = new Uint8Array(0);
/** Two bytes before each control message (§8), and the fields that do not grow. */
const roomBytes = maxPlaintextBytes - 64;
/** One message's one-time keys. */
const maxKeysAtOnce = 32;

/** What of a publication the gateway is told; `list` brings the certificates with it. */
export type PublishParts = Pick<Publication, 'rollover' | 'prekey' | 'tombstone'> & {
  readonly list?: Pick<Publication, 'list' | 'certificates'> | undefined;
};

export type EncodeRequest = (request: number) => Uint8Array;

/** The Publish messages in their order; none when there is nothing to say. */
export function publishMessages({ list, rollover, prekey, tombstone }: PublishParts): readonly EncodeRequest[] {
  const last = {
    list: list?.list ?? nothing,
    rollover: rollover ?? nothing,
    prekey: prekey ?? nothing,
    tombstone: tombstone ?? nothing,
  };
  const lastBytes = Object.values(last).reduce((sum, { length }) => sum + length, 0);
  if (lastBytes === 0) return [];
  const groups = inGroups(list?.certificates ?? [], roomBytes, maxKeysAtOnce);
  const [tail = []] = groups.slice(-1);
  const isTailBesideLast = lastBytes + sizeOf(tail) <= roomBytes;
  const ahead = isTailBesideLast ? groups.slice(0, -1) : groups;
  return [
    ...ahead.map(
      (certificates): EncodeRequest =>
        (request) =>
          publish.encode({
            request,
            list: nothing,
            rollover: nothing,
            certificates,
            prekey: nothing,
            tombstone: nothing,
          }),
    ),
    (request) => publish.encode({ request, ...last, certificates: isTailBesideLast ? tail : [] }),
  ];
}

/** The OneTimeKeys messages in their order. */
export function oneTimeMessages(keys: readonly Uint8Array[]): readonly EncodeRequest[] {
  return inGroups(keys, roomBytes, maxKeysAtOnce).map(
    (group): EncodeRequest =>
      (request) =>
        oneTimeKeys.encode({ request, keys: group }),
  );
}

/** Each with its length before it. */
function sizeOf(items: readonly Uint8Array[]): number {
  return items.reduce((sum, { length }) => sum + 2 + length, 0);
}

function inGroups(items: readonly Uint8Array[], maxBytes: number, maxItems: number): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    if (group === undefined || group.length >= maxItems || sizeOf(group) + 2 + item.length > maxBytes) {
      groups.push([item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}
