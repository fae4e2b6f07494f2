import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShardGraph, type ShardNode } from '../../src/tail/shard-graph.js';

/** Splits and merges of a stream, drawn by numbers: the shards in the order in which they were made. */
function reshards(shardsAtFirst: number, draws: readonly number[]): ShardNode[] {
  const shards: ShardNode[] = Array.from({ length: shardsAtFirst }, (_, n) => ({ id: `s${n}`, parents: [] }));
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

describe('shards of a stream that was resharded', () => {
  it('are each handed out once, after all their parents were read', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (shards, draws) => {
        const graph = new ShardGraph();
        graph.add(shards);
        expect(readAll(graph, shards, draws)).toHaveLength(shards.length);
      }),
    );
  });

  it('may be listed bit by bit, as their parents end', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (shards, draws) => {
        const graph = new ShardGraph();
        graph.add(shards.filter(({ parents }) => parents.length === 0));
        const read = readAll(graph, shards, draws, (id) => {
          // A list holds all that were made until then: a child, and the other parent that it may have.
          graph.add(shards.slice(0, shards.findLastIndex(({ parents }) => parents.includes(id)) + 1));
        });
        expect(read).toHaveLength(shards.length);
      }),
    );
  });

  it('do not wait for what was left out', () => {
    fc.assert(
      fc.property(history, fc.nat(30), fc.infiniteStream(fc.nat()), (shards, cut, draws) => {
        const graph = new ShardGraph();
        const [old, rest] = [shards.slice(0, cut), shards.slice(cut)];
        // Half of them have left retention; nobody lists these.
        graph.skip(old.filter((_, n) => n % 2 === 0).map(({ id }) => id));
        graph.add(shards.slice(cut));
        expect(readAll(graph, rest, draws)).toHaveLength(rest.length);
      }),
    );
  });

  it('that were skipped are known, and stay skipped when they are told of again', () => {
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

/** Reads shards in a drawn order until none is left; throws where one comes twice or before one of its parents. */
function readAll(
  graph: ShardGraph,
  shards: readonly ShardNode[],
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
