import { readFileSync } from 'node:fs';
import { KloadError, messageOf } from '../core/errors.js';
import { peakOf, type Stage } from '../core/schedule-mode.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const FORM = 'write seconds and records a second in each line, such as 60,5000';

/** One line: the rate at a moment. */
interface Point {
  readonly at: string;
  readonly seconds: number;
  readonly rps: number;
}

/**
 * Reads a CSV of seconds and rates as stages: the rate is linear between two lines. Time counts from the first line.
 * Two lines with the same time make a jump. The first line may be a header; `#` begins a comment.
 *
 * @throws KloadError `input`, with the line
 */
export function readRateFile(file: string): readonly Stage[] {
  const points = textOf(file)
    .split(/\r?\n/)
    .map((line, index) => ({ at: `${file}:${index + 1}`, text: line.replace(/#.*/, '').trim() }))
    .filter(({ text }) => text !== '')
    .filter(({ text }, index) => index > 0 || !isHeader(text))
    .map(({ at, text }) => pointOf(text, at));
  const stages = points.slice(1).map((to, i) => stageBetween(points[i]!, to));
  const lasting = stages.filter(({ durationMs }) => durationMs > 0);
  const hint = `${FORM}; the rate goes in a straight line from one to the next`;
  if (lasting.length === 0) throw new KloadError('input', `${file}: a rate file needs two lines or more`, hint);
  if (peakOf(lasting) === 0) throw new KloadError('input', `${file} asks for no records: all of its rates are 0`, hint);
  return lasting;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new KloadError('input', `--rate-file ${file} cannot be read: ${messageOf(error)}`, 'name another file');
  }
}

/** A line of names: no field is a number. */
function isHeader(text: string): boolean {
  return fieldsOf(text).every((field) => field !== '' && !/\d/.test(field));
}

function fieldsOf(text: string): string[] {
  return text.split(/[,;\t]/).map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
}

function pointOf(text: string, at: string): Point {
  const [seconds = '', rps = '', ...more] = fieldsOf(text);
  if (more.length > 0 || rps === '') {
    throw new KloadError('input', `${at}: a line has two numbers, not '${text}'`, FORM);
  }
  for (const [name, field] of Object.entries({ time: seconds, rate: rps })) {
    if (!NUMBER.test(field) || !Number.isFinite(Number(field))) {
      throw new KloadError('input', `${at}: the ${name} is not a number: '${field}'`, FORM);
    }
  }
  if (Number(rps) < 0) throw new KloadError('input', `${at}: a rate is at least 0, not ${rps}`, FORM);
  return { at, seconds: Number(seconds), rps: Number(rps) };
}

function stageBetween(from: Point, to: Point): Stage {
  if (to.seconds < from.seconds) {
    const reason = `${to.at}: time goes back, from ${from.seconds} s to ${to.seconds} s`;
    throw new KloadError('input', reason, 'sort the lines by time');
  }
  // To a microsecond: the difference of two epoch times is no more exact.
  const durationMs = Math.round((to.seconds - from.seconds) * 1e6) / 1e3;
  return { fromRps: from.rps, toRps: to.rps, durationMs };
}
