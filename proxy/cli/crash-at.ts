// SIMPP_CRASH_AT=name or name:n ends this process as a power loss would, when
// the named point is reached for the nth time: for tests of what survives.

import { SimppError } from '../../shared/errors.ts';
import { crashPoints, unharmed, type Reached } from '../endtoend/crash-points.ts';

/** What the variable asks for; throws SimppError('usage') when it names no point. */
export function crashAt(wanted: string | undefined, die: () => void = killSelf): Reached {
  if (wanted === undefined || wanted === '') return unharmed;
  const [name, times = '1', ...rest] = wanted.split(':');
  if (rest.length > 0 || !/^[1-9]\d{0,5}$/.test(times) || !crashPoints.some((point) => point === name)) {
    throw new SimppError(
      'usage',
      `SIMPP_CRASH_AT names no crash point; write one of them, or NAME:N. ${crashPoints.join(', ')}`,
    );
  }
  let left = Number(times);
  return (point) => {
    if (point === name && --left === 0) die();
  };
}

/** SIGKILL: nothing is tidied up. */
function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
}
