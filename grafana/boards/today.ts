// The board "Today", as the pattern for boards that follow: panels are data, every one has a title, a description, a unit and a sentence for when
// there is nothing. The time range is today in the viewer's zone: values known only by their day stand at noon UTC and fall inside it, so
// yesterday's value is never shown as today's.
import { LineInterpolation } from '@grafana/grafana-foundation-sdk/common';
import {
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import {
  daily,
  influx,
  influxQuery,
  lastNight,
  newest,
  newestOfSleep,
  postgres,
  type Selection,
} from './influx-query.ts';

interface Panel extends Selection {
  title: string;
  description: string;
  /** Grafana's name of the unit. */
  unit: string;
  decimals?: number;
}

const syncHint = 'Open the Oura app near the ring; it arrives a minute later.';

const scores: readonly Panel[] = [
  {
    title: 'Readiness',
    metric: 'score_readiness',
    resource: 'daily_readiness',
    aggregation: 'daily',
    unit: 'none',
    description: 'Oura’s readiness score of today, 0 to 100.',
  },
  {
    title: 'Sleep',
    metric: 'score_sleep',
    resource: 'daily_sleep',
    aggregation: 'daily',
    unit: 'none',
    description: 'Oura’s sleep score of the night to today, 0 to 100.',
  },
  {
    title: 'Activity',
    metric: 'score_activity',
    resource: 'daily_activity',
    aggregation: 'daily',
    unit: 'none',
    description: 'Oura’s activity score of today so far, 0 to 100.',
  },
];

const numbers: readonly Panel[] = [
  {
    title: 'Steps',
    metric: 'steps',
    resource: 'daily_activity',
    aggregation: 'daily_total',
    unit: 'short',
    description: 'Steps since 04:00, when Oura’s day of activity begins.',
  },
  {
    title: 'Lowest heart rate',
    metric: 'heart_rate_min_sleep',
    resource: 'sleep',
    aggregation: 'session_min',
    unit: 'bpm',
    description:
      'The lowest of the newest sleep of today, a nap included: a minimum, not a clinical resting heart rate.',
  },
  {
    title: 'HRV, rMSSD',
    metric: 'heart_rate_variability_rmssd_mean_sleep',
    resource: 'sleep',
    aggregation: 'session_mean',
    unit: 'ms',
    description: 'Mean rMSSD of the newest sleep of today, a nap included. Not SDNN.',
  },
  {
    title: 'SpO₂',
    metric: 'oxygen_saturation',
    resource: 'daily_spo2',
    aggregation: 'daily_mean',
    unit: 'percent',
    decimals: 1,
    description: 'Mean blood oxygen of the night.',
  },
  {
    title: 'Temperature deviation',
    metric: 'skin_temperature_deviation',
    resource: 'daily_readiness',
    aggregation: 'daily_mean',
    unit: 'celsius',
    decimals: 2,
    description: 'Above or below the wearer’s own baseline: signed, never a temperature.',
  },
];

const night: readonly Panel[] = [
  {
    title: 'Heart rate of the night',
    metric: 'heart_rate',
    resource: 'sleep',
    aggregation: 'interval_mean',
    unit: 'bpm',
    description: 'Means of five minutes. A gap is a gap.',
  },
  {
    title: 'HRV of the night, rMSSD',
    metric: 'heart_rate_variability_rmssd',
    resource: 'sleep',
    aggregation: 'interval_mean',
    unit: 'ms',
    description: 'rMSSD of five minutes. A gap is a gap.',
  },
];

const stages: Selection = { metric: 'sleep_stage', resource: 'sleep', aggregation: 'interval' };
const stageColours = [
  ['1', 'Deep', '#4c63b6'],
  ['2', 'Light', '#86a7e6'],
  ['3', 'REM', '#b493dc'],
  ['4', 'Awake', '#e6bd63'],
] as const;

// Oura's own words: optimal from 85, good from 70, pay attention below.
const scoreSteps = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
  { value: null, color: '#ea7a68' },
  { value: 70, color: '#e0ab4f' },
  { value: 85, color: '#6cc08b' },
]);

const stat = (panel: Panel, span: number, height: number): Stat =>
  new Stat()
    .title(panel.title)
    .description(panel.description)
    .datasource(influx)
    .withTarget(influxQuery(panel.resource === 'sleep' ? newestOfSleep(panel) : newest(panel)))
    .unit(panel.unit)
    .decimals(panel.decimals ?? 0)
    .noValue(`No data today. ${syncHint}`)
    .span(span)
    .height(height);

const series = (panel: Panel, query: string): TimeSeries =>
  new TimeSeries()
    .title(panel.title)
    .description(panel.description)
    .datasource(influx)
    .withTarget(influxQuery(query, panel.title))
    .unit(panel.unit)
    .decimals(panel.decimals ?? 0)
    .noValue(`No data in this time. ${syncHint}`)
    .lineInterpolation(LineInterpolation.Linear)
    .span(24)
    .height(6);

const hypnogram = new StateTimeline()
  .title('Sleep stages')
  .description('Deep, light, REM and awake over the last 20 hours, naps included.')
  .datasource(influx)
  .withTarget(influxQuery(lastNight(stages), 'Stage'))
  .unit('none')
  .noValue(`No night in the last 20 hours. ${syncHint}`)
  .timeFrom('20h')
  .mappings([
    {
      type: MappingType.ValueToText,
      options: Object.fromEntries(stageColours.map(([value, text, color], index) => [value, { text, color, index }])),
    },
  ])
  .span(24)
  .height(5);

export function todayBoard(): Dashboard {
  const board = new DashboardBuilder('Today')
    .uid('oura-today')
    .description('Last night and today of one person. Not a medical device.')
    .tags(['oura'])
    .timezone('browser')
    .time({ from: 'now/d', to: 'now/d' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new QueryVariableBuilder('person')
        .label('Person')
        .datasource(postgres)
        .query('select name as __text, user_id as __value from state.people order by name')
        .refresh(VariableRefresh.OnDashboardLoad),
    )
    .withVariable(
      new CustomVariableBuilder('range')
        .label('Trends over')
        .values('7d,30d,90d,365d')
        .current({ text: '30d', value: '30d' }),
    );
  board.withRow(new RowBuilder('Today'));
  for (const panel of scores) board.withPanel(stat(panel, 8, 5).thresholds(scoreSteps).min(0).max(100));
  for (const panel of numbers) board.withPanel(stat(panel, panel === numbers[0] ? 4 : 5, 4));
  board.withRow(new RowBuilder('Last night')).withPanel(hypnogram);
  for (const panel of night) board.withPanel(series(panel, lastNight(panel)).timeFrom('20h'));
  board.withRow(new RowBuilder('Trends'));
  for (const panel of scores)
    board.withPanel(
      series(
        {
          ...panel,
          title: `${panel.title}, by day`,
          description: `${panel.description} One point a day; a day without data is empty.`,
        },
        daily(panel),
      )
        .min(0)
        .max(100),
    );
  return board.build();
}
