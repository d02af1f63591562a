//! The simulated org over HTTP, and clients of it.
use sf_core::Org;
use sf_rest_transport::{App, Rest, Tokens};
use sf_testorg::{Server, TestOrg};

/// Signed in by an access token that renews itself.
pub(crate) fn renewing(sim: &TestOrg, server: &Server) -> Rest {
    let keys = sim.credentials();
    let app = App::new(server.url(), keys.client_id.clone())
        .client_secret(keys.client_secret.clone())
        .allow_loopback_http();
    let tokens = Tokens::refresh(keys.refresh_token.clone()).with_access(server.token(), server.url());
    Rest::with_credentials(app.session(tokens).unwrap()).allow_loopback_http()
}

/// The org as people hold it. The server ends when it is dropped.
pub(crate) fn serve(sim: &TestOrg) -> (Server, Org) {
    let server = sim.serve().unwrap();
    let org = Org::new(renewing(sim, &server).connect().unwrap());
    (server, org)
}

/// Requests to the data API in the org's log.
pub(crate) fn data_calls(sim: &TestOrg) -> usize {
    sim.calls().iter().filter(|call| call.target.starts_with("/services/data/")).count()
}
pub(crate) fn token_calls(sim: &TestOrg) -> usize {
    sim.calls().iter().filter(|call| call.operation() == "token").count()
}
