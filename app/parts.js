// Brings the code of a part: files of the one program, cut apart by the build (docs/decisions/0007-one-program.md).

import { initSync } from './start.js';

const files = {};

const instantiate = async (name) => {
  const { early, compile } = window.onething;
  const asked = early[name] || compile(name);
  delete early[name];
  // What the start exports is what the others import.
  return WebAssembly.instantiate(await asked, { __wasm_split: initSync() });
};

const file = (name) => {
  if (!files[name]) {
    files[name] = instantiate(name);
    // What failed once is asked for again.
    files[name].catch(() => delete files[name]);
  }
  return files[name];
};

/** What the program calls to load a part; it hears whether it came. The page knows what a part consists of. */
export const load = (part) => async (callback, data) => {
  let came = true;
  try {
    await Promise.all(window.onething.files(part).map(file));
  } catch (error) {
    came = false;
    window.onething.missed(error);
  }
  initSync().__indirect_function_table.get(callback)(data, came);
};
