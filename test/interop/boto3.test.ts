import { describeChecks } from './support/checks.js';
import { clientEnv, interopFile, python } from './support/tools.js';

const PROGRAM = { command: python(), args: [interopFile('python/main.py')] };

describeChecks('boto3', PROGRAM, (served, transport) => ({
  program: PROGRAM,
  env: {
    ...clientEnv('111122223333'),
    PYTHONDONTWRITEBYTECODE: '1',
    ...(transport === 'tls' ? { AWS_CA_BUNDLE: served.caFile } : {}),
  },
}));
