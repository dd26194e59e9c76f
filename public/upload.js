// Sends files for materials: photos are made small first, the bytes are sealed on the device, and
// tus 1.0.0 (https://tus.io) carries them through dead spots and killed tabs.

import * as vault from './vault.js';

/** How long a connection may stand still before it counts as broken. */
const STALL = 60_000;
/** How long the vault may take; one that does not answer must not hold an upload up. */
const SEALING = 5_000;

const photo = new URL('photo.js', import.meta.url).href;
const jobs = new Map();
const random = (length) => Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (blob) => new Response(blob).arrayBuffer();
const quiet = (promise) => promise.catch(() => undefined);
const lock = (id) => `upload-${id}`;

/** Somebody signed out, and nobody began anything since. */
let closed = false;
/** What the vault did; undefined when it cannot, as in private windows, or must not any more. */
const tried = async (work) => (closed ? undefined : Promise.race([quiet(work()), new Promise((resolve) => setTimeout(resolve, SEALING))]));

/** Ends an upload; `keep` leaves it sealed for another try. */
const fail = (problem, keep = false) => {
  throw { problem, keep };
};

const say = (job, phase, more) => {
  const { replaces } = job.options || {};
  const state = { id: job.id, phase, percent: job.percent, name: job.name, replaces, ...more };
  const text = JSON.stringify(state);
  if (job.cancelled || job.said === text) return;
  job.said = text;
  job.state = state;
  job.tell(state);
};

/** What a file is, by content; its name may say anything. */
const sniff = (head) => {
  const text = String.fromCharCode(...head);
  if (text.startsWith('%PDF-')) return 'pdf';
  if (/^.{4}ftyp(heic|heix|hevc|mif1|msf1)/s.test(text)) return 'heic';
  if (text.startsWith('\xff\xd8\xff') || text.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF.{4}WEBP/s.test(text)) return 'image';
  return fail('type');
};

let worker;
const asked = new Map();
const UNSUPPORTED = { problem: 'unsupported' };
const inWorker = (message) =>
  new Promise((resolve) => {
    asked.set(message.id, resolve);
    const answer = ({ data }) => {
      asked.get(data.id)(data);
      asked.delete(data.id);
    };
    try {
      if (!worker) {
        worker = new Worker(photo);
        worker.onmessage = answer;
        // It could not be loaded, or died of a picture: the page does it, and the next photo starts another.
        worker.onerror = () => {
          worker.terminate();
          worker = undefined;
          for (const id of asked.keys()) answer({ data: { id, ...UNSUPPORTED } });
        };
      }
      worker.postMessage(message);
    } catch (error) {
      answer({ data: { id: message.id, ...UNSUPPORTED } });
    }
  });

const small = async (job, heic) => {
  const message = { id: job.id, file: job.file, edge: 2560, quality: 0.82, turn: job.options.turn || 0 };
  let made = await inWorker(message);
  // Some engines know HEIC only as an image of the page.
  if (made.problem === 'unsupported' || (made.problem && heic)) {
    await import(photo);
    made = await window.onething.shrink(message);
  }
  if (made.problem) fail(heic ? 'heic' : 'damaged');
  return made.blob;
};

/** A stored picture. */
const fetched = async (address) => {
  const answer = await quiet(fetch(address, { credentials: 'same-origin' }));
  return (answer && answer.ok && (await quiet(answer.blob()))) || fail('network');
};

/** Makes what is to be sent, and seals it. */
const prepare = async (job) => {
  const { address, options } = job;
  say(job, 'preparing');
  const file = (job.file = job.file || (await fetched(address)));
  if (!file.size) fail('empty');
  // A file in the cloud or on a card may have gone since it was chosen.
  const head = await bytesOf(file.slice(0, 12)).catch(() => fail('damaged'));
  const kind = sniff(new Uint8Array(head));
  // Only pictures can be turned.
  if (address && kind === 'pdf') fail('type');
  const blob = kind === 'pdf' ? file : await small(job, kind === 'heic');
  if (blob.size > options.most) fail('too-large');
  if (job.cancelled) return;
  const bytes = await bytesOf(blob).catch(() => fail('damaged'));
  // A copy: what was chosen may still change or go.
  job.blob = new Blob([bytes]);
  if (kind !== 'pdf') job.name = `${job.name.replace(/\.[^.]*$/, '')}.jpg`;
  job.file = job.address = undefined;
  if (job.cancelled) return;
  await tried(() => vault.keepFile(job.id, { place: options.place, name: job.name, options }, bytes));
};

