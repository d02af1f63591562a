//! Writes without faults.
use super::{
    Problem, Verdict, World, ensure,
    rows::long_number,
    same,
    world::{ACCOUNT, OPPORTUNITY, account, insert, is_empty, name_of, once, opportunity, text, update},
};
use crate::{Delivery, ErrorCode, Number, RowOutcome, SfId, Transport, Value, Write, field};

async fn write(transport: &dyn Transport, rows: &[Write]) -> Result<Vec<RowOutcome>, Problem> {
    let outcomes = transport.write(rows, &once()).await?;
    same!(outcomes.len(), rows.len(), "outcomes");
    Ok(outcomes)
}
fn done(outcome: &RowOutcome) -> Result<(SfId, bool), Problem> {
    match outcome {
        RowOutcome::Done { id, created } => Ok((*id, *created)),
        RowOutcome::Failed(failure) => Err(failure.clone().into()),
    }
}

pub(super) async fn outcomes_are_in_row_order(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let names: Vec<String> = (0..7).map(|i| format!("{}order{i}", world.tag())).collect();
    let rows: Vec<Write> = names.iter().map(|name| insert(account(name))).collect();
    for (outcome, name) in write(transport, &rows).await?.iter().zip(&names) {
        let (id, created) = done(outcome)?;
        ensure!(created, "an insert is reported as an update");
        same!(name_of(world, id).await?, *name, "the row behind an outcome");
    }
    Ok(())
}

pub(super) async fn an_insert_is_made_once(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let name = format!("{}once", world.tag());
    write(transport, &[insert(account(&name))]).await?;
    same!(world.named(&ACCOUNT, &name).await?.len(), 1, "rows after one insert");
    Ok(())
}

pub(super) async fn absent_is_left_alone_and_null_clears(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}absent", world.tag());
    let fields = account(&name).set(field!("Phone"), "+49 1").set(field!("Website"), "https://acme.example");
    let id = world.put(&ACCOUNT, fields).await?;
    let changes = crate::Fields::new().set(field!("Phone"), Value::Null);
    done(one(&write(transport, &[update(id, changes)]).await?)?)?;
    let row = world.row(id).await?.ok_or_else(|| Problem::Broken("the row is gone".to_owned()))?;
    ensure!(is_empty(&row, "Phone"), "null did not clear the field");
    same!(text(&row, "Website").as_deref(), Some("https://acme.example"), "a field that was not sent");
    same!(text(&row, "Name"), Some(name), "a field that was not sent");
    Ok(())
}
fn one(outcomes: &[RowOutcome]) -> Result<&RowOutcome, Problem> {
    outcomes.first().ok_or_else(|| Problem::Broken("no outcome".to_owned()))
}

pub(super) async fn any_text_is_written_as_it_is(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let tag = world.tag();
    let texts = [
        "it's a \"test\" \\ of / everything",
        "two\nlines\tand a tab",
        "äöü ß – 東京 🚀",
        "</script>{\"a\":[1,2]}",
        "%41+%2F&x=y#z?",
        "null",
        "@{part0[0].id} and @{x.y}",
    ];
    let rows: Vec<Write> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| insert(account(&format!("{tag}text{i}")).set(field!("Description"), *text)))
        .collect();
    for (outcome, expected) in write(transport, &rows).await?.iter().zip(texts) {
        let (id, _) = done(outcome)?;
        let row = world.row(id).await?;
        same!(row.and_then(|row| text(&row, "Description")).as_deref(), Some(expected), "the text");
    }
    Ok(())
}

pub(super) async fn written_numbers_keep_their_digits(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}written", world.tag());
    let (_, exact) = long_number(world, &name).await?;
    let fields = account(&name).set(field!("AnnualRevenue"), exact.clone());
    let (id, _) = done(one(&write(transport, &[insert(fields)]).await?)?)?;
    let row = world.row(id).await?.ok_or_else(|| Problem::Broken("the row is gone".to_owned()))?;
    same!(row.get::<Number>("AnnualRevenue")?.into_value(), Some(exact), "the number");
    Ok(())
}

