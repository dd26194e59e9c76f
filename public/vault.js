// Keeps what the network has not taken yet, sealed, on this device. One entry per draft and tab:
// { id, draft, at, iv, data }. The key is made here and cannot be read out, not even by this page.
// A file on its way to the server is two entries: { id, place, at, iv, data } with what is known of
// it, and { id: `${id}/bytes`, at, iv, data }, so that looking for files does not read them.

const DAYS = 90;
const FILE_DAYS = 7;
const tab = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join('');
const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opened;
const open = () =>
  (opened ??= (async () => {
    const request = indexedDB.open('onething', 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore('keys');
        request.result.createObjectStore('entries', { keyPath: 'id' }).createIndex('draft', 'draft');
      }
      const files = request.result.createObjectStore('files', { keyPath: 'id' });
      files.createIndex('place', 'place');
      files.createIndex('at', 'at');
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
  // When the device is full, `work` fails first, and nobody waits for this one.
  done.catch(() => undefined);
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

const sealed = async (bytes) => {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(), bytes) };
};

/** Counts sign-outs: what was asked for before one is not begun after it. */
let closings = 0;
export const close = () => {
  closings += 1;
};

/** What is kept and what is dropped follow each other as they were asked for. */
const queue = () => {
  let last = Promise.resolve();
  return (work, always) => {
    const before = closings;
    const wanted = () => always || before === closings;
    const run = () => (wanted() ? work(wanted) : undefined);
    return (last = last.then(run, run));
  };
};
const inOrder = queue();

export const keep = (draft, text) => inOrder(async (wanted) => {
  const entry = await sealed(new TextEncoder().encode(text));
  if (!wanted()) return;
  await store('entries', 'readwrite', (entries) => asked(entries.put({ id: `${draft}/${tab}`, draft, at: Date.now(), ...entry })));
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

/** Files do not wait for what is typed, nor the other way round. */
const filesInOrder = queue();
const bytesOf = (id) => `${id}/bytes`;
const sealedNote = (note) => sealed(new TextEncoder().encode(JSON.stringify(note)));

/** What was sealed; undefined when the key is another one by now. */
const unsealed = async (entry) => {
  const seal = await key();
  return entry && crypto.subtle.decrypt({ name: 'AES-GCM', iv: entry.iv }, seal, entry.data).catch(() => undefined);
};

const unsealedNote = async (entry) => {
  const bytes = await unsealed(entry);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
};

/** Erases what is too old, then reads. */
const lookUp = (read) =>
  store('files', 'readwrite', async (files) => {
    const stale = await asked(files.index('at').getAllKeys(IDBKeyRange.upperBound(Date.now() - FILE_DAYS * 86_400_000)));
    for (const id of stale) files.delete(id);
    return read(files);
  });

export const keepFile = (id, { place, name, options }, bytes) => filesInOrder(async (wanted) => {
  const [note, data] = await Promise.all([sealedNote({ name, options }), sealed(bytes)]);
  if (!wanted()) return;
  const at = Date.now();
  await store('files', 'readwrite', async (files) => {
    files.put({ id: bytesOf(id), at, ...data });
    await asked(files.put({ id, place, at, ...note }));
  });
});

/** Adds to what is known of a file that is kept. */
export const noteFile = (id, more) => filesInOrder(async () => {
  const entry = await store('files', 'readonly', (files) => asked(files.get(id)));
  const note = await unsealedNote(entry);
  if (!note) return;
  const data = await sealedNote({ ...note, ...more });
  await store('files', 'readwrite', async (files) => {
    // Another tab may have dropped it meanwhile.
    if (await asked(files.getKey(id))) await asked(files.put({ ...entry, ...data }));
  });
});

/** What is known of the files kept for a place, oldest first; their bytes stay sealed. */
export const filesAt = async (place) => {
  const found = await lookUp((files) => asked(files.index('place').getAll(place)));
  const notes = await Promise.all(found.map(async (entry) => ({ id: entry.id, place, at: entry.at, ...(await unsealedNote(entry)) })));
  return notes.filter(({ name }) => name !== undefined).sort((left, right) => left.at - right.at);
};

export const file = async (id) => {
  const [entry, data] = await lookUp((files) => Promise.all([asked(files.get(id)), asked(files.get(bytesOf(id)))]));
  const [note, bytes] = await Promise.all([unsealedNote(entry), unsealed(data)]);
  return note && bytes && { place: entry.place, location: undefined, ...note, bytes };
};

export const dropFile = (id) =>
  filesInOrder(() =>
    store('files', 'readwrite', async (files) => {
      files.delete(bytesOf(id));
      await asked(files.delete(id));
    }),
  );

/** Erases the files of all places that begin like this; returns their ids. */
export const dropFilesAt = (prefix) =>
  filesInOrder(() =>
    store('files', 'readwrite', async (files) => {
      const ids = await asked(files.index('place').getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
      for (const id of ids) for (const one of [id, bytesOf(id)]) files.delete(one);
      return ids;
    }),
  );

/** Erases everything, after what is under way and before what is asked for from now on. */
export const wipe = () => {
  close();
  const typed = inOrder(() => undefined);
  const wiped = filesInOrder(async () => {
    await typed;
    const base = opened && (await opened.catch(() => undefined));
    if (base) base.close();
    opened = undefined;
    await asked(indexedDB.deleteDatabase('onething'));
  }, true);
  inOrder(() => wiped, true);
  return wiped;
};
