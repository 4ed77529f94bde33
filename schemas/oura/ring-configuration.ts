// A ring the wearer has or had; the current one has the newest `set_up_at`.
import { z } from 'zod';
import { word } from './parts.ts';

export const ringConfiguration = z.object({
  id: word,
  hardware_type: word,
  firmware_version: word,
  set_up_at: word,
});
