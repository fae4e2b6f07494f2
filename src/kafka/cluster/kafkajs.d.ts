declare module 'kafkajs/src/cluster/index.js' {
  const Cluster: new (options: object) => unknown;
  export default Cluster;
}

declare module 'kafkajs/src/loggers/index.js' {
  const loggers: { createLogger(options: { level: number; logCreator: () => () => void }): object };
  export default loggers;
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: { createErrorFromCode(code: number): Error };
  export default errors;
}

declare module 'kafkajs/src/protocol/requests/metadata/index.js' {
  const versions: object;
  export default versions;
}

declare module 'kafkajs/src/broker/saslAuthenticator/*' {
  const provider: (sasl: object) => (exchange: never) => { authenticate(): Promise<void> };
  export default provider;
}
