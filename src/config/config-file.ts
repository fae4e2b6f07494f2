import { readFileSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { KloadError, messageOf } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { keyOf, type OptionSpec, type OptionTable } from '../options/option.js';
import { readText } from '../options/parse.js';

/** What a command takes besides options: the input files of a run, or the stream of a tail. */
export type ArgumentKey = 'files' | 'stream';

/** The options in a `--config` file. */
export interface ConfigFile {
  /** By name, as a command line gives them: texts, lists and switches. */
  readonly given: Readonly<Record<string, unknown>>;
  /** What a command line gives without flags. */
  readonly args: readonly string[];
  /** FILE:LINE of each option, by name. */
  readonly places: ReadonlyMap<string, string>;
  /** The list `loads`; undefined: the file has none. */
  readonly loads?: readonly LoadOptions[] | undefined;
}

/** The options of one of several loads. */
export interface LoadOptions extends Omit<ConfigFile, 'loads'> {
  readonly name: string | undefined;
  /** FILE:LINE, or where else it is from. */
  readonly at: string;
}

interface Found {
  readonly given: Record<string, unknown>;
  readonly places: Map<string, string>;
  args: readonly string[];
  name: string | undefined;
  /** Where the load is, for messages about what is in it; undefined: at the top level of the file. */
  readonly load: string | undefined;
}

function nothingFound(load?: string): Found {
  return { given: {}, places: new Map(), args: [], name: undefined, load };
}

/**
 * Reads a file whose keys are the options of a command without their dashes: YAML, or JSON, which is YAML.
 *
 * @param argument the key of what the command takes without a flag, if there is any
 * @throws KloadError `usage`, with the line of an option that is unknown or has an invalid value
 */
export function readConfigFile(file: string, table: OptionTable, argument?: ArgumentKey): ConfigFile {
  const reader = new Reader(file, table, argument);
  return { ...reader.found, loads: reader.loads };
}

type Mapping = YAMLMap<Node, Node | null>;

class Reader {
  readonly found = nothingFound();
  loads: readonly LoadOptions[] | undefined;
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #document;
  /** The options that a file can set, by key. */
  readonly #options: ReadonlyMap<string, readonly [string, OptionSpec]>;
  readonly #argument: ArgumentKey | undefined;

  constructor(file: string, table: OptionTable, argument: ArgumentKey | undefined) {
    this.#file = file;
    this.#argument = argument;
    const inFile = Object.entries(table).filter(([, spec]) => spec.commandLineOnly !== true);
    this.#options = new Map(inFile.map(([name, spec]) => [keyOf(spec), [name, spec]]));
    this.#document = parseDocument(readFile(file), { lineCounter: this.#lines, prettyErrors: false });
    const [problem] = [...this.#document.errors, ...this.#document.warnings];
    if (problem !== undefined) {
      throw new KloadError(
        'usage',
        `${this.#at(problem.pos[0])}: ${problem.message.split('\n', 1)[0]}`,
        'fix the YAML',
      );
    }
    const { contents } = this.#document;
    if (contents === null) return;
    if (!isMap(contents)) throw new KloadError('usage', `${file}:1: the file must hold options, such as 'rps: 5000'`);
    this.#mapping(contents as Mapping, this.found);
  }

  #mapping(mapping: Mapping, found: Found): void {
    for (const pair of mapping.items) this.#option(pair, found);
  }

  #option({ key: keyNode, value: valueNode }: Pair<Node, Node | null>, found: Found): void {
    const place = this.#at(keyNode.range?.[0] ?? 0);
    const key = isScalar(keyNode) ? String(keyNode.value) : '';
    const value = this.#resolved(valueNode);
    if (key === this.#argument) {
      found.args = this.#texts(value, place, key);
      if (key === 'stream' && found.args.length > 1) throw new KloadError('usage', `${place}: stream takes one text`);
      return;
    }
    if (key === 'loads' && this.#mayHaveLoads && found.load === undefined) {
      this.loads = this.#readLoads(value, place);
      return;
    }
    if (key === 'name' && found.load !== undefined) {
      found.name = textOf(value);
      if (!found.name) throw refused(place, key, 'a text', value);
      return;
    }
    const option = this.#options.get(key);
    if (option === undefined) throw this.#unknown(key, place, found.load);
    const [name, spec] = option;
    const read = this.#value(spec, value, place, key);
    found.places.set(name, place);
    // A switch that is off is a flag that is left out.
    if (read !== undefined) found.given[name] = read;
  }

  #readLoads(value: Node | null, place: string): LoadOptions[] {
    const hint = 'write a list of mappings, each with the options of a load';
    if (!isSeq(value) || value.items.length === 0) {
      throw new KloadError(
        'usage',
        `${place}: loads takes a list, not ${isSeq(value) ? 'an empty one' : shown(value)}`,
        hint,
      );
    }
    return (value.items as (Node | null)[]).map((item, i) => {
      const load = this.#resolved(item);
      const at = this.#at(load?.range?.[0] ?? item?.range?.[0] ?? 0);
      if (!isMap(load))
        throw new KloadError('usage', `${at}: load ${i + 1} is not a mapping, but ${shown(load)}`, hint);
      const name = textOf(this.#resolved((load.get('name', true) as Node | undefined) ?? null));
      const found = nothingFound(name === undefined ? `load ${i + 1}` : `load '${name}'`);
      this.#mapping(load as Mapping, found);
      return { ...found, at };
    });
  }

  #resolved(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  get #mayHaveLoads(): boolean {
    return this.#argument === 'files';
  }

  #value(spec: OptionSpec, value: Node | null, place: string, key: string): unknown {
    if (spec.repeatable) return this.#texts(value, place, key);
    if (spec.schema === undefined) {
      if (!isScalar(value) || typeof value.value !== 'boolean') throw refused(place, key, 'true or false', value);
      return value.value ? spec.default !== true : undefined;
    }
    if (spec.bare !== undefined && isScalar(value) && value.value === true) return spec.bare;
    const text = textOf(value);
    if (text === undefined) throw refused(place, key, 'a text or a number', value);
    readText(spec.schema, `${place}: ${key}`, text);
    return text;
  }

  #texts(value: Node | null, place: string, key: string): string[] {
    const nodes = isSeq(value) ? (value.items as (Node | null)[]) : [value];
    return nodes.map((node) => {
      const text = textOf(node);
      if (text === undefined) throw refused(place, key, 'texts', node);
      return text;
    });
  }

  #unknown(key: string, place: string, load: string | undefined): KloadError {
    const own = [
      ...(this.#argument === undefined ? [] : [this.#argument]),
      ...(load !== undefined ? ['name'] : this.#mayHaveLoads ? ['loads'] : []),
    ];
    const keys = [...this.#options.keys(), ...own];
    const hint = `keys are the long options without their dashes; did you mean ${nearest(key, keys)}?`;
    return new KloadError('usage', `${place}: ${load === undefined ? '' : `${load}: `}unknown option '${key}'`, hint);
  }

  #at(offset: number): string {
    return `${this.#file}:${this.#lines.linePos(offset).line}`;
  }
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KloadError('usage', `--config ${file} cannot be read: ${messageOf(error)}`, 'name another file');
  }
}

/** A text, or a number as it is written: 1e4, 007. */
function textOf(node: Node | null): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return typeof node.value === 'number' ? (node.source ?? String(node.value)) : undefined;
}

function refused(place: string, key: string, takes: string, value: Node | null): KloadError {
  const hint = isScalar(value) && typeof value.value === 'boolean' ? 'put it in quotes if it is a text' : undefined;
  return new KloadError('usage', `${place}: ${key} takes ${takes}, not ${shown(value)}`, hint);
}

function shown(value: Node | null): string {
  if (isSeq(value)) return 'a list';
  if (isMap(value)) return 'a map';
  if (!isScalar(value) || value.value === null) return 'nothing';
  return typeof value.value === 'string' ? `'${value.value}'` : String(value.value);
}
