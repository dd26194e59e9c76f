// Keeps what the network has not taken yet, sealed, on this device. One entry per draft and tab:
// { id, draft, at, iv, data }. The key is made here and cannot be read out, not even by this page.

const DAYS = 90;
const tab = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join('');
const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opened;
const open = () =>
  (opened ??= (async () => {
    const request = indexedDB.open('onething', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('keys');
      request.result.createObjectStore('entries', { keyPath: 'id' }).createIndex('draft', 'draft');
    };
    const base = await asked(request);
    // Another tab may want to erase everything: do not stand in its way.
    base.onversionchange = () => {
      base.close();
      opened = undefined;
    };
    return base;
  })().catch((error) => {
    opened = undefined;
    throw error;
  }));

/** Runs `work` over a store; resolves when what it wrote is on disk. */
const store = async (name, mode, work) => {
  const transaction = (await open()).transaction(name, mode);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  const result = await work(transaction.objectStore(name));
  await done;
  return result;
};

const key = async () => {
  const found = await store('keys', 'readonly', (keys) => asked(keys.get('seal')));
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  // Two tabs may make one at once: the first that was stored counts.
  return store('keys', 'readwrite', async (keys) => {
    const earlier = await asked(keys.get('seal'));
    if (!earlier) await asked(keys.put(made, 'seal'));
    return earlier ?? made;
  });
};

/** What is kept and what is dropped follow each other as they were asked for. */
let last = Promise.resolve();
const inOrder = (work) => (last = last.then(work, work));

export const keep = (draft, text) => inOrder(async () => {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(), new TextEncoder().encode(text));
  await store('entries', 'readwrite', (entries) => asked(entries.put({ id: `${draft}/${tab}`, draft, at: Date.now(), iv, data })));
});

/** Ids of entries of other tabs that this one took over; they go when everything is saved, not before. */
const adopted = new Set();

export const drop = (draft) =>
  inOrder(() =>
    store('entries', 'readwrite', async (entries) => {
      for (const id of adopted) if (id.startsWith(`${draft}/`)) entries.delete(id);
      await asked(entries.delete(`${draft}/${tab}`));
    }),
  );

/** What other tabs kept for a draft, oldest first. */
export const adopt = async (draft) => {
  const all = await store('entries', 'readwrite', async (entries) => {
    const found = await asked(entries.index('draft').getAll(draft));
    for (const { id } of found) adopted.add(id);
    const stale = Date.now() - DAYS * 86_400_000;
    const cursor = entries.openCursor();
    cursor.onsuccess = () => {
      if (!cursor.result) return;
      if (cursor.result.value.at < stale) cursor.result.delete();
      cursor.result.continue();
    };
    return found;
  });
  const seal = await key();
  const opened = await Promise.all(
    all
      .sort((left, right) => left.at - right.at)
      .map(({ iv, data }) => crypto.subtle.decrypt({ name: 'AES-GCM', iv }, seal, data).catch(() => undefined)),
  );
  return opened.filter(Boolean).map((bytes) => new TextDecoder().decode(bytes));
};

export const wipe = async () => {
  (await opened)?.close();
  opened = undefined;
  await asked(indexedDB.deleteDatabase('onething'));
};
