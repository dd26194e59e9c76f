// What adapters share.

const LOOK = 100;
const LOOKS = 28;
/** What a mini-program hears of; it gets the messages when the citizen goes back to it. */
const TOLD = ['submitted', 'paid', 'rated'];

export const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
export const absent = () => {
  throw new Error('absent');
};

/** A bridge put into the page sooner or later. */
export const appeared = async (name) => {
  for (let looks = 0; looks < LOOKS && !window[name]; looks += 1) await pause(LOOK);
  return window[name] ?? absent();
};

/** Makes abilities of a table of ability: [method, what it is given, what of its answer counts]. */
export const abilities = (table, has, call) => {
  const found = Object.entries(table).filter(([, [method]]) => has(method));
  const way = ([method, given = () => ({}), read = () => undefined]) => async (argument) => read(await call(method, given(argument)));
  return Object.fromEntries(found.map(([ability, row]) => [ability, way(row)]));
};

/** Calls a method that answers to `success`, `fail` or `cancel`. */
export const called = (bridge) => (method, given) =>
  new Promise((resolve, reject) => {
    const stop = (why) => () => reject(new Error(why));
    const fail = (error) => stop(/cancel/.test(error?.errMsg) ? 'cancelled' : 'failed')();
    bridge[method]({ ...given, success: (answer) => resolve(answer ?? {}), fail, cancel: stop('cancelled') });
  });

/** Tells the mini-program around what has happened. */
export const forward = (post) =>
  window.addEventListener('onething:event', ({ detail }) => {
    if (!TOLD.includes(detail?.type)) return;
    try {
      post({ onething: 1, type: detail.type, application: detail.application });
    } catch (error) {
      // Nobody waits for it.
    }
  });
