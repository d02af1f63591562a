//! Signs in as a server does: by JWT bearer, without a person and without a stored token. Runs on the simulated org; with a real one
//! the app holds the certificate, and an administrator has approved the user.
#![allow(clippy::print_stdout)] // a program that talks

use sf_core::{CallOptions, Result, Transport};
use sf_rest_transport::{App, Jwt, Rest};
use sf_testorg::{ConnectedApp, TestOrg};

/// Made for this example; it opens nothing.
const KEY: &str = include_str!("../keys/app.key");
const CERTIFICATE: &str = include_str!("../keys/app.crt");

#[tokio::main]
async fn main() -> Result<()> {
    let org = TestOrg::demo();
    let username = org.credentials().username.clone();
    let app = ConnectedApp::new("3MVG9example").certificate(CERTIFICATE)?.admin_approved(&[&username]);
    org.add_connected_app(app);
    let server = org.serve()?;

    // The simulated org has a time of its own; without `.clock(…)` it is the machine's.
    let jwt = Jwt::new(&username, KEY)?.clock(org.clock());
    let session = App::new(server.url(), "3MVG9example").allow_loopback_http().jwt(jwt)?;
    let transport = Rest::with_credentials(session).allow_loopback_http().connect()?;
    for hours in [0, 3] {
        if hours > 0 {
            org.expire_sessions();
        }
        let who = transport.identity(&CallOptions::new()).await?;
        println!("After {hours} hours: signed in as {}.", who.username);
    }
    Ok(())
}
