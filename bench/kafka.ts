import { startKafka } from '../test/support/kafka/broker.js';
import { isKafkaInstalled } from '../test/support/kafka/java.js';
import { figureOf } from './support/figures.js';
import { PRODUCERS } from './support/kafka-producers.js';
import { progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/** How fast does kload fill a topic of a real broker, compared with Kafka's own tool and a plain loop of kafkajs? */

const SIZES = [
  { name: '100 B', bytes: 100, trialCount: 200_000 },
  { name: '1 kB', bytes: 1_000, trialCount: 40_000 },
];
const ACKS = /** @type {const} */ (['1', 'all']);
const NAMES = { kload: 'kload', java: 'ProducerPerformance', kafkajs: 'kafkajs loop' };
const PROGRAMS = /** @type {const} */ (['kload', 'java', 'kafkajs']);
const PARTITIONS = 4;
const SMOKE_COUNT = 20_000;

/** The settings of Kafka's own start script, except for the memory; the tests use a smaller broker. */
const BROKER = {
  jvm: ['-Xmx1g', '-Xms1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  properties: { 'num.network.threads': '3', 'num.io.threads': '8' },
};

/**
 * @typedef {Awaited<ReturnType<typeof startKafka>>} Kafka @typedef {import('./support/kafka-producers.js').Pass} Pass
 */

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 5 }) {
  if (!isKafkaInstalled()) {
    progress('kafka: skipped, because Apache Kafka is not installed; run .ci/interop-setup');
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
 * @param {number | undefined} seconds the duration of a pass; undefined: `SMOKE_COUNT` records
 * @param {number} runs
 */
async function measureOne(kafka, { name, bytes, trialCount }, acks, seconds, runs) {
  /** @type {Record<keyof typeof NAMES, number>} */
  const counts = { kload: SMOKE_COUNT, java: SMOKE_COUNT, kafkajs: SMOKE_COUNT };
  if (seconds !== undefined) {
    progress(`kafka: records of ${name}, acks=${acks}: a trial, which also warms up the broker`);
    for (const program of PROGRAMS) {
      const { perSecond } = await onePass(kafka, program, bytes, acks, trialCount);
      counts[program] = Math.max(trialCount, Math.round((perSecond * seconds) / 10_000) * 10_000);
    }
  }
  /** @type {Record<keyof typeof NAMES, Pass[]>} */
  const passes = { kload: [], java: [], kafkajs: [] };
  for (let run = 0; run < runs; run++) {
    progress(`kafka: records of ${name}, acks=${acks}, round ${run + 1} of ${runs}`);
    for (const program of run % 2 === 0 ? PROGRAMS : PROGRAMS.toReversed()) {
      passes[program].push(await onePass(kafka, program, bytes, acks, counts[program]));
    }
  }
  return figuresOf(`${name}, acks=${acks}`, passes);
}

/** @param {string} load @param {Record<keyof typeof NAMES, Pass[]>} passes */
function figuresOf(load, passes) {
  const rates = (/** @type {keyof typeof NAMES} */ program) => passes[program].map(({ perSecond }) => perSecond);
  const costs = (/** @type {keyof typeof NAMES} */ program) => passes[program].map(({ cpuUs }) => cpuUs);
  return [
    ...PROGRAMS.flatMap((program) => [
      figureOf('kafka', `${load}: ${NAMES[program]}`, 'records/s', rates(program)),
      figureOf('kafka', `${load}: ${NAMES[program]}`, 'CPU us a record', costs(program)),
    ]),
    ...PROGRAMS.slice(1).flatMap((other) => [
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
 * Lets one program fill a topic of its own.
 * @param {Kafka} kafka
 * @param {keyof typeof NAMES} program
 * @param {number} bytes
 * @param {'1' | 'all'} acks
 * @param {number} count
 * @returns {Promise<Pass>}
 */
async function onePass(kafka, program, bytes, acks, count) {
  const topic = `bench-${++topics}`;
  await kafka.createTopic(topic, { partitions: PARTITIONS, config: { 'file.delete.delay.ms': '0' } });
  const pass = await PRODUCERS[program]({ brokers: kafka.brokers(), topic, bytes, acks, count });
  await kafka.deleteTopic(topic);
  return pass;
}
