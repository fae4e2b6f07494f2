import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { prometheusText } from '../../../src/output/live/prometheus.js';
import { readExposition } from '../../support/exposition.js';
import { figures, totalsOf } from './figures.js';
import { namesIn } from './promql.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string; readonly refId: string }[];
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../../examples/grafana-dashboard.json', import.meta.url), 'utf8'),
) as { readonly panels: readonly Panel[]; readonly templating: { readonly list: readonly { query: unknown }[] } };

/** The labels of each sample that is served, and the names of native histograms. */
function served(): Map<string, ReadonlySet<string>> {
  const thresholds = [{ threshold: 'behind < 1s', ok: true, value: 0, got: '', shard: null, since: null }];
  const given = figures({ totals: totalsOf({ errors: new Map([['Oops', 1]]) }), thresholds });
  const all = new Map<string, ReadonlySet<string>>();
  for (const [family, { type, samples }] of readExposition(prometheusText(given, {}, 'prometheus'))) {
    for (const [name, list] of samples) all.set(name, new Set(list.flatMap(({ labels }) => Object.keys(labels))));
    if (type === 'histogram') all.set(family, new Set());
  }
  return all;
}

describe('the Grafana dashboard', () => {
  const known = served();
  const queries = dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => [title, expr, legendFormat] as const),
  );

  it.each(queries)('%s: %s', (_, expr, legend) => {
    const { metrics, labels } = namesIn(expr);
    expect(metrics).not.toEqual([]);
    for (const metric of metrics) expect([...known.keys()]).toContain(metric);
    // Prometheus adds these two.
    const allowed = ['job', 'instance', ...metrics.flatMap((metric) => [...known.get(metric)!])];
    const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    for (const label of [...labels, ...shown]) expect(allowed).toContain(label);
  });

  it('has its variables from metrics that are served', () => {
    const texts = dashboard.templating.list.flatMap(({ query }) =>
      typeof query === 'object' ? [(query as { query: string }).query] : [],
    );
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      const [, expr = ''] = /^label_values\((.*), \w+\)$/.exec(text) ?? [];
      expect([...known.keys()]).toEqual(expect.arrayContaining([...namesIn(expr).metrics]));
    }
  });

  it('has panels that do not overlap, each with an id of its own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect([title, x + w <= 24]).toEqual([title, true]);
      for (let cell = 0; cell < w * h; cell++) {
        const at = `${x + (cell % w)},${y + Math.floor(cell / w)}`;
        expect([title, at, taken.has(at)]).toEqual([title, at, false]);
        taken.add(at);
      }
    }
  });
});

describe('the reader of queries', () => {
  it('tells metrics from labels, functions and words', () => {
    expect(
      namesIn('sum by (a, le) (rate(m_total{b=~"c{d}",e!=\'f\'}[$__rate_interval])) / on (g) n > bool 1.5e3'),
    ).toEqual({
      metrics: ['m_total', 'n'],
      labels: ['a', 'le', 'b', 'e', 'g'],
    });
  });
});
