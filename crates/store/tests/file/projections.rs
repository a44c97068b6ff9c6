//! What is loaded is what the facts amount to.

use hearth_protocol::name::Pin;
use hearth_protocol::{Fact, FactKind, Name, Role, RunId, Session, Timestamp, Topic};
use hearth_store::{RoomRow, RunRow, Write};

use crate::support::{SessionFile, at, edit, fact, member, new_session, room};

#[tokio::test]
async fn a_new_session_is_as_it_was_asked_for_and_empty() {
    let folder = tempfile::tempdir().unwrap();
    let new = new_session();
    let (mut writer, _) = hearth_store::create(&folder.path().join("a"), &new)
        .await
        .unwrap();
    let loaded = writer.load().await.unwrap();
    assert_eq!(
        loaded.session,
        Session {
            id: new.id,
            name: new.name,
            run: RunId(uuid::Uuid::nil()),
            admission: new.admission,
            guests: new.guests,
            browsers: new.browsers,
        }
    );
    assert_eq!((loaded.pin, loaded.owner, loaded.head), (None, None, 0));
    assert!(loaded.runs.is_empty() && loaded.members.is_empty());
    assert!(loaded.rooms.is_empty() && loaded.notes.is_empty());
}

#[tokio::test]
async fn runs_are_kept_with_their_beginning_and_the_last_is_the_sessions() {
    let mut file = SessionFile::new().await;
    let runs = [RunId::new(), RunId::new()];
    for run in runs {
        file.commit(vec![fact(None, None, FactKind::SessionHosted { run })])
            .await;
        file.member("Ada").await;
    }
    let loaded = file.writer.load().await.unwrap();
    assert_eq!(loaded.session.run, runs[1]);
    assert_eq!(
        loaded.runs,
        [
            RunRow {
                run: runs[0],
                first_seq: 1
            },
            RunRow {
                run: runs[1],
                first_seq: 3
            }
        ]
    );
}

#[tokio::test]
async fn settings_pin_and_owner_are_as_they_were_set_last() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let mut session = file.writer.load().await.unwrap().session;
    session.name = Name::new("Orchard").unwrap();
    session.guests = Role::Viewer;
    let kind = FactKind::SessionUpdated {
        session: session.clone(),
    };
    let pin = Pin::new("2468").unwrap();
    let other = vec![Write::Owner(ada), Write::Pin(Some(pin.clone()))];
    file.try_commit(vec![fact(Some(ada), None, kind)], other)
        .await
        .unwrap();

    let mut file = file.reopen().await;
    let loaded = file.writer.load().await.unwrap();
    assert_eq!(
        (loaded.session, loaded.pin, loaded.owner),
        (session, Some(pin), Some(ada))
    );
    file.write(vec![Write::Pin(None)]).await;
    assert_eq!(file.writer.load().await.unwrap().pin, None);
}

#[tokio::test]
async fn members_are_as_they_are_now_in_the_order_of_coming() {
    let mut file = SessionFile::new().await;
    let (ada, mut bob) = (member("Ada"), member("Bob"));
    file.commit(vec![
        fact(
            None,
            None,
            FactKind::MemberJoined {
                member: bob.clone(),
            },
        ),
        fact(
            None,
            None,
            FactKind::MemberJoined {
                member: ada.clone(),
            },
        ),
    ])
    .await;
    bob.name = Name::new("Rob").unwrap();
    let renamed = FactKind::MemberUpdated {
        member: bob.clone(),
    };
    bob.role = Role::Host;
    let promoted = FactKind::RoleChanged {
        member: bob.clone(),
    };
    file.commit(vec![fact(None, None, renamed), fact(None, None, promoted)])
        .await;
    assert_eq!(file.writer.load().await.unwrap().members, [bob, ada]);
}

