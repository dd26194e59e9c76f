// Numbers of several rounds, and how they are shown.

/** The value below which this share of a list lies. */
export function quantile(list, share) {
  const sorted = [...list].sort((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place % 1);
}

export const median = (list) => quantile(list, 0.5);

/** The median of several rounds, with the least and the most. */
export const spread = (list) => ({ median: median(list), least: Math.min(...list), most: Math.max(...list) });

/** `21.5 (20.0–28.1)`. */
export const shown = ({ median, least, most }) => `${median.toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)})`;

/** A Markdown table whose columns also line up in a terminal. */
export function table(head, lines) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...lines].map((line) => line[column].length)));
  const row = (line) => `| ${line.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column ? ':' : '-')).join('|')}|`;
  return [row(head), rule, ...lines.map(row)].join('\n');
}
