// Alfa: every rule. It reads the page with its style sheets and works the cascade out by itself, so its parts have to be of one
// version: a mix passes everything without a word.

import { Audit, Outcome } from '@siteimprove/alfa-act';
import { Playwright } from '@siteimprove/alfa-playwright';
import rules from '@siteimprove/alfa-rules';

export const name = 'alfa';

export async function check(page) {
  const handle = await page.evaluateHandle(() => document);
  const read = await Playwright.toPage(handle);
  await handle.dispose();
  const outcomes = [...(await Audit.of(read, rules).evaluate())];
  return outcomes.filter(Outcome.isFailed).map(finding);
}

function finding(outcome) {
  const { rule, expectations } = outcome.toJSON();
  const messages = expectations.flatMap(([, expectation]) => (expectation.type === 'err' ? [expectation.error.message] : []));
  const where = outcome.target.path?.() ?? '';
  return { rule: rule.uri.split('/').at(-1), where, html: String(outcome.target), message: messages.join('; ') };
}
