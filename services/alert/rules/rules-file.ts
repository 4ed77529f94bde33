// The rules in force. The file is read again when it changes; a broken one changes nothing and is said aloud, and the last good rules outlive a
// restart because they stand in `state` too. Before anything was ever good, the rules that come with the program hold.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertRulesFile } from '../../../schemas/alert-rules.ts';
import type { Logger } from '../../runtime/logger.ts';
import { readAlertNote, writeAlertNote } from '../../storage/alert-notes.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import { checkRules } from './check-rules.ts';

const shippedRules = join(import.meta.dirname, '..', 'default-rules.json');

export interface RulesInForce {
  file: AlertRulesFile;
  /** Empty when the file is what is in force. */
  problems: readonly string[];
  loadedAtMs: number;
}

export interface RulesParts {
  /** Undefined: the shipped rules. */
  path: string | undefined;
  state: StateDatabase;
  logger: Logger;
}

export interface Rules {
  current(): RulesInForce;
  /** Looks at the file again; true when other rules are in force now. */
  reload(nowMs: number): Promise<boolean>;
}

/** @throws Failure when `state` cannot be read */
export async function openRules({ path, state, logger }: RulesParts, nowMs: number): Promise<Rules> {
  const source = path ?? shippedRules;
  let seen: string | undefined;
  let inForce: RulesInForce = { file: await lastGood(state), problems: [], loadedAtMs: nowMs };

  const refuse = (problems: string[]) => {
    const said = problems.map((problem) => `Alert rules ${source}: ${problem}`);
    if (said.join() !== inForce.problems.join())
      logger.warn({ problems: said }, 'the alert rules file is not usable, the last good rules stay in force');
    inForce = { ...inForce, problems: said };
    return false;
  };

  const reload = async (atMs: number): Promise<boolean> => {
    let text: string;
    try {
      text = await readFile(source, 'utf8');
    } catch (error) {
      seen = undefined;
      const why = error instanceof Error ? error.message : String(error);
      return refuse([`it cannot be read (${why}): put it back, or correct ALERT_RULES_FILE`]);
    }
    if (text === seen) return false;
    seen = text;
    const checked = checkRules(text);
    if (!checked.ok) return refuse(checked.problems);
    const isOther = JSON.stringify(checked.file) !== JSON.stringify(inForce.file);
    inForce = { file: checked.file, problems: [], loadedAtMs: atMs };
    await state.transaction((tx) => writeAlertNote(tx, 'rules', text, atMs));
    logger.info({ rules: checked.file.rules.length, source }, 'alert rules loaded');
    return isOther;
  };

  await reload(nowMs);
  return { current: () => inForce, reload };
}

async function lastGood(state: StateDatabase): Promise<AlertRulesFile> {
  const note = await readAlertNote(state.read, 'rules');
  for (const text of [note?.content, await readFile(shippedRules, 'utf8')]) {
    const checked = text === undefined ? undefined : checkRules(text);
    if (checked?.ok) return checked.file;
  }
  throw new Error('the alert rules that come with the program are not usable');
}
