// Alert's part of erasing a person: states, alerts, transitions and deliveries, also those still to be sent.
import { alertsTopic } from '../../schemas/alert-transition.ts';
import type { ErasePart } from '../storage/erasure/erase-part.ts';
import { eraseAlertRows } from '../storage/erasure/erase-state-rows.ts';
import type { StateDatabase } from '../storage/tables.ts';

export const alertErasePart = (state: StateDatabase): ErasePart => ({
  topics: [alertsTopic],
  eraseRows: (erasure) => state.transaction((tx) => eraseAlertRows(tx, erasure)),
});
