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
    let tea = Tea::begun().await;
    let port = tea.forgets_a_word().await;
    let Tea { mina, ben, .. } = tea;
    let access = ben.joins_what_went_back(port).await.window;
    let aside = ben.somewhere(&format!("sessions/{}.hearth", ben.aside()));
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