#[tokio::test]
async fn rooms_know_their_maker_their_members_and_their_end() {
    let mut file = SessionFile::new().await;
    let (ada, bob) = (file.member("Ada").await, file.member("Bob").await);
    let mut general = room("General");
    let mut talk = room("Talk");
    talk.private = true;
    // In the order given, not in that of coming.
    talk.direct = Some([bob, ada]);
    let joined = |room, member| {
        fact(
            Some(member),
            Some(room),
            FactKind::RoomJoined { room, member },
        )
    };
    file.commit(vec![
        fact(
            None,
            None,
            FactKind::RoomCreated {
                room: general.clone(),
            },
        ),
        fact(
            Some(ada),
            Some(talk.id),
            FactKind::RoomCreated { room: talk.clone() },
        ),
        joined(talk.id, bob),
        joined(talk.id, ada),
        joined(general.id, ada),
        joined(general.id, bob),
        // Already in it.
        joined(general.id, ada),
        fact(
            Some(bob),
            Some(general.id),
            FactKind::RoomLeft {
                room: general.id,
                member: bob,
            },
        ),
    ])
    .await;
    general.topic = Topic::new("Everything").unwrap();
    general.destroyed_at = Some(at(5));
    let destroyed = FactKind::RoomDestroyed {
        room: general.clone(),
    };
    file.commit(vec![fact(Some(ada), None, destroyed)]).await;

    let rooms = file.writer.load().await.unwrap().rooms;
    assert_eq!(
        rooms,
        [
            RoomRow {
                room: general.clone(),
                created_by: None,
                members: vec![ada]
            },
            RoomRow {
                room: talk,
                created_by: Some(ada),
                members: vec![bob, ada]
            },
        ]
    );

    general.destroyed_at = None;
    let restored = FactKind::RoomRestored {
        room: general.clone(),
    };
    file.commit(vec![fact(Some(ada), None, restored)]).await;
    assert_eq!(file.writer.load().await.unwrap().rooms[0].room, general);
}

#[tokio::test]
async fn a_note_counts_its_edits_and_knows_the_last() {
    let mut file = SessionFile::new().await;
    let (ada, bob) = (file.member("Ada").await, file.member("Bob").await);
    let kitchen = file.room(ada, "Kitchen").await;
    let mut soup = file.note(ada, kitchen, "Soup").await;
    let salt = file.note(ada, kitchen, "Salt").await;
    let later = |new: hearth_store::NewFact, at: Timestamp| {
        let fact = Fact {
            at,
            ..Fact::clone(&new.fact)
        };
        hearth_store::NewFact {
            fact: fact.into(),
            ..new
        }
    };
    file.commit(vec![
        later(edit(ada, kitchen, soup.key, 1, b"a"), at(10)),
        later(edit(bob, kitchen, soup.key, 2, b"b"), at(11)),
    ])
    .await;
    soup.version = 2;
    soup.updated_at = at(11);
    soup.updated_by = bob;
    assert_eq!(
        file.writer.load().await.unwrap().notes,
        [soup.clone(), salt.clone()]
    );

    // A title changed between two edits of one batch.
    soup.title = hearth_protocol::Title::new("Soups").unwrap();
    soup.version = 3;
    soup.updated_at = at(12);
    soup.updated_by = ada;
    file.commit(vec![
        later(edit(bob, kitchen, soup.key, 3, b"c"), at(11)),
        later(
            fact(
                Some(ada),
                Some(kitchen),
                FactKind::NoteUpdated { note: soup.clone() },
            ),
            at(12),
        ),
    ])
    .await;
    assert_eq!(
        file.writer.load().await.unwrap().notes,
        [soup.clone(), salt.clone()]
    );

    soup.trashed_at = Some(at(13));
    let destroyed = FactKind::NoteDestroyed {
        key: soup.key,
        note: soup.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(kitchen), destroyed)])
        .await;
    assert_eq!(
        file.writer.load().await.unwrap().notes,
        [soup.clone(), salt.clone()]
    );

    soup.trashed_at = None;
    let restored = FactKind::NoteRestored {
        key: soup.key,
        note: soup.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(kitchen), restored)])
        .await;
    assert_eq!(file.writer.load().await.unwrap().notes, [soup, salt]);
}
