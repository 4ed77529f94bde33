import { afterAll, test } from '@jest/globals';
import { createSqlMetricStore } from '../../services/storage/metric-store/sql-metric-store.ts';
import { openTestStore } from '../support/databases.ts';
import { metricStoreChecks } from './metric-store.ts';

const database = await openTestStore();
const store = createSqlMetricStore(database);
afterAll(() => database.close());

test.each(metricStoreChecks.map((check) => [check.name, check] as const))('%s', (_name, check) => check.run(store));
