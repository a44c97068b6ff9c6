//! Conversations are listed from the end, and unread is what others said since.

use hearth_protocol::{FactKind, MemberId, Message, MessageId, RoomId};
use hearth_store::Write;

use crate::support::{SessionFile, at, fact};

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message.body.as_str())
        .collect()
}

#[tokio::test]
async fn a_message_is_found_by_its_id_as_it_is_now() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let kitchen = file.room(ada, "Kitchen").await;
    let mut message = file.message(ada, kitchen, "He\0lo \u{1F372}").await;
    assert_eq!(
        file.writer.message(message.id).await.unwrap(),
        Some(message.clone())
    );
    assert_eq!(
        file.reader.message(message.id).await.unwrap(),
        Some(message.clone())
    );
    assert_eq!(file.reader.message(MessageId::new()).await.unwrap(), None);

    message.body = "Hello".to_owned();
    message.edited_at = Some(at(60));
    let edited = FactKind::MessageEdited {
        message: message.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(kitchen), edited)])
        .await;
    assert_eq!(
        file.reader.message(message.id).await.unwrap(),
        Some(message.clone())
    );

    message.body.clear();
    let destroyed = FactKind::MessageDestroyed {
        message: message.clone(),
    };
    file.commit(vec![fact(Some(ada), Some(kitchen), destroyed)])
        .await;
    assert_eq!(
        file.writer.message(message.id).await.unwrap(),
        Some(message.clone())
    );
    assert_eq!(
        file.reader.messages(kitchen, None, 10).await.unwrap(),
        [message]
    );
}

#[tokio::test]
async fn a_rooms_messages_are_listed_backwards_page_by_page_newest_last() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let (kitchen, cellar) = (
        file.room(ada, "Kitchen").await,
        file.room(ada, "Cellar").await,
    );
    for number in 0..7 {
        file.message(ada, kitchen, &number.to_string()).await;
        file.message(ada, cellar, "elsewhere").await;
    }
    let last = file.reader.messages(kitchen, None, 3).await.unwrap();
    assert_eq!(bodies(&last), ["4", "5", "6"]);
    let before = file
        .reader
        .messages(kitchen, Some(last[0].seq), 3)
        .await
        .unwrap();
    assert_eq!(bodies(&before), ["1", "2", "3"]);
    let first = file
        .reader
        .messages(kitchen, Some(before[0].seq), 3)
        .await
        .unwrap();
    assert_eq!(bodies(&first), ["0"]);
    assert!(
        file.reader
            .messages(kitchen, Some(0), 3)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        file.reader
            .messages(kitchen, Some(u64::MAX), 1)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        file.reader
            .messages(RoomId::new(), None, 3)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_newest_messages_of_several_rooms_come_in_one_order() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let (kitchen, cellar) = (
        file.room(ada, "Kitchen").await,
        file.room(ada, "Cellar").await,
    );
    let attic = file.room(ada, "Attic").await;
    for number in 0..4 {
        file.message(ada, kitchen, &format!("k{number}")).await;
        file.message(ada, cellar, &format!("c{number}")).await;
        file.message(ada, attic, "not asked for").await;
    }
    let until = file.head;
    file.message(ada, kitchen, "later").await;
    let rooms = [cellar, kitchen, RoomId::new()];
    let newest = file.reader.newest_messages(&rooms, 2, until).await.unwrap();
    assert_eq!(bodies(&newest), ["k2", "c2", "k3", "c3"]);
    assert!(
        file.reader
            .newest_messages(&[], 2, until)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn unread_is_what_others_said_since_the_mark_or_the_joining() {
    let mut file = SessionFile::new().await;
    let (ada, bob) = (file.member("Ada").await, file.member("Bob").await);
    let kitchen = file.room(ada, "Kitchen").await;
    let cellar = file.room(ada, "Cellar").await;
    file.message(ada, kitchen, "before Bob came").await;
    let joined = FactKind::RoomJoined {
        room: kitchen,
        member: bob,
    };
    file.commit(vec![fact(Some(bob), Some(kitchen), joined)])
        .await;
    let first = file.message(ada, kitchen, "one").await;
    file.message(bob, kitchen, "his own").await;
    let mut second = file.message(ada, kitchen, "two").await;
    file.message(ada, cellar, "where Bob is not").await;

    let unread = async |file: &SessionFile, member: MemberId| {
        let counts = file
            .reader
            .unread(member, &[kitchen, cellar])
            .await
            .unwrap();
        [counts[&kitchen], counts[&cellar]]
    };
    assert_eq!(unread(&file, bob).await, [2, 0]);
    assert_eq!(unread(&file, ada).await, [1, 0]);
    assert_eq!(unread(&file, MemberId::new()).await, [0, 0]);

    file.write(vec![Write::Read {
        member: bob,
        room: kitchen,
        seq: first.seq,
    }])
    .await;
    assert_eq!(unread(&file, bob).await, [1, 0]);
    // A mark never goes back.
    file.write(vec![Write::Read {
        member: bob,
        room: kitchen,
        seq: 1,
    }])
    .await;
    assert_eq!(unread(&file, bob).await, [1, 0]);

    second.body.clear();
    let destroyed = FactKind::MessageDestroyed { message: second };
    file.commit(vec![fact(Some(ada), Some(kitchen), destroyed)])
        .await;
    assert_eq!(unread(&file, bob).await, [0, 0]);
    assert_eq!(file.reader.unread(bob, &[]).await.unwrap().len(), 0);
}
