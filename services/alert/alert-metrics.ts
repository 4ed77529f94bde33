// The numbers the alert service gives to Prometheus. Labels are rule ids, channel names and closed sets of words, never a person.
import { Counter, Gauge, type Registry } from 'prom-client';

export interface AlertMetrics {
  transitions: Counter<'rule' | 'level' | 'state'>;
  /** outcome: delivered, retry, failed, too_late, silenced */
  deliveries: Counter<'channel' | 'outcome'>;
  decisions: Counter<'reason'>;
  rulesProblems: Gauge;
}

export function createAlertMetrics(registry: Registry): AlertMetrics {
  const registers = [registry];
  return {
    transitions: new Counter({
      name: 'oura_alert_transitions_total',
      help: 'Alert transitions raised.',
      labelNames: ['rule', 'level', 'state'],
      registers,
    }),
    deliveries: new Counter({
      name: 'oura_alert_deliveries_total',
      help: 'Tries and ends of alert deliveries, by channel and outcome.',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    decisions: new Counter({
      name: 'oura_alert_decisions_total',
      help: 'Steps of rules, by what came of them.',
      labelNames: ['reason'],
      registers,
    }),
    rulesProblems: new Gauge({
      name: 'oura_alert_rules_problems',
      help: 'Problems of the rules file; above 0 the last good rules are in force.',
      registers,
    }),
  };
}
