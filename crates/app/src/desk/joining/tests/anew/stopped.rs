//! The process ends while the old copy gives way to the new one: after a restart there is the old
//! one, or both.

use std::path::PathBuf;

use super::*;

impl Person {
    /// The same person after a restart. What the files are like by then is laid out meanwhile.
    async fn restarts(self, meanwhile: impl FnOnce(&TempDir)) -> Self {
        let Self { desk, folder } = self;
        desk.close().await;
        drop(desk);
        meanwhile(&folder);
        let desk = Desk::open(folder.path(), folder.path()).expect("a desk");
        Self { desk, folder }
    }
}

fn renamed(from: PathBuf, to: PathBuf) {
    fs::rename(from, to).expect("renamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_stopped_while_a_copy_is_set_aside_finds_the_old_one_or_both() {
    let (mina, ben) = (Person::new(), Person::new());
    let (_, port) = mina.host("Tea", None).await;
    let session = mina.desk.hosting().await.expect("hosted").session;
    mina.keeps(session).await;
    let (his, _) = ben.window(&ben.joined(port).await.window).await;
    say(&his, "his").await.expect("said");
    ben.desk.leave(true).await.expect("left");
    let (_, port) = mina.go_back_to(session, BACKUP).await;
    ben.joined(port).await;

    let both = [
        (Kind::ReadOnly, "Tea".to_owned()),
        (Kind::Joined, "Tea".to_owned()),
    ];
    let aside = ben.aside();
    let place = |folder: &TempDir, id, ending: &str| {
        let name = format!("sessions/{id}.hearth{ending}");
        folder.path().join(name)
    };

    // The old one has given way, and the new one has not its place yet.
    let ben = ben
        .restarts(|folder| renamed(place(folder, session, ""), place(folder, session, ".anew")))
        .await;
    let mut listed = ben.recent();
    listed.sort_by_key(|(kind, _)| *kind != Kind::ReadOnly);
    assert_eq!(listed, both);
    let opened = ben.desk.open_session(session).await.expect("opened");
    let OpenSession::Joined(joined) = opened else {
        panic!("it is a copy");
    };
    let (his, _) = ben.window(&joined.window).await;
    let items = offered(&his).await;
    assert_eq!(in_short(&items), ["message his: again"]);

    // The new one is made, and the old one is in its place.
    let ben = ben
        .restarts(|folder| {
            renamed(place(folder, session, ""), place(folder, session, ".anew"));
            renamed(place(folder, aside, ""), place(folder, session, ""));
        })
        .await;
    assert_eq!(ben.recent(), [(Kind::Joined, "Tea".to_owned())]);
    mina.desk.stop().await;
    let opened = ben.desk.open_session(session).await.expect("opened");
    let OpenSession::Joined(joined) = opened else {
        panic!("it is a copy");
    };
    let (his, _) = ben.window(&joined.window).await;
    assert_eq!(said(&his).await, ["his"]);
    for person in [&ben, &mina] {
        person.desk.close().await;
    }
}
