// The rules in force. The file is read again when it changes; a broken one changes nothing and is said aloud, and the last good rules outlive a
// restart because they stand in `state` too. Before anything was ever good, the rules that come with the program hold.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertRulesFile } from '../../../schemas/alert-rules.ts';
import type { Logger } from '../../runtime/logger.ts';
import { readAlertNote, writeAlertNote } from '../../storage/alert-notes.ts';
import type { StateDatabase } from '../../storage/tables.ts';
import { checkRules } from './check-rules.ts';

const shipped = readFileSync(join(import.meta.dirname, '..', 'default-rules.json'), 'utf8');

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
  /** The shipped rules until `load` has run. */
  current(): RulesInForce;
  /** Takes up the last good rules, then the file. @throws Failure when `state` cannot be read */
  load(nowMs: number): Promise<void>;
  /** Looks at the file again. */
  reload(nowMs: number): Promise<void>;
}

export function createRules({ path, state, logger }: RulesParts): Rules {
  const source = path ?? 'of the program';
  let seen: string | undefined;
  let inForce: RulesInForce = { file: usable(shipped), problems: [], loadedAtMs: 0 };

  const refuse = (problems: string[]) => {
    const said = problems.map((problem) => `Alert rules ${source}: ${problem}`);
    if (said.join() !== inForce.problems.join())
      logger.warn({ problems: said }, 'the alert rules file is not usable, the last good rules stay in force');
    inForce = { ...inForce, problems: said };
  };

  const reload = async (nowMs: number): Promise<void> => {
    let text: string;
    try {
      text = path === undefined ? shipped : await readFile(path, 'utf8');
    } catch (error) {
      seen = undefined;
      const why = error instanceof Error ? error.message : String(error);
      return refuse([`it cannot be read (${why}): put it back, or correct ALERT_RULES_FILE`]);
    }
    if (text === seen) return;
    const checked = checkRules(text);
    if (checked.ok) {
      await state.transaction((tx) => writeAlertNote(tx, 'rules', text, nowMs));
      inForce = { file: checked.file, problems: [], loadedAtMs: nowMs };
      logger.info({ rules: checked.file.rules.length, source }, 'alert rules loaded');
    } else refuse(checked.problems);
    seen = text;
  };

  return {
    current: () => inForce,
    reload,
    async load(nowMs) {
      const note = await readAlertNote(state.read, 'rules');
      const checked = note && checkRules(note.content);
      if (checked?.ok) inForce = { file: checked.file, problems: [], loadedAtMs: nowMs };
      await reload(nowMs);
    },
  };
}

function usable(text: string): AlertRulesFile {
  const checked = checkRules(text);
  if (checked.ok) return checked.file;
  throw new Error(`the alert rules of the program are not usable: ${checked.problems.join('; ')}`);
}
