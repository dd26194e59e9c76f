// A server of files that knows nothing: no routes, no types but a few. Only /api goes on to the real server.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;
const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml' };

/** Serves a folder below `folder`; what lies below `api/` there is asked of `api`. */
export async function servePlainly(dist, { folder, api }) {
  const served = [];
  const files = createServer(async (asked, answer) => {
    const path = decodeURIComponent(new URL(asked.url, 'http://x').pathname);
    if (!path.startsWith(folder)) return answer.writeHead(404).end();
    const rest = path.slice(folder.length);
    if (rest.startsWith('api/')) {
      const on = request(new URL(asked.url.slice(folder.length + 'api/'.length), api), { method: asked.method, headers: asked.headers });
      on.on('response', (found) => found.pipe(answer.writeHead(found.statusCode, found.headers)));
      on.on('error', () => answer.destroy());
      return asked.pipe(on);
    }
    let file = join(root, dist, normalize(rest));
    const found = await stat(file).catch(() => undefined);
    if (found?.isDirectory()) file = join(file, 'index.html');
    if (!(await stat(file).catch(() => undefined))) return answer.writeHead(404).end();
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    served.push([path, type]);
    createReadStream(file).pipe(answer.writeHead(200, { 'content-type': type }));
  });
  await new Promise((resolve) => files.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    files.closeAllConnections();
    return new Promise((resolve) => files.close(resolve));
  };
  return { url: `http://127.0.0.1:${files.address().port}${folder}`, served, stop };
}
