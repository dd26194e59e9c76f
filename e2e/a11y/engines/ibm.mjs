// IBM's checker engine: what fails for certain. What it only asks a person to look at is no finding.

import { injector } from './page.mjs';

export const name = 'ibm';

const bring = injector('accessibility-checker-engine/ace.js', 'ace');

export async function check(page) {
  await bring(page);
  const results = await page.evaluate(async () => {
    const { results } = await new globalThis.ace.Checker().check(document, ['WCAG_2_2']);
    return results
      .filter(({ value }) => value[1] === 'FAIL')
      .map(({ ruleId, reasonId, path, snippet, message, node }) => ({ ruleId, reasonId, path: path.dom, snippet, message, html: node?.outerHTML }));
  });
  return results.map(({ ruleId, reasonId, path, snippet, message, html }) => {
    const rule = `${ruleId}:${reasonId}`;
    return { rule, where: path, html: html ?? snippet, message };
  });
}
