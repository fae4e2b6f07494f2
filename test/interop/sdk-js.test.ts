import { describeChecks } from './support/checks.js';
import { clientEnv, interopFile } from './support/tools.js';

const PROGRAM = { command: process.execPath, args: [interopFile('js/main.js')] };

describeChecks('AWS SDK for JavaScript, default HTTP/2 handler', PROGRAM, (served, transport) => ({
  program: PROGRAM,
  env: {
    ...clientEnv('111122223333'),
    ...(transport === 'tls' ? { NODE_EXTRA_CA_CERTS: served.caFile } : {}),
  },
}));
