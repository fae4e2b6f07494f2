import { describeChecks } from './support/checks.js';
import { clientEnv, javaClassPath } from './support/tools.js';
import { javaTrust } from './support/transports.js';

/** A small heap and the quick compiler alone: the program is short. */
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const program = (...options: string[]) => ({
  command: 'java',
  args: [...JVM, ...options, '-cp', javaClassPath(), 'kload.interop.Main'],
});

describeChecks('AWS SDK for Java', program(), (served, transport) => ({
  program: transport === 'tls' ? program(...javaTrust(served)) : program(),
  env: clientEnv('111122223333'),
}));
