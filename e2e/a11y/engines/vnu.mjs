// The Nu HTML checker: the rendered HTML of many states in one go, for starting Java takes longer than all of them.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export const name = 'vnu';

const jar = createRequire(import.meta.url).resolve('vnu-jar/build/dist/vnu.jar');

/** Checks documents, `{ name, html }`; each finding names its document as `state`. */
export async function check(documents) {
  const folder = await mkdtemp(join(tmpdir(), 'vnu-'));
  try {
    await Promise.all(documents.map(({ name, html }) => writeFile(join(folder, `${name}.html`), html)));
    const { messages } = JSON.parse(await java(folder));
    return messages.filter(({ type }) => type !== 'info').map(finding);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What is wrong is told by the answer; an exit code says so as well. Whatever is no answer is a failure of the engine. */
const java = (folder) =>
  new Promise((resolve, reject) => {
    const arguments_ = ['-Xss4m', '-jar', jar, '--format', 'json', '--stdout', '--exit-zero-always', folder];
    execFile('java', arguments_, { maxBuffer: 1 << 28 }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });

function finding({ url, message, extract = '', lastLine, lastColumn, type, subType }) {
  return { rule: subType ?? type, where: `${lastLine}:${lastColumn}`, html: extract, message, state: basename(new URL(url).pathname, '.html') };
}
