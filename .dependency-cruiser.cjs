/** The layout's rules (CONTRIBUTING.md): data flows one way through the folders. */

const STAGES = ['input', 'generate', 'schedule', 'route', 'batch', 'send', 'measure', 'options'];

const COMMON = ['core', 'bytes', 'system'];

/** A stage imports itself, core, bytes, system, and what is named. */
const stage = (name, also = []) => ({
  name: `${name}-stands-alone`,
  comment: `src/${name} imports itself and ${[...COMMON, ...also].join(', ')}: stages meet only in src/run.`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^(src|workers|bin)/', pathNot: `^src/(${[name, ...COMMON, ...also].join('|')})/` },
});

/** A package is imported in one folder, so that it can be replaced in one folder. */
const onlyIn = (folder, packages, what) => ({
  name: `${what}-only-in-${folder}`,
  comment: `${what} is imported in src/${folder} alone.`,
  severity: 'error',
  from: { path: '^(src|workers|bin)/', pathNot: `^src/${folder}/` },
  to: { path: `^node_modules/(${packages})` },
});

module.exports = {
  forbidden: [
    {
      name: 'core-imports-bytes-alone',
      comment: 'src/core holds nouns. It does not know the code that uses them.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(src|workers|bin)/', pathNot: '^src/(core|bytes)/' },
    },
    {
      name: 'bytes-and-system-know-nothing-of-kload',
      comment: 'src/bytes and src/system would work in any other program.',
      severity: 'error',
      from: { path: '^src/(bytes|system)/' },
      to: { path: '^(src|workers|bin)/', pathNot: '^src/(bytes|system)/' },
    },
    {
      name: 'feed-and-worker-meet-in-between',
      comment: 'The main thread and the worker threads share the files of src/run/between, and no others.',
      severity: 'error',
      from: { path: '^src/run/(feed|worker)/(.*)' },
      to: { path: '^src/run/(feed|worker)/', pathNot: '^src/run/$1/' },
    },
    ...STAGES.map((name) => stage(name)),
    stage('threshold', ['measure']),
    stage('config', ['options', 'target', 'output', 'threshold']),
    stage('output', ['measure', 'report', 'target']),
    stage('report', ['measure', 'target']),
    stage('compare', ['measure', 'threshold']),
    stage('job', ['options', 'config']),
    stage('merge', ['measure', 'threshold', 'report']),
    stage('ui', ['measure', 'target', 'report']),
    stage('find-max', ['target']),
    {
      name: 'verify-content-stands-alone',
      comment: 'src/verify/content compares hashes. The command line reads what is compared.',
      severity: 'error',
      from: { path: '^src/verify/content/' },
      to: { path: '^(src|workers|bin)/', pathNot: '^src/(verify/content|core|bytes|system)/' },
    },
    {
      ...stage('kinesis', ['target', 'options', 'route', 'send']),
      comment: 'src/kinesis knows the service, and implements a TargetKind.',
    },
    {
      ...stage('kafka', ['target', 'options', 'route', 'send']),
      comment: 'src/kafka knows the brokers, and implements a TargetKind.',
    },
    {
      ...stage('target', ['options', 'kinesis', 'kafka']),
      comment: 'src/target says what a kind of target is. Its tables list them.',
    },
    {
      name: 'kinds-are-reached-through-their-table',
      comment: 'Only the tables of src/target import a kind: the rest of the program asks the table.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(target/(tail-)?kinds\\.ts|target/null/|kinesis/|kafka/)' },
      to: { path: '^src/(kinesis|kafka)/.*kind\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      ...stage('tail', ['kinesis', 'kafka', 'config', 'target']),
      comment:
        'src/tail is wired like a run, by a plan, and reaches what it reads only through src/kinesis and src/kafka.',
    },
    {
      name: 'emulator-shares-nothing',
      comment: 'A check that shares the hash, the shapes or the limits with what it checks cannot catch its bugs.',
      severity: 'error',
      from: { path: '^src/emulator/' },
      to: { path: '^(src|workers|bin)/', pathNot: '^src/(emulator|bytes|system)/' },
    },
    {
      name: 'emulator-is-embedded-as-a-thread',
      comment: 'Only the command line serves the emulator; a run starts it as a thread and speaks to it over a socket.',
      severity: 'error',
      from: { path: '^(src|workers|bin)/', pathNot: '^src/(emulator|cli)/' },
      to: { path: '^src/emulator/' },
    },
    {
      name: 'run-is-not-imported-by-stages',
      comment: "Only the command line, the package's own export and the workers start a run.",
      severity: 'error',
      from: { path: '^(src|workers|bin)/', pathNot: '^(src/(run/|cli/|index\\.ts$)|workers/)' },
      to: { path: '^src/run/' },
    },
    {
      name: 'tail-is-started-by-the-command-line',
      comment: 'A run and a tail share what both are made of, never each other.',
      severity: 'error',
      from: { path: '^(src|workers|bin)/', pathNot: '^src/(tail|cli)/' },
      to: { path: '^src/tail/' },
    },
    {
      name: 'workers-are-entries',
      comment: 'A worker file is a few lines that start the code of a thread.',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(src|bin)/', pathNot: '^src/(run/worker/sender\\.ts|ui/thread/run-dashboard\\.tsx)$' },
    },
    {
      name: 'ink-runs-in-its-thread',
      comment: 'The command line starts the dashboard as a thread: a frame must not delay a record.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^node_modules/(ink|react)/', reachable: true },
    },
    onlyIn('kinesis', '@aws-sdk|@smithy', 'the AWS SDK'),
    onlyIn('kafka', 'kafkajs|snappyjs|lz4js|aws-msk-iam-sasl-signer-js', 'what Kafka needs'),
    onlyIn('(kafka|input)', '@hpcc-js', 'Zstandard'),
    onlyIn('generate', '@faker-js', 'faker'),
    onlyIn('generate/avro', 'avsc', 'the Avro library'),
    onlyIn('run/feed', 'piscina', 'Piscina'),
    onlyIn('ui', 'ink|react', 'Ink'),
    onlyIn('cli', 'commander', 'the command line library'),
    onlyIn('(config|job)', 'yaml', 'the YAML library'),
    onlyIn('measure', 'hdr-histogram-js', 'the histogram library'),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'What nothing imports is deleted.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['^src/emulator/thread\\.ts$', '^bin/', '\\.d\\.ts$'],
      },
      to: {},
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-development-packages',
      comment: 'What runs at the user is a dependency.',
      severity: 'error',
      from: { path: '^(src|workers|bin)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '@types/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules|^dist' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
