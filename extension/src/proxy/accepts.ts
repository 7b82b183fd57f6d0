// Whether something listens where the proxy should, without saying anything to it.
import { connect } from 'node:net';

const timeoutMs = 1_000;

export async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, timeout: timeoutMs });
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('timeout', () => resolve(false));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
