import fc from 'fast-check';
import { OPERATIONS } from '../../../src/emulator/actions/operations.js';
import type { Shape, StructureShape } from '../../../src/emulator/protocol/shape.js';

/** The inputs of all operations. */
export const INPUTS: readonly StructureShape[] = [...OPERATIONS.values()].map(({ input }) => input);

/** Requests with the right types and any values. Timestamps are Dates, blobs Buffers. */
export function requestOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'string':
      return fc.string({ unit: 'binary' });
    case 'blob':
      return fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    case 'integer':
      return fc.integer();
    case 'boolean':
      return fc.boolean();
    case 'timestamp':
      return fc.integer({ min: -1e12, max: 4e12 }).map((ms) => new Date(ms));
    case 'list':
      return fc.array(requestOf(shape.member), { maxLength: 30 });
    case 'map':
      return fc.dictionary(fc.string(), requestOf(shape.value), { maxKeys: 30 });
    case 'structure':
      return fc.record(Object.fromEntries(shape.fields.map(({ name, shape }) => [name, requestOf(shape)])), {
        requiredKeys: [],
      });
  }
}

export const anyRequest = fc
  .constantFrom(...INPUTS)
  .chain((shape) => requestOf(shape).map((request) => ({ shape, request: request as Record<string, unknown> })));
