//! The window's own listener serves the window's page and nobody else, not even a guest of the
//! same session on the same machine.

use anyhow::{Context as _, Result};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::house::{House, PAGE, POLLING};

#[tokio::test]
async fn the_windows_page_connects_with_the_token_of_this_launch() -> Result<()> {
    let house = House::open().await?;
    let connected = house
        .connect(Some(json!({ "token": house.token })), "")
        .await?;
    assert!(connected.contains(r#"40{"sid""#), "{connected}");
    assert!(connected.contains("welcome"), "{connected}");
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn nobody_else_connects_to_the_windows_listener_not_even_a_guest() -> Result<()> {
    let house = House::open().await?;
    let guest = house.sign_in_guest().await?;
    let cookie = format!("hearth.sid.{}={}", guest.session.id.short(), house.token);
    for (auth, cookie) in [
        (None, ""),
        (None, cookie.as_str()),
        (Some(json!({})), cookie.as_str()),
        (Some(json!({ "token": guest.token })), ""),
        (Some(json!({ "token": "" })), ""),
    ] {
        let answer = house.connect(auth.clone(), cookie).await?;
        assert!(
            answer.contains("44{\"message\":\"unauthorized\"}"),
            "{auth:?}: {answer}"
        );
    }
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn only_the_windows_page_may_read_what_its_listener_answers() -> Result<()> {
    let house = House::open().await?;
    let answer = house.get(POLLING, Some(PAGE)).await?;
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    assert_eq!(house.get("/health", None).await?.status(), StatusCode::OK);
    for origin in [house.window.as_str(), "http://evil.example", "null"] {
        let answer = house.get(POLLING, Some(origin)).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
        assert!(
            !answer
                .headers()
                .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        );
    }
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_windows_page_brings_and_fetches_files_with_its_token_alone() -> Result<()> {
    let house = House::open().await?;
    let guest = house.sign_in_guest().await?;
    let room = house.general().await?;
    let url = format!("{}/files?room={room}&name=cat.gif", house.window);
    let asked = house.http.request(Method::OPTIONS, &url).headers(
        [
            (header::ORIGIN, PAGE),
            (header::ACCESS_CONTROL_REQUEST_METHOD, "POST"),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization"),
        ]
        .into_iter()
        .map(|(name, value)| (name, header::HeaderValue::from_static(value)))
        .collect(),
    );
    let allowed = asked.send().await?;
    assert_eq!(allowed.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    let may_send = allowed.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str()?;
    assert!(may_send.contains("authorization"), "{may_send}");

    let bring = |token: &str| {
        let post = house.http.post(&url).header(header::ORIGIN, PAGE);
        post.bearer_auth(token).body("GIF89a and more").send()
    };
    assert_eq!(
        bring(&guest.token).await?.status(),
        StatusCode::UNAUTHORIZED
    );
    let added = bring(&house.token).await?;
    assert_eq!(added.status(), StatusCode::CREATED);
    assert_eq!(added.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    let added: Value = added.json().await?;
    let hash = added["hash"].as_str().context("a hash")?;

    let fetch = |name, value: String| {
        let url = format!("{}/files/{room}/{hash}", house.window);
        let get = house.http.get(url).header(header::ORIGIN, PAGE);
        get.header(name, value).send()
    };
    let got = fetch(header::AUTHORIZATION, format!("Bearer {}", house.token)).await?;
    assert_eq!(got.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], PAGE);
    assert_eq!(got.bytes().await?, "GIF89a and more");
    let cookie = format!("hearth.sid.{}={}", guest.session.id.short(), house.token);
    let refused = fetch(header::COOKIE, cookie).await?;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let refused = fetch(header::AUTHORIZATION, format!("Bearer {}", guest.token)).await?;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    house.hosted.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_windows_listener_has_no_page_and_no_way_in() -> Result<()> {
    let house = House::open().await?;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/index.html"),
        (Method::GET, "/socket.io/socket.io.js"),
        (Method::POST, "/sign-in"),
        (Method::POST, "/sign-out"),
    ] {
        let url = format!("{}{path}", house.window);
        let answer = house
            .http
            .request(method, url)
            .json(&json!({ "name": "Ann" }))
            .send()
            .await?;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
        let body: Value = answer.json().await?;
        assert_eq!(body["error"]["code"], "not_found", "{path}");
    }
    house.hosted.stop().await;
    Ok(())
}
