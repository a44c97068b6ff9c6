import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  openSearchPanel,
  replaceAll,
  replaceNext,
  search,
  SearchQuery,
  setSearchQuery,
} from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, type Panel, type ViewUpdate } from '@codemirror/view';
import { mount, unmount } from 'svelte';
import type * as Y from 'yjs';
import { t } from '../shared/messages/index.svelte';
import FindPanel from './FindPanel.svelte';

/** More are not counted: the number says enough then, and a long text is gone through quickly. */
const MOST_COUNTED = 1_000;
const COUNT_WITHIN_MS = 20;
const COUNT_AFTER_MS = 120;

type Query = Pick<SearchQuery, 'search' | 'replace' | 'caseSensitive' | 'wholeWord'>;

/** What is looked for in a note, and how often it is there. */
export class Find {
  query = $state.raw<Query>({ search: '', replace: '', caseSensitive: false, wholeWord: false });
  readOnly = $state(false);
  count = $state(0);
  /** Whether there are more than `count`. */
  more = $state(false);
  /** Which of them is selected, from 1; 0: none. */
  current = $state(0);

  readonly #view: EditorView;
  readonly #undo: Y.UndoManager;
  /** Where the person was when they began to look: what is typed is looked for from there. */
  readonly #from: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView, undo: Y.UndoManager) {
    this.#view = view;
    this.#undo = undo;
    this.#from = view.state.selection.main.from;
    this.readOnly = view.state.readOnly;
    this.query = getSearchQuery(view.state);
    this.#count();
  }

  /** Looks for something else, or otherwise. */
  change(changed: Partial<Query>) {
    const { search, replace, caseSensitive, wholeWord } = { ...this.query, ...changed };
    // Literal: a backslash is one.
    const query = new SearchQuery({ search, replace, caseSensitive, wholeWord, literal: true });
    this.#view.dispatch({ effects: setSearchQuery.of(query) });
    if (!('replace' in changed)) this.#showFirst(query);
  }

  next = () => void findNext(this.#view);
  previous = () => void findPrevious(this.#view);
  replace = () => this.#asOneStep(replaceNext);
  replaceAll = () => this.#asOneStep(replaceAll);

  close = () => {
    closeSearchPanel(this.#view);
    this.#view.focus();
  };

  update(update: ViewUpdate) {
    const query = getSearchQuery(update.state);
    this.readOnly = update.state.readOnly;
    const another = !query.eq(getSearchQuery(update.startState));
    if (another) this.query = query;
    if (!another && !update.docChanged && !update.selectionSet) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#count(), COUNT_AFTER_MS);
  }

  end() {
    clearTimeout(this.#timer);
  }

  /** Undone by itself: what was typed a moment before is another step, and what comes after too. */
  #asOneStep(command: (view: EditorView) => boolean) {
    this.#undo.stopCapturing();
    command(this.#view);
    this.#undo.stopCapturing();
  }

  #showFirst(query: SearchQuery) {
    if (!query.valid) return;
    const { state } = this.#view;
    const from = Math.min(this.#from, state.doc.length);
    const found = first(query, state, from) ?? first(query, state, 0);
    if (!found) return;
    this.#view.dispatch({
      selection: { anchor: found.from, head: found.to },
      effects: EditorView.scrollIntoView(found.from, { y: 'center' }),
      userEvent: 'select.search',
    });
  }

  #count() {
    const { state } = this.#view;
    const query = getSearchQuery(state);
    const { from, to } = state.selection.main;
    const end = performance.now() + COUNT_WITHIN_MS;
    let [count, current, more] = [0, 0, false];
    if (query.valid) {
      const matches = query.getCursor(state);
      for (let match = matches.next(); !match.done; match = matches.next()) {
        more = count >= MOST_COUNTED || performance.now() > end;
        if (more) break;
        count += 1;
        if (match.value.from === from && match.value.to === to) current = count;
      }
    }
    [this.count, this.current, this.more] = [count, current, more];
  }
}

function first(query: SearchQuery, state: EditorState, from: number) {
  const match = query.getCursor(state, from).next();
  return match.done ? null : match.value;
}

/** Looking for words in a note, and putting others in their place, which is one step to undo. */
export function finding(undo: Y.UndoManager): Extension {
  return [
    search({ top: true, literal: true, createPanel: (view) => panel(view, undo) }),
    keymap.of([
      { key: 'Mod-f', run: openSearchPanel, preventDefault: true },
      { key: 'F3', run: findNext, shift: findPrevious, preventDefault: true },
      { key: 'Mod-g', run: findNext, shift: findPrevious, preventDefault: true },
    ]),
    EditorState.phrases.of({
      'current match': t('find.announceMatch'),
      'on line': t('find.announceLine'),
      'replaced match on line $': t('find.announceReplaced'),
      'replaced $ matches': t('find.announceReplacedAll'),
    }),
    looks,
  ];
}

export function openFind(view: EditorView) {
  openSearchPanel(view);
}

function panel(view: EditorView, undo: Y.UndoManager): Panel {
  const dom = document.createElement('div');
  const find = new Find(view, undo);
  const drawn = mount(FindPanel, { target: dom, props: { find } });
  const field = dom.querySelector('input')!;
  // How the editor knows where the focus goes when it is open already.
  field.setAttribute('main-field', 'true');
  return {
    dom,
    top: true,
    mount: () => field.select(),
    update: (update) => find.update(update),
    destroy: () => {
      find.end();
      void unmount(drawn);
    },
  };
}

const looks = EditorView.theme({
  '.cm-panels': { backgroundColor: 'transparent', color: 'inherit' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)', borderRadius: '2px' },
  '.cm-searchMatch-selected': {
    backgroundColor: 'var(--accent-soft)',
    boxShadow: '0 0 0 1.5px var(--accent)',
  },
});
