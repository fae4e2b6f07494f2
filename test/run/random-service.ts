import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The result of a request: only single records are refused, all are refused, or there is no response. */
const OUTCOMES = [...Array<'accepted'>(8).fill('accepted'), 'throttled', 'failed', 'lost', 'reset'] as const;
const REFUSALS = {
  throttled: { status: 400, type: 'ProvisionedThroughputExceededException' },
  failed: { status: 500, type: 'InternalFailure' },
} as const;
const DELAY_MAX_MS = 4;

export interface PutRecord {
  readonly key: string;
  readonly data: string;
}

/** PutRecords with random responses, at random times. Keeps the records offered and the records stored, in order. */
export class RandomService {
  readonly offered: PutRecord[] = [];
  readonly stored: PutRecord[] = [];
  /** Keys with two records in one request, or in two requests in flight at once. */
  readonly overlaps: string[] = [];
  readonly #underWay = new Set<string>();
  readonly #draw: () => number;
  readonly #server = createServer((request, response) => {
    this.#take(request, response).catch((error) => response.destroy(error));
  });

  /** @param draw returns numbers from [0, 1) */
  constructor(draw: () => number) {
    this.#draw = draw;
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
    if (!String(request.headers['x-amz-target']).endsWith('.PutRecords')) {
      respond(response, 400, { __type: 'InvalidArgumentException' });
      return;
    }
    const { Records } = JSON.parse(body) as { Records: { PartitionKey: string; Data: string }[] };
    const records = Records.map(({ PartitionKey: key, Data }) => ({
      key,
      data: Buffer.from(Data, 'base64').toString(),
    }));
    for (const record of records) {
      this.offered.push(record);
      if (this.#underWay.has(record.key)) this.overlaps.push(record.key);
      this.#underWay.add(record.key);
    }
    const outcome = OUTCOMES[Math.floor(this.#draw() * OUTCOMES.length)]!;
    await delay(this.#draw() * DELAY_MAX_MS);
    const results = outcome === 'accepted' || outcome === 'lost' ? records.map((record) => this.#store(record)) : [];
    for (const { key } of records) this.#underWay.delete(key);
    if (outcome === 'lost') response.destroy();
    else if (outcome === 'reset') request.socket.resetAndDestroy();
    else if (outcome === 'accepted') respond(response, 200, { Records: results });
    else respond(response, REFUSALS[outcome].status, { __type: REFUSALS[outcome].type });
  }

  /** Accepts a record, or refuses it. */
  #store(record: PutRecord): object {
    const luck = this.#draw();
    if (luck < 0.1) return { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' };
    if (luck < 0.2) return { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal service failure.' };
    this.stored.push(record);
    return { SequenceNumber: String(this.stored.length), ShardId: 'shardId-000000000000' };
  }
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
