import { basename } from 'node:path';
import { FORMATS } from '../core/format-names.js';
import type { FileReading, InputReport } from '../core/report.js';
import { formatCount } from '../core/units.js';

const GROUPS_SHOWN = 2;
/** The length of a line of the summary without its label. */
const LINE_CHARS_MAX = 66;
const NAME_CHARS_MIN = 12;
const FIELD_CHARS_MIN = 8;

/**
 * How a file is read, in one line that continues after its name.
 *
 * @param hasSharedKey whether --partition-key gives all records their key
 */
export function readingText(reading: FileReading, hasSharedKey: boolean): string {
  const { data, notSent = [] } = reading;
  const only = `; only ${data} is sent, not ${notSent.join(', ')}: pass --format lines to send whole lines`;
  const fields = fieldsText(reading, hasSharedKey);
  return `${formatText(reading)}; ${fields}${notSent.length === 0 ? '' : only}`;
}

/** How the files were read, in at most a few lines: files that were read alike share them. */
export function readingLines({ files }: Pick<InputReport, 'files'>, hasSharedKey: boolean): string[] {
  const groups = new Map<string, FileReading[]>();
  for (const reading of files) {
    const { format, header, delimiter, data, time, key: keyField } = reading;
    const key = JSON.stringify({ format, header, delimiter, data, time, keyField });
    groups.set(key, [...(groups.get(key) ?? []), reading]);
  }
  const all = [...groups.values()];
  const shown = all.slice(0, GROUPS_SHOWN).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const more = group.length === 1 ? '' : ` and ${formatCount(group.length - 1)} more`;
    const repeated = group.reduce((sum, reading) => sum + reading.repeatedHeaders, 0);
    const rest = `${more}: ${formatText(first)}`;
    const name = clipped(basename(first.file), Math.max(NAME_CHARS_MIN, LINE_CHARS_MAX - rest.length));
    const repeatedText = repeated === 0 ? [] : [`repeated header rows left out: ${formatCount(repeated)}`];
    return [name + rest, fieldsText(first, hasSharedKey, LINE_CHARS_MAX), ...repeatedText];
  });
  const rest = all.slice(GROUPS_SHOWN).flat().length;
  return rest === 0 ? shown : [...shown, `${formatCount(rest)} more, read in other ways: see --report`];
}

function formatText({ format, header, delimiter }: FileReading): string {
  if (header === null) return FORMATS[format];
  const shown = delimiter === '\t' ? 'tab' : `'${delimiter}'`;
  return `${FORMATS[format]} ${header ? 'with a header' : 'without a header'}, delimiter ${shown}`;
}

/** Where data, time and key come from. The longest are cut until the line fits. */
function fieldsText(
  { data, time, key }: FileReading,
  hasSharedKey: boolean,
  charsMax = Number.POSITIVE_INFINITY,
): string {
  const fields = [data, time ?? 'none', hasSharedKey ? '--partition-key' : (key ?? 'none')];
  const text = () => `data: ${fields[0]}; time: ${fields[1]}; key: ${fields[2]}`;
  while (text().length > charsMax) {
    const longest = Math.max(...fields.map((field) => field.length));
    if (longest <= FIELD_CHARS_MIN) break;
    const at = fields.findIndex((field) => field.length === longest);
    fields[at] = clipped(fields[at] ?? '', longest - 1);
  }
  return text();
}

function clipped(text: string, charsMax: number): string {
  return text.length > charsMax ? `${text.replace(/…$/, '').slice(0, charsMax - 1)}…` : text;
}
