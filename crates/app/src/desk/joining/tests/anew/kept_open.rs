//! The copy from before is opened once for all that is read of it in a row, and let go of soon.

use super::*;

use hearth_store::OpenError;
use tokio::time::Instant;

/// Far less than it is kept open for.
const A_MOMENT: Duration = Duration::from_millis(500);

/// Whether somebody else can open it.
async fn is_free(file: &Path) -> bool {
    match hearth_store::open(file).await {
        Ok((writer, _)) => {
            writer.close().await.expect("closed");
            true
        }
        Err(OpenError::InUse) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copy_from_before_is_kept_open_while_it_is_read_and_no_longer() {
    let (mina, ben) = (Person::new(), Person::new());
    let (_, port) = mina.host("Tea", None).await;
    let session = mina.desk.hosting().await.expect("hosted").session;
    let (his, _) = ben.window(&ben.joined(port).await.window).await;
    let backup = mina.somewhere("backup.hearth");
    mina.desk.back_up(session, &backup).await.expect("written");
    say(&his, "his").await.expect("said");
    ben.desk.leave(true).await.expect("left");
    let (_, port) = mina.go_back_to(session, "backup.hearth").await;
    let access = ben.joins_what_went_back(port).await.window;
    let recent = ben.desk.start_info(false).recent;
    let aside = recent.iter().find(|one| one.kind == Kind::ReadOnly);
    let aside = aside.expect("it is listed").id;
    let aside = ben.somewhere(&format!("sessions/{aside}.hearth"));
    assert!(is_free(&aside).await, "nobody has asked for it");

    let (his, _) = ben.window(&access).await;
    let items = offered(&his).await;
    // Closing it takes a moment too.
    let asked = Instant::now();
    while asked.elapsed() < A_MOMENT {
        assert!(!is_free(&aside).await, "more is going to be read");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    whole(&his, &items[0]).await;
    let let_go = async {
        while !is_free(&aside).await {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    timeout(DEADLINE, let_go).await.expect("in time");

    whole(&his, &items[0]).await;
    assert!(!is_free(&aside).await);
    ben.desk.leave(true).await.expect("left");
    assert!(is_free(&aside).await, "with the copy that asked for it");
    mina.desk.close().await;
}
