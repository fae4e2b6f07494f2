import type { Faker } from '@faker-js/faker';
import { faker } from '@faker-js/faker/locale/en';
import { readSchema } from '#dist/src/generate/avro/schema.js';
import { RecordMaker } from '#dist/src/generate/record-maker.js';
import { columnsFor } from '#dist/src/generate/template/compile.js';

/** Makes records of seven fields and some 200 bytes, and keeps none: `make-pass MAKER SECONDS`. */

export type Maker = 'kload' | 'faker' | 'avro' | 'avro-template';

export interface MakePass {
  readonly records: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

const TEMPLATE =
  '{"id":"{{uuid}}","user":"{{key}}","name":"{{name.firstName}}","event":"{{pick view click order}}",' +
  '"at":"{{now}}","amount":{{float 1 1000 2}},"text":"{{words 12}}"}';
const SCHEMA = {
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'user', type: { type: 'string', 'arg.properties': { length: 8 } } },
    { name: 'name', type: { type: 'string', 'arg.properties': { options: ['Ada', 'Grace', 'Barbara', 'Frances'] } } },
    { name: 'event', type: { type: 'enum', name: 'Kind', symbols: ['pick', 'view', 'click', 'order'] } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'amount', type: 'double' },
    { name: 'text', type: { type: 'string', 'arg.properties': { length: 70 } } },
  ],
};
const KEYS = 10_000;
const BUFFER_BYTES = 256 * 1024;
const ROUND = 1000;
const WARM_UP_ROUNDS = 20;

const [maker = '', seconds = ''] = process.argv.slice(2);
const makeRound = maker === 'faker' ? byFaker(faker) : await byKload(maker as Maker);

for (let round = 0; round < WARM_UP_ROUNDS; round++) makeRound();
const limitMs = 1000 * Number(seconds);
const before = process.cpuUsage();
let pass: MakePass = { records: 0, cpuMs: 0, bytes: 0 };
while (pass.cpuMs < limitMs) {
  const bytes = pass.bytes + makeRound();
  const { user, system } = process.cpuUsage(before);
  pass = { records: pass.records + ROUND, cpuMs: (user + system) / 1000, bytes };
}
process.stdout.write(JSON.stringify(pass));

/** Makes a thousand records one behind the other, as a worker does. Returns their bytes. */
async function byKload(how: Maker): Promise<() => number> {
  const template = how === 'avro' ? undefined : { text: TEMPLATE, columns: await columnsFor(TEMPLATE) };
  const avro = how === 'kload' ? undefined : { type: await readSchema(JSON.stringify(SCHEMA)), framing: undefined };
  const keyDistribution = { kind: 'uniform' } as const;
  const maker = new RecordMaker({
    ...{ keys: KEYS, keyDistribution, seed: 1, size: undefined, template, avro, recordBytesMax: BUFFER_BYTES },
  });
  const into = Buffer.alloc(BUFFER_BYTES);
  const none = { dataStart: 0, dataEnd: 0, keyStart: 0, keyEnd: 0, attributesStart: 0, attributesEnd: 0 };
  const ranges = { source: into, ...none };
  let ordinal = 0;
  let at = 0;
  return () => {
    let bytes = 0;
    const now = Date.now();
    for (let i = 0; i < ROUND; i++) {
      if (at + maker.bytesMax(ordinal, now) > into.length) at = 0;
      at = maker.make(ordinal++, now, into, at, ranges);
      bytes += ranges.dataEnd - ranges.dataStart;
    }
    return bytes;
  };
}

/** The same fields by faker, one call a field. */
function byFaker({ string, number, person, helpers, lorem }: Faker): () => number {
  return () => {
    let bytes = 0;
    for (let i = 0; i < ROUND; i++) {
      const record = {
        id: string.uuid(),
        user: `key-${number.int({ min: 0, max: KEYS - 1 })}`,
        name: person.firstName(),
        event: helpers.arrayElement(['view', 'click', 'order']),
        at: new Date().toISOString(),
        amount: number.float({ min: 1, max: 1000, fractionDigits: 2 }),
        text: lorem.words(12),
      };
      bytes += Buffer.from(JSON.stringify(record)).length;
    }
    return bytes;
  };
}
