declare module 'kafkajs/src/cluster/index.js' {
  const Cluster: new (options: object) => unknown;
  export default Cluster;
}

declare module 'kafkajs/src/loggers/index.js' {
  const loggers: { createLogger(options: { level: number; logCreator: () => () => void }): object };
  export default loggers;
}

declare module 'kafkajs/src/network/socketFactory.js' {
  const createSocketFactory: () => object;
  export default createSocketFactory;
}
