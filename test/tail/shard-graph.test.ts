import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChildShard } from '../../src/kinesis/read/readable-stream.js';
import { ShardGraph } from '../../src/tail/shard-graph.js';

/** Splits and merges shards as the numbers decide. Returns all shards in the order in which they were created. */
function reshards(shardsInitially: number, draws: readonly number[]): ChildShard[] {
  const shards: ChildShard[] = Array.from({ length: shardsInitially }, (_, n) => ({ id: `s${n}`, parents: [] }));
  // The open shards, in the order of their hash keys: only neighbours merge.
  const open = shards.map(({ id }) => id);
  for (const draw of draws) {
    const at = Math.floor(draw / 2) % open.length;
    const add = (parents: readonly string[]) => {
      const id = `s${shards.length}`;
      shards.push({ id, parents });
      return id;
    };
    if (draw % 2 === 0 || at + 1 === open.length) open.splice(at, 1, add([open[at]!]), add([open[at]!]));
    else open.splice(at, 2, add([open[at]!, open[at + 1]!]));
  }
  return shards;
}

const history = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(1000), { maxLength: 20 }))
  .map(([first, draws]) => reshards(first, draws));

describe('the shards of a resharded stream', () => {
  it('become ready once each, after all their parents were read', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (shards, draws) => {
        const graph = new ShardGraph();
        graph.add(shards);
        expect(readAll(graph, shards, draws)).toHaveLength(shards.length);
      }),
    );
  });

  it('may be added as their parents end', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (shards, draws) => {
        const graph = new ShardGraph();
        graph.add(shards.filter(({ parents }) => parents.length === 0));
        const read = readAll(graph, shards, draws, (id) => {
          // A list has all shards that exist by then: a child, and also its other parent if it has one.
          graph.add(shards.slice(0, shards.findLastIndex(({ parents }) => parents.includes(id)) + 1));
        });
        expect(read).toHaveLength(shards.length);
      }),
    );
  });

  it('do not wait for shards that are skipped or unknown', () => {
    fc.assert(
      fc.property(history, fc.nat(30), fc.infiniteStream(fc.nat()), (shards, cut, draws) => {
        const graph = new ShardGraph();
        const [old, rest] = [shards.slice(0, cut), shards.slice(cut)];
        // Half of the old shards have left retention, so they are never listed.
        graph.skip(old.filter((_, n) => n % 2 === 0).map(({ id }) => id));
        graph.add(shards.slice(cut));
        expect(readAll(graph, rest, draws)).toHaveLength(rest.length);
      }),
    );
  });

  it('stay skipped if they are added later', () => {
    const graph = new ShardGraph();
    graph.skip(['a']);
    graph.add([
      { id: 'a', parents: [] },
      { id: 'b', parents: ['a'] },
    ]);
    expect([graph.knows('a'), graph.knows('b'), graph.knows('c')]).toEqual([true, true, false]);
    expect(graph.childrenOf('a')).toEqual(['b']);
    expect(graph.takeReady()).toEqual(['b']);
    expect(() => graph.finish('a')).toThrow('shard a is not being read');
  });
});

/** Reads shards in a random order until none is left. Throws if one comes twice, or before one of its parents. */
function readAll(
  graph: ShardGraph,
  shards: readonly ChildShard[],
  draws: Iterator<number>,
  ending: (id: string) => void = () => {},
): string[] {
  const parents = new Map(shards.map(({ id, parents }) => [id, parents]));
  const begun = new Set<string>();
  const read: string[] = [];
  const reading: string[] = [];
  for (;;) {
    for (const id of graph.takeReady()) {
      expect(begun.has(id)).toBe(false);
      begun.add(id);
      for (const parent of parents.get(id) ?? []) expect(parents.has(parent) && !read.includes(parent)).toBe(false);
      reading.push(id);
    }
    if (reading.length === 0) break;
    const [id = ''] = reading.splice(draws.next().value % reading.length, 1);
    ending(id);
    read.push(id);
    graph.finish(id);
  }
  expect(graph.waiting).toBe(0);
  return read;
}
