//! What the search index finds, what it keeps of what is gone, and what becomes of a broken one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_protocol::name::Query;
use hearth_protocol::{MemberId, Message, NoteKey, RoomId, RunId, Title};
use hearth_store::{
    Excerpt, SearchChanges, SearchIndex, SearchMark, SearchReader, StoreError, Terms,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::support::{SessionFile, message};

struct Index {
    index: SearchIndex,
    reader: SearchReader,
    file: SessionFile,
    mark: SearchMark,
}

impl Index {
    async fn new() -> Self {
        let file = SessionFile::new().await;
        let (index, reader) = SearchIndex::open(&file.reader).await.unwrap();
        let mark = SearchMark {
            run: RunId(uuid::Uuid::new_v4()),
            seq: 7,
            edits: 5,
            sights: 3,
        };
        Self {
            index,
            reader,
            file,
            mark,
        }
    }

    fn path(&self) -> PathBuf {
        self.file.path().with_extension("hearth.search")
    }

    /// Whether the index or the log beside it has these bytes somewhere.
    fn files_hold(&self, bytes: &[u8]) -> bool {
        [self.path(), self.path().with_extension("search-wal")]
            .iter()
            .filter_map(|path| std::fs::read(path).ok())
            .any(|held| held.windows(bytes.len()).any(|window| window == bytes))
    }

    async fn write(&mut self, changes: SearchChanges) {
        self.index.commit(changes, self.mark).await.unwrap();
    }

    async fn note(&mut self, title: &str, body: &str) -> NoteKey {
        let key = NoteKey::new();
        self.write(SearchChanges {
            titles: vec![(key, Title::new(title).unwrap())],
            bodies: vec![(key, body.to_owned())],
            ..SearchChanges::default()
        })
        .await;
        key
    }

    async fn messages(&mut self, room: RoomId, bodies: &[&str]) -> Vec<Message> {
        let by = MemberId::new();
        let bodies = (1..).zip(bodies);
        let messages = bodies.map(|(seq, body)| message(by, room, seq, body));
        let messages: Vec<_> = messages.collect();
        self.write(SearchChanges {
            messages: messages.clone(),
            ..SearchChanges::default()
        })
        .await;
        messages
    }

    async fn found(&self, query: &str) -> Vec<(NoteKey, Excerpt)> {
        let terms = Arc::new(terms(query));
        let found = self.reader.notes(&terms, 100, soon(), |_| true).await;
        found.unwrap()
    }

    async fn keys(&self, query: &str) -> Vec<NoteKey> {
        let found = self.found(query).await;
        found.into_iter().map(|(key, _)| key).collect()
    }

    async fn seqs(&self, query: &str) -> Vec<u64> {
        let found = self
            .reader
            .messages(&terms(query), None, 100, soon(), |_| true)
            .await;
        found.unwrap()
    }

    /// Lets go of the files, changes the index's, and opens it again.
    async fn reopen_after(self, change: impl FnOnce(&PathBuf)) -> Self {
        let path = self.path();
        self.reader.close().await;
        self.index.close().await.unwrap();
        change(&path);
        let (index, reader) = SearchIndex::open(&self.file.reader).await.unwrap();
        Self {
            index,
            reader,
            ..self
        }
    }
}

fn terms(query: &str) -> Terms {
    Terms::new(&Query::new(query).unwrap())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

#[tokio::test]
async fn words_may_stand_in_title_and_text_and_titles_come_first() {
    let mut index = Index::new().await;
    let text = index.note("Plans", "tea tea tea and cake").await;
    let title = index.note("Tea and cake", "later").await;
    let both = index.note("Tea", "with cake").await;
    let found = index.keys("cake tea").await;
    assert_eq!(found[0], title);
    assert_eq!(found.len(), 3);
    assert!(found.contains(&text) && found.contains(&both));
    assert_eq!(index.keys("plans CAK").await, [text]);
    assert!(index.keys("cak plans").await.is_empty());
}

#[tokio::test]
async fn an_excerpt_is_of_the_text_as_it_was_written() {
    let mut index = Index::new().await;
    index.note("Title", "Erst die\nÜBUNG, dann 🎈").await;
    let (_, found) = index.found("ubung").await.remove(0);
    assert_eq!(found.text, "Erst die ÜBUNG, dann 🎈");
    assert_eq!(found.ranges, [[9, 14]]);
    let (_, found) = index.found("title").await.remove(0);
    assert_eq!((found.text.len(), found.ranges), (26, vec![]));
}

#[tokio::test]
async fn only_what_is_wanted_counts_towards_the_limit() {
    let mut index = Index::new().await;
    let mut keys = Vec::new();
    for _ in 0..10 {
        keys.push(index.note("Same", "words").await);
    }
    let last = index.keys("same").await[9];
    let terms = Arc::new(terms("same"));
    let wanted = |key| key == last;
    let found = index.reader.notes(&terms, 1, soon(), wanted).await.unwrap();
    assert_eq!(found[0].0, last);

    let (one, other) = (RoomId::new(), RoomId::new());
    index.messages(one, &["word", "word", "word"]).await;
    let messages = index.reader.messages(&terms, None, 2, soon(), |_| true);
    assert!(messages.await.unwrap().is_empty());
    let word = Terms::new(&Query::new("word").unwrap());
    let messages = index.reader.messages(&word, None, 2, soon(), |_| true);
    assert_eq!(messages.await.unwrap(), [3, 2]);
    let messages = index.reader.messages(&word, Some(2), 2, soon(), |_| true);
    assert_eq!(messages.await.unwrap(), [1]);
    let messages = index
        .reader
        .messages(&word, None, 2, soon(), |room| room == other);
    assert!(messages.await.unwrap().is_empty());
}

#[tokio::test]
async fn what_changes_or_goes_leaves_nothing_in_the_file() {
    let mut index = Index::new().await;
    let secrets = ["amaranthine", "borborygmus", "cacographer", "defenestrate"];
    let key = index.note("amaranthine", "defenestrate").await;
    let gone = index.note("borborygmus", "cacographer").await;
    let room = RoomId::new();
    let mut messages = index.messages(room, &["amaranthine", "defenestrate"]).await;
    let purged = RoomId::new();
    let mut others = index.messages(purged, &["", "", "borborygmus"]).await;
    others[2].seq = 9;
    messages[0].body = "changed".to_owned();
    messages[1].body.clear();
    index
        .write(SearchChanges {
            titles: vec![(key, Title::new("new").unwrap())],
            bodies: vec![(key, "newer".to_owned())],
            gone_notes: vec![gone],
            messages,
            gone_rooms: vec![purged],
        })
        .await;
    assert_eq!(index.keys("new newer").await, [key]);
    assert_eq!(index.seqs("changed").await, [1]);
    for secret in secrets {
        assert!(index.keys(secret).await.is_empty(), "{secret}");
        assert!(index.seqs(secret).await.is_empty(), "{secret}");
    }
    let path = index.path();
    index.reader.close().await;
    index.index.close().await.unwrap();
    let bytes = std::fs::read(path).unwrap();
    for secret in secrets {
        // Words are stored without the beginning they share with the one before.
        let rest = &secret.as_bytes()[2..];
        let found = bytes.windows(rest.len()).any(|window| window == rest);
        assert!(!found, "{secret}");
    }
}

#[tokio::test]
async fn the_index_knows_how_far_it_is_complete() {
    let mut index = Index::new().await;
    assert_eq!(index.index.mark(), None);
    let key = index.note("Kept", "words").await;
    let mark = index.mark;
    let index = index.reopen_after(|_| ()).await;
    assert_eq!(index.index.mark(), Some(mark));
    assert_eq!(index.keys("kept").await, [key]);
}

#[tokio::test]
async fn what_a_search_kept_from_leaving_goes_with_what_is_written_next() {
    let mut index = Index::new().await;
    let mut messages = index.messages(RoomId::new(), &["borborygmus"]).await;
    let options = SqliteConnectOptions::new().filename(index.path());
    let mut searching = options.connect().await.unwrap();
    let mut search = searching.begin().await.unwrap();
    let mark = sqlx::query("select seq from mark");
    mark.fetch_one(&mut *search).await.unwrap();

    messages[0].body.clear();
    index
        .write(SearchChanges {
            messages,
            ..SearchChanges::default()
        })
        .await;
    let rest = &b"borborygmus"[2..];
    assert!(index.files_hold(rest), "it could not be emptied yet");

    search.rollback().await.unwrap();
    searching.close().await.unwrap();
    index.note("something", "else").await;
    assert!(!index.files_hold(rest));
}

#[tokio::test]
async fn an_index_that_is_broken_strange_or_gone_is_made_anew() {
    let broken: [fn(&PathBuf); 5] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::write(path, "").unwrap(),
        |path| std::fs::write(path, "no database ".repeat(1_000)).unwrap(),
        |path| {
            let mut bytes = std::fs::read(path).unwrap();
            let end = bytes.len();
            bytes[4_096..end].fill(0x5a);
            std::fs::write(path, bytes).unwrap();
        },
        |path| {
            // The format's number, as a build to come may have it.
            let mut bytes = std::fs::read(path).unwrap();
            bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
            std::fs::write(path, bytes).unwrap();
        },
    ];
    for change in broken {
        let mut index = Index::new().await;
        index.note("Before", "words").await;
        let mut index = index.reopen_after(change).await;
        assert_eq!(index.index.mark(), None);
        assert!(index.keys("before").await.is_empty());
        let key = index.note("After", "words").await;
        assert_eq!(index.keys("after").await, [key]);
    }
}

#[tokio::test]
async fn a_search_that_takes_too_long_is_given_up_and_the_next_one_is_not() {
    let mut index = Index::new().await;
    for _ in 0..300 {
        index.note("Same", "words words words").await;
    }
    let same = Arc::new(terms("words"));
    let past = Instant::now();
    let found = index.reader.notes(&same, 100, past, |_| true).await;
    assert!(matches!(found, Err(StoreError::TooMuch)), "{found:?}");
    assert_eq!(index.keys("words").await.len(), 100);
}

#[tokio::test]
async fn the_rooms_whose_messages_can_be_found_are_known() {
    let mut index = Index::new().await;
    let (kitchen, cellar) = (RoomId::new(), RoomId::new());
    index.messages(kitchen, &["salt", "pepper"]).await;
    index.messages(cellar, &["wine"]).await;
    let mut rooms = index.index.rooms().await.unwrap();
    rooms.sort_unstable();
    let mut expected = [kitchen, cellar];
    expected.sort_unstable();
    assert_eq!(rooms, expected);
    index
        .write(SearchChanges {
            gone_rooms: vec![cellar],
            ..SearchChanges::default()
        })
        .await;
    assert_eq!(index.index.rooms().await.unwrap(), [kitchen]);
}
