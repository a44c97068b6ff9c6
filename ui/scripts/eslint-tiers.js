import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = resolve(dirname(fileURLToPath(import.meta.url)), '../src');

/**
 * Who may import whom. A file belongs to the first folder that fits; `domain` stands for every
 * other folder of `lib/`. Domains do not know each other: what two need goes to `client` (state)
 * or `shared` (looks).
 */
const MAY_IMPORT = {
  protocol: [],
  shared: ['protocol'],
  platform: ['protocol', 'shared'],
  client: ['protocol', 'shared', 'platform'],
  domain: ['protocol', 'shared', 'platform', 'client'],
  views: ['protocol', 'shared', 'platform', 'client', 'domain', 'views'],
};

/** The door to the window: only these may name Tauri. */
const TAURI_DOOR = `lib${sep}platform${sep}`;

function placeOf(file) {
  const parts = relative(SOURCE, file).split(sep);
  if (parts[0] === '..') return null;
  if (parts[0] !== 'lib') return { tier: 'views', folder: 'views' };
  const folder = parts[1];
  const tier = folder in MAY_IMPORT && folder !== 'views' ? folder : 'domain';
  return { tier, folder };
}

function targetOf(file, source) {
  return source.startsWith('.') ? placeOf(resolve(dirname(file), source)) : null;
}

/** @type {import('eslint').Rule.RuleModule} */
export const tiers = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      tier: '{{from}} must not import {{to}}: shared ← client ← domains ← views.',
      door: 'Only lib/platform may import {{source}}.',
    },
  },
  create(context) {
    const here = placeOf(context.filename);
    if (!here) return {};

    function check(node) {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const name = relative(SOURCE, context.filename);
      if (source.startsWith('@tauri-apps/') && !name.startsWith(TAURI_DOOR)) {
        context.report({ node, messageId: 'door', data: { source } });
      }
      const there = targetOf(context.filename, source);
      if (!there || there.folder === here.folder) return;
      if (!MAY_IMPORT[here.tier].includes(there.tier)) {
        context.report({ node, messageId: 'tier', data: { from: here.folder, to: there.folder } });
      }
    }

    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
