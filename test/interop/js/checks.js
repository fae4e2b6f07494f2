import { KinesisClient } from '@aws-sdk/client-kinesis';

/** Runs checks one after another and reports each as a line of JSON (see support/checks.ts). */

const POLL_MS = 50;
const WAIT_MAX_MS = 30_000;

/** Names of the operations that were answered with success. */
export const answered = new Set();

/** As users make one: the default handler speaks HTTP/2, and the environment says who calls and whom to trust. */
export function connect(options = {}) {
  const client = new KinesisClient({ endpoint: process.env.KLOAD_ENDPOINT, ...options });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      answered.add(context.commandName.replace(/Command$/, ''));
      return result;
    },
    { step: 'initialize', name: 'noteAnswered' },
  );
  return client;
}

/** What `look` returns once it is neither false nor undefined. */
export async function until(look, what) {
  const deadline = performance.now() + WAIT_MAX_MS;
  while (performance.now() < deadline) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${what}: not within ${WAIT_MAX_MS} ms`);
}

/** Runs an object of checks, name by name. */
export async function main(checks) {
  if (process.argv.includes('--list')) {
    process.stdout.write(`${JSON.stringify(Object.keys(checks))}\n`);
    return;
  }
  const client = connect();
  for (const [check, run] of Object.entries(checks)) {
    const error = await run(client).then(
      () => undefined,
      (thrown) => (thrown instanceof Error ? thrown.stack : String(thrown)),
    );
    process.stdout.write(`${JSON.stringify({ check, error })}\n`);
  }
  client.destroy();
  // A subscription that was left would keep the process for the rest of its five minutes.
  process.stdout.write('', () => process.exit());
}