/// A row without its required field, between two good ones.
pub(super) async fn a_bad_row_fails_alone(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let tag = format!("{}bad", world.tag());
    let nameless = crate::Fields::new().set(field!("Phone"), "1");
    let rows = [insert(account(&format!("{tag}0"))), insert(nameless), insert(account(&format!("{tag}2")))];
    let outcomes = write(transport, &rows).await?;
    let [first, second, third] = outcomes.as_slice() else {
        return Err(Problem::Broken("not one outcome per row".to_owned()));
    };
    same!(name_of(world, done(first)?.0).await?, format!("{tag}0"), "the first row");
    same!(name_of(world, done(third)?.0).await?, format!("{tag}2"), "the third row");
    let Some(failure) = second.failure() else {
        return Err(Problem::Broken("a row without its required field is reported as saved".to_owned()));
    };
    same!(failure.code, Some(ErrorCode::RequiredFieldMissing), "the code");
    same!(failure.delivery, Delivery::Refused, "the delivery");
    same!(failure.fields, ["Name"], "the fields to blame");
    Ok(())
}

pub(super) async fn all_or_none_saves_nothing_when_a_row_fails(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}allornone", world.tag());
    let nameless = crate::Fields::new().set(field!("Phone"), "1");
    let rows = [insert(account(&name)), insert(nameless)];
    let outcomes = transport.write(&rows, &once().with_all_or_none(true)).await?;
    same!(outcomes.len(), 2, "outcomes");
    ensure!(outcomes.iter().all(|outcome| !outcome.is_done()), "a rolled back row is reported as saved");
    same!(world.named(&ACCOUNT, &name).await?.len(), 0, "rows after a rolled back call");
    Ok(())
}

pub(super) async fn an_upsert_creates_then_updates(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let Some((object, key)) = world.upsert_key() else {
        return Err(Problem::Skipped("the org has no field to upsert by".to_owned()));
    };
    // A key that would break out of its place in a URL.
    let value = format!("{}/k?#é", world.tag());
    let base = if object == OPPORTUNITY {
        let parent = world.put(&ACCOUNT, account(&format!("{}upsert", world.tag()))).await?;
        opportunity(&value, parent)
    } else {
        account(&value)
    };
    let base = base.set(key.clone(), value.as_str());
    let upsert = |text: &str| Write::Upsert {
        object: object.clone(),
        key: key.clone(),
        fields: base.clone().set(field!("Description"), text),
    };
    let (id, created) = done(one(&write(transport, &[upsert("first")]).await?)?)?;
    ensure!(created, "the first upsert did not create");
    let (again, created) = done(one(&write(transport, &[upsert("second")]).await?)?)?;
    ensure!(!created, "the second upsert created");
    same!(again, id, "the row of the second upsert");
    let row = world.row(id).await?;
    same!(
        row.and_then(|row| text(&row, "Description")).as_deref(),
        Some("second"),
        "what the second upsert wrote"
    );
    Ok(())
}

pub(super) async fn a_deletion_is_made_and_a_second_one_fails(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let id = world.put(&ACCOUNT, account(&format!("{}gone", world.tag()))).await?;
    let deletion = [Write::Delete { id }];
    same!(done(one(&write(transport, &deletion).await?)?)?.0, id, "the deleted row");
    ensure!(world.row(id).await?.is_none(), "the row is still there");
    let outcomes = write(transport, &deletion).await?;
    same!(
        one(&outcomes)?.failure().and_then(|f| f.code.clone()),
        Some(ErrorCode::EntityIsDeleted),
        "the code"
    );
    Ok(())
}

pub(super) async fn what_does_not_fit_is_refused_before_sending(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}toomany", world.tag());
    let can = transport.capabilities();
    let mut attempts = vec![vec![insert(account(&name)); can.write_rows + 1]];
    if can.conditional_rows == 0 {
        let id = world.put(&ACCOUNT, account(&format!("{name}0"))).await?;
        attempts.push(vec![Write::Update {
            object: ACCOUNT,
            id,
            fields: account(&name),
            if_unmodified_since: crate::Timestamp::from_millis(0),
        }]);
    }
    for rows in attempts {
        match transport.write(&rows, &once()).await {
            Ok(_) => ensure!(false, "a batch that the capabilities do not allow was sent"),
            Err(error) => same!(error.delivery(), Delivery::NotSent, "the delivery"),
        }
    }
    same!(world.named(&ACCOUNT, &name).await?.len(), 0, "rows after a refused batch");
    Ok(())
}
