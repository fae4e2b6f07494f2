import { startKafka } from '../test/support/kafka/broker.js';
import { isKafkaInstalled } from '../test/support/kafka/java.js';
import { figureOf } from './support/figures.js';
import { PRODUCERS } from './support/kafka-producers.js';
import { progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/** How fast does kload fill a topic of a real broker, beside Kafka's own tool, and beside a plain loop of kafkajs? */

const SIZES = [
  { name: '100 B', bytes: 100, trialCount: 200_000 },
  { name: '1 kB', bytes: 1_000, trialCount: 40_000 },
];
const ACKS = /** @type {const} */ (['1', 'all']);
const NAMES = { kload: 'kload', java: 'ProducerPerformance', kafkajs: 'kafkajs loop' };
const WAYS = /** @type {const} */ (['kload', 'java', 'kafkajs']);
const PARTITIONS = 4;
const SMOKE_COUNT = 20_000;

/** Not the small broker of the tests: it gets what Kafka's own start script gives it, but for the memory. */
const BROKER = {
  jvm: ['-Xmx1g', '-Xms1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  properties: { 'num.network.threads': '3', 'num.io.threads': '8' },
};

/** @typedef {Awaited<ReturnType<typeof startKafka>>} Kafka @typedef {import('./support/kafka-producers.js').Pass} Pass */

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  if (!isKafkaInstalled()) {
    progress('kafka: left out, for Apache Kafka is not there; .ci/interop-setup installs it');
    return [];
  }
  const kafka = await startKafka(BROKER);
  try {
    const figures = [];
    for (const size of smoke ? SIZES.slice(0, 1) : SIZES) {
      for (const acks of smoke ? ACKS.slice(1) : ACKS) {
        figures.push(...(await measureOne(kafka, size, acks, smoke ? undefined : 5, runs)));
      }
    }
    return figures;
  } finally {
    await kafka[Symbol.asyncDispose]();
  }
}

/**
 * @param {Kafka} kafka
 * @param {typeof SIZES[number]} size
 * @param {'1' | 'all'} acks
 * @param {number | undefined} seconds that a pass should take; undefined: a few records are enough
 * @param {number} runs
 */
async function measureOne(kafka, { name, bytes, trialCount }, acks, seconds, runs) {
  /** @type {Record<keyof typeof NAMES, number>} */
  const counts = { kload: SMOKE_COUNT, java: SMOKE_COUNT, kafkajs: SMOKE_COUNT };
  if (seconds !== undefined) {
    progress(`kafka: records of ${name}, acks=${acks}: a trial, which also warms the broker up`);
    for (const way of WAYS) {
      const { perSecond } = await onePass(kafka, way, bytes, acks, trialCount);
      counts[way] = Math.max(trialCount, Math.round((perSecond * seconds) / 10_000) * 10_000);
    }
  }
  /** @type {Record<keyof typeof NAMES, Pass[]>} */
  const passes = { kload: [], java: [], kafkajs: [] };
  for (let run = 0; run < runs; run++) {
    progress(`kafka: records of ${name}, acks=${acks}, round ${run + 1} of ${runs}`);
    for (const way of run % 2 === 0 ? WAYS : WAYS.toReversed()) {
      passes[way].push(await onePass(kafka, way, bytes, acks, counts[way]));
    }
  }
  return figuresOf(`${name}, acks=${acks}`, passes);
}

/** @param {string} load @param {Record<keyof typeof NAMES, Pass[]>} passes */
function figuresOf(load, passes) {
  const rates = (/** @type {keyof typeof NAMES} */ way) => passes[way].map(({ perSecond }) => perSecond);
  const costs = (/** @type {keyof typeof NAMES} */ way) => passes[way].map(({ cpuUs }) => cpuUs);
  return [
    ...WAYS.flatMap((way) => [
      figureOf('kafka', `${load}: ${NAMES[way]}`, 'records/s', rates(way)),
      figureOf('kafka', `${load}: ${NAMES[way]}`, 'CPU us a record', costs(way)),
    ]),
    ...WAYS.slice(1).flatMap((other) => [
      figureOf('kafka', `${load}: kload / ${NAMES[other]}`, 'ratio', pairRatios(rates('kload'), rates(other))),
      figureOf(
        'kafka',
        `${load}: kload / ${NAMES[other]}, CPU time`,
        'ratio',
        pairRatios(costs(other), costs('kload')),
      ),
    ]),
  ];
}

let topics = 0;

/**
 * One program fills a topic of its own.
 * @param {Kafka} kafka
 * @param {keyof typeof NAMES} way
 * @param {number} bytes
 * @param {'1' | 'all'} acks
 * @param {number} count
 * @returns {Promise<Pass>}
 */
async function onePass(kafka, way, bytes, acks, count) {
  const topic = `bench-${++topics}`;
  await kafka.createTopic(topic, { partitions: PARTITIONS, config: { 'file.delete.delay.ms': '0' } });
  const pass = await PRODUCERS[way]({ brokers: kafka.brokers(), topic, bytes, acks, count });
  await kafka.deleteTopic(topic);
  return pass;
}
