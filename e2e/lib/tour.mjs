// Every state of every screen, in the order a citizen meets them.
//
// A new screen joins by a leg in one of `tour/*.mjs`: a function that brings a page into the state, best by the API, and says
// `walk.stop(name, page)` there; and the names it stops at, beside it in the list of legs. A leg stands alone: it opens its own
// phones, makes its own drafts, and puts back what it switched at the server, so that any state can be visited without the others.
// What is tested on every screen (engines, keyboard, transcripts, geometry) then visits it by itself.

import assert from 'node:assert/strict';
import * as around from './tour/around.mjs';
import * as finding from './tour/finding.mjs';
import * as following from './tour/following.mjs';
import * as form from './tour/form.mjs';
import * as materials from './tour/materials.mjs';
import * as paying from './tour/paying.mjs';
import { Walk } from './tour/walk.mjs';

const LEGS = [
  ...finding.LEGS, ...form.FORM, ...materials.LEGS, ...form.REVIEW, ...following.LEGS, ...paying.LEGS, ...materials.STORE, ...around.LEGS,
];

/** Names of every state. */
export const STATES = LEGS.flatMap(({ states }) => states);

/**
 * Walks through every screen state; calls `visit(name, page)` when one stands still. `only`: names to stop at (the way there is still
 * walked). `query` is put to every address. The server is a fresh one whose departments wait: what stands on some screens counts what
 * was done before.
 */
export async function tour({ browser, server, locale = 'zh-CN', query = '', only = STATES }, visit) {
  const wanted = new Set(only);
  for (const name of wanted) assert.ok(STATES.includes(name), `there is no state ${name}`);
  const walk = new Walk({ browser, server, locale, query, wanted, visit });
  const lost = [];
  for (const { states, go } of LEGS.filter(({ states }) => states.some((name) => wanted.has(name)))) {
    // A way that is barred keeps nobody from the others; it is told in the end.
    await go(walk).catch((error) => lost.push(error));
    await walk.leave();
    const missed = states.filter((name) => wanted.has(name) && !walk.seen.includes(name));
    if (missed.length > 0) lost.push(new Error(`not reached: ${missed.join(', ')}`));
  }
  if (lost.length > 0) throw new AggregateError(lost, lost.map(({ message }) => message).join('\n'));
}
