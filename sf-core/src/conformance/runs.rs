//! Writes of several verbs in one call, conditional updates, and a token that is refused.
use super::{
    Fault, Problem, Verdict, World, ensure, same,
    world::{ACCOUNT, account, insert, name_of, once, text, update},
};
use crate::{
    Capabilities, Delivery, ErrorCode, RowOutcome, Timestamp, Transport, Write, protocol::rows_in_call,
};
use std::time::Duration;

fn skip<T>(reason: &str) -> Result<T, Problem> {
    Err(Problem::Skipped(reason.to_owned()))
}
/// The rows, unless the transport takes fewer at once.
fn fit(rows: Vec<Write>, can: &Capabilities) -> Result<Vec<Write>, Problem> {
    match rows_in_call(&rows, can) == rows.len() {
        true => Ok(rows),
        false => skip("the transport takes fewer rows or runs at once"),
    }
}

pub(super) async fn rows_of_several_verbs_keep_their_outcomes(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}runs", world.tag());
    let old = world.put(&ACCOUNT, account(&format!("{tag}old"))).await?;
    let gone = world.put(&ACCOUNT, account(&format!("{tag}gone"))).await?;
    let nameless = insert(crate::Fields::new().set(crate::field!("Phone"), "1"));
    let rows = vec![
        insert(account(&format!("{tag}0"))),
        nameless,
        update(old, account(&format!("{tag}new"))),
        Write::Delete { id: gone },
        insert(account(&format!("{tag}4"))),
    ];
    let rows = fit(rows, &transport.capabilities())?;
    let outcomes = transport.write(&rows, &once()).await?;
    same!(outcomes.len(), 5, "outcomes");
    let seen: Vec<_> = outcomes.iter().map(|o| o.failure().map(|f| f.code.clone())).collect();
    same!(seen, [None, Some(Some(ErrorCode::RequiredFieldMissing)), None, None, None], "the codes");
    for (place, name) in [(0, "0"), (2, "new"), (4, "4")] {
        if let Some(RowOutcome::Done { id, created }) = outcomes.get(place) {
            same!(*created, place != 2, "whether the row is new");
            same!(name_of(world, *id).await?, format!("{tag}{name}"), "the row behind an outcome");
        }
    }
    ensure!(world.row(gone).await?.is_none(), "the deleted row is still there");
    Ok(())
}

/// More rows than one collections request takes.
pub(super) async fn a_long_call_keeps_the_order_of_its_rows(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}long", world.tag());
    let count = transport.capabilities().write_rows.min(201);
    let names: Vec<String> = (0..count).map(|i| format!("{tag}{i}")).collect();
    let rows = fit(names.iter().map(|name| insert(account(name))).collect(), &transport.capabilities())?;
    let outcomes = transport.write(&rows, &once()).await?;
    same!(outcomes.len(), count, "outcomes");
    for (outcome, name) in outcomes.iter().zip(&names) {
        match outcome {
            RowOutcome::Done { id, .. } => {
                same!(name_of(world, *id).await?, *name, "the row behind an outcome")
            }
            RowOutcome::Failed(failure) => return Err(failure.clone().into()),
        }
    }
    Ok(())
}

pub(super) async fn all_or_none_holds_for_all_runs_of_a_call(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}allruns", world.tag());
    let old = world.put(&ACCOUNT, account(&format!("{tag}old"))).await?;
    let rows = vec![
        insert(account(&format!("{tag}a"))),
        update(old, account(&format!("{tag}new"))),
        insert(crate::Fields::new().set(crate::field!("Phone"), "1")),
        insert(account(&format!("{tag}b"))),
    ];
    let rows = fit(rows, &transport.capabilities())?;
    let outcomes = transport.write(&rows, &once().with_all_or_none(true)).await?;
    same!(outcomes.len(), 4, "outcomes");
    ensure!(!outcomes.iter().any(RowOutcome::is_done), "a rolled back row is reported as saved");
    let held: Vec<_> = outcomes.iter().map(RowOutcome::was_held_back).collect();
    same!(held, [true, true, false, true], "whether a row was right by itself");
    for name in ["a", "b"] {
        same!(world.named(&ACCOUNT, &format!("{tag}{name}")).await?.len(), 0, "rows after a rollback");
    }
    same!(name_of(world, old).await?, format!("{tag}old"), "the name after a rollback");
    Ok(())
}

pub(super) async fn a_conditional_update_is_refused_after_a_change(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    if transport.capabilities().conditional_rows == 0 {
        return skip("the transport has no conditional updates");
    }
    let tag = format!("{}condition", world.tag());
    let id = world.put(&ACCOUNT, account(&tag)).await?;
    let row = world.row(id).await?;
    let stamp = row.and_then(|row| text(&row, "SystemModstamp")?.parse::<Timestamp>().ok());
    let Some(stamp) = stamp else { return skip("the world shows no SystemModstamp") };
    let at = |moment| Write::Update {
        object: ACCOUNT,
        id,
        fields: account(&format!("{tag}new")),
        if_unmodified_since: Some(moment),
    };
    let late = [at(stamp - Duration::from_secs(3_600))];
    let outcomes = transport.write(&late, &once()).await?;
    same!(outcomes.len(), 1, "outcomes");
    let failure = outcomes.first().and_then(RowOutcome::failure).cloned();
    same!(
        failure.map(|f| (f.kind, f.delivery)),
        Some((crate::ErrorKind::Conflict, Delivery::Refused)),
        "the refusal of an update of a row that was changed"
    );
    same!(name_of(world, id).await?, tag, "the name after a refused update");
    let outcomes = transport.write(&[at(stamp)], &once()).await?;
    ensure!(outcomes.iter().all(RowOutcome::is_done), "an unchanged row was not updated: {outcomes:?}");
    same!(name_of(world, id).await?, format!("{tag}new"), "the name after the update");
    // Among other rows of one call.
    let first = insert(account(&format!("{tag}0")));
    let rows = vec![first.clone(), at(stamp - Duration::from_secs(3_600)), first];
    let Ok(rows) = fit(rows, &transport.capabilities()) else { return Ok(()) };
    let outcomes = transport.write(&rows, &once()).await?;
    let done: Vec<_> = outcomes.iter().map(RowOutcome::is_done).collect();
    same!(done, [true, false, true], "which rows are saved");
    Ok(())
}

/// A new token and the same write once more, or an error that says that nothing was done.
pub(super) async fn a_refused_token_applies_a_write_at_most_once(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}token", world.tag());
    for (name, count) in [("a", 1), ("b", 2)] {
        let name = format!("{tag}{name}");
        let rows = vec![insert(account(&name)); count];
        if !world.inject(&Fault::RefuseToken).await {
            return skip("this world cannot refuse a token");
        }
        let saved = match transport.write(&rows, &once()).await {
            Ok(outcomes) => {
                same!(outcomes.len(), count, "outcomes");
                ensure!(outcomes.iter().all(RowOutcome::is_done), "a row failed: {outcomes:?}");
                count
            }
            Err(error) => {
                ensure!(
                    error.delivery() != Delivery::Unknown,
                    "an `Err` that leaves the outcome open: {error}"
                );
                0
            }
        };
        same!(world.named(&ACCOUNT, &name).await?.len(), saved, "rows after a refused token");
    }
    Ok(())
}
