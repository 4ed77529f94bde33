// Documents into metrics, against `JSON.parse` of the same bytes: all resources in the proportions in which a ring makes them.
import { normalizeDocument } from '../../services/normalize/normalize-document.ts';
import type { Bench } from './bench.ts';
import { interleaved, percent, perSecond, wholeNumber } from './figures.ts';
import { simulatedDays } from './simulated-year.ts';

const rounds = 7;

export const bench: Bench = {
  name: 'normalize',
  async run() {
    const documents = [...simulatedDays(30)].flat().filter(({ deleted }) => !deleted);
    const rate = (work: (document: (typeof documents)[number]) => unknown) => () => {
      const startMs = performance.now();
      for (const document of documents) work(document);
      return (documents.length * 1000) / (performance.now() - startMs);
    };
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const { parse, normalize } = await interleaved(rounds, {
      parse: rate(({ bytes }) => JSON.parse(decoder.decode(bytes))),
      normalize: rate(normalizeDocument),
    });
    const averageBytes = documents.reduce((sum, { bytes }) => sum + bytes.length, 0) / documents.length;
    return [
      {
        measure: 'documents normalised, all resources of 30 days',
        value: perSecond(normalize),
        goal: '≥ 50 % of `JSON.parse`',
        beside: `${percent(normalize / parse)} of \`JSON.parse\`: ${perSecond(parse)}; ${wholeNumber(documents.length)} documents, ${wholeNumber(averageBytes)} bytes on average`,
      },
    ];
  },
};
