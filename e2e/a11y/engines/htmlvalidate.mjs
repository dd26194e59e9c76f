// html-validate: the rendered HTML, by its recommended and accessibility rules. Rules of mere style say nothing of what a browser
// wrote: it is told how a serialiser writes.

import { HtmlValidate } from 'html-validate';
import { rendered } from './page.mjs';

export const name = 'htmlvalidate';

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:a11y'],
  rules: {
    'attr-quotes': 'off',
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'doctype-style': 'off',
    'long-title': 'off',
    'no-inline-style': 'off',
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
  },
});

export async function check(page) {
  const html = await rendered(page);
  const lines = html.split('\n');
  const { results } = await validator.validateString(html);
  // A message points into a tag: it is shown from where that begins.
  const piece = (line, column) => lines[line - 1].slice(Math.max(lines[line - 1].lastIndexOf('<', column - 1), 0)).slice(0, 300);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector, line, column }) => ({ rule: ruleId, where: selector ?? '', html: piece(line, column), message })),
  );
}
