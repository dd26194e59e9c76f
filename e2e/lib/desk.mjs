// A clerk at the desk API: what departments do, step by step, in the order a test says.

import { randomUUID } from 'node:crypto';

/** Signs a clerk in. */
export async function openDesk(api) {
  const { ticket } = await (await fetch(`${api}/demo/personas/clerk/ticket`, { method: 'POST' })).json();
  const answer = await fetch(`${api}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  const cookie = answer.headers.get('set-cookie').split(';')[0];
  const lanes = async () => (await fetch(`${api}/desk/lanes`, { headers: { cookie } })).json();
  const act = async (lane, action) => {
    const answer = await fetch(`${api}/desk/lanes/${lane}`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(action),
    });
    if (!answer.ok) throw new Error(`${action.action}: ${await answer.text()}`);
  };
  /** One lane of an application by its item. */
  const lane = async (number, item) => (await lanes()).find((one) => one.number === number && one.item === item);
  /** Accepts, approves and issues whatever can be, until nothing is left. */
  const finish = async (number) => {
    const next = { received: 'accept', accepted: 'approve', stopped: 'start_clock', approved: 'issue' };
    for (;;) {
      const open = (await lanes()).filter((one) => one.number === number);
      if (open.length === 0) return;
      for (const one of open) await act(one.id, { action: next[one.state] });
    }
  };
  return { lanes, lane, act, finish, cookie };
}
