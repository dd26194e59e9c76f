// Brings the code of a part: files of the one program, cut apart by the build (docs/decisions/0007-one-program.md).

import { initSync } from './start.js';

const files = {};

const instantiate = async (name) => {
  const early = window.onething.early;
  const asked = early[name] || fetch(new URL(name, import.meta.url));
  delete early[name];
  const response = await asked;
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  // What the start exports is what the others import.
  const imports = { __wasm_split: initSync() };
  // Some hosts' static servers know no application/wasm.
  const known = response.headers.get('content-type') === 'application/wasm';
  return known && WebAssembly.instantiateStreaming
    ? WebAssembly.instantiateStreaming(response, imports)
    : WebAssembly.instantiate(await response.arrayBuffer(), imports);
};

const file = (name) => {
  if (!files[name]) {
    files[name] = instantiate(name);
    // What failed once is asked for again.
    files[name].catch(() => delete files[name]);
  }
  return files[name];
};

/** What the program calls to load a part; it hears whether it came. */
export const load = (names) => async (callback, data) => {
  let came = true;
  try {
    await Promise.all(names.map(file));
  } catch (error) {
    came = false;
    window.onething.missed(error);
  }
  initSync().__indirect_function_table.get(callback)(data, came);
};
