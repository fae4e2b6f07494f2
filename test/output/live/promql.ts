/** Words of PromQL before a list of labels. */
const BEFORE_LABELS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2']);
const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\d[\w.]*|[a-zA-Z_:][\w:]*|\S/g;

/** The metrics and the labels that a query of PromQL names, in its order. */
export function namesIn(query: string): { readonly metrics: readonly string[]; readonly labels: readonly string[] } {
  const tokens = query.match(TOKEN) ?? [];
  const metrics: string[] = [];
  const labels: string[] = [];
  let isInLabels = false;
  for (const [i, token] of tokens.entries()) {
    const isName = /^[a-zA-Z_:]/.test(token);
    if (token === '{' || (token === '(' && BEFORE_LABELS.has(tokens[i - 1] ?? ''))) isInLabels = true;
    else if (isInLabels && (token === '}' || token === ')')) isInLabels = false;
    else if (isName && isInLabels) labels.push(token);
    else if (
      isName &&
      tokens[i + 1] !== '(' &&
      !BEFORE_LABELS.has(token) &&
      !WORDS.has(token) &&
      !isAggregated(tokens, i)
    )
      metrics.push(token);
  }
  return { metrics, labels };
}

/** 'sum' in 'sum by (le) (…)'. */
function isAggregated(tokens: readonly string[], i: number): boolean {
  return tokens[i + 1] === 'by' || tokens[i + 1] === 'without';
}
