/** The first number in [from, end) for which `holds` is true, or `end`. `holds` must stay true once it is true. */
export function lowerBound(from: number, end: number, holds: (at: number) => boolean): number {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
