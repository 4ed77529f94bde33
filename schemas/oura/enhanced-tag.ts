// Something the wearer noted, at a time or over days; its times may lack an offset. `comment` and `custom_name` are the wearer's text and are
// left out.
import { z } from 'zod';
import { ouraDay, word } from './parts.ts';

export const enhancedTag = z.object({
  tag_type_code: word,
  start_day: ouraDay,
  end_day: ouraDay.nullish(),
  start_time: word,
  end_time: word,
});
