import { messageOf } from '../../core/errors.js';
import { jsonErrorAt } from './json-position.js';

/** What is wrong with a schema, and where: an index of its text, if that is known. */
export class SchemaError extends Error {
  readonly index: number | undefined;
  readonly hint: string | undefined;

  constructor(message: string, { index, hint }: { readonly index?: number | undefined; readonly hint?: string } = {}) {
    super(message);
    this.index = index;
    this.hint = hint;
  }
}

export type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

/** What any type may have besides. */
interface Annotated {
  /** As the schema has it: it means something only on the right types. */
  readonly logicalType?: string | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
  /** `arg.properties`: how the Avro Random Generator is to make the values. */
  readonly arg?: ArgProperties | undefined;
}

export type ArgProperties = Readonly<Record<string, unknown>>;

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  /** Left out: the field has no default. */
  readonly default?: unknown;
}

/** A type of a schema, with its names resolved. A type that contains itself is a cycle. Plain data, for the workers. */
export type AvroType = Annotated &
  (
    | { readonly kind: Primitive }
    | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
    | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
    | { readonly kind: 'array'; readonly items: AvroType }
    | { readonly kind: 'map'; readonly values: AvroType }
    | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
    | { readonly kind: 'record'; readonly name: string; readonly fields: readonly AvroField[] }
  );

/** The name of a type as a branch of a union. */
export function branchName(type: AvroType): string {
  return 'name' in type ? type.name : type.kind;
}

/** What `avsc` says about a type. */
interface LibraryType {
  readonly typeName: string;
  readonly name: string | undefined;
  readonly size: number;
  readonly symbols: string[];
  readonly itemsType: LibraryType;
  readonly valuesType: LibraryType;
  readonly types: LibraryType[];
  readonly fields: { readonly name: string; readonly type: LibraryType }[];
}

/** A schema as it is written, for what the library has accepted. */
interface WrittenParts {
  readonly items: unknown;
  readonly values: unknown;
  readonly fields: unknown;
}

interface WrittenField {
  readonly type: unknown;
  readonly default?: unknown;
}

/** Reads a schema (.avsc). @throws SchemaError */
export async function readSchema(text: string): Promise<AvroType> {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    throw new SchemaError('this is not valid JSON', { index: jsonErrorAt(text) });
  }
  const { default: avro } = await import('avsc');
  try {
    // Unions of any branches are valid. In the library's other form, a union of an int and a long is not.
    const type = avro.Type.forSchema(schema as Parameters<typeof avro.Type.forSchema>[0], { wrapUnions: 'always' });
    return new Walk().typeOf(type as unknown as LibraryType, schema);
  } catch (error) {
    const unknown = /^undefined type name: (.+)$/.exec(messageOf(error))?.[1];
    if (unknown === undefined) throw new SchemaError(`not an Avro schema: ${messageOf(error)}`);
    const index = text.lastIndexOf(`"${unknown.slice(unknown.lastIndexOf('.') + 1)}"`);
    const hint = 'define the type in this file, before it is used';
    throw new SchemaError(`there is no type '${unknown}'`, { index: index === -1 ? undefined : index, hint });
  }
}

/** Walks through a schema beside what the library made of it: that has resolved names, and left out annotations. */
class Walk {
  readonly #named = new Map<LibraryType, AvroType>();

  typeOf(type: LibraryType, written: unknown): AvroType {
    const known = this.#named.get(type);
    if (known !== undefined) return known;
    const schema = withoutWrapping(written);
    const made = { ...annotationsOf(schema), kind: kindOf(type.typeName) } as AvroType;
    // A record may contain itself, so it is known before its fields are.
    if (type.name !== undefined) this.#named.set(type, Object.assign(made, { name: type.name }));
    return Object.assign(made, this.#partsOf(type, schema));
  }

  #partsOf(type: LibraryType, schema: unknown): object {
    const parts = schema as WrittenParts & readonly unknown[];
    switch (kindOf(type.typeName)) {
      case 'fixed':
        return { size: type.size };
      case 'enum':
        return { symbols: type.symbols };
      case 'array':
        return { items: this.typeOf(type.itemsType, parts.items) };
      case 'map':
        return { values: this.typeOf(type.valuesType, parts.values) };
      case 'union':
        return { branches: type.types.map((branch, index) => this.typeOf(branch, parts[index])) };
      case 'record':
        return { name: type.name ?? 'record', fields: this.#fieldsOf(type, parts.fields) };
      default:
        return {};
    }
  }

  #fieldsOf({ fields }: LibraryType, written: unknown): AvroField[] {
    return fields.map(({ name, type }, index) => {
      const field = (written as WrittenField[])[index]!;
      const made = { name, type: this.typeOf(type, field.type) };
      return 'default' in field ? { ...made, default: field.default } : made;
    });
  }
}

/** `{"type":{"type":"string"}}` is the same as `{"type":"string"}`. */
function withoutWrapping(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const { type } = schema as { readonly type?: unknown };
  return typeof type === 'object' && type !== null ? withoutWrapping(type) : schema;
}

function annotationsOf(schema: unknown): Annotated {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return {};
  const { logicalType, precision, scale, 'arg.properties': arg } = schema as Readonly<Record<string, unknown>>;
  return {
    ...(typeof logicalType === 'string' && { logicalType }),
    ...(Number.isInteger(precision) && { precision: precision as number }),
    ...(Number.isInteger(scale) && { scale: scale as number }),
    ...(typeof arg === 'object' && arg !== null && { arg: arg as ArgProperties }),
  };
}

function kindOf(typeName: string): AvroType['kind'] {
  if (typeName.startsWith('union:')) return 'union';
  return typeName === 'error' ? 'record' : (typeName as AvroType['kind']);
}
