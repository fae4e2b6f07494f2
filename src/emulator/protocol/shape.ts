/** The kinds of shapes in the service's model, and their types in TypeScript. */

export interface StringShape<Text extends string = string> {
  readonly kind: 'string';
  /** Characters. */
  readonly min?: number;
  readonly max?: number;
  /** Must match the whole text. */
  readonly pattern?: RegExp;
  readonly values?: readonly Text[];
}

export interface IntegerShape {
  readonly kind: 'integer';
  readonly min?: number;
  readonly max?: number;
}

export interface BooleanShape {
  readonly kind: 'boolean';
}

/** Bytes; base64 in JSON. */
export interface BlobShape {
  readonly kind: 'blob';
  /** Bytes. */
  readonly max: number;
}

export interface TimestampShape {
  readonly kind: 'timestamp';
}

export interface ListShape<Member extends Shape = Shape> {
  readonly kind: 'list';
  readonly member: Member;
  /** Members. */
  readonly min: number;
  readonly max: number;
}

/** The keys or the values of a map: only their lengths are constrained. */
export interface MapText {
  readonly kind: 'string';
  /** Characters. */
  readonly min: number;
  readonly max: number;
}

export interface MapShape {
  readonly kind: 'map';
  readonly key: MapText;
  readonly value: MapText;
  /** Entries. */
  readonly min: number;
  readonly max: number;
}

export interface StructureShape<Members extends MemberShapes = MemberShapes, Required extends string = string> {
  readonly kind: 'structure';
  readonly members: Members;
  readonly required: readonly Required[];
  /** The members as a list, for reading and validation. */
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  /** The name in the service's messages: its first letter is in lower case. */
  readonly path: string;
  readonly shape: Shape;
  readonly required: boolean;
}

export type MemberShapes = { readonly [name: string]: Shape };

export type Shape =
  | StringShape
  | IntegerShape
  | BooleanShape
  | BlobShape
  | TimestampShape
  | ListShape
  | MapShape
  | StructureShape;

/** The type of a value of a shape, once it is read and validated. */
export type Input<S extends Shape> =
  S extends StringShape<infer Text>
    ? Text
    : S extends IntegerShape
      ? number
      : S extends BooleanShape
        ? boolean
        : S extends BlobShape
          ? Buffer
          : S extends TimestampShape
            ? Date
            : S extends ListShape<infer Member>
              ? readonly Input<Member>[]
              : S extends MapShape
                ? Readonly<Record<string, string>>
                : S extends StructureShape<infer Members, infer Required>
                  ? StructureInput<Members, Required>
                  : never;

type StructureInput<Members extends MemberShapes, Required extends string> = {
  readonly [Name in keyof Members & Required]: Input<Members[Name]>;
} & {
  readonly [Name in Exclude<keyof Members, Required>]?: Input<Members[Name]> | undefined;
};

/** @param pattern as written in the service's model, which messages quote; the whole text must match it */
export function string(limits: { min?: number; max?: number; pattern?: string }): StringShape {
  const { pattern, ...lengths } = limits;
  return { kind: 'string', ...lengths, ...(pattern === undefined ? {} : { pattern: wholeText(pattern) }) };
}

export function oneOf<const Text extends string>(...values: Text[]): StringShape<Text> {
  return { kind: 'string', values };
}

export function integer(limits: { min?: number; max?: number }): IntegerShape {
  return { kind: 'integer', ...limits };
}

export function list<Member extends Shape>(member: Member, limits: { min: number; max: number }): ListShape<Member> {
  return { kind: 'list', member, ...limits };
}

export function map(key: MapText, value: MapText, limits: { min: number; max: number }): MapShape {
  return { kind: 'map', key, value, ...limits };
}

export function structure<Members extends MemberShapes, Required extends keyof Members & string = never>(
  members: Members,
  required: readonly Required[] = [],
): StructureShape<Members, Required> {
  const isRequired = new Set<string>(required);
  const fields = Object.entries(members).map(([name, shape]) => ({
    name,
    path: name.charAt(0).toLowerCase() + name.slice(1),
    shape,
    required: isRequired.has(name),
  }));
  return { kind: 'structure', members, required, fields };
}

function wholeText(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** The pattern as written in the service's model. */
export function patternSource(pattern: RegExp): string {
  return pattern.source.slice('^(?:'.length, -')$'.length);
}
