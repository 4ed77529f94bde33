// What a person set for this browser: light or dark, clock, units. Kept in the browser alone; the server never knows. A browser that
// refuses to keep it (private mode) still works for the visit.

export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  clock: '24' | '12';
  units: 'metric' | 'imperial';
}

export const choices: { readonly [Name in keyof Preferences]: readonly (readonly [Preferences[Name], string])[] } = {
  theme: [
    ['system', 'As the system'],
    ['light', 'Light'],
    ['dark', 'Dark'],
  ],
  clock: [
    ['24', '24 hours'],
    ['12', '12 hours'],
  ],
  units: [
    ['metric', '°C, km'],
    ['imperial', '°F, miles'],
  ],
};

const storageName = 'oura-streaming';

function localeDefaults(): Preferences {
  const { hourCycle } = new Intl.DateTimeFormat(navigator.language, { hour: 'numeric' }).resolvedOptions();
  return {
    theme: 'system',
    clock: hourCycle === 'h12' || hourCycle === 'h11' ? '12' : '24',
    units: navigator.language.toLowerCase() === 'en-us' ? 'imperial' : 'metric',
  };
}

const offered = <Name extends keyof Preferences>(name: Name, value: unknown): Preferences[Name] | undefined =>
  choices[name].find(([choice]) => choice === value)?.[0];

function kept(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageName) ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // Unreadable or forbidden storage means nothing was set.
    return {};
  }
}

export function readPreferences(): Preferences {
  const values = kept();
  const defaults = localeDefaults();
  return {
    theme: offered('theme', values.theme) ?? defaults.theme,
    clock: offered('clock', values.clock) ?? defaults.clock,
    units: offered('units', values.units) ?? defaults.units,
  };
}

/** `name` and `value` as a form control gives them; anything not offered changes nothing. */
export function withPreference(preferences: Preferences, name: string, value: string): Preferences {
  if (name === 'theme') return { ...preferences, theme: offered('theme', value) ?? preferences.theme };
  if (name === 'clock') return { ...preferences, clock: offered('clock', value) ?? preferences.clock };
  if (name === 'units') return { ...preferences, units: offered('units', value) ?? preferences.units };
  return preferences;
}

export function keepPreferences(preferences: Preferences): void {
  document.documentElement.dataset.theme = preferences.theme;
  try {
    localStorage.setItem(storageName, JSON.stringify(preferences));
  } catch {
    // It holds for this visit.
  }
}
