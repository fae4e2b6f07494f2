// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What runs on Kafka's own code: the broker, its consumer, its tools. `.ci/interop-setup` installs it. */

const FOLDER = fileURLToPath(new URL('../../../.interop/kafka', import.meta.url));
export const PROGRAM = 'kload.interop.kafka.Main';

/** A small heap, and the quick compiler alone: what a test runs is short. */
export const SHORT_LIVED = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** Kafka says much that is no news here. */
const LOG = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

export function isKafkaInstalled() {
  return existsSync(join(FOLDER, '.made-from'));
}

/**
 * The arguments of a JVM with Kafka in its class path.
 * @param {string} main the class
 * @param {readonly string[]} args
 * @param {readonly string[]} [jvm] its options
 */
export function javaArgs(main, args, jvm = SHORT_LIVED) {
  if (!isKafkaInstalled()) throw new Error(`${FOLDER} is not there: run .ci/interop-setup first`);
  const classPath = `${join(FOLDER, 'classes')}:${join(FOLDER, 'lib')}/*`;
  return [...jvm, ...LOG, '-cp', classPath, main, ...args];
}

/**
 * Runs a program of test/interop/kafka to its end. Returns what it wrote to standard output; throws if it failed.
 * @param {readonly string[]} args
 * @param {string} [input]
 * @returns {Promise<string>}
 */
export async function runKafkaProgram(args, input = '') {
  const child = spawn('java', javaArgs(PROGRAM, args), { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${errors}`);
  return output;
}
