import assert from 'node:assert/strict';
import * as sdk from '@aws-sdk/client-kinesis';
import { answered, main } from './checks.js';
import { RECORD_CHECKS } from './records.js';
import { SETTING_CHECKS } from './settings.js';
import { SUBSCRIPTION_CHECKS } from './subscriptions.js';

/** The AWS SDK for JavaScript against the emulator: every operation at least once, over its default HTTP/2 handler. */

await main({
  ...RECORD_CHECKS,
  ...SETTING_CHECKS,
  ...SUBSCRIPTION_CHECKS,
  'every operation of the SDK was answered': async () => {
    const operations = Object.keys(sdk).filter((name) => /^[A-Z].*Command$/.test(name) && !name.startsWith('$'));
    assert.ok(operations.length >= 39);
    const unanswered = operations.map((name) => name.replace(/Command$/, '')).filter((name) => !answered.has(name));
    assert.deepEqual(unanswered, []);
  },
});
