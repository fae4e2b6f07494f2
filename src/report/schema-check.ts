/** A JSON Schema, as far as `report.schema.json` uses the language. Properties that it does not name are accepted. */
export interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** What the properties hold that are not named. */
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** Where a value differs from its schema, and how. */
export interface Mismatch {
  /** The names and indexes that lead to the value. */
  readonly path: readonly (string | number)[];
  /** Follows the path in a message: 'is missing', 'must be a number'. */
  readonly problem: string;
}

/** The first mismatch; undefined: the value is as its schema says. @param root where `$ref` finds its definitions */
export function mismatchOf(value: unknown, schema: Schema, root = schema): Mismatch | undefined {
  const { $ref, anyOf, type, items, properties = {}, required = [], additionalProperties: others } = schema;
  if ($ref !== undefined) return mismatchOf(value, definitionOf($ref, root), root);
  if (anyOf !== undefined) return mismatchOfAll(value, anyOf, root);
  const allowed = schema.enum ?? ('const' in schema ? [schema.const] : undefined);
  if (allowed?.includes(value) === false) {
    return { path: [], problem: `must be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}` };
  }
  if (type !== undefined && ![type].flat().includes(typeOf(value))) {
    return { path: [], problem: `must be ${[type].flat().map(typeName).join(' or ')}` };
  }
  if (Array.isArray(value)) {
    return items && firstMismatch(value.keys(), (i) => mismatchOf(value[i], items, root));
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const missing = required.find((name) => !Object.hasOwn(members, name));
  if (missing !== undefined) return { path: [missing], problem: 'is missing' };
  return firstMismatch(Object.keys(members), (name) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : others;
    return typeof known === 'object' ? mismatchOf(members[name], known, root) : undefined;
  });
}

/** The mismatch with the alternative that comes closest: the one that the value differs from farthest inside. */
function mismatchOfAll(value: unknown, schemas: readonly Schema[], root: Schema): Mismatch | undefined {
  let closest: Mismatch | undefined;
  for (const schema of schemas) {
    const mismatch = mismatchOf(value, schema, root);
    if (mismatch === undefined) return undefined;
    if (closest === undefined || mismatch.path.length > closest.path.length) closest = mismatch;
  }
  return closest;
}

function firstMismatch<Key extends string | number>(
  keys: Iterable<Key>,
  find: (key: Key) => Mismatch | undefined,
): Mismatch | undefined {
  for (const key of keys) {
    const found = find(key);
    if (found !== undefined) return { ...found, path: [key, ...found.path] };
  }
  return undefined;
}

function definitionOf(ref: string, { definitions = {} }: Schema): Schema {
  const found = definitions[decodeURIComponent(ref.replace('#/definitions/', ''))];
  if (found === undefined) throw new Error(`the schema has no ${ref}`);
  return found;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  // JSON's 1e999 is read as Infinity.
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? 'infinite number' : typeof value;
}

function typeName(type: string): string {
  if (type === 'null') return 'null';
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
