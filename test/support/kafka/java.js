// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs Kafka's own code: the broker, its consumer, its tools. `.ci/interop-setup` installs it. */

/** The benches run a compiled copy of this file in another folder, so the path starts at kload's package.json. */
const FOLDER = fileURLToPath(new URL('.interop/kafka', import.meta.resolve('kload/package.json')));
export const PROGRAM = 'kload.interop.kafka.Main';

/** A small heap and only the quick compiler, because tests are short. */
export const SHORT_LIVED = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** Warnings only, except for the line that reports that the server has started. */
const LOG = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
];

export function isKafkaInstalled() {
  return existsSync(join(FOLDER, '.made-from'));
}

/**
 * The arguments of a JVM with Kafka on its class path.
 * @param {string} main the main class
 * @param {readonly string[]} args
 * @param {readonly string[]} [jvm] JVM options
 */
export function javaArgs(main, args, jvm = SHORT_LIVED) {
  if (!isKafkaInstalled()) throw new Error(`${FOLDER} does not exist: run .ci/interop-setup first`);
  const classPath = `${join(FOLDER, 'classes')}:${join(FOLDER, 'lib')}/*`;
  return [...jvm, ...LOG, '-cp', classPath, main, ...args];
}

/**
 * Runs a program of test/interop/kafka. Returns its standard output; throws if it fails.
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
