import fc from 'fast-check';
import murmur2Of from 'kafkajs/src/producer/partitioners/default/murmur2.js';
import { expect, it } from 'vitest';
import { murmur2, PartitionMap } from '../../src/route/partition-map.js';

const keys = fc.uint8Array({ maxLength: 40 });

it("the hash is the same as in Kafka's clients, wherever the key is in the buffer", () =>
  fc.assert(
    fc.property(keys, keys, (before, key) => {
      const bytes = Buffer.concat([before, key, before]);
      const hash = murmur2(bytes, before.length, before.length + key.length);
      expect(hash).toBe(murmur2Of(Buffer.from(key)));
    }),
  ));

// From org.apache.kafka.common.utils.UtilsTest.
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('the hash of %s is the same as in the Java client', (key, hash) => {
  expect(murmur2(Buffer.from(key), 0, key.length)).toBe(hash);
});

it('a key goes to its hash modulo the partitions, and a record without a key anywhere', () => {
  const map = new PartitionMap(7);
  const key = Buffer.from('foobar');
  expect(map.indexOf(key, 0, key.length)).toBe((-790332482 & 0x7fffffff) % 7);
  expect(map.indexOf(key, 3, 3)).toBe(-1);
});
