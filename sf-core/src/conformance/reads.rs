//! Any resource, and errors.
use super::{Verdict, World, ensure, same, world::account};
use crate::{CallOptions, ErrorKind, QueryCall, QueryOptions, Soql, Transport, protocol::Request};

pub(super) async fn any_resource_can_be_called_and_downloaded(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}called", world.tag());
    let id = world.put(&super::world::ACCOUNT, account(&name)).await?;
    let request = Request::get(["sobjects", "Account", id.as_str()]).with_query("fields", "Name");
    let response = transport.call(&request, &CallOptions::new()).await?;
    ensure!(response.text().contains(&name), "the answer does not hold the row");
    let mut body = Vec::new();
    let response = transport.download(&request, &mut body, &CallOptions::new()).await?;
    same!(response.status, 200, "the status");
    ensure!(String::from_utf8_lossy(&body).contains(&name), "the download does not hold the row");
    let nothing = Request::get(["sobjects", "Account", "001zzzzzzzzzzzzAAA"]);
    match transport.call(&nothing, &CallOptions::new()).await {
        Ok(_) => ensure!(false, "a record that does not exist was given"),
        Err(error) => same!(error.kind(), ErrorKind::NotFound, "the kind"),
    }
    Ok(())
}

pub(super) async fn an_error_says_what_and_what_next(transport: &dyn Transport, _: &dyn World) -> Verdict {
    let statement = QueryCall::Start(Soql::raw("SELECT Nonsense__c FROM Account"));
    let answer = transport.query(std::slice::from_ref(&statement), &QueryOptions::new()).await;
    let failure = match answer.map(|mut pages| pages.pop()) {
        Ok(Some(Err(failure))) => failure,
        Err(error) => error.into_failure(),
        Ok(_) => return Err(super::Problem::Broken("a field that does not exist was selected".to_owned())),
    };
    same!(failure.code, Some(crate::ErrorCode::InvalidField), "the code");
    ensure!(failure.message.contains("Nonsense__c"), "the org's text is missing");
    ensure!(!failure.help().next_step.is_empty(), "no next step");
    Ok(())
}
