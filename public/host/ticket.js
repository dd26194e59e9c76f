// An app that opens the page with a ticket, and may put `window.onethingHost` into it: an object with methods named
// like the abilities. They answer at once or by a promise, and reject with 'cancelled' or 'failed'. A bridge written in
// Java or Swift carries words only, so objects go to it as JSON, and may come from it as JSON.

import { RULES } from './rules.js';
import { appeared } from './ways.js';

const OBJECTS = ['location', 'style'];

const start = async () => {
  const app = await appeared('onethingHost');
  const way = (ability) => async (argument) => {
    // Java looks methods up by how much they are given.
    const given = argument === undefined ? [] : [typeof argument === 'object' ? JSON.stringify(argument) : argument];
    const answer = await app[ability](...given);
    return OBJECTS.includes(ability) && typeof answer === 'string' ? JSON.parse(answer) : answer;
  };
  for (const ability of Object.keys(RULES)) if (typeof app[ability] === 'function') adapter.abilities[ability] = way(ability);
};

export const adapter = {
  name: 'ticket',
  get bar() {
    return window.onethingHost?.bar === true;
  },
  abilities: {},
  start,
};
