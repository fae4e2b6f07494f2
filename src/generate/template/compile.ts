import { nearest } from '../../core/nearest.js';
import type { Writer } from '../writer.js';
import { COLUMN_NAMES, type Columns, columnArgsMax, columnId, makeColumns } from './columns.js';
import { ArgumentError, type Field, type FieldContext, type Write } from './field.js';
import { SHORT_FORMS, shortField } from './functions.js';
import { GENERATOR_FUNCTIONS } from './generator.js';
import { type Call, parseTemplate, TemplateError } from './parse.js';
import { choice, constant } from './values.js';

const PAD = 0x78;

/** A template as closures that write bytes, one for each part. */
export class Template {
  /** The most bytes that a record takes without padding. */
  readonly bytesMax: number;
  /** Whether its records contain their key. */
  readonly writesKey: boolean;
  readonly #before: readonly Write[];
  /** What follows the last function: padding goes before it. */
  readonly #after: Uint8Array;

  constructor(before: readonly Field[], after: string, writesKey: boolean) {
    this.writesKey = writesKey;
    this.#before = before.map(({ write }) => write);
    this.#after = Buffer.from(after);
    this.bytesMax = before.reduce((sum, { bytesMax }) => sum + bytesMax, this.#after.length);
  }

  /** @param size the record's size if it is padded. A record that is larger without padding stays as it is. */
  write(writer: Writer, size: number): void {
    const end = writer.at + size - this.#after.length;
    const before = this.#before;
    writer.random.begin(writer.ordinal);
    for (let i = 0; i < before.length; i++) before[i]!(writer);
    if (writer.at < end) {
      writer.bytes.fill(PAD, writer.at, end);
      writer.at = end;
    }
    writer.text(this.#after);
  }
}

/** Makes the columns that a template needs. @throws TemplateError if it cannot be read */
export async function columnsFor(text: string): Promise<Columns> {
  return makeColumns(parseTemplate(text).filter((part) => typeof part !== 'string'));
}

/**
 * Compiles a template.
 *
 * @param isPadded whether its last field gets padding
 * @throws TemplateError
 */
export function compileTemplate(text: string, columns: Columns, context: FieldContext, isPadded: boolean): Template {
  const parts = parseTemplate(text);
  const lastCall = parts.findLastIndex((part) => typeof part !== 'string');
  const fields = parts.map((part) => (typeof part === 'string' ? constant(part) : fieldOf(part, columns, context)));
  const after = parts.slice(lastCall + 1).join('');
  if (isPadded) {
    const last = parts[lastCall];
    if (last === undefined || typeof last === 'string') throw new TemplateError(0, 'has no field to pad');
    if (fields[lastCall]!.isNumber === true && !after.startsWith('"')) {
      const hint = 'let the last field be a text; in JSON: …, "padding": "{{bytes 0}}"}';
      throw new TemplateError(last.index, `${last.name} writes a number, which --record-size cannot pad`, hint);
    }
  }
  const writesKey = parts.some((part) => typeof part !== 'string' && part.name === 'key');
  return new Template(fields.slice(0, lastCall + 1), after, writesKey);
}

function fieldOf(call: Call, columns: Columns, context: FieldContext): Field {
  const { name, args, index } = call;
  try {
    const field = shortField(name, args, context) ?? generatorField(call, columns);
    if (field !== undefined) return field;
  } catch (error) {
    if (error instanceof ArgumentError) throw new TemplateError(index, `${name} ${error.message}`);
    throw error;
  }
  const meant = nearest(name, [...Object.keys(SHORT_FORMS), ...Object.keys(GENERATOR_FUNCTIONS), ...COLUMN_NAMES]);
  throw new TemplateError(index, `there is no function '${name}'`, `did you mean ${meant}?`);
}

function generatorField(call: Call, columns: Columns): Field | undefined {
  const { name, args } = call;
  if (Object.hasOwn(GENERATOR_FUNCTIONS, name)) return GENERATOR_FUNCTIONS[name]!(args);
  const argsMax = columnArgsMax(name);
  if (argsMax === undefined) return undefined;
  if (args.length > argsMax) {
    throw new ArgumentError(argsMax === 0 ? 'takes no arguments' : `takes at most ${argsMax} arguments`);
  }
  return choice(columns[columnId(call)]!);
}
