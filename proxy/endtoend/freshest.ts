// Bundles that show the same list, as one: of each device the newest valid prekey
// that any of them has (docs/protocol.md §9.1). A directory that gives an older
// one, or none, takes nothing away from what is known.
import { equalBytes, toHex } from '../../shared/bytes.ts';
import type { BundleDevice } from '../../shared/simpp/bundle-device.ts';
import type { Bundle } from '../../shared/simpp/contact-bundle.ts';

/** One bundle for each KU_A and list, in the order in which they came. */
export function freshest(bundles: readonly Bundle[]): readonly Bundle[] {
  const merged: Bundle[] = [];
  for (const bundle of bundles) {
    const at = merged.findIndex((each) => isSameList(each, bundle));
    if (at < 0) merged.push(bundle);
    else merged[at] = both(merged[at]!, bundle);
  }
  return merged;
}

/** Whether they say the same of who the devices are. */
export function isSameList(a: Bundle, b: Bundle): boolean {
  return equalBytes(a.kuA.bytes, b.kuA.bytes) && equalBytes(a.list.hash, b.list.hash);
}

function both(a: Bundle, b: Bundle): Bundle {
  const retired = [...a.skipped, ...b.skipped].filter(({ isRetired }) => isRetired === true);
  const isRetired = (id: string): boolean =>
    retired.some(({ deviceId }) => deviceId !== undefined && toHex(deviceId) === id);
  const devices = new Map(a.devices.map((device) => [toHex(device.deviceId), device]));
  for (const device of b.devices) {
    const id = toHex(device.deviceId);
    const other = devices.get(id);
    devices.set(id, other === undefined ? device : newer(other, device));
  }
  for (const id of devices.keys()) if (isRetired(id)) devices.delete(id);
  const given = new Set(devices.keys());
  // Of those without an id it is not known which they are: the bundle that lacks fewer of them counts.
  const [lacking] = [a, b].map(unnamed).toSorted((one, other) => one.length - other.length);
  const named = [...a.skipped, ...b.skipped].filter(
    ({ deviceId }) => deviceId !== undefined && !given.has(toHex(deviceId)),
  );
  return { ...b, ...a, devices: [...devices.values()], skipped: [...named, ...lacking!] };
}

const unnamed = ({ skipped }: Bundle): Bundle['skipped'] => skipped.filter(({ deviceId }) => deviceId === undefined);

/** A restored device begins a higher epoch (§9.8), whatever its clock says. */
function newer(a: BundleDevice, b: BundleDevice): BundleDevice {
  const order = b.prekey.epoch - a.prekey.epoch || b.prekey.issued - a.prekey.issued;
  const [first, second] = order > 0 ? [b, a] : [a, b];
  return first.oneTime === undefined && second.oneTime !== undefined ? { ...first, oneTime: second.oneTime } : first;
}
