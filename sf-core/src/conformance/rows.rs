//! Queries and rows by id.
use super::{
    Verdict, World, ensure, same,
    world::{ACCOUNT, OPPORTUNITY, PAGE, account, all, ask, opportunity, text},
};
use crate::{
    CallOptions, Children, Delivery, Number, QueryCall, QueryOptions, Record, SfId, Soql, Transport, Value,
    field,
};

fn small_pages() -> QueryOptions {
    QueryOptions::new().with_page_size(Some(PAGE))
}
fn names(rows: &[Record]) -> Vec<String> {
    rows.iter().map(|row| text(row, "Name").unwrap_or_default()).collect()
}

/// 410 rows need three pages of 200.
pub(super) async fn a_query_gives_every_row_once_and_in_order(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}pages", world.tag());
    let mut expected = Vec::new();
    for i in 0..410 {
        let name = format!("{tag}{i:04}");
        world.put(&ACCOUNT, account(&name)).await?;
        expected.push(name);
    }
    let soql = format!("SELECT Id, Name FROM Account WHERE Name LIKE '{tag}%' ORDER BY Name");
    let first = ask(transport, QueryCall::Start(Soql::raw(soql.as_str())), &small_pages()).await?;
    same!(first.total(), 410, "the total");
    let seen = names(&all(transport, &soql, &small_pages()).await?);
    same!(seen.len(), expected.len(), "rows");
    ensure!(seen == expected, "the rows are not in the order of the statement");
    Ok(())
}

pub(super) async fn several_queries_answer_in_the_order_asked(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let tag = format!("{}several", world.tag());
    for i in 0..3 {
        world.put(&ACCOUNT, account(&format!("{tag}{i}"))).await?;
    }
    let one =
        |i: usize| QueryCall::Start(Soql::raw(format!("SELECT Name FROM Account WHERE Name = '{tag}{i}'")));
    let wrong = QueryCall::Start(Soql::raw("SELECT Name FROM"));
    let mut batch = vec![one(2), wrong, one(0), one(1)];
    batch.truncate(transport.capabilities().queries_per_call.max(1));
    let pages = transport.query(&batch, &QueryOptions::new()).await?;
    same!(pages.len(), batch.len(), "results");
    for (i, (page, expected)) in pages.iter().zip([Some(2), None, Some(0), Some(1)]).enumerate() {
        match (page, expected) {
            (Ok(page), Some(number)) => {
                let rows: Vec<Record> = page.decode()?.into_iter().collect::<Result<_, _>>()?;
                same!(names(&rows), [format!("{tag}{number}")], "the rows of one of several queries");
            }
            (Err(failure), None) => {
                same!(failure.delivery, Delivery::Refused, "the delivery of a malformed statement");
            }
            _ => ensure!(false, "result {i} is not the one of query {i}"),
        }
    }
    Ok(())
}

/// More children than a page holds: the set says that it is cut, and its cursor leads to the others.
pub(super) async fn cut_child_rows_can_be_completed(transport: &dyn Transport, world: &dyn World) -> Verdict {
    const CHILDREN: usize = 230;
    let name = format!("{}children", world.tag());
    let parent = world.put(&ACCOUNT, account(&name)).await?;
    let mut expected = Vec::new();
    for i in 0..CHILDREN {
        let name = format!("{name}{i:04}");
        world.put(&OPPORTUNITY, opportunity(&name, parent)).await?;
        expected.push(name);
    }
    let soql = format!(
        "SELECT Id, (SELECT Name FROM Opportunities ORDER BY Name) FROM Account WHERE Name = '{name}'"
    );
    let rows = all(transport, &soql, &small_pages()).await?;
    same!(rows.len(), 1, "parents");
    let Some(children) = rows.first().and_then(|row| row.children("Opportunities")) else {
        ensure!(false, "the parent has no children");
        return Ok(());
    };
    same!(children.total, CHILDREN as u64, "the children's total");
    let mut seen = names(&children.rows);
    let mut next = children.next.clone();
    while let Some(cursor) = next {
        let page = ask(transport, QueryCall::Next(cursor), &small_pages()).await?;
        let more: Vec<Record> = page.decode()?.into_iter().collect::<Result<_, _>>()?;
        seen.extend(names(&more));
        next = page.next().cloned();
        ensure!(seen.len() <= CHILDREN, "more children came than there are");
    }
    same!(seen.len(), expected.len(), "child rows over all pages");
    ensure!(seen == expected, "the child rows are not in the order of the statement");
    Ok(())
}

