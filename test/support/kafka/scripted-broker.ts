import { createServer, type Server, type Socket } from 'node:net';
import { ownAddress } from '../address.js';

/** A Produce request that a broker received. */
export interface SeenProduce {
  readonly node: number;
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topic: string;
  readonly batches: readonly { readonly partition: number; readonly bytes: Buffer }[];
  /** The whole request with its length. */
  readonly bytes: Buffer;
}

/**
 * How a broker reacts to a Produce request: it responds with these error codes by partition (0 for the others), sends
 * no response, resets the connection without a response, or closes it after half a response.
 */
export type Reaction =
  | { readonly errors?: Readonly<Record<number, number>>; readonly throttleMs?: number }
  | 'silence'
  | 'reset'
  | 'half';

const API = { produce: 0, metadata: 3, apiVersions: 18, initProducerId: 22, describeConfigs: 32 };
const VERSIONS = [
  [API.produce, 3, 7],
  [API.metadata, 0, 1],
  [API.apiVersions, 0, 0],
  [API.initProducerId, 0, 0],
  [API.describeConfigs, 0, 0],
];
const NONE = -1;

/** Brokers on loopback that react as a test tells them to. */
export class ScriptedCluster {
  readonly topic: string;
  /** The node that leads each partition; -1: none. */
  readonly leaders: number[];
  readonly produced: SeenProduce[] = [];
  producerIdsGiven = 0;
  /** Error codes for the next requests for a producer id. */
  readonly producerIdErrors: number[] = [];
  /** Called for each Produce request. */
  react: (seen: SeenProduce) => Reaction = () => ({});
  readonly #host = ownAddress();
  readonly #nodes = new Map<number, Node>();
  #arrived: () => void = () => {};

  private constructor(topic: string, leaders: readonly number[]) {
    this.topic = topic;
    this.leaders = [...leaders];
  }

  /** @param leaders the node, numbered from 1, that leads each partition initially */
  static async start(leaders: readonly number[], topic = 'orders'): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster(topic, leaders);
    for (const id of new Set(leaders)) await cluster.startNode(id);
    return cluster;
  }

  get brokers(): string[] {
    return [...this.#nodes.values()].map(({ port }) => `${this.#host}:${port}`);
  }

  /** Starts a node. A node that ran before gets the same port. */
  async startNode(id: number): Promise<void> {
    const node = new Node((request, socket) => this.#handle(id, request, socket));
    await node.listen(this.#nodes.get(id)?.port ?? 0, this.#host);
    this.#nodes.set(id, node);
  }

  stopNode(id: number): Promise<void> {
    return this.#nodes.get(id)?.close() ?? Promise.resolve();
  }

  /** Resolves once the brokers have received `count` Produce requests. */
  async seen(count: number): Promise<void> {
    while (this.produced.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.close()));
  }

  #handle(node: number, request: Buffer, socket: Socket): void {
    const apiKey = request.readInt16BE(4);
    const body = 14 + request.readInt16BE(12);
    const respond = (...parts: Buffer[]) => socket.write(responseTo(request, parts));
    if (apiKey === API.apiVersions) {
      respond(int16(0), array(VERSIONS.map((version) => Buffer.concat(version.map(int16)))));
    } else if (apiKey === API.metadata) {
      respond(...this.#metadata());
    } else if (apiKey === API.describeConfigs) {
      // No settings: clients take their defaults.
      respond(int32(0), array([]));
    } else if (apiKey === API.initProducerId) {
      const error = this.producerIdErrors.shift() ?? 0;
      if (error === 0) this.producerIdsGiven++;
      respond(int32(0), int16(error), int64(error === 0 ? 1000 + this.producerIdsGiven : NONE), int16(0));
    } else {
      this.#produce(produceIn(node, request, body), request, socket);
    }
  }

  #produce(seen: SeenProduce, request: Buffer, socket: Socket): void {
    this.produced.push(seen);
    this.#arrived();
    const reaction = this.react(seen);
    if (reaction === 'silence' || (seen.acks === 0 && typeof reaction === 'object')) return;
    if (reaction === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    const { errors = {}, throttleMs = 0 } = reaction === 'half' ? {} : reaction;
    const partitions = seen.batches.map(({ partition }) => {
      return Buffer.concat([int32(partition), int16(errors[partition] ?? 0), int64(0), int64(NONE), int64(0)]);
    });
    const topics = array([Buffer.concat([text(this.topic), array(partitions)])]);
    const response = responseTo(request, [topics, int32(throttleMs)]);
    if (reaction === 'half') socket.end(response.subarray(0, response.length / 2));
    else socket.write(response);
  }

  #metadata(): Buffer[] {
    const brokers = [...this.#nodes].map(([id, { port }]) => {
      return Buffer.concat([int32(id), text(this.#host), int32(port), int16(NONE)]);
    });
    const partitions = this.leaders.map((leader, id) => {
      const nodes = array(leader === NONE ? [] : [int32(leader)]);
      return Buffer.concat([int16(leader === NONE ? 5 : 0), int32(id), int32(leader), nodes, nodes]);
    });
    const topic = Buffer.concat([int16(0), text(this.topic), Buffer.of(0), array(partitions)]);
    return [array(brokers), int32(this.#nodes.keys().next().value ?? NONE), array([topic])];
  }
}

/** One broker's port. */
class Node {
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(handle: (request: Buffer, socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      let bytes = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
          const end = 4 + bytes.readInt32BE(0);
          const request = bytes.subarray(0, end);
          bytes = bytes.subarray(end);
          handle(request, socket);
        }
      });
    });
  }

  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function produceIn(node: number, request: Buffer, body: number): SeenProduce {
  // The transactional id is null: two bytes.
  const acks = request.readInt16BE(body + 2);
  const timeoutMs = request.readInt32BE(body + 4);
  const topicBytes = request.readInt16BE(body + 12);
  const topic = request.toString('utf8', body + 14, body + 14 + topicBytes);
  let at = body + 14 + topicBytes;
  const count = request.readInt32BE(at);
  at += 4;
  const batches = Array.from({ length: count }, () => {
    const partition = request.readInt32BE(at);
    const end = at + 8 + request.readInt32BE(at + 4);
    const bytes = request.subarray(at + 8, end);
    at = end;
    return { partition, bytes };
  });
  return { node, acks, timeoutMs, topic, batches, bytes: request };
}

function responseTo(request: Buffer, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([request.subarray(8, 12), ...parts]);
  return Buffer.concat([int32(body.length), body]);
}

function array(items: readonly Buffer[]): Buffer {
  return Buffer.concat([int32(items.length), ...items]);
}

function text(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
