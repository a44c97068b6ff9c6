//! Sign-ins and invitations are known by a hash, and end when they are ended.

use hearth_protocol::object::Removed;
use hearth_protocol::{FactKind, MemberId};
use hearth_store::{InviteRow, Write};

use crate::support::{SessionFile, at, fact, invite, member, sign_in};

#[tokio::test]
async fn a_sign_in_is_known_until_it_is_ended() {
    let mut file = SessionFile::new().await;
    let ada = file.member("Ada").await;
    let hash = [9; 32];
    let row = sign_in(ada);
    let signed_in = Write::SignIn {
        hash,
        sign_in: row.clone(),
    };
    file.write(vec![signed_in]).await;
    assert_eq!(file.reader.sign_ins(9).await.unwrap(), vec![row.clone()]);
    assert_eq!(file.reader.sign_in(&hash).await.unwrap(), Some(row));
    assert_eq!(file.reader.sign_in(&[8; 32]).await.unwrap(), None);

    file.write(vec![Write::SignInUsed {
        hash,
        used_at: at(50),
    }])
    .await;
    let mut file = file.reopen().await;
    assert_eq!(
        file.reader.sign_in(&hash).await.unwrap().unwrap().used_at,
        at(50)
    );

    file.write(vec![
        Write::SignOut { hash },
        Write::SignOut { hash: [8; 32] },
    ])
    .await;
    assert_eq!(file.reader.sign_in(&hash).await.unwrap(), None);
}

#[tokio::test]
async fn a_sign_in_of_somebody_unknown_is_refused() {
    let mut file = SessionFile::new().await;
    let (hash, member) = ([9; 32], MemberId::new());
    let sign_in = Write::SignIn {
        hash,
        sign_in: sign_in(member),
    };
    file.try_commit(vec![], vec![Write::Pin(None), sign_in])
        .await
        .unwrap_err();
    assert_eq!(file.reader.sign_in(&hash).await.unwrap(), None);
}

#[tokio::test]
async fn an_invitation_stays_known_after_its_last_use_until_it_is_revoked_or_over() {
    let mut file = SessionFile::new().await;
    let (row, other) = (invite(9, 2), invite(8, 1));
    file.write(vec![Write::Invite(row), Write::Invite(other)])
        .await;
    assert_eq!(file.reader.invite(&row.hash).await.unwrap(), Some(row));
    assert_eq!(file.reader.invites().await.unwrap().len(), 2);
    let used = Write::InviteUsed { hash: row.hash };
    file.write(vec![used.clone(), used.clone()]).await;
    let mut file = file.reopen().await;
    let used_up = InviteRow {
        uses_left: 0,
        ..row
    };
    assert_eq!(file.reader.invite(&row.hash).await.unwrap(), Some(used_up));
    // One more than there were.
    file.try_commit(vec![], vec![used]).await.unwrap_err();

    file.write(vec![Write::InviteGone { hash: row.hash }]).await;
    assert_eq!(file.reader.invite(&row.hash).await.unwrap(), None);
    file.write(vec![Write::SweepInvites { before: at(90) }])
        .await;
    assert_eq!(file.reader.invites().await.unwrap(), [other]);
    file.write(vec![Write::SweepInvites { before: at(91) }])
        .await;
    assert_eq!(file.reader.invites().await.unwrap(), []);
}

#[tokio::test]
async fn what_was_not_used_for_long_is_forgotten_but_not_what_keeps_the_banned_out() {
    let mut file = SessionFile::new().await;
    let (ada, mut eve) = (file.member("Ada").await, member("Eve"));
    eve.removed = Some(Removed::Banned);
    let banned = FactKind::MemberJoined {
        member: eve.clone(),
    };
    file.commit(vec![fact(None, None, banned)]).await;
    for (hash, sign_in) in [([1; 32], sign_in(ada)), ([2; 32], sign_in(eve.id))] {
        file.write(vec![Write::SignIn { hash, sign_in }]).await;
    }
    file.write(vec![Write::SweepSignIns { before: at(2) }])
        .await;
    assert_eq!(file.reader.sign_ins(9).await.unwrap().len(), 2);
    file.write(vec![Write::SweepSignIns { before: at(3) }])
        .await;
    let left = file.reader.sign_ins(9).await.unwrap();
    assert_eq!(
        left.iter().map(|one| one.member).collect::<Vec<_>>(),
        [eve.id]
    );
    let device = left[0].device;
    assert!(file.writer.device(device).await.unwrap().is_some());
    file.write(vec![Write::DeviceGone { device }]).await;
    assert_eq!(file.reader.sign_ins(9).await.unwrap(), []);
}

#[tokio::test]
async fn who_came_by_a_key_is_known_beyond_their_sign_in_until_it_is_forgotten() {
    let mut file = SessionFile::new().await;
    let (ada, ben) = (file.member("Ada").await, file.member("Ben").await);
    let (key, other) = ([7; 32], [6; 32]);
    let came = |member, key| Write::LinkKey { key, member };
    let signed_in = Write::SignIn {
        hash: [9; 32],
        sign_in: sign_in(ada),
    };
    // In another order than they joined, and one of them twice.
    let writes = vec![
        came(ben, key),
        signed_in,
        came(ada, key),
        came(ben, key),
        came(ben, other),
    ];
    file.write(writes).await;
    file.write(vec![Write::SignOut { hash: [9; 32] }]).await;
    let mut file = file.reopen().await;
    assert_eq!(file.reader.members_by_key(&key).await.unwrap(), [ada, ben]);
    assert_eq!(file.writer.members_by_key(&other).await.unwrap(), [ben]);
    file.write(vec![Write::ForgetSignIns { member: ben }]).await;
    assert_eq!(file.reader.members_by_key(&key).await.unwrap(), [ada]);
    assert_eq!(file.reader.members_by_key(&other).await.unwrap(), []);
}
