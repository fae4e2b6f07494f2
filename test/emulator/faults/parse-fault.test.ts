import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAULT_ACTIONS } from '../../../src/emulator/faults/fault-action.js';
import { FaultError } from '../../../src/emulator/faults/fault-error.js';
import { faultOfJson, parseFault } from '../../../src/emulator/faults/parse-fault.js';
import { parseTime } from '../../../src/emulator/faults/time-text.js';

const OPERATIONS = ['GetRecords', 'ListStreams', 'PutRecord', 'PutRecords'];
const parse = (text: string) => parseFault(text, OPERATIONS);

describe('a fault', () => {
  test('is a name and what it is for', () => {
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

  test('needs only a name: it hits all that it can, always', () => {
    expect(parse('internal-error')).toMatchObject({ operations: undefined, percentage: 100, perRecord: false });
    expect(parse('expired-iterator-exception').operations).toEqual(new Set(['GetRecords']));
  });

  test('goes by its name and by those of AWS FIS, with and without their namespace', () => {
    for (const { name, fisIds } of FAULT_ACTIONS) {
      for (const text of [name, ...fisIds, ...fisIds.map((id) => id.split(':')[2] ?? '')]) {
        const more = name === 'latency' ? ':delay=1s' : ':percentage=5';
        expect(parse(text + more).action.name).toBe(name);
      }
    }
  });

  test('has a list of operations, in any case, also under the name that AWS FIS has for it', () => {
    const { operations, stream } = parse('unavailable-error:operations=putrecord, GetRecords,stream=s');
    expect(operations).toEqual(new Set(['PutRecord', 'GetRecords']));
    expect(stream).toBe('s');
  });

  test('finds account and region in an ARN', () => {
    const arn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders';
    const found = { stream: 'orders', account: '123456789012', region: 'eu-west-1' };
    expect(parse(`aws:fis:inject-api-throttle-error:stream=${arn}`)).toMatchObject(found);
  });

  test('has times in units, or as AWS FIS writes them', () => {
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

  test('is the same in JSON', () => {
    const json = { action: 'latency', operations: ['PutRecord', 'PutRecords'], percentage: 20, delay: '5ms' };
    expect(faultOfJson(json, OPERATIONS)).toEqual(
      parse('latency:operation=PutRecord,PutRecords,percentage=20,delay=5ms'),
    );
    expect(faultOfJson('internal-error', OPERATIONS)).toEqual(parse('internal-error'));
  });
});

describe('a fault that cannot be', () => {
  test.each([
    [
      '',
      "there is no fault ''; there are provisioned-throughput-exception, expired-iterator-exception, internal-error",
    ],
    ['slow', "there is no fault 'slow'; there are"],
    ['percentage=3', 'a fault is name:key=value'],
    ['internal-error:speed=3', "a fault has no 'speed'; what it may have: operation, stream"],
    ['internal-error:stream=s,x', "'x' is not key=value"],
    ['internal-error:stream=', "'stream' of the fault is empty"],
    ['internal-error:stream=a,stream=b', "the fault has two of 'stream'"],
    ['internal-error:stream=a b', "'stream' takes a stream's name or ARN, not 'a b'"],
    ['internal-error:account=12', "'account' takes twelve digits, not '12'"],
    ['internal-error:operation=Put', 'it can hit GetRecords, ListStreams, PutRecord, PutRecords'],
    ['expired-iterator-exception:operation=PutRecords', "no operation 'PutRecords' to hit; it can hit GetRecords"],
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
    ['latency:delay=9ms..5ms', "'delay' ends before it begins"],
    ['latency:delay=11m', "'delay' takes at most 10m, not '11m'"],
    ['latency:p50=9ms,p99=5ms', "'p99' not below it"],
  ])('says of %j what is wrong', (text, message) => {
    expect(() => parse(text)).toThrow(FaultError);
    expect(() => parse(text)).toThrow(message);
  });

  test.each([
    [3, 'a fault is a text or an object'],
    [[], 'a fault is a text or an object'],
    [{}, 'no "action"'],
    [{ action: 'latency', delay: { ms: 5 } }, '"delay" takes a text, a number or a list'],
    [{ action: 'latency', delay: null }, '"delay" takes a text'],
  ])('says of the JSON %j what is wrong', (json, message) => {
    expect(() => faultOfJson(json, OPERATIONS)).toThrow(message);
  });

  test('never ends in anything but a FaultError', () => {
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

test('times add up from their units', () => {
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
