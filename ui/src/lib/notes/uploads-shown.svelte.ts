import { EditorState, type Extension, StateEffect } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import { mount, unmount } from 'svelte';
import type { NoteUploads, Upload } from '../client/note-uploads.svelte';
import UploadMark from './UploadMark.svelte';

const changed = StateEffect.define<null>();

/** Files on their way, at the places in the text that they go to. */
export function uploadsShown(uploads: NoteUploads): Extension {
  class Shown {
    decorations: DecorationSet;
    readonly #stop: () => void;

    constructor(view: EditorView) {
      this.decorations = this.#draw(view);
      this.#stop = $effect.root(() => {
        $effect(() => {
          void uploads.all;
          queueMicrotask(() => view.dispatch({ effects: changed.of(null) }));
        });
      });
    }

    update(update: ViewUpdate) {
      const effects = update.transactions.some((one) =>
        one.effects.some((effect) => effect.is(changed)),
      );
      if (effects || (update.docChanged && uploads.all.length)) {
        this.decorations = this.#draw(update.view);
      }
    }

    destroy() {
      this.#stop();
    }

    #draw(view: EditorView): DecorationSet {
      const marks = uploads.all.map((upload) => {
        const at = Math.min(uploads.indexOf(upload), view.state.doc.length);
        return Decoration.widget({ widget: new Mark(upload, uploads), side: -1 }).range(at);
      });
      return Decoration.set(marks, true);
    }
  }
  // Who waits behind a file that is sent goes on behind it when it is there.
  const goBehind = EditorState.transactionFilter.of((transaction) => {
    const { landing } = uploads;
    const { main } = transaction.startState.selection;
    if (!landing || !transaction.docChanged || !main.empty || main.head !== landing.at) {
      return transaction;
    }
    return [transaction, { selection: { anchor: landing.end }, sequential: true }];
  });
  return [ViewPlugin.fromClass(Shown, { decorations: (shown) => shown.decorations }), goBehind];
}

/** Takes pasted and dropped files; words that come with them are what is meant, if there are some. */
export function filesIn(add: (files: File[], at: number) => void): Extension {
  return EditorView.domEventHandlers({
    paste(event, view) {
      const files = [...(event.clipboardData?.files ?? [])];
      const words = event.clipboardData?.getData('text/plain');
      if (files.length === 0 || words || view.state.readOnly) return false;
      event.preventDefault();
      view.dispatch(view.state.replaceSelection(''));
      add(files, view.state.selection.main.head);
      return true;
    },
    drop(event, view) {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return false;
      // The browser would leave the page to show the file.
      event.preventDefault();
      if (view.state.readOnly) return true;
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      add(files, at ?? view.state.selection.main.head);
      return true;
    },
  });
}

class Mark extends WidgetType {
  readonly #upload: Upload;
  readonly #uploads: NoteUploads;
  #drawn: object | null = null;

  constructor(upload: Upload, uploads: NoteUploads) {
    super();
    this.#upload = upload;
    this.#uploads = uploads;
  }

  override eq(other: Mark): boolean {
    return this.#upload === other.#upload;
  }

  override toDOM(): HTMLElement {
    const place = document.createElement('span');
    const props = { upload: this.#upload, uploads: this.#uploads };
    this.#drawn = mount(UploadMark, { target: place, props });
    return place;
  }

  override destroy() {
    if (this.#drawn) void unmount(this.#drawn);
  }

  override ignoreEvent(): boolean {
    return true;
  }
}
