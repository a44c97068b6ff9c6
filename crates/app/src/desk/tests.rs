//! What a person set up once is there the next time, and for one Hearth at a time.

use hearth_protocol::{
    error::Code,
    id::SessionId,
    name::{Color, Name, Pin},
    object::{Admission, Browsers, Role},
    window::{HostRequest, OnClose, Profile, Settings, Theme},
};

use super::{Desk, OpenError};

#[test]
fn the_first_start_gives_a_name_which_stays() {
    let dir = tempfile::tempdir().unwrap();
    let first = Desk::open(dir.path(), dir.path())
        .unwrap()
        .start_info(false);
    let again = Desk::open(dir.path(), dir.path()).unwrap().start_info(true);
    assert_eq!(first.profile, again.profile);
    assert!(first.recent.is_empty());
    assert!(again.tray);
}

#[test]
fn name_and_choices_outlive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let profile = Profile {
        name: Name::new("Mina").unwrap(),
        color: Color::new("#2f68b1").unwrap(),
    };
    let settings = Settings {
        theme: Theme::Dark,
        on_close: OnClose::Tray,
        announce: false,
    };
    {
        let desk = Desk::open(dir.path(), dir.path()).unwrap();
        desk.save_profile(profile.clone()).unwrap();
        desk.save_settings(settings.clone()).unwrap();
    }
    let info = Desk::open(dir.path(), dir.path())
        .unwrap()
        .start_info(false);
    assert_eq!((info.profile, info.settings), (profile, settings));
}

#[test]
fn a_second_process_is_kept_out_and_told_where() {
    let dir = tempfile::tempdir().unwrap();
    let first = Desk::open(dir.path(), dir.path()).unwrap();
    let refused = Desk::open(dir.path(), dir.path()).err().unwrap();
    assert!(matches!(&refused, OpenError::InUse(place) if place == dir.path()));
    assert_eq!(refused.exit_code(), 3);
    drop(first);
    Desk::open(dir.path(), dir.path()).unwrap();
}

#[test]
fn a_place_that_cannot_be_written_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = Desk::open(&file, &file).err().unwrap();
    assert_eq!(refused.exit_code(), 7);
}

#[tokio::test]
async fn a_session_that_is_not_there_cannot_be_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(dir.path(), dir.path()).unwrap();
    let error = desk.forget(SessionId::new()).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
}

fn request(name: &str) -> HostRequest {
    HostRequest {
        session: None,
        name: Name::new(name).unwrap(),
        admission: Admission::Anyone,
        pin: None,
        guests: Role::Editor,
        browsers: Browsers::Plain,
    }
}

#[tokio::test]
async fn hosting_answers_where_the_invitation_says_until_it_stops() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(dir.path(), dir.path()).unwrap();
    assert_eq!(desk.hosting().await, None);
    let hosting = desk.host(request("Tea")).await.unwrap();
    assert_eq!(hosting.name.as_str(), "Tea");
    assert!(hosting.invitation.self_test[0].ok, "{hosting:?}");
    assert_eq!(desk.hosting().await.unwrap().session, hosting.session);
    let mut people = desk.people();
    people.wait_for(|people| *people == Some(0)).await.unwrap();

    desk.stop().await;
    assert_eq!(desk.hosting().await, None);
    assert_eq!(*people.borrow(), None);
    // Not the invitation's port, which another session may have taken at once.
    let window = hosting.window.url.trim_start_matches("http://");
    let gone = tokio::net::TcpStream::connect(window).await;
    assert!(gone.is_err(), "{window} is still open");
}

#[tokio::test]
async fn a_session_is_opened_again_with_what_was_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(dir.path(), dir.path()).unwrap();
    let first = desk.host(request("Tea")).await.unwrap();
    desk.stop().await;
    let recent = desk.start_info(false).recent;
    assert_eq!(
        (recent[0].id, recent[0].name.as_str()),
        (first.session, "Tea")
    );
    assert!(recent[0].data_bytes > 0);

    let again = HostRequest {
        session: Some(first.session),
        admission: Admission::Pin,
        pin: Some(Pin::new("1234").unwrap()),
        ..request("Coffee")
    };
    let second = desk.host(again).await.unwrap();
    assert_eq!(second.session, first.session);
    assert_eq!(second.pin, Some(Pin::new("1234").unwrap()));
    assert_ne!(second.window.token, first.window.token);
    desk.stop().await;
    let recent = desk.start_info(false).recent;
    assert_eq!(recent.len(), 1);
    assert_eq!(recent[0].name.as_str(), "Coffee");
}

#[tokio::test]
async fn one_session_at_a_time_and_an_open_one_cannot_be_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(dir.path(), dir.path()).unwrap();
    let hosting = desk.host(request("Tea")).await.unwrap();
    let second = desk.host(request("Coffee")).await.unwrap_err();
    assert_eq!(second.code, Code::Conflict);
    let forgotten = desk.forget(hosting.session).await.unwrap_err();
    assert_eq!(forgotten.code, Code::Conflict);
    desk.stop().await;
}

#[tokio::test]
async fn what_cannot_be_hosted_is_refused_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(dir.path(), dir.path()).unwrap();
    let without_pin = HostRequest {
        admission: Admission::Pin,
        ..request("Tea")
    };
    let unknown = HostRequest {
        session: Some(SessionId::new()),
        ..request("Tea")
    };
    let cases = [(without_pin, Code::BadRequest), (unknown, Code::NotFound)];
    for (request, code) in cases {
        assert_eq!(desk.host(request).await.unwrap_err().code, code);
    }
    assert_eq!(
        std::fs::read_dir(dir.path().join("sessions"))
            .unwrap()
            .count(),
        0
    );
    assert!(desk.start_info(false).recent.is_empty());
}
