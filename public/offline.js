// Keeps the page at hand without a network (sw.js), and notices that a newer release took its place.
// The page hears `onething:release` { release, needed } when somebody has to be asked, and answers with `accept`.

/** How long a server's word on its release counts. */
const FRESH = 300_000;
/** How long a worker may take for a page: it waits three seconds for the network, and has its own then. */
const ANSWERED = 8_000;

const root = document.documentElement;
const home = new URL('./', import.meta.url);
const named = document.querySelector('meta[name="release"]');
const running = named ? named.content : '';
const off = root.dataset.worker === 'off';

/** Below a page of another origin a worker would be that page's alone, and hold what nobody else opens. */
const foreign = () => {
  try {
    return !window.top.document;
  } catch (error) {
    return true;
  }
};
const workers = window.isSecureContext && !foreign() ? navigator.serviceWorker : undefined;
const releaseOf = (worker) => new URL(worker.scriptURL).searchParams.get('release');
const atMost = (wait, promise) =>
  Promise.race([Promise.resolve(promise).catch(() => undefined), new Promise((resolve) => setTimeout(resolve, wait))]);

let registration;
let offered;
let told;
let leaving = false;
let settled = false;
let checked = Date.now();

/**
 * Loads the page anew. An engine may end a worker while it answers, or let the page wait for one that is not active yet, and
 * never come back to it: another try gets it. Each has twice the time of the one before, for what is only slow shall come too.
 */
const load = (wait = ANSWERED) => {
  location.reload();
  if (workers && workers.controller) setTimeout(load, wait, 2 * wait);
};

/** The page agrees: changes over to the newest release, once `saved` is done or takes too long. */
export const accept = async (saved) => {
  if (leaving) return;
  leaving = true;
  await atMost(5_000, saved);
  const waiting = registration && registration.waiting;
  if (waiting) {
    const changed = new Promise((resolve) => workers.addEventListener('controllerchange', resolve, { once: true }));
    waiting.postMessage({ type: 'activate' });
    await atMost(3_000, changed);
  }
  load();
};

/** Whether this tab has changed over to a release before, and still runs another one: it shall not go in circles. */
const tried = () => {
  try {
    const before = sessionStorage.getItem('release') === offered;
    sessionStorage.setItem('release', offered);
    return before;
  } catch (error) {
    return true;
  }
};

/** Where nobody typed anything the page changes over by itself; else somebody is asked. */
const changeOver = (needed) => {
  if (leaving) return;
  if (!('busy' in root.dataset) && !tried()) accept();
  else if (needed || told !== offered) {
    told = offered;
    window.dispatchEvent(new CustomEvent('onething:release', { detail: { release: offered, needed } }));
  }
};

const offer = (release) => {
  offered = release;
  // Whoever only reads is not disturbed: the next screen is the new release's.
  if ('busy' in root.dataset) changeOver(false);
};

/** Tells the worker of this release what was loaded before it was there. */
const settle = (worker) => {
  settled = true;
  const { saveData = false, effectiveType = '' } = navigator.connection || {};
  const seen = [location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)];
  // What the build drew is there without its texts; the questions that come next need them.
  const page = location.pathname.slice(home.pathname.length).replace(new RegExp(`^(${root.dataset.languages})(/|$)`), '').replace(/\/$/, '');
  if (/^bundles\/\w+$/.test(page)) seen.push(new URL(`api/v1/${page}`, home).href);
  worker.postMessage({ type: 'settle', seen, language: root.lang, thrifty: saveData || effectiveType.includes('2g') });
};

const look = () => {
  const { waiting, active } = registration;
  if (active && !settled && releaseOf(active) === running) settle(active);
  if (!waiting) return;
  // The page came from the network, newer than its worker: nothing has to be loaded again.
  if (releaseOf(waiting) === running) waiting.postMessage({ type: 'activate' });
  else offer(releaseOf(waiting));
};

const register = async (release) => {
  try {
    const found = await workers.register(new URL(`sw.js?release=${release}`, home).href, { updateViaCache: 'none' });
    if (found !== registration) {
      registration = found;
      const follow = () => found.installing && found.installing.addEventListener('statechange', look);
      found.addEventListener('updatefound', follow);
      follow();
    }
    look();
  } catch (error) {
    // Without a worker the page needs its network; that is all.
  }
};

/** The release the server gives now; undefined when it cannot be asked. */
const newest = async () => {
  checked = Date.now();
  const answer = fetch(new URL('precache.json', home).href, { cache: 'no-store' });
  const list = await atMost(5_000, answer.then((answer) => answer.ok && answer.json()));
  return list ? list.release : undefined;
};

const check = async () => {
  const release = await newest();
  if (!release || release === running) return;
  // The worker fetches all of it first, and offers it then.
  if (workers && !off) register(release);
  else offer(release);
};

/** Code could not be loaded. True: a newer release took its place, and the page changes over or asks; false: try again. */
export const recover = async () => {
  const release = await newest();
  if (!release || release === running) return false;
  offered = release;
  // Nobody waits for what was only a guess.
  if (root.dataset.ahead !== undefined) offer(release);
  else changeOver(true);
  return true;
};

/** Switched off: what an earlier page left goes. */
const remove = async () => {
  for (const one of await workers.getRegistrations()) if (one.scope === home.href) await one.unregister();
  for (const name of await caches.keys()) if (name.startsWith('onething-') && name.endsWith(`@${home.pathname}`)) await caches.delete(name);
};

if (workers && off) remove().catch(() => undefined);
if (running) {
  window.onething.release = { accept, recover };
  window.addEventListener('onething:event', ({ detail }) => {
    if (offered && detail.type === 'step') changeOver(false);
  });
  window.addEventListener('online', check);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - checked > FRESH) check();
  });
  if (workers && !off) {
    workers.addEventListener('controllerchange', () => {
      const { controller } = workers;
      // Another tab changed over.
      if (controller && releaseOf(controller) !== running) offer(releaseOf(controller));
    });
    register(running);
  }
}

/** On a host of plain files nobody compares the texts that the build drew with the catalogue of the day: this does. */
export const compareTexts = async (route) => {
  const drawn = document.querySelector('meta[name="texts"]');
  // A server compares them itself; a worker may have answered with an older page.
  if (!drawn || (root.dataset.router === 'path' && !(workers && workers.controller))) return;
  const answer = await fetch(new URL(`api/v1/${route || 'home'}`, home), { headers: { 'accept-language': root.lang } });
  const now = /^(?:W\/)?"?([0-9a-f]+)/.exec(answer.headers.get('etag'));
  if (answer.ok && now && now[1] !== drawn.content) window.dispatchEvent(new CustomEvent('onething:texts'));
};
