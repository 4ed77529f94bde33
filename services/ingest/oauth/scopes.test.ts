import { expect, test } from '@jest/globals';
import { resource, resources } from '../../../schemas/oura/resources.ts';
import { closedResources, isGranted, readScopes } from './scopes.ts';

test('scopes of both portals read the same', () => {
  expect(readScopes('daily heartrate')).toEqual(['daily', 'heartrate']);
  expect(readScopes('extapi:heartrate  extapi:daily extapi:daily')).toEqual(['daily', 'heartrate']);
  expect(readScopes('')).toEqual([]);
});

test('a resource is open when any of its scopes was granted, personal_info always', () => {
  expect(isGranted(resource('daily_resilience'), ['stress'])).toBe(true);
  expect(isGranted(resource('daily_resilience'), ['workout'])).toBe(false);
  expect(isGranted(resource('personal_info'), [])).toBe(true);
  expect(closedResources([]).length).toBe(resources.length - 1);
  expect(closedResources(['daily', 'spo2', 'heartrate', 'workout', 'session', 'tag']).map((r) => r.name)).toEqual([
    'ring_configuration',
    'ring_battery_level',
  ]);
});
