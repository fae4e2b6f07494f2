/** Generates numbers of at least 0 and below 1, the same ones for the same seeds. */
export type Random = () => number;

/** Bob Jenkins' small fast generator (sfc32): 128 bits of state, made from the seeds. */
export function randomOf(seed: number, stream: number): Random {
  let a = mix(seed);
  let b = mix(stream + 0x9e3779b9);
  let c = mix(seed ^ stream);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first few numbers are similar for similar seeds: drop them.
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Spreads 32 bits over all 32 bits. */
function mix(value: number): number {
  let x = (value + 0x6d2b79f5) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** Draws from the normal distribution with mean 0 and standard deviation 1 (Box-Muller transform). */
export function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
