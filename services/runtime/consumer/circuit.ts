// When dead letters are no longer single bad messages but a sign that we are wrong. Pure. The consumer stops at 50 in a row, or at more
// than 1 % of the last 10,000 messages and at least 50: stopping keeps the messages where they can still be handled.

export interface Circuit {
  inARow: number;
  /** How many messages of the window were dead letters. */
  inWindow: number;
  /** The last messages, oldest first, as runs of equal outcome, so that good times cost nothing. */
  runs: readonly Run[];
  messages: number;
}

interface Run {
  isDeadLetter: boolean;
  count: number;
}

export const closedCircuit: Circuit = { inARow: 0, inWindow: 0, runs: [], messages: 0 };

export const mostInARow = 50;
const windowMessages = 10_000;
const leastInWindow = 50;
const mostShare = 0.01;

/** The reason to stop, or undefined. */
export function circuitTrip({ inARow, inWindow, messages }: Circuit): string | undefined {
  if (inARow >= mostInARow) return `${inARow} messages in a row became dead letters`;
  if (inWindow >= leastInWindow && inWindow > messages * mostShare) {
    return `${inWindow} of the last ${messages} messages became dead letters`;
  }
  return undefined;
}

export function circuitAfter(circuit: Circuit, isDeadLetter: boolean, count = 1): Circuit {
  const last = circuit.runs.at(-1);
  const runs =
    last?.isDeadLetter === isDeadLetter
      ? [...circuit.runs.slice(0, -1), { isDeadLetter, count: last.count + count }]
      : [...circuit.runs, { isDeadLetter, count }];
  return trimmed({
    inARow: isDeadLetter ? circuit.inARow + count : 0,
    inWindow: circuit.inWindow + (isDeadLetter ? count : 0),
    runs,
    messages: circuit.messages + count,
  });
}

function trimmed(circuit: Circuit): Circuit {
  let { inWindow, messages } = circuit;
  const runs = [...circuit.runs];
  while (messages > windowMessages) {
    const oldest = runs[0];
    if (!oldest) break;
    const removed = Math.min(oldest.count, messages - windowMessages);
    if (removed === oldest.count) runs.shift();
    else runs[0] = { ...oldest, count: oldest.count - removed };
    messages -= removed;
    if (oldest.isDeadLetter) inWindow -= removed;
  }
  return { ...circuit, inWindow, messages, runs };
}
