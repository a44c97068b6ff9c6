//! What is left of a session at its host and on this computer, when it is left and when it is backed
//! up over something.

use super::*;

async fn device_of(hers: &Link, member: &Value) -> Option<Value> {
    let devices = hers.call("session:devices", json!({})).await;
    let devices = devices.expect("devices")["devices"].clone();
    let all = devices.as_array().expect("a list");
    all.iter().find(|one| one["member"] == *member).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_copy_is_deleted_is_signed_out_at_the_host() {
    let (mina, ben) = (Person::new(), Person::new());
    let (access, port) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    let (his, _) = ben.window(&ben.joined(port).await.window).await;
    let member = json!(his.welcome().you.id);
    assert!(device_of(&hers, &member).await.is_some());
    let identity = ben.desk.own_identity().await.expect("an identity");
    let open = ben.desk.elsewhere.lock().await;
    let joined = open.as_ref().and_then(|copy| copy.joined());
    let sign_out = joined.expect("a copy").sign_out(&identity).await;
    drop(open);
    sign_out.expect("the host is there").run().await;
    assert_eq!(device_of(&hers, &member).await, None);
    ben.desk.close().await;
    mina.desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_over_an_earlier_one_and_never_over_a_session() {
    let mina = Person::new();
    let (access, _) = mina.host("Tea", None).await;
    let (hers, _) = mina.window(&access).await;
    let session = mina.desk.hosting().await.expect("hosted").session;
    let file = mina.somewhere("backup.hearth");
    std::fs::write(&file, "an earlier one").expect("written");
    say(&hers, "since").await.expect("said");
    let written = mina.desk.back_up_over(session, &file).await;
    written.expect("she was asked");
    let own = mina.somewhere(&format!("sessions/{session}.hearth"));
    let refused = mina.desk.back_up_over(session, &own).await;
    assert_eq!(refused.expect_err("itself").code, Code::Conflict);
    let other = mina.somewhere("sessions/other.hearth");
    let refused = mina.desk.back_up_over(session, &other).await;
    assert_eq!(refused.expect_err("among them").code, Code::Conflict);
    assert_eq!(said(&hers).await, ["since"]);
    mina.desk.stop().await;
    let opened = mina.desk.open_backup(&file, true).await.expect("opened");
    let OpenSession::Joined(opened) = opened else {
        panic!("it is only looked at");
    };
    let (hers, _) = mina.window(&opened.window).await;
    assert_eq!(said(&hers).await, ["since"]);
    mina.desk.close().await;
}
