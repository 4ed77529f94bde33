// What the wearer declared, and what Oura advises: tags, rest mode, sleep times. The wearer's own text never becomes a value or a word.
import type { ResourceMapping } from '../mapping-row.ts';

const freeText = 'the wearer’s own text: may be personal, stays in the raw document';

export const enhancedTagMapping: ResourceMapping = {
  resource: 'enhanced_tag',
  day: 'start_day',
  rows: [
    {
      table: 'enhanced_tag.tag_type_code,custom_name,comment',
      fields: ['start_day'],
      metric: 'tag_event',
      aggregation: 'event',
      time: 'tag_interval',
      unit: '1',
      reading: { read: 'occurrence' },
      context: { field: 'tag_type_code', none: 'text' },
      note: 'the context is Oura’s code of the tag, `custom`, or `text` for a note alone; a time without an offset is kept as its day',
    },
  ],
  noMetric: {
    id: 'identity of the document',
    tag_type_code: 'the context of the event',
    custom_name: freeText,
    comment: freeText,
    start_time: 'the start of the event',
    end_day: 'the end of the event, where its times have no offset',
    end_time: 'the end of the event',
  },
};

export const tagMapping: ResourceMapping = {
  resource: 'tag',
  day: 'day',
  rows: [
    {
      table: 'tag.tags,text',
      fields: ['tags'],
      metric: 'tag_event',
      aggregation: 'event',
      time: 'instant',
      unit: '1',
      reading: { read: 'occurrence' },
      context: { field: '', none: 'text' },
      each: 'tags',
      note: 'the old kind, replaced by enhanced_tag; one event per tag, or one with context `text` for a note alone',
    },
  ],
  noMetric: {
    id: 'identity of the document',
    day: 'Oura’s day; travels with the event as `day`',
    timestamp: 'the time of the event',
    text: freeText,
  },
};

export const restModePeriodMapping: ResourceMapping = {
  resource: 'rest_mode_period',
  day: 'start_day',
  rows: [
    {
      table: 'rest_mode_period.start_day,end_day,episodes',
      fields: ['start_day'],
      metric: 'rest_mode',
      aggregation: 'interval',
      time: 'days',
      unit: '1',
      reading: { read: 'occurrence' },
      note: 'without an end while it lasts',
    },
    {
      table: 'rest_mode_period.start_day,end_day,episodes',
      fields: ['episodes.tags'],
      metric: 'rest_mode_episode',
      aggregation: 'event',
      time: 'instant',
      unit: '1',
      reading: { read: 'occurrence' },
      context: { field: '', none: 'untagged' },
      each: 'episodes',
      note: 'what the wearer noted during rest mode, one event per tag',
    },
  ],
  noMetric: {
    id: 'identity of the document',
    end_day: 'the end of the period, where it has no time',
    start_time: 'the start of the period',
    end_time: 'the end of the period',
    'episodes.timestamp': 'the time of the episode',
  },
};

export const sleepTimeMapping: ResourceMapping = {
  resource: 'sleep_time',
  day: 'day',
  rows: [
    {
      table: 'sleep_time.optimal_bedtime',
      fields: ['optimal_bedtime'],
      metric: 'optimal_bedtime',
      aggregation: 'daily',
      time: 'window_offsets',
      unit: '1',
      reading: { read: 'occurrence' },
      note: 'a recommendation: the window is the start and end of the point',
    },
    {
      table: 'sleep_time.recommendation,status',
      fields: ['recommendation'],
      metric: 'bedtime_recommendation',
      aggregation: 'daily',
      time: 'civil_day',
      unit: '1',
      reading: { read: 'code', codebook: 'bedtime_recommendation' },
    },
    {
      table: 'sleep_time.recommendation,status',
      fields: ['status'],
      metric: 'bedtime_recommendation',
      aggregation: 'daily',
      time: 'civil_day',
      unit: '1',
      reading: { read: 'code', codebook: 'bedtime_status' },
      context: { is: 'status' },
      note: 'what the recommendation rests on',
    },
  ],
  noMetric: {
    id: 'identity of the document',
    day: 'Oura’s day; the time of every point',
    'optimal_bedtime.day_tz': 'the offset of the window',
    'optimal_bedtime.start_offset': 'the start of the window',
    'optimal_bedtime.end_offset': 'the end of the window',
  },
};