/** Resolves with the ended request, whatever became of it; status 0 is a broken connection. */
const request = (job, method, url, headers = {}, body = null) =>
  new Promise((resolve) => {
    const xhr = (job.xhr = new XMLHttpRequest());
    let idle;
    const moved = () => {
      clearTimeout(idle);
      idle = setTimeout(() => xhr.abort(), STALL);
    };
    xhr.open(method, url);
    xhr.setRequestHeader('Tus-Resumable', '1.0.0');
    for (const name of Object.keys(headers)) xhr.setRequestHeader(name, headers[name]);
    xhr.upload.onprogress = ({ loaded }) => {
      moved();
      if (job.sent) job.sent(loaded);
    };
    xhr.onloadend = () => {
      clearTimeout(idle);
      resolve(xhr);
    };
    moved();
    xhr.send(body);
  });

const metadata = async (job) => {
  const { bundle, material, replaces, for: owner } = job.options;
  const digest = crypto.subtle && (await quiet(bytesOf(job.blob).then((bytes) => crypto.subtle.digest('SHA-256', bytes))));
  const sha256 = digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return Object.entries({ filename: job.name, bundle, material, sha256, replaces, for: owner })
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`)
    .join(',');
};

const json = (xhr) => {
  try {
    return JSON.parse(xhr.responseText) || {};
  } catch (error) {
    return {};
  }
};

/** Why an answer makes an upload wait. */
const trouble = (status) => (status === 507 ? 'storage-full' : status < 400 ? 'network' : 'busy');

/** Waits longer each time, but not a moment longer than the network is away. */
const pause = async (job, phase, problem) => {
  say(job, phase, { problem });
  await new Promise((resolve) => {
    job.wake = resolve;
    window.addEventListener('online', resolve);
    job.timer = setTimeout(resolve, Math.min(15_000, 1000 * 2 ** job.fails));
  });
  clearTimeout(job.timer);
  window.removeEventListener('online', job.wake);
  job.fails += 1;
};

/** Sends until there is a document; returns it as the server wrote it. */
const send = async (job) => {
  const { blob, options } = job;
  let key = job.id;
  let renewals = 0;
  let furthest = 0;
  // Undefined: only the server knows.
  let offset;
  // Everything is there, and still nothing came of it: an empty piece makes the server look again.
  let nudge = false;
  const reached = (bytes) => {
    job.percent = Math.min(100, Math.floor((bytes * 100) / blob.size));
  };
  const sendRest = () => {
    const from = offset;
    if (from < blob.size) job.sent = (loaded) => {
      reached(from + loaded);
      say(job, 'uploading');
    };
    const headers = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(from) };
    return request(job, 'PATCH', job.location, headers, from ? blob.slice(from) : blob);
  };
  const create = async () => {
    const headers = { 'Upload-Length': String(blob.size), 'Upload-Metadata': await metadata(job), 'Idempotency-Key': key };
    return job.cancelled ? undefined : request(job, 'POST', `${options.api}/uploads`, headers);
  };
  job.fails = 0;
  while (!job.cancelled) {
    const step = !job.location ? 'POST' : offset === undefined ? 'HEAD' : offset < blob.size || nudge ? 'PATCH' : 'GET';
    // Asking how far it came is no news.
    if (step !== 'HEAD') say(job, step === 'GET' || nudge ? 'checking' : 'uploading');
    const answer = await (step === 'POST' ? create() : step === 'PATCH' ? sendRest() : request(job, step, job.location, { Accept: 'application/json' }));
    job.sent = undefined;
    nudge = false;
    if (job.cancelled) return undefined;
    const { status } = answer;
    const at = answer.getResponseHeader('Upload-Offset');
    if (status >= 200 && status < 300) {
      if (step === 'POST') {
        const location = answer.getResponseHeader('Location');
        if (!location) {
          await pause(job, 'waiting', trouble(status));
          continue;
        }
        // Only the path: behind a proxy a server may not know the host it is asked by.
        const { pathname, search } = new URL(location, answer.responseURL);
        job.location = pathname + search;
        tried(() => vault.noteFile(job.id, { location: job.location }));
        offset = 0;
      } else if (step === 'GET') {
        const { document, offset: has } = json(answer);
        if (document && document.id) return JSON.stringify(document);
        if (has < blob.size) offset = undefined;
        await pause(job, 'checking');
        nudge = offset !== undefined && job.fails > 1;
      } else {
        offset = at === null ? undefined : Number(at);
        if (offset > furthest) {
          furthest = offset;
          job.fails = 0;
        }
        if (offset === undefined) await pause(job, 'waiting', trouble(status));
        else reached(offset);
      }
    } else if ((status === 404 || status === 410) && step !== 'POST' && renewals < 2) {
      renewals += 1;
      // With the same key the server would rightly name the upload that is gone.
      key = `${job.id}-${random(4)}`;
      offset = job.location = undefined;
      furthest = 0;
      reached(0);
    } else if (status === 401) {
      fail('signed-out', true);
    } else if (status === 409 && step === 'PATCH') {
      offset = undefined;
      // The first time at once: most likely an answer was lost.
      if (job.fails) await pause(job, 'waiting', trouble(status));
      else job.fails = 1;
    } else if (status < 400 || status >= 500 || [408, 423, 425, 429].includes(status)) {
      if (step !== 'GET') offset = undefined;
      await pause(job, 'waiting', trouble(status));
    } else {
      fail(String(json(answer).type || 'refused').split('/').pop());
    }
  }
  return undefined;
};

/** Holds the lock that tells other tabs this upload is alive. Without locks: just works. */
const holding = async (id, work) => {
  let begun = false;
  const run = () => {
    begun = true;
    return work();
  };
  try {
    return await navigator.locks.request(lock(id), run);
  } catch (error) {
    if (begun) throw error;
    return run();
  }
};

const run = async (job) => {
  jobs.set(job.id, job);
  job.alive = true;
  try {
    await null;
    await holding(job.id, async () => {
      if (job.cancelled) return;
      if (job.file || job.address) await prepare(job);
      else if (!job.blob) {
        const kept = await tried(() => vault.file(job.id));
        // Another tab finished it, or its time was over.
        if (!kept) fail('gone');
        Object.assign(job, { name: kept.name, options: kept.options, location: kept.location, blob: new Blob([kept.bytes]) });
      }
      if (!job.state || job.state.phase === 'failed') say(job, 'waiting');
      const document = job.cancelled ? undefined : await send(job);
      if (!document) return;
      // It stays known and sealed until it is acknowledged; here its bytes only take room.
      job.blob = undefined;
      job.percent = 100;
      say(job, 'done', { document });
    });
  } catch (error) {
    if (job.cancelled) return;
    const { problem = 'internal', keep = true } = error;
    if (!keep) {
      // What could not be read just now may still be there.
      if (job.options) await tried(() => vault.dropFile(job.id));
      jobs.delete(job.id);
    }
    job.alive = false;
    say(job, 'failed', { problem });
  }
};

const begin = (job) => {
  closed = false;
  job.id = random(16);
  job.percent = 0;
  run(job);
  return job.id;
};

/** Begins an upload; returns its id at once. */
export const start = (file, options, tell) => begin({ file, options, tell, name: file.name || 'file' });

/** Begins with a stored picture, turned to the right. */
export const turn = (address, name, options, tell) => begin({ address, options, tell, name });

/** What belongs to a place: all that runs, failed or waits to be acknowledged here, and what is sealed
 * and sent by no living tab. */
export const waiting = async (place) => {
  const kept = (await tried(() => vault.filesAt(place))) || [];
  const locks = navigator.locks && navigator.locks.query ? await quiet(navigator.locks.query()) : undefined;
  const held = new Set(locks ? [...locks.held, ...locks.pending].map(({ name }) => name) : []);
  const found = new Map();
  const add = ({ id, name }) => found.set(id, { id, name });
  kept.filter(({ id }) => jobs.has(id) || !held.has(lock(id))).forEach(add);
  // Also what is not sealed, or not yet.
  [...jobs.values()].filter(({ options }) => options && options.place === place).forEach(add);
  return [...found.values()];
};

/** Goes on with an upload of `waiting`, or tells how far one is that runs here or is done. */
export const resume = (id, tell) => {
  const job = jobs.get(id) || { id, name: '', percent: 0 };
  job.tell = tell;
  if (!job.alive) run(job);
  else if (job.state) tell(job.state);
};

/** The document was taken: the upload may be forgotten. */
export const acknowledge = async (id) => {
  jobs.delete(id);
  await tried(() => vault.dropFile(id));
};

/** Stops a job, whatever it is doing. */
const halt = (job) => {
  jobs.delete(job.id);
  job.cancelled = true;
  if (job.xhr) job.xhr.abort();
  if (job.wake) job.wake();
};

/** Stops an upload and forgets it, here and on the server. */
export const cancel = async (id) => {
  const job = jobs.get(id) || (await tried(() => vault.file(id))) || {};
  halt(job);
  await tried(() => vault.dropFile(id));
  if (job.location) await request({}, 'DELETE', job.location);
};

/** Forgets, on this device only, what is for places that begin like this. */
export const leave = async (prefix) => {
  for (const job of [...jobs.values()]) if (job.options && job.options.place.startsWith(prefix)) halt(job);
  // Among them one that was just about to be read, and did not know its place.
  for (const id of (await tried(() => vault.dropFilesAt(prefix))) || []) halt(jobs.get(id) || {});
};

const close = () => {
  closed = true;
  vault.close();
  [...jobs.values()].forEach(halt);
};

const tabs = window.BroadcastChannel && new BroadcastChannel('onething');
if (tabs) tabs.onmessage = ({ data }) => data.stop && close();

/** Lets everything go, in all tabs: the person signs out, and what is sealed is wiped. */
export const stop = () => {
  close();
  if (tabs) tabs.postMessage({ stop: true });
};

window.addEventListener('onething:signed-in', () => {
  closed = false;
  for (const job of jobs.values()) if (!job.alive && job.state.problem === 'signed-out') run(job);
});
