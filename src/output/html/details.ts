import { FORMATS } from '../../core/format-names.js';
import { meanOf, type SizeLaw } from '../../core/made-load.js';
import type { FileReport, InputReport, Report } from '../../core/report.js';
import { formatBytes, formatCount, formatLatency, formatPercent } from '../../core/units.js';
import { LOAD_COLUMNS, loadCells } from '../../report/loads.js';
import { escaped } from '../escaped.js';
import { folded, type Row, section, table } from './figure.js';

const ERRORS_MAX = 30;
const FILES_MAX = 50;

/** A row for each of several loads; empty for a run of one. */
export function loadSection({ loads = [] }: Report): string {
  const rows = loads.map((load) => [escaped(load.name), escaped(load.target.stream ?? '–'), ...loadCells(load)]);
  return rows.length === 0
    ? ''
    : section('Loads', table('What each load did; all else is of all loads', ['', 'target', ...LOAD_COLUMNS], rows));
}

export function errorSection({ errors, requests, records, rejectedFirst }: Report): string {
  const codes = Object.entries(errors).sort(([, a], [, b]) => b - a);
  const errorRows = codes.slice(0, ERRORS_MAX).map(([code, count]) => [escaped(code), formatCount(count)]);
  const rest = codes.length - errorRows.length;
  const requestRows = [
    ['with a response', formatCount(requests.ok)],
    ['refused, or without a response', formatCount(requests.failed)],
    ['with records sent again', formatCount(requests.retried)],
  ];
  const rejectedRows = rejectedFirst.map(({ at, reason }) => [escaped(at), escaped(reason)]);
  const rejected = `The first of ${formatCount(records.rejected)} rejected records`;
  return section(
    'Requests and errors',
    `<div class="pair">${table('Requests', ['', 'count'], requestRows)}${
      errorRows.length === 0
        ? '<p>No attempt failed.</p>'
        : table('Failed attempts by error', ['error', 'attempts'], errorRows)
    }</div>`,
    rest > 0 ? `<p class="dim">${formatCount(rest)} rarer errors are left out.</p>` : '',
    rejectedRows.length === 0 ? '' : table(rejected, ['where', 'why'], rejectedRows, 'words'),
  );
}

export function workerSection({ workers, records }: Report): string {
  const rows = workers.map(({ id, sent, bytes }) => [
    `worker ${id}`,
    formatCount(sent),
    records.sent === 0 ? '–' : formatPercent(sent / records.sent),
    formatBytes(bytes),
  ]);
  return rows.length === 0
    ? ''
    : section('Workers', table('What each worker sent', ['', 'sent', 'share', 'bytes'], rows));
}

/** '200 B of data, '; empty if the template decides. */
function sizeText(size: number | SizeLaw | null): string {
  if (size === null) return '';
  if (typeof size === 'number') return `${formatBytes(size)} of data, `;
  return `${formatBytes(Math.round(meanOf(size)))} of data on average, `;
}

/** How the input was read, and what was found in it. */
export function inputSection({ input, config }: Report): string {
  if (config.input.kind === 'generated' && input.files.length === 0) {
    const { recordSize, keys, template, schema } = config.input;
    const by = (schema ?? null) === null ? '' : ` by the schema ${schema}`;
    const from = (template === null ? '' : ` from the template ${template}`) + by;
    const text = `kload generated the records${from}: ${sizeText(recordSize)}${formatCount(keys)} partition keys.`;
    return section('Input', `<p>${escaped(text)}</p>`);
  }
  if (config.input.kind === 'loads' && input.files.length === 0) {
    return section('Input', '<p>kload generated the records of all loads.</p>');
  }
  const rest = input.files.length - FILES_MAX;
  const columns = ['file', 'format', 'data', 'time', 'key', 'first time', 'last time'];
  const rows = input.files.slice(0, FILES_MAX).map((file) => fileRow(file, config.partitionKey !== null));
  const findings = findingsOf(input).map((text) => `<li>${escaped(text)}</li>`);
  return section(
    'Input',
    rows.length === 0 ? '<p>No file was read.</p>' : table('How the files were read', columns, rows, 'words'),
    rest > 0 ? `<p class="dim">${formatCount(rest)} more files are left out.</p>` : '',
    findings.length === 0 ? '' : `<ul>${findings.join('')}</ul>`,
  );
}

function fileRow(file: FileReport, hasSharedKey: boolean): Row {
  const { format, header, delimiter, data, time, key, notSent = [], firstTimestamp, lastTimestamp } = file;
  const shown = delimiter === '\t' ? 'tab' : `'${delimiter}'`;
  const csv = header === null ? '' : ` ${header ? 'with' : 'without'} a header, delimiter ${shown}`;
  const not = notSent.length === 0 ? '' : ` (not sent: ${notSent.join(', ')})`;
  return [
    file.file,
    `${FORMATS[format]}${csv}`,
    `${data}${not}`,
    time ?? 'none',
    hasSharedKey ? '--partition-key' : (key ?? 'none'),
    firstTimestamp?.replace('T', ' ') ?? '–',
    lastTimestamp?.replace('T', ' ') ?? '–',
  ].map(escaped);
}

function findingsOf(input: InputReport): string[] {
  const { outOfOrder, clockJumps, files } = input;
  const repeated = files.reduce((sum, { repeatedHeaders }) => sum + repeatedHeaders, 0);
  const found: readonly (readonly [count: number, text: string])[] = [
    [Number(input.unwrapped), 'The data is recorded calls: kload sent the records inside them.'],
    [repeated, `${formatCount(repeated)} repeated header rows were left out.`],
    [input.outside, `${formatCount(input.outside)} records were left out: outside --from and --to.`],
    [
      outOfOrder,
      `${formatCount(outOfOrder)} records were out of order by up to ${formatLatency(input.outOfOrderMaxMs)}.`,
    ],
    [clockJumps, `The clock jumped ${formatCount(clockJumps)} times, by up to ${formatLatency(input.clockJumpMaxMs)}.`],
    [input.late, `${formatCount(input.late)} records were out of order by more than --reorder-window.`],
    [input.early, `${formatCount(input.early)} records left the reorder window early: it was full.`],
    [input.nullKeys, `${formatCount(input.nullKeys)} records had a null key: each got a random one.`],
  ];
  return found.flatMap(([count, text]) => (count > 0 ? [text] : []));
}

export function settingsSection({ config, host, target }: Report): string {
  const hostRows = [
    ['kload', host.kload],
    ['Node.js', host.node],
    ['platform', host.platform],
    ['processors', formatCount(host.processors)],
    [
      'target',
      `${target.kind}, ${target.endpoint ?? 'in this process'}${target.region === null ? '' : `, ${target.region}`}`,
    ],
  ].map((row) => row.map(escaped));
  const settings = flat(config).map(([name, value]) => [`<code>${escaped(name)}</code>`, escaped(value)]);
  return section(
    'Configuration and host',
    folded('All settings of the run', table('Settings, with their defaults', ['setting', 'value'], settings, 'words')),
    table('What it ran on', ['', ''], hostRows, 'words'),
  );
}

/** An object's values by their paths: `schedule.rps`. */
function flat(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, member]): [string, string][] => {
    const name = path === '' ? key : `${path}.${key}`;
    if (member === null) return [];
    if (typeof member === 'object' && !Array.isArray(member)) return flat(member, name);
    return [[name, Array.isArray(member) ? member.join(', ') : String(member)]];
  });
}
