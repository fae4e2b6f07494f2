import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { clientEnv, motoServer } from './tools.js';

/** moto's DynamoDB, in a process of its own: the KCL keeps its leases in it. */
export interface Tables extends AsyncDisposable {
  readonly endpoint: string;
  /** All items of a table, in DynamoDB's JSON. */
  scan(table: string): Promise<readonly Item[]>;
}

export type Item = Readonly<Record<string, { readonly S?: string; readonly SS?: readonly string[] }>>;

export async function startTables(account: string): Promise<Tables> {
  const child = spawn(motoServer(), ['-H', '127.0.0.1', '-p', '0'], {
    env: clientEnv(account),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close');
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < 10_000) output += text;
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', () => {
      const [, found] = /Running on (http:\S+)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    void closed.then(() => reject(new Error(`moto ended before it listened:\n${output}`)));
  });
  const call = async (operation: string, input: unknown): Promise<unknown> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    endpoint,
    scan: async (table) => {
      const { Items } = (await call('Scan', { TableName: table, ConsistentRead: true })) as { Items: Item[] };
      return Items;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
