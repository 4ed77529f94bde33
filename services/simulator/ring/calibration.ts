// How a real ring's nights and days are distributed: aggregates only (98 nights and 30 days, one adult each), no row of anybody.
// Indices are Oura's own digits. The tests compare what the simulator makes with these numbers.

/** Share of deep 1, light 2, REM 3, awake 4 by decile of the night. */
export const stageShareByDecile: readonly (readonly [number, number, number, number])[] = [
  [0.38, 0.258, 0.0, 0.362],
  [0.405, 0.441, 0.103, 0.05],
  [0.355, 0.497, 0.094, 0.054],
  [0.157, 0.485, 0.308, 0.049],
  [0.139, 0.601, 0.229, 0.031],
  [0.083, 0.565, 0.321, 0.031],
  [0.041, 0.591, 0.329, 0.039],
  [0.013, 0.603, 0.336, 0.048],
  [0.008, 0.547, 0.397, 0.049],
  [0.022, 0.537, 0.326, 0.116],
];

export const stageShare: readonly [number, number, number, number] = [0.1619, 0.5112, 0.243, 0.0839];

/** From row to column, deep, light, REM, awake, in steps of 5 minutes. */
export const stageTransition: readonly (readonly [number, number, number, number])[] = [
  [0.6903, 0.2659, 0.0136, 0.0302],
  [0.0973, 0.7776, 0.0912, 0.0339],
  [0.0, 0.173, 0.786, 0.0411],
  [0.0077, 0.3903, 0.0651, 0.537],
];

/** Characters of the 5-minute hypnogram of a long sleep: minimum, 10 %, 50 %, 90 %, maximum. */
export const hypnogramLength = [
  [0, 44],
  [0.1, 81],
  [0.5, 106],
  [0.9, 119],
  [1, 137],
] as const;

/** Share of no motion 1, restless 2, tossing 3, active 4 in 30-second steps. */
export const movementShare = [0.8715, 0.1096, 0.0166, 0.0024] as const;

/** Share of the classes 0–5 (non-wear, rest, inactive, low, medium, high) over a day. */
export const activityShare = [0.0155, 0.3447, 0.3523, 0.2353, 0.0501, 0.0021] as const;

export const activityTransition: readonly (readonly number[])[] = [
  [0.8507, 0.0, 0.0746, 0.0672, 0.0075, 0.0],
  [0.0003, 0.9088, 0.079, 0.0112, 0.0007, 0.0],
  [0.0039, 0.0828, 0.7073, 0.2011, 0.0049, 0.0],
  [0.0034, 0.0103, 0.2873, 0.5912, 0.1067, 0.001],
  [0.0, 0.0023, 0.127, 0.3903, 0.455, 0.0254],
  [0.0, 0.0, 0.2778, 0.3889, 0.0556, 0.2778],
];

/** Mean MET by local hour, from 0 to 23. */
export const metByHour: readonly number[] = [
  0.942, 0.974, 0.975, 0.991, 1.056, 1.61, 2.284, 1.996, 1.686, 1.656, 1.722, 1.827, 1.748, 1.672, 1.606, 1.682, 1.606,
  1.632, 1.743, 1.497, 1.648, 1.186, 1.023, 0.949,
];

export const metQuantiles = [
  [0.05, 0.9],
  [0.25, 0.9],
  [0.5, 1.2],
  [0.75, 1.5],
  [0.9, 2.7],
  [0.95, 3.8],
  [0.99, 5.4],
] as const;
