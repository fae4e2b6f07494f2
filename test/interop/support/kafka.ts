import type { Report } from '../../../src/core/report.js';
import { startKafka } from '../../support/kafka/broker.js';
import type { ListenerName } from '../../support/kafka/properties.js';
import { folder, kload, ledgerOf, readReport } from '../../support/kload.js';

export type Kafka = Awaited<ReturnType<typeof startKafka>>;
export { startKafka };

export const toKafka = (kafka: Kafka, topic: string, listener?: ListenerName): string[] => [
  ...['run', '--target', 'kafka', '--brokers', kafka.brokers(listener), '--topic', topic, '--quiet'],
];

/** Runs kload and returns its report. Throws unless kload exits with 0 and has sent all records. */
export async function sendAll(args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}): Promise<Report> {
  using dir = folder();
  const file = dir.path('report.json');
  const ended = await kload([...args, '--report', file], input, env);
  if (ended.code !== 0) throw new Error(`kload ended with ${ended.code}:\n${ended.stderr}`);
  return allSent(readReport(file));
}

/** Throws unless all records were sent. */
export function allSent(report: Report): Report {
  const { read, sent } = ledgerOf(report);
  if (read === 0 || sent !== read) throw new Error(`not all was sent: ${JSON.stringify(report.records)}`);
  return report;
}
