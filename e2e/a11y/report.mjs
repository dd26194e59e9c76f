// What the engines found: each thing once, with where it was seen, less what is excepted with a reason.

const MOST = 12;

const plain = (html) => html.replace(/<!--.*?-->/g, '').replace(/\s+/g, ' ').slice(0, 200);

/** Things of one kind have one fault: the same tag with the same attributes and class; for a text, the tags it stands in. */
function kind({ html, where }) {
  const [tag, element] = /^<([a-z][\w-]*)[^>]*>?/i.exec(html) ?? [];
  if (!tag) return where.replace(/\[\d+\]|:nth-child\(\d+\)|\d+/g, '');
  const style = / class="([^"]*)"/.exec(tag)?.[1] ?? '';
  return [element, style, ...[...tag.matchAll(/ ([\w-]+)(?==|[ >])/g)].map(([, attribute]) => attribute).sort()].join(' ');
}

export class Report {
  constructor(exceptions) {
    Object.assign(this, { exceptions, used: new Map(), found: new Map(), cells: new Map(), failures: [] });
  }

  cell(engine, mode) {
    const key = `${engine} ${mode}`;
    if (!this.cells.has(key)) this.cells.set(key, { engine, mode, states: 0, findings: 0, excepted: 0, time: 0 });
    return this.cells.get(key);
  }

  /** What an engine found at a place. */
  add(engine, { locale, state, mode }, findings, time) {
    const cell = this.cell(engine, mode);
    cell.states += 1;
    cell.time += time;
    for (const { rule, where, html, message } of findings) {
      const exception = this.exceptions.find((one) => covers(one, { engine, mode, state, rule, where, html, message }));
      if (exception) {
        cell.excepted += 1;
        this.used.set(exception, (this.used.get(exception) ?? 0) + 1);
        continue;
      }
      cell.findings += 1;
      const key = [engine, rule, message.replace(/\d[\d.:]*/g, ''), kind({ html, where })].join('\n');
      if (!this.found.has(key)) this.found.set(key, { engine, rule, where, html: html.slice(0, 600), message, seen: {} });
      const { seen } = this.found.get(key);
      seen[`${locale} ${mode} ${state}`] = (seen[`${locale} ${mode} ${state}`] ?? 0) + 1;
    }
  }

  /** An engine that fails has found nothing out. */
  failed(engine, { locale, state, mode }, error) {
    this.failures.push({ engine, locale, state, mode, message: error.message.slice(0, 300) });
  }

  unused() {
    return this.exceptions.filter((exception) => !this.used.has(exception));
  }

  good({ whole }) {
    const looked = [...this.cells.values()].some(({ states }) => states > 0);
    return looked && this.found.size === 0 && this.failures.length === 0 && (!whole || this.unused().length === 0);
  }

  json() {
    return { cells: [...this.cells.values()], findings: [...this.found.values()], failures: this.failures, exceptions: this.counted() };
  }

  counted() {
    return this.exceptions.map((exception) => ({ ...exception, used: this.used.get(exception) ?? 0 }));
  }

  text({ whole }) {
    const cells = [...this.cells.values()].map(({ engine, mode, states, findings, excepted, time }) => {
      const counts = [states, findings, excepted, Math.round(time / states)];
      return [engine.padEnd(13), mode.padEnd(9), ...counts.map((count) => String(count).padStart(9))].join('');
    });
    const findings = [...this.found.values()].map(({ engine, rule, where, html, message, seen }) => {
      const [places, count] = [Object.keys(seen), Object.values(seen).reduce((sum, one) => sum + one, 0)];
      const more = places.length > MOST ? `; and ${places.length - MOST} more` : '';
      const seenIn = `  ${count} times, in ${places.slice(0, MOST).join('; ')}${more}`;
      return [`${engine} ${rule}: ${message}`, `  at ${where}`, `  ${plain(html)}`, seenIn].join('\n');
    });
    const failures = this.failures.map(({ engine, locale, state, mode, message }) => `${engine} failed on ${locale} ${mode} ${state}: ${message}`);
    const unused = whole ? this.unused().map(({ engine, rule }) => `nothing needs the exception of ${engine} ${rule} any more`) : [];
    const head = `${'engine'.padEnd(13)}${'mode'.padEnd(9)}   states findings excepted  ms each`;
    const sum = `${findings.length} findings, ${failures.length} failures, ${this.used.size} of ${this.exceptions.length} exceptions used`;
    return [...findings, ...failures, ...unused, [head, ...cells].join('\n'), sum].join('\n\n');
  }
}

/** Whether an exception names a finding: by engine, rule and a piece of its HTML, place or message; some hold in one mode or state only. */
function covers({ engine, rule, where, mode, state }, finding) {
  const named = engine === finding.engine && rule === finding.rule;
  const here = (mode ?? finding.mode) === finding.mode && (state ?? finding.state) === finding.state;
  return named && here && [finding.html, finding.where, finding.message].some((text) => text.includes(where));
}
