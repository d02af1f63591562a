//! The end of an interactive sign-in: from the question for its tokens to the store.
use super::{app::App, requests::Requests, session::Session};
use crate::{fault::failure, http::no_runtime, store::Tokens};
use sf_core::{AccessToken, Delivery, ErrorKind, Result, Secret};
use std::sync::Arc;
use tokio::{runtime::Handle, sync::oneshot};
use tracing::{Instrument, instrument::WithSubscriber};

/// Asks for tokens and keeps them, on a task of its own: a grant whose answer nobody reads would live on at the org. A caller that is
/// gone when the tokens come does not want them: they are given back, and nobody is replaced in the store. After that there is no way back,
/// if there is a store that others find them in; without one the session is all there is of them, and they are given back when it is not taken.
///
/// The first error is that of the question, the second one that of the store, which has not got the tokens: they are given back, too.
pub(super) async fn take(
    app: App,
    requests: Arc<Requests>,
    asked: impl Future<Output = Result<Tokens>> + Send + 'static,
) -> Result<Result<Session>> {
    if Handle::try_current().is_err() {
        return Err(no_runtime());
    }
    let (give, given) = oneshot::channel();
    // A value can be given and never taken: only who says thanks has it.
    let (thank, thanks) = oneshot::channel::<()>();
    let task = async move {
        let tokens = match asked.await {
            Ok(tokens) if give.is_closed() => return give_back(&requests, &tokens).await,
            Ok(tokens) => tokens,
            Err(error) => {
                let _ = give.send(Err(error));
                return;
            }
        };
        let session = app.signed_in(requests.clone(), tokens.clone()).await;
        if session.is_err() {
            give_back(&requests, &tokens).await;
        }
        let only_the_caller_has_them = session.is_ok() && !app.has_store();
        let _ = give.send(Ok(session));
        if only_the_caller_has_them && thanks.await.is_err() {
            give_back(&requests, &tokens).await;
        }
    };
    tokio::spawn(task.in_current_span().with_current_subscriber());
    let outcome = given.await.unwrap_or_else(|_| {
        let next_step = "Start the sign-in again and keep the runtime until it is done; a token store of your own must not panic.";
        let message = "the sign-in was interrupted";
        Err(failure(ErrorKind::Unavailable, Delivery::Unknown, message, next_step).into())
    });
    let _ = thank.send(());
    outcome
}

/// A login host that cannot be reached keeps them: nobody is there who could be told.
async fn give_back(requests: &Requests, tokens: &Tokens) {
    let refresh = tokens.refresh_token().map(Secret::expose);
    if let Some(token) = refresh.or(tokens.access_token().map(AccessToken::expose)) {
        let _ = requests.revoke(token).await;
    }
}
