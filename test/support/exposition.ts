/**
 * A strict reader of Prometheus' text format 0.0.4, written from the specification, independently of the writer. Throws
 * if a line breaks a rule.
 */

export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly help: string;
  readonly type: string;
  /** By full name: the family's name, for a histogram with a suffix. */
  readonly samples: ReadonlyMap<string, readonly ReadSample[]>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed');
  const families = new Map<string, { help: string; type: string; samples: Map<string, ReadSample[]> }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line);
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment;
      if (!NAME.test(name)) throw new Error(`not a name: ${name}`);
      if (kind === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        families.set(name, { help: plain(rest, 'n\\'), type: 'untyped', samples: new Map() });
        current = name;
      } else {
        const family = families.get(name);
        if (family === undefined || name !== current || family.samples.size > 0)
          throw new Error(`TYPE ${name} is late`);
        if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(rest))
          throw new Error(`not a type: ${rest}`);
        family.type = rest;
      }
      continue;
    }
    const [, name = '', labelText = '', valueText = ''] = /^([^{\s]+)(\{.*\})? (\S+)$/s.exec(line) ?? [];
    const family = families.get(current);
    const names = (SUFFIXES[family?.type ?? ''] ?? ['']).map((suffix) => current + suffix);
    if (family === undefined || !names.includes(name)) throw new Error(`not a sample of ${current}: ${line}`);
    const labels = readLabels(labelText);
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    const value = { '+Inf': Infinity, '-Inf': -Infinity, NaN: Number.NaN }[valueText] ?? Number(valueText);
    if (valueText === '' || (Number.isNaN(value) && valueText !== 'NaN')) throw new Error(`not a number: ${line}`);
    family.samples.set(name, [...(family.samples.get(name) ?? []), { labels, value }]);
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text === '' ? '' : text.slice(1, -1);
  while (rest !== '') {
    const [pair, name = '', value = ''] = /^([^=]*)="((?:[^"\\]|\\.)*)"(?:,|$)/s.exec(rest) ?? [];
    if (pair === undefined || !LABEL.test(name) || name in labels) throw new Error(`not labels: ${text}`);
    labels[name] = plain(value, 'n\\"');
    rest = rest.slice(pair.length);
  }
  return labels;
}

function plain(text: string, allowed: string): string {
  return text.replace(/\\(.?)/g, (_, character: string) => {
    if (character === '' || !allowed.includes(character)) throw new Error(`not an escape: \\${character} in ${text}`);
    return character === 'n' ? '\n' : character;
  });
}

/** Checks that bounds rise to '+Inf', that counts do not fall, and that the last is the total count. */
function checkHistogram(name: string, { samples }: Family): void {
  const series = new Map<string, { les: number[]; counts: number[] }>();
  for (const { labels, value } of samples.get(`${name}_bucket`) ?? []) {
    const { le = '', ...others } = labels;
    const key = JSON.stringify(Object.entries(others).sort());
    const one = series.get(key) ?? { les: [], counts: [] };
    one.les.push(le === '+Inf' ? Infinity : Number(le));
    one.counts.push(value);
    series.set(key, one);
  }
  const isRising = (numbers: number[], isStrict: boolean) =>
    numbers.every((n, i) => i === 0 || n > numbers[i - 1]! || (!isStrict && n === numbers[i - 1]));
  for (const { les, counts } of series.values()) {
    if (!isRising(les, true) || les.at(-1) !== Infinity) throw new Error(`${name}: bounds do not rise to +Inf: ${les}`);
    if (!isRising(counts, false)) throw new Error(`${name}: buckets fall: ${counts}`);
  }
  for (const { labels, value } of samples.get(`${name}_count`) ?? []) {
    const last = series.get(JSON.stringify(Object.entries(labels).sort()))?.counts.at(-1);
    if (last !== value) throw new Error(`${name}: the count ${value} is not the last bucket ${last}`);
  }
}
