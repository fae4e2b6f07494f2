// Writes examples/grafana-dashboard.json; with --check it only says whether it is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../examples/grafana-dashboard.json', import.meta.url);
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };
const WIDTH = 24;
const SHARD = 'messaging_destination_partition_id';

/** The runs that the variables of the dashboard select. */
const of = (metric, more = '') => `${metric}{job=~"$job",instance=~"$instance"${more}}`;
const sum = (metric) => `sum(${of(metric)})`;
const rate = (metric) => `sum(rate(${of(metric)}[$__rate_interval]))`;
const rateBy = (label, metric) => `sum by (${label}) (rate(${of(metric)}[$__rate_interval]))`;

/** A scrape has classic buckets; a collector may make native histograms of what it gets. */
const quantile = (q, metric) => {
  const classic = `histogram_quantile(${q}, sum by (le) (rate(${of(`${metric}_bucket`)}[$__rate_interval]))) >= 0`;
  return `(${classic}) or histogram_quantile(${q}, sum(rate(${of(metric)}[$__rate_interval])))`;
};

const PANELS = [
  stat('Phase', 6, [[`${of('kload_run_phase')} == 1`, '{{kload_phase}}']], { textMode: 'name' }),
  stat(
    'Sent of target',
    6,
    [[`${rate('kload_records_sent_total')} / ${sum('kload_target_rate_per_second')}`, 'share']],
    {
      unit: 'percentunit',
    },
  ),
  stat('Ledger: read = sent + failed + rejected + unsent', 12, [
    [sum('kload_records_read_total'), 'read'],
    [sum('kload_records_sent_total'), 'sent'],
    [sum('kload_records_failed_total'), 'failed'],
    [sum('kload_records_rejected_total'), 'rejected'],
    [sum('kload_records_unsent'), 'unsent'],
  ]),
  series('Records per second, against the target', 12, 'short', [
    [sum('kload_target_rate_per_second'), 'target'],
    [rate('kload_records_offered_total'), 'offered'],
    [rate('kload_records_sent_total'), 'sent'],
    [rate('kload_records_throttled_total'), 'throttled'],
    [rate('kload_records_failed_total'), 'failed'],
  ]),
  series('Latency', 12, 's', [
    [quantile(0.5, 'kload_latency_seconds'), 'from intended, p50'],
    [quantile(0.99, 'kload_latency_seconds'), 'from intended, p99'],
    [quantile(0.5, 'kload_service_latency_seconds'), 'service, p50'],
    [quantile(0.99, 'kload_service_latency_seconds'), 'service, p99'],
  ]),
  series('Throttled records per second, by shard', 12, 'short', [
    [rateBy(SHARD, 'kload_shard_records_throttled_total'), `{{${SHARD}}}`],
  ]),
  series('Sent records per second, by shard', 12, 'short', [
    [rateBy(SHARD, 'kload_shard_records_sent_total'), `{{${SHARD}}}`],
  ]),
  series('Schedule lag', 12, 's', [
    [`max(${of('kload_behind_seconds')})`, 'behind'],
    [quantile(0.99, 'kload_schedule_lag_seconds'), 'lag, p99'],
  ]),
  series('Errors per second, by code', 12, 'short', [[rateBy('error_type', 'kload_errors_total'), '{{error_type}}']]),
  series('Bytes per second, by shard', 8, 'Bps', [[rateBy(SHARD, 'kload_shard_sent_bytes_total'), `{{${SHARD}}}`]]),
  series('Requests', 8, 'short', [
    [rate('kload_requests_ok_total'), 'ok per second'],
    [rate('kload_requests_failed_total'), 'failed per second'],
    [rate('kload_requests_retried_total'), 'with retries per second'],
    [sum('kload_requests_in_flight'), 'in flight'],
  ]),
  series('kload itself: processors used', 8, 'short', [[rate('process_cpu_time_seconds_total'), 'processors']]),
  series('Thresholds: 1 holds, 0 does not', 24, 'short', [
    [`min by (kload_threshold) (${of('kload_threshold_ok')})`, '{{kload_threshold}}'],
  ]),
];

function stat(title, width, queries, { unit = 'short', textMode = 'value_and_name' } = {}) {
  return {
    ...panel('stat', title, width, 5, queries, { unit }),
    options: {
      textMode,
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  };
}

function series(title, width, unit, queries) {
  return {
    ...panel('timeseries', title, width, 8, queries, { unit, min: 0 }),
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

function panel(type, title, w, h, queries, defaults) {
  const targets = queries.map(([expr, legendFormat], i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: DATASOURCE,
    expr,
    legendFormat,
  }));
  return { type, title, datasource: DATASOURCE, gridPos: { w, h }, targets, fieldConfig: { defaults, overrides: [] } };
}

/** Puts the panels in rows from left to right. */
function placed(panels) {
  let [x, y, height] = [0, 0, 0];
  return panels.map((one, i) => {
    const { w, h } = one.gridPos;
    if (x + w > WIDTH) [x, y, height] = [0, y + height, 0];
    const gridPos = { x, y, w, h };
    x += w;
    height = Math.max(height, h);
    return { id: i + 1, ...one, gridPos };
  });
}

function variable(name, label, query) {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

const dashboard = {
  uid: 'kload-run',
  title: 'kload run',
  description: 'A run of kload: rates, latency, throttles, errors, lag and the ledger.',
  tags: ['kload'],
  schemaVersion: 39,
  version: 1,
  editable: true,
  graphTooltip: 1,
  refresh: '5s',
  time: { from: 'now-15m', to: 'now' },
  timezone: 'browser',
  templating: {
    list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
      variable('job', 'Job', 'label_values(kload_records_read_total, job)'),
      variable('instance', 'Instance', 'label_values(kload_records_read_total{job=~"$job"}, instance)'),
    ],
  },
  annotations: { list: [] },
  panels: placed(PANELS),
};

const text = `${JSON.stringify(dashboard, null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
  console.error('examples/grafana-dashboard.json is not up to date with .ci/grafana.js: run `npm run reference`');
  process.exitCode = 1;
}
