// The import table of the design as data, and the pure judgement of one import by it.

export interface Room {
  kind: 'schemas' | 'runtime' | 'storage' | 'decision' | 'service' | 'root' | 'free';
  /** The service, where the room is one. */
  name: string;
}

/** Names of the composition root: it alone may wire every service together. */
const compositionRoots = ['cli'];

export function roomOf(file: string): Room {
  if (file.endsWith('.test.ts') || /^(test|grafana|deploy)\//.test(file)) return { kind: 'free', name: 'test' };
  if (file.startsWith('schemas/')) return { kind: 'schemas', name: 'schemas' };
  const [, folder = '', ...rest] = file.split('/');
  if (folder === 'runtime' || folder === 'storage') return { kind: folder, name: folder };
  if (compositionRoots.includes(folder)) return { kind: 'root', name: folder };
  const isDecision = rest.at(-1)?.startsWith('decide-') ?? false;
  return { kind: isDecision ? 'decision' : 'service', name: folder };
}

/** Shapes of the wire that the runtime handles without knowing a health word. */
const wireShapes = ['schemas/wire.ts', 'schemas/dead-letter.ts', 'schemas/topics.ts'];

/** Why `file` may not import `target` (a path from the root, or a package), and what to do; undefined when it may. */
export function verdict(file: string, target: string): string | undefined {
  const from = roomOf(file);
  if (from.kind === 'free') return undefined;
  if (target.startsWith('test/')) return 'product code never imports from test: move what is shared into the product';
  const isOwn = /^(schemas|services)\//.test(target);
  if (!isOwn) {
    if (from.kind === 'schemas' && target !== 'zod') return 'schemas import zod and nothing else';
    if (from.kind === 'decision') return 'a decision is pure: it imports schemas and its own decision files';
    return undefined;
  }
  const to = roomOf(target);
  switch (from.kind) {
    case 'schemas':
      return to.kind === 'schemas' ? undefined : 'schemas import only schemas: hand the value in, or move it here';
    case 'runtime':
      if (to.kind === 'schemas' && !wireShapes.includes(target))
        return 'the runtime knows no health word: only the wire and dead-letter shapes';
      return to.kind === 'runtime' || to.kind === 'schemas'
        ? undefined
        : 'the runtime imports only itself: pass the function in';
    case 'storage':
      return ['storage', 'runtime', 'schemas'].includes(to.kind)
        ? undefined
        : 'storage knows no service: move the shape to schemas';
    case 'decision':
      return to.kind === 'schemas' || (to.kind === 'decision' && to.name === from.name)
        ? undefined
        : 'a decision is pure: it imports schemas and its own decision files';
    case 'service': {
      const isNeighbour = ['service', 'decision', 'root'].includes(to.kind) && to.name !== from.name;
      return isNeighbour
        ? `never another service (${to.name}): facts travel on topics, reads go through storage`
        : undefined;
    }
    default:
      return undefined;
  }
}

/** The module specifiers of a file with their lines. */
export function importsOf(text: string): { specifier: string; line: number }[] {
  return text.split('\n').flatMap((source, index) => {
    const match =
      /(?:^|\})\s*(?:import|export)?\b[^'"]*\bfrom\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/.exec(
        source,
      );
    const specifier = match?.[1] ?? match?.[2] ?? match?.[3];
    return specifier ? [{ specifier, line: index + 1 }] : [];
  });
}
