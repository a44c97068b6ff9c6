//! Coming in where the host is not asked.

use anyhow::Result;
use hearth_protocol::{CallId, Code, Role};
use hearth_replica::{ComingIn, Door, DoorError, Link, Outcome, Trust};
use hearth_tests::hearthd::Hearthd;
use serde_json::json;

use crate::people::{OPEN, admitted, called, identity, owner, pinned};

#[tokio::test]
async fn an_invitation_lets_in_once_and_pins_the_key_it_names() -> Result<()> {
    let host = Hearthd::start(&[])?;
    let (door, coming) = owner(&host)?;
    let mina = admitted(&door, coming.clone()).await?;
    assert_eq!(mina.signed_in.member.role, Role::Host);
    assert_eq!(mina.target, pinned(&host)?);
    let again = door.sign_in(coming).await.map(|_| ());
    assert!(matches!(again, Err(DoorError::Over(_))), "{again:?}");

    let (link, _events) = Link::open(&mina.target, &identity()?, &mina.signed_in.token).await?;
    let invite = link.call("session:invite", json!({})).await?;
    let invited: hearth_replica::Invitation = invite["invite"]["url"]
        .as_str()
        .unwrap_or_default()
        .parse()?;
    let coming = ComingIn {
        invite: invited.secret,
        ..called("Ann")?
    };
    let ann = admitted(&Door::new(invited.target, identity()?), coming).await?;
    assert_eq!(ann.signed_in.member.role, Role::Editor);
    Ok(())
}

#[tokio::test]
async fn a_wrong_pin_says_how_many_tries_are_left() -> Result<()> {
    let host = Hearthd::start(&["--pin", "4711"])?;
    let door = Door::new(pinned(&host)?, identity()?);
    let with = |pin: &str| {
        called("Ann").map(|coming| ComingIn {
            pin: Some(pin.to_owned()),
            ..coming
        })
    };
    for left in [4, 3] {
        match door.sign_in(with("0000")?).await.map(|_| ()) {
            Err(DoorError::Pin(error)) => {
                assert_eq!(error.code, Code::Unauthorized);
                assert_eq!(error.tries_left, Some(left));
            }
            other => panic!("{other:?}"),
        }
    }
    admitted(&door, with("4711")?).await?;
    Ok(())
}

#[tokio::test]
async fn the_key_seen_while_coming_in_is_the_one_that_counts_from_then_on() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let mut target = pinned(&host)?;
    target.trust = Trust::AnyKey;
    let ann = admitted(&Door::new(target, identity()?), called("Ann")?).await?;
    assert_eq!(ann.target, pinned(&host)?);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_got_lost_is_asked_for_again_and_makes_one_member() -> Result<()> {
    let host = Hearthd::start(OPEN)?;
    let door = Door::new(pinned(&host)?, identity()?);
    let id = CallId::new();
    let mut members = Vec::new();
    for _ in 0..2 {
        match door.sign_in_again(id, called("Ann")?).await? {
            Outcome::In(admitted) => members.push(admitted.signed_in.member.id),
            Outcome::Waiting(_) => panic!("the host is asked"),
        }
    }
    assert_eq!(members[0], members[1]);
    Ok(())
}