pub(super) async fn a_missing_parent_and_no_children_are_null(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}lonely", world.tag());
    world.put(&ACCOUNT, account(&name)).await?;
    let soql = format!(
        "SELECT Name, Parent.Name, (SELECT Id FROM Opportunities) FROM Account WHERE Name = '{name}'"
    );
    let rows = all(transport, &soql, &QueryOptions::new()).await?;
    same!(rows.len(), 1, "rows");
    let Some(row) = rows.first() else { return Ok(()) };
    ensure!(row.get::<Record>("Parent")?.is_null(), "a missing parent is not null");
    let children = row.get::<Children<Record>>("Opportunities")?;
    ensure!(
        children.is_null() || children.value().is_some_and(|set| set.rows.is_empty()),
        "no children are neither null nor empty"
    );
    Ok(())
}

pub(super) async fn numbers_keep_their_digits(transport: &dyn Transport, world: &dyn World) -> Verdict {
    if !transport.capabilities().exact_numbers {
        return Err(skip("the transport does not keep digits, and says so"));
    }
    let name = format!("{}digits", world.tag());
    let (id, exact) = long_number(world, &name).await?;
    let soql = format!("SELECT AnnualRevenue FROM Account WHERE Id = '{id}'");
    let mut rows = all(transport, &soql, &QueryOptions::new()).await?;
    let page = transport.retrieve(&ACCOUNT, &[id], &[field!("AnnualRevenue")], &CallOptions::new()).await?;
    for row in page.decode::<Record>()? {
        rows.push(row?);
    }
    same!(rows.len(), 2, "rows by query and by id");
    for row in rows {
        same!(row.get::<Number>("AnnualRevenue")?.into_value(), Some(exact.clone()), "the number");
    }
    Ok(())
}
/// A row with the longest number that the org keeps: eighteen digits as the field allows, or as many as a 64-bit
/// float has, which is what many orgs compute with.
pub(super) async fn long_number(world: &dyn World, name: &str) -> Result<(SfId, Number), super::Problem> {
    for digits in ["1234567890123456.78", "123456789012345.67", "1234567890123456"] {
        let Ok(exact) = digits.parse::<Number>() else { continue };
        let id = world.put(&ACCOUNT, account(name).set(field!("AnnualRevenue"), exact.clone())).await?;
        let held = world.row(id).await?.and_then(|row| row.get::<Number>("AnnualRevenue").ok()?.into_value());
        if held.as_ref() == Some(&exact) {
            return Ok((id, exact));
        }
    }
    Err(skip("the org keeps no number of sixteen digits"))
}

pub(super) async fn deleted_rows_come_only_when_asked_for(
    transport: &dyn Transport,
    world: &dyn World,
) -> Verdict {
    let name = format!("{}deleted", world.tag());
    let id = world.put(&ACCOUNT, account(&name)).await?;
    let outcomes = transport.write(&[crate::Write::Delete { id }], &super::world::once()).await?;
    same!(outcomes.len(), 1, "outcomes");
    ensure!(outcomes.iter().all(crate::RowOutcome::is_done), "the deletion failed: {outcomes:?}");
    let soql = format!("SELECT Id, IsDeleted FROM Account WHERE Name = '{name}'");
    let plain = all(transport, &soql, &QueryOptions::new()).await?;
    same!(plain.len(), 0, "deleted rows in a plain query");
    let every = all(transport, &soql, &QueryOptions::new().with_deleted(true)).await?;
    same!(every.len(), 1, "deleted rows when asked for");
    let flag = every.first().and_then(|row| row.value("IsDeleted").map(std::borrow::Cow::into_owned));
    same!(flag, Some(Value::Bool(true)), "IsDeleted");
    Ok(())
}

pub(super) async fn rows_by_id_keep_order_and_gaps(transport: &dyn Transport, world: &dyn World) -> Verdict {
    let tag = format!("{}ids", world.tag());
    let mut ids = Vec::new();
    for i in 0..3 {
        ids.push(world.put(&ACCOUNT, account(&format!("{tag}{i}"))).await?);
    }
    let missing = SfId::new("001zzzzzzzzzzzz").map_err(|_| skip("ids"))?;
    let asked: Vec<SfId> = [2, 0, 1].iter().filter_map(|i| ids.get(*i).copied()).chain([missing]).collect();
    let page = transport.retrieve(&ACCOUNT, &asked, &[field!("Name")], &CallOptions::new()).await?;
    let rows: Vec<Option<Record>> = page.decode()?.into_iter().collect::<Result<_, _>>()?;
    let seen: Vec<Option<String>> =
        rows.iter().map(|row| row.as_ref().and_then(|row| text(row, "Name"))).collect();
    let expected = [Some(format!("{tag}2")), Some(format!("{tag}0")), Some(format!("{tag}1")), None];
    same!(seen.as_slice(), expected.as_slice(), "names by id");
    Ok(())
}
fn skip(reason: &str) -> super::Problem {
    super::Problem::Skipped(reason.to_owned())
}
