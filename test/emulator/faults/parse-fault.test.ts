import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../../../src/emulator/faults/delay.js';
import { FAULT_ACTIONS, FaultError } from '../../../src/emulator/faults/fault-action.js';
import { faultOfJson, parseFault } from '../../../src/emulator/faults/parse-fault.js';

const OPERATIONS = ['GetRecords', 'ListStreams', 'PutRecord', 'PutRecords'];
const parse = (text: string) => parseFault(text, OPERATIONS);

describe('a fault', () => {
  test('has a name and parameters', () => {
    const text = 'provisioned-throughput-exception:operation=PutRecords,stream=orders,shard=3,percentage=12.5,count=7';
    expect(parse(text)).toMatchObject({
      text,
      action: { name: 'provisioned-throughput-exception' },
      operations: new Set(['PutRecords']),
      stream: 'orders',
      shard: 'shardId-000000000003',
      percentage: 12.5,
      count: 7,
      perRecord: true,
      afterMs: 0,
      durationMs: Number.POSITIVE_INFINITY,
    });
  });

  test('needs only a name: by default it hits every request that it can', () => {
    expect(parse('internal-error')).toMatchObject({ operations: undefined, percentage: 100, perRecord: false });
    expect(parse('expired-iterator-exception').operations).toEqual(new Set(['GetRecords']));
  });

  test('is found by its name and by those of AWS FIS, with and without their namespace', () => {
    for (const { name, fisIds } of FAULT_ACTIONS) {
      for (const text of [name, ...fisIds, ...fisIds.map((id) => id.split(':')[2] ?? '')]) {
        const more = name === 'latency' ? ':delay=1s' : ':percentage=5';
        expect(parse(text + more).action.name).toBe(name);
      }
    }
  });

  test('takes a list of operations in upper or lower case, also as `operations`, the name in AWS FIS', () => {
    const { operations, stream } = parse('unavailable-error:operations=putrecord, GetRecords,stream=s');
    expect(operations).toEqual(new Set(['PutRecord', 'GetRecords']));
    expect(stream).toBe('s');
  });

  test('takes account and region from an ARN', () => {
    const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';
    const found = { stream: 'orders', account: '123456789012', region: 'eu-west-1' };
    expect(parse(`aws:fis:inject-api-throttle-error:stream=${arn}`)).toMatchObject(found);
  });

  test('takes times with units, or in the form of AWS FIS', () => {
    expect(parse('drop-connection:after=1m30s,duration=PT5M')).toMatchObject({ afterMs: 90_000, durationMs: 300_000 });
  });

  test.each([
    ['200ms', { kind: 'uniform', fromMs: 200, toMs: 200 }, 'delay=200ms'],
    ['a range', { kind: 'uniform', fromMs: 50, toMs: 1500 }, 'delay=50ms..1.5s'],
    ['mean and deviation', { kind: 'normal', meanMs: 100, sdMs: 20 }, 'sd=20ms,mean=100ms'],
    ['a mean', { kind: 'exponential', meanMs: 100 }, 'mean=100ms'],
    ['percentiles', { kind: 'log-normal', p50Ms: 20, p99Ms: 500 }, 'p50=20ms,p99=500ms'],
  ])('of latency takes %s', (_, delay, text) => {
    expect(parse(`latency:${text}`).delay).toEqual(delay);
  });

  test('can be written in JSON', () => {
    const json = { action: 'latency', operations: ['PutRecord', 'PutRecords'], percentage: 20, delay: '5ms' };
    expect(faultOfJson(json, OPERATIONS)).toEqual(
      parse('latency:operation=PutRecord,PutRecords,percentage=20,delay=5ms'),
    );
    expect(faultOfJson('internal-error', OPERATIONS)).toEqual(parse('internal-error'));
  });
});

