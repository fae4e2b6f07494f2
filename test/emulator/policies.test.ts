import {
  DeleteResourcePolicyCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPolicy } from '../../src/emulator/actions/policy.js';
import { ServiceError } from '../../src/emulator/protocol/service-error.js';
import { clientOf, emulatorFor, TestClock } from './support.js';

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const STATEMENT = {
  Sid: 'writers',
  Effect: 'Allow',
  Principal: { AWS: ['arn:aws:iam::111111111111:role/writer'] },
  Action: ['kinesis:PutRecord', 'kinesis:PutRecords'],
  Resource: StreamARN,
};
const policyOf = (statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement: statement });

async function start(consumerDelayMs = 0) {
  const clock = new TestClock();
  const streams = [{ name: 's', shards: 1 }];
  const client = clientOf(await emulatorFor({ now: clock.now, consumerDelayMs, limits: false, streams }));
  return {
    client,
    clock,
    put: (ResourceARN: string, Policy: string) => client.send(new PutResourcePolicyCommand({ ResourceARN, Policy })),
    get: async (ResourceARN: string) => (await client.send(new GetResourcePolicyCommand({ ResourceARN }))).Policy,
    remove: (ResourceARN: string) => client.send(new DeleteResourcePolicyCommand({ ResourceARN })),
  };
}

test('a policy of a stream is returned as it was put, replaced, and deleted', async () => {
  const { put, get, remove } = await start();
  const none = {
    name: 'ResourceNotFoundException',
    message: `No resource policy found for resource ARN ${StreamARN}`,
  };
  expect(await get(StreamARN)).toBe('{}');
  await expect(remove(StreamARN)).rejects.toMatchObject(none);
  const policy = `  ${policyOf([STATEMENT])}\n`;
  await put(StreamARN, policy);
  expect(await get(StreamARN)).toBe(policy);
  await put(StreamARN, policyOf({ ...STATEMENT, Principal: '*', Action: 'kinesis:*' }));
  expect(await get(StreamARN)).toContain('kinesis:*');
  await remove(StreamARN);
  expect(await get(StreamARN)).toBe('{}');
  await expect(get(`${StreamARN}x`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a consumer has a policy of its own, once it is ACTIVE', async () => {
  const { client, clock, put, get } = await start(1000);
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
  const arn = Consumer?.ConsumerARN ?? '';
  const policy = policyOf([{ ...STATEMENT, Action: 'kinesis:SubscribeToShard', Resource: arn }]);
  await expect(put(arn, policy)).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message:
      `Consumer c with creation timestamp ${clock.ms / 1000} under stream s and account 000000000000 is ` +
      'not in ACTIVE status.',
  });
  clock.advance(1000);
  await put(arn, policy);
  expect(await get(arn)).toBe(policy);
  expect(await get(StreamARN)).toBe('{}');
});

test.each([
  ['text', 'it is not valid JSON', '{'],
  ['list', 'it is not a JSON object', '[]'],
  ['version', 'its Version must be 2012-10-17', JSON.stringify({ Version: '2', Statement: [STATEMENT] })],
  ['statements', 'it has no Statement', policyOf([])],
  ['statement', 'each Statement must be an object', policyOf(undefined)],
  ['effect', 'the Effect of a Statement must be Allow or Deny', policyOf([{ ...STATEMENT, Effect: 'Maybe' }])],
  ['principal', 'a Statement must name a Principal', policyOf([{ ...STATEMENT, Principal: {} }])],
  ['action', 'the Action of a Statement must be kinesis actions', policyOf([{ ...STATEMENT, Action: 's3:GetObject' }])],
  ['resource', 'the Resource of a Statement must be kinesis ARNs', policyOf([{ ...STATEMENT, Resource: 'x' }])],
  ['size', 'it is larger than 20480 bytes', policyOf([{ ...STATEMENT, Sid: 'x'.repeat(20_480) }])],
])('a policy with a wrong %s is refused', async (_, what, policy) => {
  const { put } = await start();
  await expect(put(StreamARN, policy)).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: `The resource policy is malformed: ${what}.`,
  });
});

test('any text is either accepted as a policy or refused with a ServiceError', () => {
  const statement = fc.record(
    { Effect: fc.json(), Principal: fc.jsonValue(), Action: fc.jsonValue(), Resource: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const policies = fc.oneof(fc.string(), fc.json(), fc.array(fc.oneof(statement, fc.jsonValue())).map(policyOf));
  fc.assert(
    fc.property(policies, (policy) => {
      try {
        checkPolicy(policy);
      } catch (error) {
        expect(error).toBeInstanceOf(ServiceError);
      }
    }),
  );
});
