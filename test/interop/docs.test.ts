import { dirname } from 'node:path';
import { describe, test } from 'vitest';
import { pages, readPage } from '../docs/page.js';
import { runPage } from '../docs/run-page.js';
import { startKafka } from '../support/kafka/broker.js';
import { awsCli } from './support/tools.js';

/** Runs the pages of the docs that need more than a laptop has. */

/** Topics that pages may use. */
const TOPICS = ['orders', 'clicks'];
const PARTITIONS = 4;

const withNeeds = pages()
  .map((path) => ({ path, blocks: readPage(path) }))
  .map((page) => ({ ...page, needs: new Set(page.blocks.flatMap(({ marks }) => marks.needs ?? [])) }))
  .filter(({ needs }) => needs.size > 0);

describe('the code blocks run', () => {
  test.for(withNeeds)('$path', { timeout: 300_000 }, async ({ blocks, needs }) => {
    const tools = { names: new Set(['aws-cli', 'boto3', 'kcl', 'kafka']), path: [dirname(awsCli())] };
    if (!needs.has('kafka')) return runPage(blocks, { ...tools, ports: new Map() });
    await using kafka = await startKafka();
    for (const topic of TOPICS) await kafka.createTopic(topic, { partitions: PARTITIONS });
    const port = Number(kafka.brokers().split(':')[1]);
    await runPage(blocks, { ...tools, ports: new Map([[9092, port]]) });
  });
});
