declare module 'kafkajs/src/producer/partitioners/default/murmur2.js' {
  const murmur2: (key: Buffer) => number;
  export default murmur2;
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  export interface DecodedBatch {
    readonly firstTimestamp: string;
    readonly maxTimestamp: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly firstSequence: number;
    readonly records: readonly {
      readonly offset: string;
      readonly timestamp: string;
      readonly key: Buffer | null;
      readonly value: Buffer | null;
      readonly headers: Readonly<Record<string, Buffer | null | readonly (Buffer | null)[]>>;
    }[];
  }
  const decode: (decoder: object) => Promise<DecodedBatch>;
  export default decode;
}

declare module 'kafkajs/src/protocol/decoder.js' {
  const Decoder: new (bytes: Buffer) => object;
  export default Decoder;
}

declare module 'kafkajs/src/protocol/request.js' {
  const createRequest: (options: object) => Promise<{ readonly buffer: Buffer }>;
  export default createRequest;
}

declare module 'kafkajs/src/protocol/requests/produce/v7/request.js' {
  const request: (options: object) => object;
  export default request;
}

declare module 'kafkajs/src/protocol/requests/produce/v7/response.js' {
  const response: {
    decode(payload: Buffer): Promise<{
      readonly clientSideThrottleTime: number;
      readonly topics: readonly {
        readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
      }[];
    }>;
  };
  export default response;
}

declare module 'kafkajs/src/errors.js' {
  type ErrorClass<T> = new (cause: T, address?: object) => Error;
  const errors: {
    readonly KafkaJSConnectionClosedError: ErrorClass<string>;
    readonly KafkaJSRequestTimeoutError: ErrorClass<string>;
    readonly KafkaJSProtocolError: ErrorClass<{ type: string; code: number; message: string }>;
  };
  export default errors;
}
