import { onTestFinished } from 'vitest';
import { SUBSCRIPTION_TIMES } from '../../../src/emulator/fan-out/subscription.js';
import { Subscriptions } from '../../../src/emulator/fan-out/subscriptions.js';
import { Faults } from '../../../src/emulator/faults/faults.js';
import { limitsOf } from '../../../src/emulator/limits/limits.js';
import { Observer } from '../../../src/emulator/observe/observer.js';
import { Accounts } from '../../../src/emulator/store/accounts.js';
import { type CutReason, WIRE_LIMITS, type WireLimits } from '../../../src/emulator/wire/bounds.js';
import { Routes } from '../../../src/emulator/wire/routes.js';
import { WireServer } from '../../../src/emulator/wire/server.js';
import { Service } from '../../../src/emulator/wire/service.js';
import { TlsAcceptor } from '../../../src/emulator/wire/tls-acceptor.js';

const CALLER = { account: '000000000000', region: 'us-east-1' };

/** The service with its own streams, in little memory. */
export function newService(accounts = newAccounts()): Service {
  const subscriptions = new Subscriptions(Date.now, SUBSCRIPTION_TIMES);
  return new Service({ accounts, subscriptions, caller: CALLER, now: Date.now, hooks: {}, signer: undefined });
}

function newAccounts(): Accounts {
  return new Accounts({
    limits: limitsOf(true),
    delays: { createMs: 0, updateMs: 0, deleteMs: 0, consumerMs: 0 },
    onDemandScaling: true,
    memoryMaxBytes: 16 * 1024 * 1024,
    dropped: () => {},
  });
}

/** A server with limits that a test can reach, and routes that the test adds. It ends with the test. */
export async function wireServer(limits: Partial<WireLimits> = {}) {
  const routes = new Routes(() => ({}));
  const tls = new TlsAcceptor('127.0.0.1', CALLER.region, undefined, limits.handshakeMs);
  const lines: string[] = [];
  const observer = new Observer({ level: 'error', write: (line) => lines.push(line) }, Date.now);
  const options = { limits: { ...WIRE_LIMITS, ...limits }, onCut: (reason: CutReason) => observer.cut(reason) };
  const accounts = newAccounts();
  const server = new WireServer(newService(accounts), routes, tls, options);
  observer.addMetricsRoute(routes, accounts, new Faults(1), server);
  onTestFinished(() => server.close());
  const { port } = await server.listen(0, '127.0.0.1');
  return { server, routes, port, lines, origin: `http://127.0.0.1:${port}` };
}
