import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
} from '@codemirror/autocomplete';
import { type Extension, Prec, RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';

/** Whom and what a text can name; asked each time, because people come and notes change. */
export interface Nameable {
  members(): readonly { id: string; name: string }[];
  /** People seldom name themselves: that is offered last. */
  isMe(member: string): boolean;
  notes(): readonly { key: string; title: string }[];
}

/** `@` offers people, `[[` offers notes; both then stand in the text as what they name. */
export function references(nameable: Nameable): Extension {
  return [
    autocompletion({
      override: [(context) => people(context, nameable), (context) => notes(context, nameable)],
      icons: false,
    }),
    // Before Enter sends a message or Tab leaves the editor.
    Prec.highest(keymap.of([{ key: 'Tab', run: acceptCompletion }])),
    pills,
  ];
}

/** A mention as it is written. */
export function mention(member: { id: string; name: string }): string {
  return `@[${plain(member.name)}](member:${member.id})`;
}

/** A reference to a note as it is written. */
export function noteReference(note: { key: string; title: string }): string {
  return `[${plain(note.title)}](note:${note.key})`;
}

/** Brackets in a name would end the reference early. */
function plain(name: string): string {
  return name.replace(/[[\]\\]/g, '');
}

function people(context: CompletionContext, nameable: Nameable): CompletionResult | null {
  const typed = context.matchBefore(/(?:^|[\s(])@[\p{L}\p{N}]*$/u);
  if (!typed) return null;
  const from = typed.from + typed.text.indexOf('@');
  const options: Completion[] = nameable.members().map((member) => ({
    label: `@${member.name}`,
    apply: `${mention(member)} `,
    boost: nameable.isMe(member.id) ? -1 : 0,
  }));
  return { from, options, validFor: /^@[\p{L}\p{N} ]*$/u };
}

function notes(context: CompletionContext, nameable: Nameable): CompletionResult | null {
  const typed = context.matchBefore(/\[\[[^\]\n]*$/);
  if (!typed) return null;
  const options: Completion[] = nameable.notes().map((note) => ({
    label: `[[${note.title}`,
    displayLabel: note.title,
    apply: (view, _completion, from, end) => insertNote(view, note, from, end),
  }));
  return { from: typed.from, options, validFor: /^\[\[[^\]\n]*$/ };
}

/** Brackets that the editor closed by itself go with the ones that were typed. */
function insertNote(
  view: EditorView,
  note: { key: string; title: string },
  from: number,
  end: number,
) {
  const closed = /^\]{0,2}/.exec(view.state.sliceDoc(end, end + 2))![0].length;
  const insert = noteReference(note);
  view.dispatch({
    changes: { from, to: end + closed, insert },
    selection: { anchor: from + insert.length },
    annotations: pickedCompletion.of({ label: note.title }),
    userEvent: 'input.complete',
  });
}

class Pill extends WidgetType {
  readonly #text: string;
  readonly #kind: 'name' | 'picture' | 'file';

  constructor(text: string, kind: 'name' | 'picture' | 'file') {
    super();
    this.#text = text;
    this.#kind = kind;
  }

  override eq(other: Pill) {
    return other.#text === this.#text && other.#kind === this.#kind;
  }

  override toDOM() {
    const pill = document.createElement('span');
    pill.className = `cm-pill cm-pill-${this.#kind}`;
    pill.textContent = this.#text;
    return pill;
  }
}

const REFERENCE =
  /([@!]?)\[([^\]\n]+)\]\((?:(?:member|note):[\w-]+|(\/files\/)[\w-]+\/[0-9a-f]{64})\)/g;

function pillOf(mark: string, words: string, isFile: boolean): Pill {
  if (isFile) return new Pill(words, mark === '!' ? 'picture' : 'file');
  // A mark of exclamation before another reference is one.
  return new Pill(mark + words, 'name');
}

const matcher = new MatchDecorator({
  regexp: REFERENCE,
  decoration: (match) =>
    Decoration.replace({ widget: pillOf(match[1] ?? '', match[2] ?? '', Boolean(match[3])) }),
});

/** Draws references as the names they stand for; the cursor steps over them as over one letter. */
const pills = [
  ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = matcher.createDeco(view);
      }
      update(update: ViewUpdate) {
        this.decorations = matcher.updateDeco(update, this.decorations);
      }
    },
    {
      decorations: (plugin) => plugin.decorations,
      provide: (plugin) =>
        EditorView.atomicRanges.of(
          (view) => view.plugin(plugin)?.decorations ?? new RangeSetBuilder<Decoration>().finish(),
        ),
    },
  ),
  EditorView.baseTheme({
    '.cm-pill': {
      padding: '0.05em 0.3em',
      borderRadius: 'var(--radius-small)',
      backgroundColor: 'var(--accent-soft)',
      color: 'var(--accent-strong)',
      fontWeight: '550',
    },
    // Small pictures in the colour of the words; text would be read out and copied.
    '.cm-pill-picture::before, .cm-pill-file::before': {
      content: "''",
      display: 'inline-block',
      boxSizing: 'border-box',
      width: '0.8em',
      height: '0.7em',
      marginInlineEnd: '0.35em',
      border: '0.12em solid currentColor',
      borderRadius: '0.15em',
    },
    '.cm-pill-picture::before': {
      background: 'linear-gradient(to top right, currentColor 45%, transparent 47%)',
    },
    '.cm-pill-file::before': { width: '0.6em', height: '0.8em', verticalAlign: '-0.05em' },
  }),
];
