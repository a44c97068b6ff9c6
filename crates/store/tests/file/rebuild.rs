//! Everything that is only projected can be made again from the log.

use hearth_protocol::id::DeviceId;
use hearth_protocol::name::{Color, Pin};
use hearth_protocol::object::{Admission, Browsers, Removed};
use hearth_protocol::{Fact, FactKind, FileHash, Name, Role, RunId, Session, Title, Topic};
use hearth_store::Write;

use crate::support::{
    PROJECTIONS, SessionFile, THE_REST, at, edit, fact, file_added, invite, member, message, note,
    raw, room, sign_in,
};

/// Writes every kind of fact at least once, and gives them as they were written.
pub(crate) async fn every_kind(file: &mut SessionFile) -> Vec<Fact> {
    let session_id = file.writer.load().await.unwrap().session.id;
    let run = RunId::new();
    let session = Session {
        id: session_id,
        name: Name::new("Orchard").unwrap(),
        run,
        admission: Admission::Pin,
        guests: Role::Viewer,
        browsers: Browsers::Off,
    };
    let (ada, bob) = (member("Ada"), member("Bob"));
    let mut renamed = ada.clone();
    renamed.name = Name::new("Ada L.").unwrap();
    renamed.color = Color::new("#123456").unwrap();
    let mut demoted = bob.clone();
    demoted.role = Role::Viewer;
    let cleo = member("Cleo");
    let (mut banned, mut unbanned) = (cleo.clone(), cleo.clone());
    banned.removed = Some(Removed::Banned);
    unbanned.removed = Some(Removed::Removed);
    let (kitchen, cellar, mut talk) = (room("Kitchen"), room("Cellar"), room("Talk"));
    talk.private = true;
    talk.direct = Some([ada.id, bob.id]);
    let mut retold = kitchen.clone();
    retold.topic = Topic::new("What is for lunch").unwrap();
    let mut closed = cellar.clone();
    closed.destroyed_at = Some(at(9));
    let (soup, wine, salt) = (
        note(ada.id, kitchen.id, "Soup"),
        note(bob.id, cellar.id, "Wine"),
        note(ada.id, kitchen.id, "Salt"),
    );
    let mut retitled = soup.clone();
    retitled.title = Title::new("Soups").unwrap();
    retitled.version = 2;
    retitled.updated_at = at(11);
    let mut trashed = salt.clone();
    trashed.trashed_at = Some(at(12));
    let mut moved = retitled.clone();
    moved.room = talk.id;
    moved.version = 3;
    let base = file.head;
    let hello = message(ada.id, kitchen.id, base + 20, "Hello");
    let mut hello_again = hello.clone();
    hello_again.body = "Hello again".to_owned();
    hello_again.edited_at = Some(at(21));
    let oops = message(bob.id, kitchen.id, base + 21, "Oops");
    let mut gone = oops.clone();
    gone.body.clear();
    let below = message(bob.id, cellar.id, base + 22, "Below");

    let (a, b) = (Some(ada.id), Some(bob.id));
    let (k, c) = (Some(kitchen.id), Some(cellar.id));
    let facts = vec![
        fact(None, None, FactKind::SessionHosted { run }),
        fact(a, None, FactKind::SessionUpdated { session }),
        fact(
            None,
            None,
            FactKind::MemberJoined {
                member: ada.clone(),
            },
        ),
        fact(
            None,
            None,
            FactKind::MemberJoined {
                member: bob.clone(),
            },
        ),
        fact(a, None, FactKind::MemberUpdated { member: renamed }),
        fact(a, None, FactKind::RoleChanged { member: demoted }),
        fact(
            a,
            None,
            FactKind::RoomCreated {
                room: kitchen.clone(),
            },
        ),
        fact(
            None,
            None,
            FactKind::RoomCreated {
                room: cellar.clone(),
            },
        ),
        fact(
            a,
            Some(talk.id),
            FactKind::RoomCreated { room: talk.clone() },
        ),
        fact(a, None, FactKind::RoomUpdated { room: retold }),
        fact(
            a,
            k,
            FactKind::RoomJoined {
                room: kitchen.id,
                member: ada.id,
            },
        ),
        fact(
            b,
            k,
            FactKind::RoomJoined {
                room: kitchen.id,
                member: bob.id,
            },
        ),
        fact(
            b,
            c,
            FactKind::RoomJoined {
                room: cellar.id,
                member: bob.id,
            },
        ),
        fact(a, k, FactKind::NoteCreated { note: soup.clone() }),
        fact(b, c, FactKind::NoteCreated { note: wine.clone() }),
        fact(a, k, FactKind::NoteCreated { note: salt.clone() }),
        edit(ada.id, kitchen.id, soup.key, 1, b"one"),
        edit(bob.id, kitchen.id, soup.key, 2, b"two"),
        edit(bob.id, cellar.id, wine.key, 1, b"red"),
        fact(a, k, FactKind::MessagePosted { message: hello }),
        fact(b, k, FactKind::MessagePosted { message: oops }),
        fact(b, c, FactKind::MessagePosted { message: below }),
        file_added(a, kitchen.id, 1, "soup.png"),
        file_added(b, cellar.id, 1, "wine.png"),
        fact(a, k, FactKind::NoteUpdated { note: retitled }),
        edit(bob.id, kitchen.id, soup.key, 3, b"three"),
        fact(
            a,
            k,
            FactKind::NoteDestroyed {
                key: salt.key,
                note: trashed.clone(),
            },
        ),
        fact(
            a,
            k,
            FactKind::NoteRestored {
                key: salt.key,
                note: salt.clone(),
            },
        ),
        fact(
            a,
            k,
            FactKind::NoteDestroyed {
                key: salt.key,
                note: trashed,
            },
        ),
        fact(None, k, FactKind::NotePurged { key: salt.key }),
        fact(
            a,
            k,
            FactKind::MessageEdited {
                message: hello_again,
            },
        ),
        fact(b, k, FactKind::MessageDestroyed { message: gone }),
        fact(
            b,
            k,
            FactKind::RoomLeft {
                room: kitchen.id,
                member: bob.id,
            },
        ),
        fact(
            a,
            None,
            FactKind::RoomDestroyed {
                room: closed.clone(),
            },
        ),
        fact(
            a,
            None,
            FactKind::RoomRestored {
                room: cellar.clone(),
            },
        ),
        fact(a, None, FactKind::RoomDestroyed { room: closed }),
        fact(None, None, FactKind::RoomPurged { room: cellar.id }),
        fact(a, Some(talk.id), FactKind::NoteMoved { note: moved }),
        fact(
            a,
            k,
            FactKind::NoteLeft {
                key: soup.key,
                room: kitchen.id,
            },
        ),
        fact(None, None, FactKind::MemberJoined { member: cleo }),
        fact(a, None, FactKind::MemberRemoved { member: banned }),
        fact(a, None, FactKind::MemberUnbanned { member: unbanned }),
        fact(
            a,
            None,
            FactKind::DeviceRevoked {
                device: DeviceId::new(),
            },
        ),
    ];
    let written: Vec<Fact> = facts
        .iter()
        .enumerate()
        .map(|(place, new)| Fact::clone(&file.number(place, new.clone()).fact))
        .collect();
    for name in FactKind::NAMES {
        assert!(
            written.iter().any(|fact| fact.kind.name() == *name),
            "{name} is missing"
        );
    }
    file.commit(facts).await;
    file.write(vec![
        Write::Owner(ada.id),
        Write::Pin(Some(Pin::new("2468").unwrap())),
        Write::Read {
            member: ada.id,
            room: kitchen.id,
            seq: base + 20,
        },
        Write::Checkpoint {
            note: soup.key,
            version: 2,
            state: b"onetwo".to_vec(),
            owners: Vec::new(),
        },
        Write::FilePart {
            hash: FileHash([1; 32]),
            size: 4,
            part: 0,
            bytes: b"soup".to_vec(),
        },
        Write::SignIn {
            hash: [1; 32],
            sign_in: sign_in(ada.id),
        },
        Write::Invite(invite(2, 2)),
    ])
    .await;
    written
}

