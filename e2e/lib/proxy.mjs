// A network that can be cut: TCP between the page and the server.

import { createServer, connect } from 'node:net';

/**
 * Passes everything on. `cutAt(bytes)` breaks the next upload after so many bytes of its body have
 * passed, once; `stallAt(bytes)` lets it hang there instead, until `release()`.
 */
export async function openProxy(server) {
  const target = Number(new URL(server.origin).port);
  let plan;
  const open = new Set();
  const proxy = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    open.add(client).add(upstream);
    let passed; // Bytes of an upload's body, once one begins on this connection.
    client.on('data', (data) => {
      let piece = data;
      if (passed === undefined && plan && data.subarray(0, 6).toString() === 'PATCH ' && data.includes('/uploads/')) {
        const body = data.indexOf('\r\n\r\n') + 4;
        passed = -body;
      }
      if (passed === undefined || !plan) return upstream.write(data);
      const room = plan.bytes - passed;
      if (room < data.length) piece = data.subarray(0, Math.max(0, room));
      passed += piece.length;
      if (piece.length === data.length) return upstream.write(data);
      const { kind } = plan;
      passed = undefined;
      plan = undefined;
      // What has passed arrives; the rest never does.
      upstream.write(piece, () => {
        client.pause();
        if (kind === 'stall') return;
        // Only once the server knows does the page learn of it: an engine may send the same again by itself.
        upstream.removeAllListeners('data').resume();
        upstream.end();
      });
    });
    upstream.on('data', (data) => client.write(data));
    const end = () => {
      client.destroy();
      upstream.destroy();
      open.delete(client);
      open.delete(upstream);
    };
    for (const socket of [client, upstream]) socket.on('close', end).on('error', end);
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${proxy.address().port}`;
  return {
    url: `${origin}/`,
    api: `${origin}/api/v1`,
    origin,
    cutAt: (bytes) => (plan = { kind: 'cut', bytes }),
    stallAt: (bytes) => (plan = { kind: 'stall', bytes }),
    planned: () => plan !== undefined,
    stop: () => {
      proxy.close();
      for (const socket of open) socket.destroy();
    },
  };
}
