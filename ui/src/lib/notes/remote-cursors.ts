import { type Extension, type Range, StateEffect } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import * as Y from 'yjs';
import type { LiveText } from '../client/live-text';
import type { CursorPlace, NoteCursors } from '../client/note-cursors';
import type { Cursor } from '../protocol';
import { inkOn } from '../shared/contrast';

/** Somebody's cursor moved; empty: all may have. */
const moved = StateEffect.define<readonly string[]>();

/**
 * Others' cursors and selections in a note, and one's own told to them. A name shows when its
 * cursor moves, and fades; pointing at the cursor shows it again.
 */
export function remoteCursors(live: LiveText, cursors: NoteCursors): Extension {
  class Shown {
    decorations: DecorationSet = Decoration.none;
    /** Counts each cursor's moves: a move shows the name anew, a redraw does not. */
    readonly #moves = new Map<string, number>();
    readonly #hide: () => void;
    #told = '';

    constructor(view: EditorView) {
      this.#draw(view);
      this.#hide = cursors.show((whose) => view.dispatch({ effects: moved.of(whose) }));
    }

    update(update: ViewUpdate) {
      const effects = update.transactions.flatMap((one) => one.effects);
      const whose = effects.filter((effect) => effect.is(moved)).flatMap((effect) => effect.value);
      for (const socket of whose) this.#moves.set(socket, (this.#moves.get(socket) ?? 0) + 1);
      const any = effects.some((effect) => effect.is(moved));
      if (any || update.docChanged) this.#draw(update.view);
      if (update.selectionSet || update.docChanged || update.focusChanged) this.#tell(update.view);
    }

    destroy() {
      this.#hide();
    }

    #draw(view: EditorView) {
      const marks = [...cursors.others.values()].flatMap((cursor) => this.#marks(view, cursor));
      this.decorations = Decoration.set(marks, true);
    }

    #marks(view: EditorView, cursor: Cursor): Range<Decoration>[] {
      const anchor = this.#index(cursor, 'anchor', view);
      const head = this.#index(cursor, 'head', view);
      if (anchor === null || head === null) return [];
      const flag = new Flag(cursor, this.#moves.get(cursor.socket) ?? 0);
      const side = head > anchor ? -1 : 1;
      const caret = Decoration.widget({ widget: flag, side }).range(head);
      if (anchor === head) return [caret];
      const style = `background-color: ${colorOf(cursor)}40`;
      const selected = Decoration.mark({ attributes: { style, class: 'cm-others-selection' } });
      return [selected.range(Math.min(anchor, head), Math.max(anchor, head)), caret];
    }

    #index(cursor: Cursor, end: keyof CursorPlace, view: EditorView): number | null {
      try {
        // Another client's words: anything may stand there.
        const place = (cursor.position as CursorPlace | undefined)?.[end];
        const relative = Y.createRelativePositionFromJSON(place);
        const found = Y.createAbsolutePositionFromRelativePosition(relative, live.doc);
        if (found?.type !== live.text) return null;
        return Math.min(found.index, view.state.doc.length);
      } catch {
        return null;
      }
    }

    #tell(view: EditorView) {
      if (!view.hasFocus) return;
      const { anchor, head } = view.state.selection.main;
      const place = { anchor: positionOf(anchor), head: positionOf(head) };
      const told = JSON.stringify(place);
      if (told !== this.#told) cursors.move(place);
      this.#told = told;
    }
  }

  function positionOf(index: number): unknown {
    // Bound to the character before it: what others type at the same place comes behind.
    const at = Math.min(index, live.text.length);
    return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(live.text, at, -1));
  }

  return [ViewPlugin.fromClass(Shown, { decorations: (shown) => shown.decorations }), looks];
}

/** The host checks colours; one that is no colour must not become a style. */
function colorOf(cursor: Cursor): string {
  return /^#[0-9a-f]{6}$/i.test(cursor.color) ? cursor.color : '#7a7f87';
}

class Flag extends WidgetType {
  readonly #cursor: Cursor;
  readonly #moves: number;

  constructor(cursor: Cursor, moves: number) {
    super();
    this.#cursor = cursor;
    this.#moves = moves;
  }

  override eq(other: Flag): boolean {
    const [mine, theirs] = [this.#cursor, other.#cursor];
    return (
      mine.socket === theirs.socket &&
      mine.name === theirs.name &&
      mine.color === theirs.color &&
      this.#moves === other.#moves
    );
  }

  override toDOM(): HTMLElement {
    const color = colorOf(this.#cursor);
    const caret = document.createElement('span');
    caret.className = 'cm-others-cursor';
    caret.style.setProperty('--person', color);
    caret.style.setProperty('--person-ink', inkOn(color));
    caret.setAttribute('aria-hidden', 'true');
    // Drawn by the style sheet, so that it is never part of a text that is read or copied.
    caret.dataset.name = this.#cursor.name;
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const looks = EditorView.baseTheme({
  '.cm-others-cursor': {
    position: 'relative',
    display: 'inline',
    marginInline: '-1px',
    borderInlineStart: '2px solid var(--person)',
  },
  '.cm-others-cursor::before': {
    content: 'attr(data-name)',
    position: 'absolute',
    insetBlockEnd: '100%',
    insetInlineStart: '-2px',
    zIndex: '5',
    maxWidth: '14rem',
    padding: '0.1em 0.45em',
    borderRadius: '0.4em 0.4em 0.4em 0',
    overflow: 'hidden',
    backgroundColor: 'var(--person)',
    color: 'var(--person-ink)',
    font: '600 0.6875rem / 1.4 var(--text)',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    pointerEvents: 'none',
    opacity: '0',
    animation: 'cm-others-name 2.4s',
  },
  '.cm-others-cursor:hover::before': { opacity: '1' },
  // Under it the first line has nothing above; the name would be cut off there.
  '.cm-line:first-child .cm-others-cursor::before': {
    insetBlock: '100% auto',
    borderRadius: '0 0.4em 0.4em 0.4em',
  },
  '@keyframes cm-others-name': { '0%, 85%': { opacity: '1' }, '100%': { opacity: '0' } },
});
