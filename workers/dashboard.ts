import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/** The threads that send come first, also while this one loads Ink. Only Linux has a priority for each thread. */
if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + 10));
const { runDashboard } = await import('../src/ui/thread/run-dashboard.js');
runDashboard(workerData, parentPort!);
