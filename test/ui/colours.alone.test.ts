import { expect, it, vi } from 'vitest';
import { rendered } from './rendered.js';
import { ESC } from './terminal.js';
import { makeView, SCENES } from './views.js';

// Ink reads it once, when it is loaded.
vi.hoisted(() => {
  process.env.FORCE_COLOR = '3';
});

it('has the sixteen colours of the theme alone: yellow for throttling, red for failures', () => {
  const frame = rendered(SCENES.lively!, 200, 50, { colour: true });
  const codes = new Set([...frame.matchAll(new RegExp(`${ESC}\\[([\\d;]*)m`, 'g'))].map(([, code]) => Number(code)));
  expect([...codes].filter((code) => !(code < 50 || (code >= 90 && code < 108)))).toEqual([]);
  expect(frame).not.toMatch(new RegExp(`${ESC}\\[[34]8`));
  const exact = rendered(makeView(), 80, 24, { colour: true });
  expect(exact).toMatch(new RegExp(`throttled .*${ESC}\\[33m1,714 times`));
  expect(exact).toMatch(new RegExp(`failed .*${ESC}\\[31m2`));
});

it('has neither colours nor bold or dim text without colours', () => {
  for (const view of Object.values(SCENES)) expect(rendered(view, 200, 50, { colour: false })).not.toContain(ESC);
});
