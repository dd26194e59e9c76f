// axe: every rule of WCAG 2.2 A and AA, and its best practices.

import { injector } from './page.mjs';

export const name = 'axe';

const bring = injector('axe-core/axe.min.js', 'axe');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function check(page) {
  await bring(page);
  const violations = await page.evaluate(
    async (tags) => (await globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'], elementRef: false })).violations,
    TAGS,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html, any, all }) => {
      const message = [...any, ...all].map(({ message }) => message).join('; ');
      return { rule: id, where: String(target), html, message: message || help };
    }),
  );
}
