//! Signs in with a browser (authorization code with PKCE), keeps the tokens in an encrypted file, and finds them there the next time.
//!
//! ```text
//! cargo run --example sign_in_browser
//! cargo run --example sign_in_browser -- --login-url https://test.salesforce.com --client-id 3MVG9…
//! ```
//!
//! Without arguments it uses a simulated org and plays the user itself. With a real org it prints the address to open; the app must
//! have the callback `http://localhost:1717/OauthRedirect`. The file is `sf-tokens` in the present folder, its passphrase is in the
//! variable `SF_TOKEN_KEY`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program that talks

use sf_core::{CallOptions, Failure, Result, Transport};
use sf_rest_transport::{App, FileTokenStore, Rest, Session, StoreKey};
use sf_testorg::{ConnectedApp, TestOrg};
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::ExitCode,
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match arguments() {
        Ok(None) => in_a_simulated_org().await,
        Ok(Some((login_url, client_id))) => in_a_real_org(login_url, client_id).await,
        Err(e) => Err(Failure::invalid_input(e.to_string()).into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}\n{}", e.help().next_step);
            ExitCode::FAILURE
        }
    }
}

async fn in_a_real_org(login_url: String, client_id: String) -> Result<()> {
    let store = FileTokenStore::open("sf-tokens", StoreKey::from_env("SF_TOKEN_KEY")?)?;
    let app = App::new(login_url, client_id).store(store);
    let session = match app.stored_session().await? {
        Some(session) => session,
        None => app.authorization_code().sign_in(|url| println!("Open this address:\n{url}")).await?,
    };
    greet(&session, Rest::with_credentials(session.clone())).await
}

async fn in_a_simulated_org() -> Result<()> {
    let org = TestOrg::demo();
    org.add_connected_app(
        ConnectedApp::new("3MVG9example").secret_optional().require_pkce().loopback_callbacks(),
    );
    let server = org.serve()?;
    let folder = tempfile::tempdir().map_err(|e| Failure::invalid_input(e.to_string()))?;
    let store =
        FileTokenStore::open(folder.path().join("sf-tokens"), StoreKey::passphrase("only an example")?)?;
    let app = App::new(server.url(), "3MVG9example").allow_loopback_http().store(store);

    let username = org.credentials().username.clone();
    let sign_in = app.authorization_code().callback("http://127.0.0.1:0/OauthRedirect");
    let mut browser = None;
    let session = sign_in
        .sign_in(|url| {
            println!("The user is sent to {}…", url.as_str().split('?').next().unwrap_or_default());
            let (url, address) = (url.to_string(), server.address());
            browser = Some(std::thread::spawn(move || play_the_user(&url, &address.to_string(), &username)));
        })
        .await?;
    let page = browser.and_then(|browser| browser.join().ok()).flatten();
    println!("The browser shows: {}", page.unwrap_or_default());
    greet(&session, Rest::with_credentials(session.clone()).allow_loopback_http()).await?;

    println!("Some hours later, in the next run of the program:");
    org.expire_sessions();
    let session = app.stored_session().await?.ok_or_else(|| Failure::invalid_input("nothing is stored"))?;
    greet(&session, Rest::with_credentials(session.clone()).allow_loopback_http()).await
}

async fn greet(session: &Session, rest: Rest) -> Result<()> {
    let who = rest.connect()?.identity(&CallOptions::new()).await?;
    let scope = session.tokens().scope().unwrap_or_default().to_owned();
    println!("Signed in as {} (scopes: {scope}).", who.username);
    Ok(())
}

/// What a person does in a browser: allows access, and is sent back to the program. Gives the heading of the page they see then.
fn play_the_user(url: &str, org: &str, username: &str) -> Option<String> {
    let form = format!("{}&username={}&decision=allow", url.split_once('?')?.1, username.replace('@', "%40"));
    let posted = request(
        org,
        &format!(
            "POST /services/oauth2/authorize HTTP/1.1\r\nHost: {org}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        ),
    )?;
    let location = posted.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    })?;
    let (callback, path) = location.strip_prefix("http://")?.split_once('/')?;
    let page = request(callback, &format!("GET /{path} HTTP/1.1\r\nHost: {callback}\r\n\r\n"))?;
    Some(page.split("<h1>").nth(1)?.split("</h1>").next()?.to_owned())
}

fn request(address: &str, text: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn arguments() -> Result<Option<(String, String)>, lexopt::Error> {
    use lexopt::prelude::*;
    let (mut login_url, mut client_id) = (None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("login-url") => login_url = Some(parser.value()?.string()?),
            Long("client-id") => client_id = Some(parser.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    match (login_url, client_id) {
        (None, None) => Ok(None),
        (Some(login_url), Some(client_id)) => Ok(Some((login_url, client_id))),
        _ => Err("give both --login-url and --client-id, or neither".into()),
    }
}