#[tokio::test]
async fn a_rebuild_from_the_log_equals_what_was_projected_fact_by_fact() {
    let mut file = SessionFile::new().await;
    every_kind(&mut file).await;
    let loaded = file.writer.load().await.unwrap();
    let (projected, rest) = (file.dump(&PROJECTIONS).await, file.dump(&THE_REST).await);
    for table in PROJECTIONS {
        assert!(
            projected.contains(table),
            "{table} is empty, so this would prove nothing"
        );
    }

    wreck(&file).await;
    assert_ne!(file.dump(&PROJECTIONS).await, projected);
    file.writer.rebuild().await.unwrap();

    assert_eq!(file.dump(&PROJECTIONS).await, projected);
    assert_eq!(file.dump(&THE_REST).await, rest);
    assert_eq!(file.writer.load().await.unwrap(), loaded);
    file.member("Cleo").await;
}

#[tokio::test]
async fn projections_of_an_older_build_are_made_again_on_opening() {
    let mut file = SessionFile::new().await;
    every_kind(&mut file).await;
    let projected = file.dump(&PROJECTIONS).await;
    wreck(&file).await;
    let mut connection = raw(&file.path()).await;
    sqlx::query("update session set projections = 0")
        .execute(&mut connection)
        .await
        .unwrap();
    drop(connection);
    let file = file.reopen().await;
    assert_eq!(file.dump(&PROJECTIONS).await, projected);
    let made_by: i64 = sqlx::query_scalar("select projections from session")
        .fetch_one(&mut raw(&file.path()).await)
        .await
        .unwrap();
    assert_ne!(made_by, 0);
}

/// Spoils every projection in some way.
async fn wreck(file: &SessionFile) {
    let mut connection = raw(&file.path()).await;
    sqlx::raw_sql(
        "update settings set name = 'Wrong';
        update runs set first_seq = first_seq + 100;
        update members set name = 'Wrong', role = 'host';
        update rooms set topic = 'Wrong', created_by = null;
        delete from room_members;
        update notes set version = 99, title = 'Wrong';
        update messages set body = 'Wrong', destroyed = 0;
        update files set name = 'Wrong', seq = 1;
        delete from messages where seq = (select max(seq) from messages);",
    )
    .execute(&mut connection)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_long_log_is_rebuilt_page_by_page() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let soup = file.note(ada, kitchen, "Soup").await;
    for hundred in 0..30 {
        let mut facts: Vec<_> = (1..=100)
            .map(|n| edit(ada, kitchen, soup.key, hundred * 100 + n, &[n as u8; 600]))
            .collect();
        let message = message(ada, kitchen, file.next() + 100, "A hundred more");
        facts.push(fact(
            Some(ada),
            Some(kitchen),
            FactKind::MessagePosted { message },
        ));
        file.commit(facts).await;
    }
    let projected = file.dump(&PROJECTIONS).await;
    file.writer.rebuild().await.unwrap();
    assert_eq!(file.dump(&PROJECTIONS).await, projected);
    assert_eq!(file.writer.load().await.unwrap().notes[0].version, 3_000);
}
