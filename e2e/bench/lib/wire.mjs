// What came over the wire, file by file, as the browser counts it: headers and compressed bodies.

const QUIET = 1500;

/** Slow 4G: 150 ms there and back, 1.6 Mbit/s down, 0.75 up. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };

/** Slows the network of a page, and counts what it carries. */
export async function watchWire(session) {
  const requests = new Map();
  let [silent, timer] = [null, null];
  const isOpen = ({ type, ended }) => ended === null && type !== 'EventSource';
  const stirred = () => {
    clearTimeout(timer);
    if (silent && ![...requests.values()].some(isOpen)) timer = setTimeout(silent, QUIET);
  };
  session.on('Network.requestWillBeSent', ({ requestId, request, type, timestamp, wallTime }) => {
    if (!request.url.startsWith('http')) return;
    requests.set(requestId, { path: new URL(request.url).pathname, type, bytes: 0, ended: null, clock: wallTime - timestamp });
    stirred();
  });
  const ended = ({ requestId, timestamp, encodedDataLength = 0 }) => {
    const request = requests.get(requestId);
    if (!request) return;
    Object.assign(request, { bytes: encodedDataLength, ended: (timestamp + request.clock) * 1000 });
    stirred();
  };
  session.on('Network.loadingFinished', ended);
  session.on('Network.loadingFailed', ended);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', SLOW_4G);
  return {
    /** What had arrived at a moment of the machine's clock. */
    files: (moment = Infinity) =>
      [...requests.values()]
        .filter((request) => request.ended !== null && request.ended <= moment)
        .map(({ path, type, bytes }) => ({ path, kind: kindOf(path, type), bytes })),
    /** Waits until nothing has been asked for or was under way for a while. */
    quiet: () =>
      new Promise((resolve) => {
        silent = resolve;
        stirred();
      }),
  };
}

function kindOf(path, type) {
  if (path.includes('/api/')) return 'answers';
  if (path.includes('/locales/')) return 'texts';
  if (path.endsWith('.wasm')) return 'wasm';
  return { Document: 'page', Script: 'script', Stylesheet: 'style' }[type] ?? (path.endsWith('js') ? 'script' : 'other');
}

/** Kilobytes of some files. */
export const kilobytes = (files) => files.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
