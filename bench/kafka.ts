import { startKafka } from '../test/support/kafka/broker.js';
import { isKafkaInstalled } from '../test/support/kafka/java.js';
import { type Cost, costFigures, type Figure, figureOf } from './support/figures.js';
import { type Acks, PRODUCERS, type Producer } from './support/kafka-producers.js';
import type { BenchOptions } from './support/options.js';
import { inRounds, progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/** How fast does kload fill a topic of a real broker, compared with Kafka's own tool and a plain loop of kafkajs? */

const SIZES = [
  { name: '100 B', bytes: 100, trialCount: 200_000 },
  { name: '1 kB', bytes: 1_000, trialCount: 40_000 },
];
const ACKS: readonly Acks[] = ['1', 'all'];
const NAMES: Readonly<Record<Producer, string>> = {
  kload: 'kload',
  java: 'ProducerPerformance',
  kafkajs: 'kafkajs loop',
};
const PROGRAMS: readonly Producer[] = ['kload', 'java', 'kafkajs'];
const PARTITIONS = 4;
const SMOKE_COUNT = 20_000;

/** The settings of Kafka's own start script, except for the memory; the tests use a smaller broker. */
const BROKER = {
  jvm: ['-Xmx1g', '-Xms1g', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  properties: { 'num.network.threads': '3', 'num.io.threads': '8' },
};

type Kafka = Awaited<ReturnType<typeof startKafka>>;

export async function measure({ smoke, runs = smoke ? 1 : 5 }: BenchOptions): Promise<Figure[]> {
  if (!isKafkaInstalled()) {
    progress('kafka: skipped, because Apache Kafka is not installed; run .ci/interop-setup');
    return [];
  }
  const kafka = await startKafka(BROKER);
  try {
    const figures: Figure[] = [];
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

/** @param seconds the duration of a pass; undefined: `SMOKE_COUNT` records */
async function measureOne(
  kafka: Kafka,
  { name, bytes, trialCount }: (typeof SIZES)[number],
  acks: Acks,
  seconds: number | undefined,
  runs: number,
): Promise<Figure[]> {
  const counts: Record<Producer, number> = { kload: SMOKE_COUNT, java: SMOKE_COUNT, kafkajs: SMOKE_COUNT };
  if (seconds !== undefined) {
    progress(`kafka: records of ${name}, acks=${acks}: a trial, which also warms up the broker`);
    for (const program of PROGRAMS) {
      const { perSecond } = await onePass(kafka, program, bytes, acks, trialCount);
      counts[program] = Math.max(trialCount, Math.round((perSecond * seconds) / 10_000) * 10_000);
    }
  }
  const passes: Record<Producer, Cost[]> = { kload: [], java: [], kafkajs: [] };
  await inRounds(runs, `kafka: records of ${name}, acks=${acks}`, async (run) => {
    for (const program of run % 2 === 0 ? PROGRAMS : PROGRAMS.toReversed()) {
      passes[program].push(await onePass(kafka, program, bytes, acks, counts[program]));
    }
  });
  return figuresOf(`${name}, acks=${acks}`, passes);
}

function figuresOf(load: string, passes: Record<Producer, Cost[]>): Figure[] {
  const rates = (program: Producer) => passes[program].map(({ perSecond }) => perSecond);
  const costs = (program: Producer) => passes[program].map(({ cpuUs }) => cpuUs);
  return [
    ...PROGRAMS.flatMap((program) => costFigures('kafka', `${load}: ${NAMES[program]}`, 'record', passes[program])),
    ...PROGRAMS.slice(1).flatMap((other) => {
      const name = `${load}: kload / ${NAMES[other]}`;
      return [
        figureOf('kafka', name, 'ratio', pairRatios(rates('kload'), rates(other))),
        figureOf('kafka', `${name}, CPU time`, 'ratio', pairRatios(costs(other), costs('kload'))),
      ];
    }),
  ];
}

let topics = 0;

/** Lets one program fill a topic of its own. */
async function onePass(kafka: Kafka, program: Producer, bytes: number, acks: Acks, count: number): Promise<Cost> {
  const topic = `bench-${++topics}`;
  await kafka.createTopic(topic, { partitions: PARTITIONS, config: { 'file.delete.delay.ms': '0' } });
  const pass = await PRODUCERS[program]({ brokers: kafka.brokers(), topic, bytes, acks, count });
  await kafka.deleteTopic(topic);
  return pass;
}
