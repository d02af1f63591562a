//! Describe, changes, limits, identity.
use super::{
    Problem, Verdict, World, ensure, same,
    world::{ACCOUNT, account},
};
use crate::{CallOptions, ChangeKind, DescribeOptions, Timestamp, Transport, Window, field};
use std::time::Duration;

pub(super) async fn a_describe_lists_fields_and_can_be_unchanged(
    transport: &dyn Transport,
    _: &dyn World,
) -> Verdict {
    let Some(describe) = transport.describe(&ACCOUNT, &DescribeOptions::new()).await? else {
        return Err(Problem::Broken("unchanged, although nothing was asked".to_owned()));
    };
    same!(describe.name, ACCOUNT, "the object");
    ensure!(describe.field(&field!("name")).is_some(), "Account.Name is missing");
    let Some(moment) = describe.last_modified else {
        return Err(Problem::Skipped("the describe has no time of its last change".to_owned()));
    };
    let unchanged =
        transport.describe(&ACCOUNT, &DescribeOptions::new().with_if_changed_since(moment)).await?;
    ensure!(unchanged.is_none(), "changed since its own time stamp");
    Ok(())
}

pub(super) async fn changed_rows_are_listed(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let id = world.put(&ACCOUNT, account(&format!("{}changed", world.tag()))).await?;
    let stamp =
        world.row(id).await?.and_then(|row| row.get::<Timestamp>("SystemModstamp").ok()?.into_value());
    let Some(stamp) = stamp else {
        return Err(Problem::Skipped("the world shows no SystemModstamp".to_owned()));
    };
    let window = Window {
        what: ChangeKind::Updated,
        start: stamp - Duration::from_secs(60),
        end: stamp + Duration::from_secs(60),
    };
    let changed = transport.changed(&ACCOUNT, &window, &CallOptions::new()).await?;
    ensure!(changed.ids.iter().any(|(seen, _)| *seen == id), "the new row is not among the updated ones");
    Ok(())
}

pub(super) async fn limits_and_identity_are_given(transport: &dyn Transport, _: &dyn World) -> Verdict {
    let limits = transport.limits(&CallOptions::new()).await?;
    ensure!(limits.daily_api_requests().is_some(), "DailyApiRequests is missing");
    let who = transport.identity(&CallOptions::new()).await?;
    same!(who.org_id.key_prefix(), "00D", "the kind of the org's id");
    same!(who.user_id.key_prefix(), "005", "the kind of the user's id");
    same!(who.api_version, transport.capabilities().api_version, "the version");
    ensure!(!who.username.is_empty(), "no user name");
    ensure!(who.instance_url.starts_with("http"), "no address");
    Ok(())
}
