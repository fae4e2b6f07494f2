import { parentPort, workerData } from 'node:worker_threads';
import { runDashboard } from '../src/ui/thread/run-dashboard.js';

runDashboard(workerData, parentPort!);
