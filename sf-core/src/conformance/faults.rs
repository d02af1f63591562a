//! What a write reports when something goes wrong, and what the org then holds.
use super::{
    Fault, Problem, Verdict, World, ensure, same,
    world::{ACCOUNT, account, insert, name_of, once, update},
};
use crate::{Delivery, ErrorCode, RowOutcome, Transport, protocol::rows_in_call};

async fn inject(world: &dyn World, fault: Fault) -> Verdict {
    match world.inject(&fault).await {
        true => Ok(()),
        false => Err(Problem::Skipped(format!("this world cannot make {fault:?} happen"))),
    }
}

pub(super) async fn a_lost_request_applies_nothing(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let name = format!("{}lostrequest", world.tag());
    inject(world, Fault::LoseRequest).await?;
    match transport.write(&[insert(account(&name))], &once()).await {
        // A transport that cannot tell may say "unknown"; it may not say "saved".
        Ok(outcomes) => {
            same!(outcomes.len(), 1, "outcomes");
            ensure!(!outcomes.iter().any(RowOutcome::is_done), "a lost row is reported as saved");
        }
        Err(error) => ensure!(error.delivery() != Delivery::Unknown, "an `Err` that leaves the outcome open"),
    }
    same!(world.named(&ACCOUNT, &name).await?.len(), 0, "rows after a lost request");
    Ok(())
}

pub(super) async fn a_lost_answer_is_unknown_and_not_repeated(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}lostanswer", world.tag());
    // With the transport's own repeats too: an insert must never be one of them.
    for (name, options) in [(format!("{tag}a"), once()), (format!("{tag}b"), crate::WriteOptions::new())] {
        inject(world, Fault::LoseAnswer).await?;
        let mut rows = vec![insert(account(&name)), insert(account(&format!("{name}2")))];
        // Several verbs, where one call takes them.
        rows.insert(1, update(world.put(&ACCOUNT, account(&tag)).await?, account(&tag)));
        if rows_in_call(&rows, &transport.capabilities()) < rows.len() {
            rows.remove(1);
        }
        match transport.write(&rows, &options).await {
            Ok(outcomes) => {
                same!(outcomes.len(), rows.len(), "outcomes");
                for outcome in &outcomes {
                    same!(outcome.failure().map(|f| f.delivery), Some(Delivery::Unknown), "the delivery");
                }
            }
            Err(error) => ensure!(false, "`Err` although the rows were applied: {error}"),
        }
        for name in [name.clone(), format!("{name}2")] {
            same!(world.named(&ACCOUNT, &name).await?.len(), 1, "rows after a lost answer");
        }
    }
    Ok(())
}

pub(super) async fn a_refused_row_does_not_touch_its_neighbours(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}locked", world.tag());
    let mut ids = Vec::new();
    for i in 0..3 {
        ids.push(world.put(&ACCOUNT, account(&format!("{tag}{i}"))).await?);
    }
    let rows: Vec<_> = ids.iter().map(|id| update(*id, account(&format!("{tag}new")))).collect();
    let [first, second, third] = ids[..] else { return Ok(()) };
    let text = "unable to obtain exclusive access to this record";
    inject(world, Fault::RefuseRow(second, ErrorCode::UnableToLockRow, text.to_owned())).await?;
    let outcomes = transport.write(&rows, &once()).await?;
    let codes: Vec<_> = outcomes.iter().map(|o| o.failure().map(|f| f.code.clone())).collect();
    same!(codes, [None, Some(Some(ErrorCode::UnableToLockRow)), None], "the codes");
    for (id, name) in [(first, "new"), (second, "1"), (third, "new")] {
        same!(name_of(world, id).await?, format!("{tag}{name}"), "a row after a partial failure");
    }
    Ok(())
}
