import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fileOf, read } from './support.js';

interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

// The package does not export the files of its data folder.
const path = new URL('../../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);
const flights = JSON.parse(readFileSync(path, 'utf8')) as Flight[];

/** 2001/01/10 18:20 */
function recordedAt({ date }: Flight): string {
  return `${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`;
}

function expected() {
  return flights.map((flight, at) => ({
    data: JSON.stringify(flight),
    key: flight.origin,
    recordedAtMs: Date.parse(recordedAt(flight)),
    line: at,
  }));
}

describe('20,000 flights', { timeout: 60_000 }, () => {
  it('are read from a CSV with quoted JSON', async () => {
    const rows = flights.map(
      (flight) => `"${JSON.stringify(flight).replaceAll('"', '""')}",${recordedAt(flight)},${flight.origin}\r\n`,
    );
    const csv = `.http.request.body,.ts,origin\r\n${rows.join('')}`;
    const options = { partitionKeyField: 'origin', needsTimestamp: true };
    for (const file of [fileOf('flights.csv', csv), fileOf('flights.csv.gz', gzipSync(csv))]) {
      const { records, bad } = await read([file], options);
      expect(bad).toEqual([]);
      expect(records.map(({ file: _, ...record }) => record)).toEqual(
        expected().map((e) => ({ ...e, line: e.line + 2 })),
      );
    }
  });

  it('are read from NDJSON', async () => {
    const lines = flights.map((flight) => `{"flight":${JSON.stringify(flight)},"at":"${recordedAt(flight)}"}`);
    const options = {
      dataField: '.flight',
      partitionKeyField: '.flight.origin',
      timestampField: '.at',
      needsTimestamp: true,
    };
    const { records, bad } = await read([fileOf('flights.ndjson', lines.join('\n'))], options);
    expect(bad).toEqual([]);
    expect(records.map(({ file: _, ...record }) => record)).toEqual(
      expected().map((e) => ({ ...e, line: e.line + 1 })),
    );
  });
});
