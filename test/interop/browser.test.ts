import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.js';

/** What web pages in a real browser can do to an emulator on the user's machine. */

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The names of sites that nobody on this machine controls, all pointing here, as DNS rebinding makes them.
  '--host-resolver-rules=MAP *.test 127.0.0.1, EXCLUDE localhost',
];
const FAULT = 'internal-error:operation=PutRecord';
const LIST_STREAMS = {
  method: 'POST',
  headers: {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Kinesis_20131202.ListStreams',
    'x-amz-date': '20260101T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0',
  },
  body: '{}',
};

let browser: Browser;
/** Serves an empty page under any name: the site that the pages are of. */
const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>page</title>'));

beforeAll(async () => {
  await once(site.listen(0, '127.0.0.1'), 'listening');
  browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
});

afterAll(async () => {
  await browser?.close();
  site.close();
});

async function emulatorFor(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ streams: [{ name: 'orders', shards: 1 }], ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A page of the site under a name. */
async function pageAt(name: string): Promise<Page> {
  return await pageOf(`http://${name}:${(site.address() as AddressInfo).port}/`);
}

async function pageOf(url: string): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(url);
  return page;
}

/** What the page's script gets of a request: the status and the body, or that the browser kept it. */
function fetchIn(page: Page, url: string, init: object = {}): Promise<string> {
  return page.evaluate(
    async ([url, init]) => {
      try {
        const response = await fetch(url, init);
        return `${response.status} ${await response.text()}`;
      } catch (error) {
        return String(error);
      }
    },
    [url, init] as const,
  );
}

const KEPT = 'TypeError: Failed to fetch';

async function faultsOf({ endpoint }: Emulator): Promise<unknown[]> {
  const listed = (await (await fetch(`${endpoint}/_kload/faults`)).json()) as { faults: unknown[] };
  return listed.faults;
}

describe('a page of another site', () => {
  /** Each way in which a page sends a POST without asking first; resolves when the browser has the response. */
  const WAYS: Readonly<Record<string, (page: Page, url: string) => Promise<unknown>>> = {
    'a script': (page, url) => fetchIn(page, url, { method: 'POST', body: FAULT, mode: 'no-cors' }),
    'a form': submit,
    // Such a page has no origin.
    'a form of a page without a referrer': (page, url) =>
      submit(page, url, '<meta name="referrer" content="no-referrer">'),
    'a frame in a sandbox': (page, url) => {
      const sent = `fetch('${url}', { method: 'POST', body: '${FAULT}', mode: 'no-cors' })`;
      return page.evaluate(`new Promise((resolve) => {
        addEventListener('message', resolve);
        const frame = document.createElement('iframe');
        frame.sandbox = 'allow-scripts';
        frame.srcdoc = "<script>${sent}.finally(() => parent.postMessage('', '*'))</script>";
        document.body.append(frame);
      }).then(() => undefined)`);
    },
  };

  async function submit(page: Page, url: string, head = ''): Promise<void> {
    await page.setContent(
      `${head}<form method="post" enctype="text/plain" action="${url}">
        <input name="internal-error:operation" value="PutRecord"><button>Win</button></form>`,
    );
    await page.click('button');
    await page.waitForURL(url);
  }

  test.each(Object.keys(WAYS))('cannot set a fault by %s, until it is allowed to', async (way) => {
    const setBy = async (emulator: Emulator) => {
      await WAYS[way]?.(await pageAt('shop.test'), `${emulator.endpoint}/_kload/faults`);
      return await faultsOf(emulator);
    };
    expect(await setBy(await emulatorFor())).toEqual([]);
    expect(await setBy(await emulatorFor({ allowOrigins: ['*'] }))).toHaveLength(1);
  });

  test('can neither list streams nor read what is beside them, until it is allowed to', async () => {
    const origin = `http://shop.test:${(site.address() as AddressInfo).port}`;
    const page = await pageAt('shop.test');
    const closed = await emulatorFor();
    expect(await fetchIn(page, closed.endpoint, LIST_STREAMS)).toBe(KEPT);
    expect(await fetchIn(page, `${closed.endpoint}/_kload/health`)).toBe(KEPT);
    const open = await emulatorFor({ allowOrigins: [origin] });
    expect(await fetchIn(page, open.endpoint, LIST_STREAMS)).toMatch(/^200 .*"orders"/);
    expect(await fetchIn(page, `${open.endpoint}/_kload/health`)).toMatch(/^200 /);
  });

  test('whose name was pointed at the emulator (DNS rebinding) gets nothing from it', async () => {
    const emulator = await emulatorFor();
    const origin = `http://rebound.test:${emulator.port}`;
    const page = await pageOf(`${origin}/`);
    for (const path of ['health', 'faults', 'metrics', 'ca.pem']) {
      expect(await fetchIn(page, `${origin}/_kload/${path}`)).toMatch(/^403 /);
    }
    expect(await fetchIn(page, `${origin}/_kload/faults`, { method: 'POST', body: FAULT })).toMatch(/^403 /);
    expect(await fetchIn(page, `${origin}/_kload/faults`, { method: 'DELETE' })).toMatch(/^403 /);
    expect(await fetchIn(page, origin, LIST_STREAMS)).toMatch(/^403 .*AccessDeniedException/);
    expect(await faultsOf(emulator)).toEqual([]);
    const named = await emulatorFor({ allowHosts: ['rebound.test'] });
    const health = `http://rebound.test:${named.port}/_kload/health`;
    expect(await fetchIn(await pageOf(health), health)).toMatch(/^200 /);
  });
});

describe("a page of the user's own, on another port", () => {
  test.each(['localhost', '127.0.0.1', 'app.localhost'])('at %s uses the service and /_kload/', async (name) => {
    const emulator = await emulatorFor();
    const page = await pageAt(name);
    for (const at of [emulator.endpoint, `http://localhost:${emulator.port}`]) {
      expect(await fetchIn(page, at, LIST_STREAMS)).toMatch(/^200 .*"orders"/);
      expect(await fetchIn(page, `${at}/_kload/faults`, { method: 'POST', body: FAULT })).toMatch(/^201 /);
      expect(await fetchIn(page, `${at}/_kload/faults`, { method: 'DELETE' })).toBe('200 {"removed":1}');
    }
  });
});

describe('curl', () => {
  const curl = async (...args: string[]) => (await promisify(execFile)('curl', ['-s', ...args])).stdout;

  test('needs no header at all', async () => {
    const emulator = await emulatorFor();
    const url = `${emulator.endpoint}/_kload/faults`;
    expect(JSON.parse(await curl('-d', FAULT, url))).toMatchObject({ action: expect.any(String) });
    expect(JSON.parse(await curl(url)).faults).toHaveLength(1);
    expect(JSON.parse(await curl('-X', 'DELETE', url))).toEqual({ removed: 1 });
  });

  test('signs where signatures are checked', async () => {
    const { endpoint } = await emulatorFor({ verifySignatures: { accessKeyId: 'known', secretAccessKey: 'secret' } });
    const signed = ['--aws-sigv4', 'aws:amz:us-east-1:kinesis', '--user'];
    const url = `${endpoint}/_kload/faults`;
    expect(JSON.parse(await curl(...signed, 'known:secret', '-d', FAULT, url))).toMatchObject({ state: 'active' });
    expect(JSON.parse(await curl(...signed, 'known:other', url)).error).toMatch(/^The request signature we calculated/);
    expect(JSON.parse(await curl(url))).toEqual({ error: 'Missing Authentication Token' });
  });
});
