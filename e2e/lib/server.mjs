// The real server, on a free port, with an empty database of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './patience.mjs';

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

/** Keys of the made-up merchants; made once, they take a moment. */
const keys = join(root, 'target/tmp/gateway-keys');

/** The payment simulator for a server: a process of its own, with its fault switches. */
async function startGateway(data, site) {
  const port = await freePort();
  const child = spawn(
    join(root, 'target/debug/onething-gateway'),
    ['--port', String(port), '--keys', keys, '--config', data, '--site', site],
    { env: { ...process.env, RUST_LOG: 'warn' }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const origin = `http://127.0.0.1:${port}`;
  const call = async (method, path, body) => {
    const answer = await fetch(origin + path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.headers.get('content-type')?.includes('json') ? answer.json() : null;
  };
  await answering(`${origin}/health`);
  return {
    child,
    origin,
    config: join(data, 'payment.yaml'),
    /** Switches faults on; without any, off. */
    faults: (faults = {}) => call('PUT', '/control/faults', faults),
    /** Everything the gateways know. */
    trades: () => call('GET', '/control/trades'),
  };
}

const answering = (url) => eventually(async () => assert.ok((await fetch(url)).ok, `${url} does not answer`));

/** Starts a server with its payment simulator; `stop` ends both and erases their data. */
export async function startServer({ departments = 'manual', base = '/', pace = 200, session = 1800, dist = process.env.DIST ?? 'dist', framers = [], worker = true } = {}) {
  const port = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'onething-e2e-'));
  const origin = `http://127.0.0.1:${port}`;
  const gateway = await startGateway(data, origin + base);
  const child = spawn(
    join(root, 'target/debug/onething-server'),
    [
      ...['serve', '--port', String(port), '--data', data, '--dist', dist, '--departments', departments, '--pace', String(pace), '--base', base],
      ...['--session-seconds', String(session), '--payment', gateway.config, ...framers.flatMap((origin) => ['--framer', origin])],
      ...(worker ? [] : ['--no-worker']),
    ],
    { cwd: root, env: { ...process.env, RUST_LOG: 'warn' }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const url = origin + base;
  await answering(`${url}api/v1/home`);
  const stop = async () => {
    child.kill('SIGKILL');
    gateway.child.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  };
  return { origin, url, api: `${url}api/v1`, gateway, stop };
}
