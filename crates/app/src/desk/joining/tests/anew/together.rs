//! Several people's copies lack the same, and each of them brings it back.

use super::*;

/// Tea, and Eve has it too.
struct Three {
    tea: Tea,
    eve: Person,
    hers: Link,
}

impl std::ops::Deref for Three {
    type Target = Tea;

    fn deref(&self) -> &Tea {
        &self.tea
    }
}

impl Three {
    async fn begun() -> Self {
        let tea = Tea::begun().await;
        let eve = Person::new();
        let hosting = tea.mina.desk.hosting().await.expect("hosted");
        let joined = eve.joined(hosting.invitation.port).await;
        let (hers, _) = eve.window(&joined.window).await;
        Self { tea, eve, hers }
    }

    /// Both copies have what was written, and are closed; then Mina goes back to her backup.
    async fn goes_back(&self) -> (WindowAccess, u16) {
        for person in [&self.ben, &self.eve] {
            person.desk.leave(true).await.expect("left");
        }
        self.mina.go_back_to(self.session, BACKUP).await
    }

    async fn close(&self) {
        for person in [&self.ben, &self.eve, &self.mina] {
            person.desk.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_bring_the_same_back_bring_it_once() {
    let three = Three::begun().await;
    let plan = create(&three.his, "Plan", "one\n").await;
    three.mina.keeps(three.session).await;
    write(&three.his, &plan, "one\ntwo\n").await;
    let new = create(&three.his, "New", "new").await;
    until_text(&three.hers, &new, "new").await;
    let (_, port) = three.goes_back().await;
    let (ben, eve) = (&three.ben, &three.eve);
    let (his, _) = ben
        .window(&ben.joins_what_went_back(port).await.window)
        .await;
    let (hers, _) = eve
        .window(&eve.joins_what_went_back(port).await.window)
        .await;
    let items = offered(&his).await;
    assert_eq!(in_short(&items), ["note New: again", "note Plan: again"]);
    assert_eq!(in_short(&offered(&hers).await), in_short(&items));
    for item in &items {
        bring(&his, item).await;
    }
    let nothing_left = async {
        while !offered(&hers).await.is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(DEADLINE, nothing_left).await.expect("in time");
    assert_eq!(text(&hers, &plan).await, "one\ntwo\n");
    three.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_bring_the_same_words_back_before_they_hear_of_each_other_bring_them_once() {
    let three = Three::begun().await;
    let plan = create(&three.his, "Plan", "one\n").await;
    let shared = create(&three.his, "Shared", "a\n").await;
    three.mina.keeps(three.session).await;
    write(&three.his, &plan, "one\ntwo\n").await;
    write(&three.his, &shared, "a\nb\n").await;
    until_text(&three.hers, &plan, "one\ntwo\n").await;
    until_text(&three.hers, &shared, "a\nb\n").await;
    let (access, port) = three.goes_back().await;
    let (minas, _) = three.mina.window(&access).await;
    write(&minas, &shared, "a\nmina\n").await;
    let mut both = Vec::new();
    for person in [&three.ben, &three.eve] {
        let access = person.joins_what_went_back(port).await.window;
        let (link, _) = person.window(&access).await;
        let items = offered(&link).await;
        assert_eq!(
            in_short(&items),
            ["note Plan: again", "note Shared: beside"]
        );
        let plan = whole(&link, find(&items, "Plan")).await;
        let shared = whole(&link, find(&items, "Shared")).await;
        both.push((link, plan, shared));
    }
    for (link, plan, shared) in &both {
        make(link, plan).await;
        make(link, shared).await;
    }
    for (link, _, _) in &both {
        until_text(link, &plan, "one\ntwo\n").await;
        let merged = text(link, &shared).await;
        let words = ["a\n", "b\n", "mina\n"].map(|word| merged.matches(word).count());
        assert_eq!(words, [2, 1, 1], "{merged}");
        let refused = link.call("outbox:list", json!({})).await.expect("a list");
        assert_eq!(refused["refused"], json!([]), "nothing is kept as lost");
    }
    assert_eq!(text(&minas, &plan).await, "one\ntwo\n");
    assert!(offered(&both[0].0).await.is_empty());
    // Whoever brought it back may have thought better of it before somebody else looks.
    write(&minas, &plan, "one\n").await;
    until_text(&both[1].0, &plan, "one\n").await;
    assert!(offered(&both[1].0).await.is_empty());
    three.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_set_the_same_note_beside_make_one() {
    let three = Three::begun().await;
    let shared = create(&three.his, "Shared", "a\n").await;
    three.mina.keeps(three.session).await;
    write(&three.his, &shared, "a\nb\n").await;
    until_text(&three.hers, &shared, "a\nb\n").await;
    let (access, port) = three.goes_back().await;
    let (minas, _) = three.mina.window(&access).await;
    write(&minas, &shared, "a\nmina\n").await;
    let mut both = Vec::new();
    for person in [&three.ben, &three.eve] {
        let access = person.joins_what_went_back(port).await.window;
        let (link, _) = person.window(&access).await;
        let items = offered(&link).await;
        assert_eq!(in_short(&items), ["note Shared: beside"]);
        let whole = whole(&link, &items[0]).await;
        both.push((link, whole));
    }
    let room = room(&minas).await;
    let note = |whole: &Value| {
        let (id, body) = (&whole["beside"], &whole["text"]);
        json!({ "id": id, "room": room, "title": "Shared, before", "body": body })
    };
    let made = both[0].0.call("note:create", note(&both[0].1)).await;
    let beside = made.expect("made")["note"]["key"].clone();
    until_text(&both[1].0, &beside, "a\nb\n").await;
    let refused = both[1].0.call("note:create", note(&both[1].1)).await;
    match refused {
        Err(CallFailure::Refused(error)) => assert_eq!(error.code, Code::Conflict),
        other => panic!("made twice: {other:?}"),
    }
    assert_eq!(text(&minas, &beside).await, "a\nb\n");
    for (link, _) in &both {
        assert!(offered(link).await.is_empty());
    }
    three.close().await;
}
