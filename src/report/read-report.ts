import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { LatencyHistogram } from '../measure/latency.js';
import { packageJson } from '../system/package-root.js';
import { TARGET_KINDS } from '../target/kinds.js';
import { type Mismatch, mismatchOf, type Schema } from './schema-check.js';

const SCHEMA = 'kload.report/2';
const FORMAT = /^kload\.report\/(\d+)$/;
const WRONG_FILE = 'pass a file that `kload run --report FILE.json` wrote';
const CHANGED = 'it was changed after the run, or another version of kload wrote it: use the file as the run wrote it';

/**
 * Reads a JSON report.
 *
 * @param file '-' is standard input
 * @throws KloadError `input` for anything but a report that this version can use
 */
export async function readReport(file: string): Promise<Report> {
  const name = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = await text(file === '-' ? process.stdin : createReadStream(file));
  } catch (error) {
    throw new KloadError('input', `${name} cannot be read: ${messageOf(error)}`, WRONG_FILE);
  }
  return checkedReport(parsed(content.replace(/^\u{feff}/u, ''), name), name);
}

function parsed(content: string, name: string): unknown {
  const trimmed = content.trim();
  if (trimmed === '') throw new KloadError('input', `${name} is empty`, WRONG_FILE);
  try {
    return JSON.parse(content);
  } catch (error) {
    // V8 names no position for an end that it did not expect.
    const position = /at position (\d+)/.exec(messageOf(error))?.[1];
    const endedEarly = !trimmed.endsWith('}') || Number(position ?? content.length) >= content.trimEnd().length;
    if (trimmed.startsWith('{') && endedEarly) {
      throw new KloadError('input', `${name} ends in the middle of the report`, 'copy it again, or repeat the run');
    }
    const line = content.slice(0, Number(position ?? 0)).split('\n').length;
    throw new KloadError('input', `${name}:${line} is not JSON`, WRONG_FILE);
  }
}

function checkedReport(value: unknown, name: string): Report {
  const { schema } = (value ?? {}) as { readonly schema?: unknown };
  const [, version] = FORMAT.exec(String(schema)) ?? [];
  if (version === undefined) throw new KloadError('input', `${name} is JSON, but not a report of kload`, WRONG_FILE);
  if (schema !== SCHEMA) {
    const isOlder = Number(version) < Number(FORMAT.exec(SCHEMA)![1]);
    throw new KloadError(
      'input',
      `${name} is a report in format ${schema}: this version of kload reads ${SCHEMA}`,
      isOlder ? 'use the version of kload that wrote it, or repeat the run' : 'update kload',
    );
  }
  const known = packageJson('report.schema.json') as Schema | undefined;
  if (known === undefined) throw new Error('report.schema.json is missing from the package');
  const mismatch = mismatchOf(value, known) ?? contradictionOf(value as Report);
  if (mismatch === undefined) return value as Report;
  throw new KloadError('input', `${name}: ${pathText(mismatch)} ${mismatch.problem}`, CHANGED);
}

/** What the schema cannot say, and what every form of the report relies on. */
function contradictionOf({ target, histogram, hdrHistograms, intervals }: Report): Mismatch | undefined {
  if (!Object.hasOwn(TARGET_KINDS, target.kind)) {
    return { path: ['target', 'kind'], problem: `must be one of ${Object.keys(TARGET_KINDS).join(', ')}` };
  }
  for (const [i, { t }] of intervals.entries()) {
    if (!Number.isSafeInteger(t) || t < 0) return { path: ['intervals', i, 't'], problem: 'must be a whole second' };
    if (i > 0 && t <= intervals[i - 1]!.t) {
      return { path: ['intervals', i, 't'], problem: 'must come after the interval before it' };
    }
  }
  for (const [i, { fromMs, toMs }] of histogram.entries()) {
    if (fromMs <= 0 || toMs <= fromMs) return { path: ['histogram', i], problem: 'must be a range of times above 0' };
  }
  for (const [distribution, encoded] of Object.entries(hdrHistograms)) {
    try {
      LatencyHistogram.decode(encoded);
    } catch {
      return { path: ['hdrHistograms', distribution], problem: 'is not an HdrHistogram' };
    }
  }
  return undefined;
}

/** As jq writes it, without the first dot: 'intervals[3].p99'. */
function pathText({ path }: Mismatch): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return text === '' ? 'the report' : text.replace(/^\./, '');
}
