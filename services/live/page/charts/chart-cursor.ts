// One cursor through all lanes of a chart, by pointer and by keyboard. It moves in steps along one axis, says in words where it is, and knows
// nothing of what is drawn. The chart is a slider to assistive technology: arrows, Page Up and Down, Home and End.

export interface CursorAxis {
  /** How many places the cursor has. */
  count: number;
  /** Place to pixels from the left edge of the chart. */
  px(index: number): number;
  /** The nearest place. */
  indexAt(px: number): number;
  /** How many places Page Up and Page Down go. */
  page: number;
  /** For the eye. */
  show(index: number | null): void;
  /** For the ear. */
  say(index: number): string;
}

const movesByKey: Readonly<Record<string, (index: number, axis: CursorAxis) => number>> = {
  ArrowRight: (index) => index + 1,
  ArrowUp: (index) => index + 1,
  ArrowLeft: (index) => index - 1,
  ArrowDown: (index) => index - 1,
  PageUp: (index, axis) => index + axis.page,
  PageDown: (index, axis) => index - axis.page,
  Home: () => 0,
  End: (_index, axis) => axis.count - 1,
};

const isOfControl = ({ name }: Attr): boolean => name === 'role' || name === 'tabindex' || name.startsWith('aria-');

export interface ChartCursor {
  /** Call after each drawing: the axis may have changed. */
  use(axis: CursorAxis | null): void;
}

export function chartCursor(chart: HTMLElement): ChartCursor {
  const control = Object.fromEntries([...chart.attributes].filter(isOfControl).map(({ name, value }) => [name, value]));
  let axis: CursorAxis | null = null;
  let index: number | null = null;

  function move(to: number | null) {
    if (!axis || axis.count === 0) return;
    index = to === null ? null : Math.min(axis.count - 1, Math.max(0, to));
    axis.show(index);
    tell();
  }

  function tell() {
    if (!axis) return;
    chart.setAttribute('aria-valuemax', String(Math.max(0, axis.count - 1)));
    chart.setAttribute('aria-valuenow', String(index ?? 0));
    chart.setAttribute('aria-valuetext', axis.count === 0 ? 'no data' : axis.say(index ?? 0));
  }

  chart.addEventListener('pointermove', (event) => {
    if (axis) move(axis.indexAt(event.clientX - chart.getBoundingClientRect().left));
  });
  chart.addEventListener('pointerdown', (event) => {
    if (axis) move(axis.indexAt(event.clientX - chart.getBoundingClientRect().left));
  });
  chart.addEventListener('pointerleave', () => {
    if (document.activeElement !== chart) move(null);
  });
  chart.addEventListener('focus', () => move(index ?? 0));
  chart.addEventListener('blur', () => move(null));
  chart.addEventListener('keydown', (event) => {
    const next = movesByKey[event.key];
    if (!axis || !next) return;
    event.preventDefault();
    move(next(index ?? 0, axis));
  });
  return {
    use(next) {
      axis = next;
      // Without anything to read it is no control, and what is offered in its place (a button) must not stand inside of one.
      for (const [name, value] of Object.entries(control)) {
        if (next) chart.setAttribute(name, value);
        else chart.removeAttribute(name);
      }
      tell();
      if (index !== null) move(index);
    },
  };
}