describe('a fault that is not valid', () => {
  test.each([
    [
      '',
      "there is no fault ''; the faults are provisioned-throughput-exception, expired-iterator-exception, " +
        'internal-error',
    ],
    ['slow', "there is no fault 'slow'; the faults are"],
    ['percentage=3', 'a fault is name:key=value'],
    ['internal-error:speed=3', "unknown parameter 'speed'; a fault may have operation, stream"],
    ['internal-error:stream=s,x', "'x' is not key=value"],
    ['internal-error:stream=', "'stream' of the fault is empty"],
    ['internal-error:stream=a,stream=b', "the fault has 'stream' twice"],
    ['internal-error:stream=a b', "'stream' takes a stream's name or ARN, not 'a b'"],
    ['internal-error:account=12', "'account' takes twelve digits, not '12'"],
    ['internal-error:operation=Put', "'Put', only GetRecords, ListStreams, PutRecord, PutRecords"],
    ['expired-iterator-exception:operation=PutRecords', "cannot hit the operation 'PutRecords', only GetRecords"],
    ['internal-error:percentage=0', "'percentage' takes a number above 0, up to 100, not '0'"],
    ['internal-error:percentage=101', "not '101'"],
    ['internal-error:count=0', "'count' takes a whole number of at least 1, not '0'"],
    ['internal-error:count=1.5', "not '1.5'"],
    ['internal-error:shard=last', "'shard' takes an id such as shardId-000000000003, or 3, not 'last'"],
    ['internal-error:after=5', "'after' takes a time with its unit"],
    ['internal-error:delay=5ms', "internal-error takes no 'delay': only latency does"],
    ['internal-error:per=shard', "'per' takes record or request, not 'shard'"],
    ['throttle-error:per=record', "throttle-error always hits whole requests: it takes no 'per'"],
    ['latency', 'latency takes delay=200ms, delay=50ms..300ms'],
    ['latency:delay=5ms,mean=5ms', 'latency takes delay=200ms'],
    ['latency:delay=9ms..5ms', "the range of 'delay' ends below its start"],
    ['latency:delay=11m', "'delay' takes at most 10m, not '11m'"],
    ['latency:p50=9ms,p99=5ms', "'p99' must not be below it"],
  ])('%j is refused with the reason', (text, message) => {
    expect(() => parse(text)).toThrow(FaultError);
    expect(() => parse(text)).toThrow(message);
  });

  test.each([
    [3, 'a fault is a text or an object'],
    [[], 'a fault is a text or an object'],
    [{}, 'no "action"'],
    [{ action: 'latency', delay: { ms: 5 } }, '"delay" takes a text, a number or a list'],
    [{ action: 'latency', delay: null }, '"delay" takes a text'],
  ])('in JSON, %j, is refused with the reason', (json, message) => {
    expect(() => faultOfJson(json, OPERATIONS)).toThrow(message);
  });

  test('throws only FaultErrors', () => {
    const words = fc.constantFrom('latency', ':', '=', ',', 'delay', 'mean', 'sd', '5ms', '..', 'aws:', 'stream', '\n');
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((parts) => parts.join('')),
    );
    const read = (readIt: () => unknown) => {
      try {
        readIt();
      } catch (error) {
        expect(error).toBeInstanceOf(FaultError);
      }
    };
    fc.assert(fc.property(texts, (text) => read(() => parse(text))));
    fc.assert(fc.property(fc.jsonValue(), (json) => read(() => faultOfJson(json, OPERATIONS))));
  });
});

test('a time is the sum of its units', () => {
  const part = fc.nat(9999);
  fc.assert(
    fc.property(part, part, part, part, (h, m, s, ms) => {
      const expected = h * 3_600_000 + m * 60_000 + s * 1000 + ms;
      expect(parseTime(`${h}h${m}m${s}s${ms}ms`)).toBe(expected);
      expect(parseTime(`PT${h}H${m}M${s}S`)).toBe(expected - ms);
    }),
  );
  for (const text of ['', '5', 'PT', '5d', '-5s', '1s1m']) expect(parseTime(text)).toBeUndefined();
});
