import { readFileSync } from 'node:fs';

const FILE = new URL('../../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);

interface Flight {
  readonly date: string;
  readonly origin: string;
}

/** 20,000 real flights from January to March 2001, each with its time of departure. */
export function flights(): { readonly json: string; readonly origin: string; readonly departedAt: string }[] {
  const rows = JSON.parse(readFileSync(FILE, 'utf8')) as Flight[];
  return rows.map((flight, n) => {
    const departedAt = `${flight.date.replaceAll('/', '-').replace(' ', 'T')}:00Z`;
    return { json: JSON.stringify({ n, departedAt, ...flight }), origin: flight.origin, departedAt };
  });
}

/** The flights in the format of a traffic recorder: body, time and id. */
export function flightsCsv(): string {
  const rows = flights().map(
    ({ json, departedAt }, n) => `"${json.replaceAll('"', '""')}",${departedAt},0000-${n}|0000-${n + 1}`,
  );
  return `.http.request.body,.ts,RRPair UUID\n${rows.join('\n')}\n`;
}

export function flightsNdjson(): string {
  return `${flights()
    .map(({ json }) => json)
    .join('\n')}\n`;
}
