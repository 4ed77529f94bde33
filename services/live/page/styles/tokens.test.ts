// The colours themselves: every text on its ground, and the four sleep stages told apart by people with each kind of colour blindness.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const themes: Record<string, Record<string, string>> = Object.fromEntries(
  [...css.matchAll(/(?:^|\n)(:root[^{]*?) \{([^}]*)\}/g)].map(([, selector, body]) => [
    selector?.includes('dark') ? 'dark' : 'light',
    Object.fromEntries(
      [...(body ?? '').matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
    ),
  ]),
);

type Rgb = [number, number, number];

const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);

function colour(theme: string, name: string): Rgb {
  const hex = themes[theme]?.[name];
  if (!hex) throw new Error(`tokens.css has no --${name} in the ${theme} theme`);
  const channel = (at: number) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return [channel(1), channel(3), channel(5)];
}

const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(a: Rgb, b: Rgb): number {
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
}

const texts = ['ink', 'soft', 'faint', 'accent', 'good', 'poor', 'fair-text'];
const grounds = ['background', 'panel', 'lane'];

test.each(['light', 'dark'])('every text of the %s theme keeps 4.5:1 on every ground', (theme) => {
  const weak = texts.flatMap((text) =>
    grounds
      .filter((ground) => contrast(colour(theme, text), colour(theme, ground)) < 4.5)
      .map((ground) => `${text} on ${ground}`),
  );
  expect(weak).toEqual([]);
});

// Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
const kinds: Record<string, readonly (readonly [number, number, number])[]> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const seenBy = (matrix: readonly (readonly [number, number, number])[], [r, g, b]: Rgb): Rgb => {
  const [x = 0, y = 0, z = 0] = matrix.map(([a, c, d]) => Math.min(1, Math.max(0, a * r + c * g + d * b)));
  return [x, y, z];
};

/** OKLab, in which distances are about as large as they look; 0.1 is plainly different side by side. */
function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const distance = (a: Rgb, b: Rgb): number =>
  Math.hypot(...oklab(a).map((value, index) => value - (oklab(b)[index] ?? 0)));
const stages = ['awake', 'rem', 'light', 'deep'];

const pairs = stages.flatMap((stage, index) => stages.slice(index + 1).map((other) => [stage, other] as const));

test.each(Object.keys(kinds).flatMap((kind) => ['light', 'dark'].map((theme) => [kind, theme] as const)))(
  'people with %s tell the sleep stages apart in the %s theme',
  (kind, theme) => {
    const matrix = kinds[kind] ?? [];
    const close = pairs.flatMap(([one, other]) => {
      const apart = distance(seenBy(matrix, colour(theme, one)), seenBy(matrix, colour(theme, other)));
      return apart < 0.1 ? [`${one} and ${other}: ${apart.toFixed(3)}`] : [];
    });
    expect(close).toEqual([]);
  },
);

test.each(['light', 'dark'])('every shape of the %s theme keeps 3:1 on the panel', (theme) => {
  const shapes = [...stages, 'hr', 'hrv', 'accent', 'good', 'fair', 'poor'];
  expect(shapes.filter((name) => contrast(colour(theme, name), colour(theme, 'panel')) < 3)).toEqual([]);
});
