// Stands between the page and the network: what was seen opens without one. Keeps the code of one release, the guides
// that were looked at, and their texts. Nothing personal: of the API only what anybody gets, and no query but a version.

/** How long the network may take while there is something else to show. */
const PATIENCE = 3_000;

const base = new URL('./', self.location);
const release = new URL(self.location).searchParams.get('release');
const LIST = new URL('precache.json', base).href;

/** Other folders of the host may hold a page like this one. */
const ours = (name) => name.startsWith('onething-') && name.endsWith(`@${base.pathname}`);
const CACHE = `onething-${release}@${base.pathname}`;

const PAGE = /^([a-z]{2}(-\w+)?(\/|$))?(bundles\/[^/.]+\/?)?(\w+\.html)?$/;
const TEXT = /^api\/v1\/(home|bundles\/[^/]+)$/;
const NAMED = /-[0-9a-f]{16,}(_bg)?\.\w+$/;

/** What an address is, where it is fetched, and under what its answer is kept. */
const known = (address, language) => {
  const url = new URL(address, base);
  if (url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return {};
  const path = url.pathname.slice(base.pathname.length);
  const plain = url.origin + url.pathname;
  const as = (kind, source, key = source) => ({ kind, source, key });
  // The query of a page may name somebody, or be a ticket.
  if (PAGE.test(path)) return as('page', plain.replace(/index\.html$/, ''));
  if (TEXT.test(path) && !url.search) return as('text', plain, `${plain}?language=${language}`);
  if (path.startsWith('api/') || plain === LIST || path === 'sw.js') return {};
  if (NAMED.test(path) || /^\?v=\w+$/.test(url.search)) return as('named', plain + url.search);
  if (!path.split('/').pop().includes('.')) return { kind: 'route' };
  return url.search ? {} : as('file', plain);
};

const own = () => caches.open(CACHE);
const find = (where, key) => where.match(key, { ignoreVary: true });
/** What is kept; of another release only where this one has nothing. */
const stored = async (key) => (await find(await own(), key)) || find(caches, key);

/** Keeps an answer that is for everybody; says whether it did. */
const keep = async ({ kind, key }, answer) => {
  const of = (header) => answer.headers.get(header) || '';
  if (answer.status !== 200 || answer.type !== 'basic' || answer.redirected || /no-store|private/.test(of('cache-control'))) return false;
  // A host may answer with a page where a file is missing.
  if (of('content-type').startsWith('text/html') !== (kind === 'page')) return false;
  let copy = answer;
  if (kind === 'page') {
    const text = await answer.text();
    // The page of another release needs code that is not here.
    if (!text.includes(`content="${release}"`)) return false;
    // Made anew, because an answer remembers the address it was asked at.
    copy = new Response(text, { headers: answer.headers });
  }
  await (await own()).put(key, copy);
  return true;
};

/** Fetches something ahead; says whether it is kept. */
const bring = async (address, language) => {
  const wanted = known(address, language);
  if (!wanted.key || (await find(await own(), wanted.key))) return true;
  // What carries its version in its name is as good from the browser's own cache.
  const options = { cache: wanted.kind === 'named' ? 'default' : 'no-cache' };
  if (wanted.kind === 'text') options.headers = { 'accept-language': language };
  return keep(wanted, await fetch(wanted.source, options));
};

/** The page for a screen of the application. It may lie anywhere below the folder its links start from. */
const shell = async () => {
  const list = await stored(LIST);
  const page = list && (await stored(known((await list.json()).page || './').key));
  if (!page) return undefined;
  const here = (await page.text()).replace(/="\.\//g, () => `="${base.pathname}`);
  return new Response(here.replace('name="router" content="hash"', 'name="router" content="path"'), { headers: page.headers });
};

const usable = (answer) => answer && answer.status < 500;

const fromNetwork = async (event, wanted) => {
  const { kind, key } = wanted;
  const ask = async () => (await event.preloadResponse) || fetch(event.request);
  const answered = ask().catch(() => undefined);
  const keeping = answered.then((answer) => answer && (kind === 'page' || kind === 'text') && keep(wanted, answer.clone()));
  event.waitUntil(keeping.catch(() => undefined));
  const soon = await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  if (usable(soon)) return soon;
  const kept = kind === 'route' ? await shell() : await stored(key);
  if (kept) return kept;
  // A folder's page, on a host that would have led there.
  if (kind === 'page' && (await stored(`${key}/`))) return Response.redirect(`${key}/`);
  // Nothing else to show: the network may take its time.
  const late = await answered;
  return (kind === 'page' && !usable(late) && (await shell())) || late || Response.error();
};

const fromCache = async (event, wanted) => {
  const kept = await stored(wanted.key);
  if (kept) return kept;
  const answer = await fetch(event.request);
  event.waitUntil(keep(wanted, answer.clone()).catch(() => undefined));
  return answer;
};

/** Makes this release complete, with what was seen under older ones; those go once no other page may need them. */
const settle = async ({ seen, language, thrifty }) => {
  const older = (await caches.keys()).filter((name) => name !== CACHE && ours(name));
  const wanted = seen.map((address) => [address, language]);
  for (const name of older) {
    for (const { url } of await (await caches.open(name)).keys()) {
      const { origin, pathname, searchParams } = new URL(url);
      const address = origin + pathname;
      if (['page', 'text'].includes(known(address).kind)) wanted.push([address, searchParams.get('language')]);
    }
  }
  const list = thrifty ? undefined : await find(await own(), LIST);
  if (list) for (const path of (await list.json()).later || []) wanted.push([path]);
  // One after the other, so that the page's own requests come first; without a network nothing is let go.
  for (const one of wanted) await bring(...one);
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.filter(({ url }) => url.startsWith(base.href)).length < 2) await Promise.all(older.map((name) => caches.delete(name)));
};

const install = async () => {
  const answer = await fetch(LIST, { cache: 'no-store' });
  const list = await answer.clone().json();
  // While a release is being rolled out, servers may differ: another try comes with the next page.
  if (list.release !== release) throw new Error('another release');
  const kept = await Promise.all(['./', ...(list.page ? [list.page] : []), ...list.shell].map((path) => bring(path)));
  if (kept.includes(false)) throw new Error('incomplete');
  await (await own()).put(LIST, answer);
};

self.addEventListener('install', (event) => event.waitUntil(install()));

self.addEventListener('activate', (event) => {
  const preload = self.registration.navigationPreload;
  event.waitUntil(Promise.all([self.clients.claim(), preload && preload.enable()]));
});

self.addEventListener('message', (event) => {
  if (event.data.type === 'activate') self.skipWaiting();
  if (event.data.type === 'settle') event.waitUntil(settle(event.data).catch(() => undefined));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || request.headers.has('range')) return;
  const wanted = known(request.url, request.headers.get('accept-language'));
  const kinds = request.mode === 'navigate' ? ['page', 'route'] : ['text', 'file', 'named'];
  if (!kinds.includes(wanted.kind)) return;
  event.respondWith(wanted.kind === 'named' ? fromCache(event, wanted) : fromNetwork(event, wanted));
});
