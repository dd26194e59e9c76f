// Programs of a browser: started, and ended with the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Starts a program that is installed; `stop` ends it. */
export async function started(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'ignore', ...options });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new Error(`${program} cannot be started (${error.code}); \`cargo xtask test\` installs it on Debian`, { cause: error });
  }
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  return { child, stop };
}

/** A port nobody listens on. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
