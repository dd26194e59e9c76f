// The real server, on a free port, with an empty database of its own.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Starts a server; `stop` ends it and erases its data. */
export async function startServer({ departments = 'manual', base = '/', pace = 200, session = 1800 } = {}) {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'onething-e2e-'));
  const child = spawn(
    join(root, 'target/debug/onething-server'),
    ['serve', '--port', String(port), '--data', data, '--departments', departments, '--pace', String(pace), '--base', base, '--session-seconds', String(session)],
    { cwd: root, env: { ...process.env, RUST_LOG: 'warn' }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const origin = `http://127.0.0.1:${port}`;
  const url = origin + base;
  for (let tries = 0; ; tries += 1) {
    try {
      if ((await fetch(`${url}api/v1/home`)).ok) break;
    } catch {
      if (tries > 100) throw new Error('the server does not answer');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = async () => {
    child.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  };
  return { origin, url, api: `${url}api/v1`, stop };
}
