// Where the two pages come from: the reference server with ours, a few lines of static files with the vanilla one.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';

const root = new URL('../../../', import.meta.url).pathname;
const vanilla = new URL('../vanilla/', import.meta.url);

/** Listens on a free port of this machine. */
const listen = (server) =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });

export async function freePort() {
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts this binary over this catalogue, with an empty database; `stop` ends it and erases its data. */
export async function startServer({ binary, catalogue }) {
  const [port, data] = [await freePort(), await mkdtemp(join(tmpdir(), 'onething-bench-'))];
  const child = spawn(
    binary,
    ['serve', '--port', String(port), '--data', data, '--catalogue', catalogue, '--dist', 'dist', '--base', '/', '--departments', 'manual'],
    // What it says goes to stderr: stdout is for the tables.
    { cwd: root, env: { ...process.env, RUST_LOG: 'warn' }, stdio: ['ignore', process.stderr, process.stderr] },
  );
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/`;
  const trouble = await Promise.race([ended, answers(`${url}api/v1/home`)]);
  if (trouble) {
    await stop();
    throw new Error(`${binary} does not serve: ${trouble}`);
  }
  return { url, api: `${url}api/v1`, stop };
}

/** Nothing once the address answers, or what is wrong. */
async function answers(address) {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return null;
    await pause(50);
  }
  return 'no answer in 10 seconds';
}

const MEDIA = { '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8' };

/**
 * Serves the vanilla page, other pages given by name, and the API of the server behind it: to the page it is one
 * origin. As a good host it compresses everything once, as far as brotli goes.
 */
export async function startVanilla(api, pages = {}) {
  const names = ['form.html', 'form.css', 'form.mjs', 'rules.mjs'];
  const read = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, vanilla))]));
  const files = new Map([...read, ...Object.entries(pages)].map(([name, content]) => [`/${name}`, brotliCompressSync(content)]));
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url, 'http://localhost');
    if (pathname.startsWith('/api/')) {
      const behind = request(new URL(asked.url, api), { method: asked.method, headers: asked.headers }, (given) => {
        answer.writeHead(given.statusCode, given.headers);
        given.pipe(answer);
      });
      behind.on('error', () => answer.writeHead(502).end());
      asked.pipe(behind);
    } else if (files.has(pathname)) {
      answer.writeHead(200, { 'content-type': MEDIA[extname(pathname)], 'content-encoding': 'br' }).end(files.get(pathname));
    } else {
      answer.writeHead(404).end();
    }
  });
  const port = await listen(server);
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}
