//! What an answer does: its rows are merged into their records, and with the last of them the run moves on.
use super::{APPLY, Position};
use crate::{
    Answer, Error, Origin, RecordKey, Report, Result, Scope, Settled, Step,
    decide::{
        Draft, Numbers, collect,
        pull::{
            Lane, Pending, Resume, Run, Stage,
            merge::{self, Standing},
            statement::{self, Columns},
        },
        values::{Row, read_row},
    },
    engine::{Engine, ROUNDS, busy, push::mismatch},
    mapping::ObjectMapping,
    store::{ChangeSet, Depth, RecordState, Selection, StoreWrite},
};
use sf_core::{Failure, Page, Record, SfId};
use std::collections::{BTreeMap, BTreeSet};

/// Whether unknown rows become known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Import {
    #[default]
    None,
    /// They were asked for as children of known records.
    Children,
    /// They were named themselves.
    Named,
}
/// An answer on its way into the store.
struct Settling<'m> {
    object: &'m ObjectMapping,
    import: Import,
    /// The store's revision when it was asked.
    rev: u64,
    found: Found,
    /// Goes into one transaction with the run's new position, when it is the last.
    held: Option<Batch>,
}
/// What is applied in one transaction.
#[derive(Default)]
struct Batch {
    rows: Vec<(Row, Standing)>,
    import: Import,
    /// Records that were not answered for.
    gone: Vec<RecordKey>,
}
/// What became of batches.
#[derive(Default)]
struct Found {
    report: Report,
    /// Rows to be read again: their records moved after they were asked for.
    again: Vec<Pending>,
    /// The same of records that were not answered for.
    moved: Vec<RecordKey>,
}
impl Found {
    fn absorb(&mut self, mut other: Found) {
        self.report.absorb(other.report);
        self.again.append(&mut other.again);
        self.moved.append(&mut other.moved);
    }
}

impl Engine {
    pub(in crate::engine) async fn settle_pull(
        &self,
        step: &Step,
        scope: &Scope,
        position: u64,
        answer: Answer,
    ) -> Result<Settled> {
        let (key, view) = self.run_view(scope).await?;
        let asked = |at: &Position| at.run.position == position && !at.run.done && at.run.awaits(step);
        let Some(mut at) = self.kept(&key, &view).filter(asked) else {
            return Ok(Settled::AlreadySettled);
        };
        let (config, schema) = (self.config(), self.schema());
        let mapping = &config.config.mapping;
        let Some(object) = at.run.objects.first().and_then(|o| mapping.of(o)) else {
            return Ok(Settled::AlreadySettled);
        };
        let import = match scope {
            Scope::Import { object: named, .. } if *named == object.object => Import::Named,
            _ if object.parent.is_some() => Import::Children,
            _ => Import::None,
        };
        let mut settling = Settling { object, import, rev: 0, found: Found::default(), held: None };
        let ids = match (step, answer) {
            (_, Answer::Failed(failure)) => return Err(self.read_failed(&failure, object)),
            (Step::Query { rev, .. }, Answer::Pages(pages)) => {
                settling.rev = *rev;
                let columns = statement::columns(object, &schema);
                self.settle_pages(&mut settling, &columns, pages, &mut at.run).await?;
                &[][..]
            }
            (Step::Retrieve { rev, ids, .. }, Answer::Retrieved(page)) => {
                settling.rev = *rev;
                self.settle_rows(&mut settling, ids, &page, &mut at.run)?;
                ids
            }
            _ => return Err(mismatch()),
        };
        self.checkpoint(settling, at, ids).await
    }
    fn read_failed(&self, failure: &Failure, object: &ObjectMapping) -> Error {
        self.doubt_schema(failure, Some(&object.object));
        Error::from(failure.clone())
    }

    async fn settle_pages(
        &self,
        settling: &mut Settling<'_>,
        columns: &Columns,
        pages: Vec<Result<Page, Failure>>,
        run: &mut Run,
    ) -> Result<()> {
        let object = settling.object;
        let Stage::Sweep { lanes, .. } = &run.stage else { return Err(mismatch()) };
        let mut left: Vec<Lane> = Vec::new();
        let mut found: Vec<Pending> = Vec::new();
        let mut ended = false;
        if pages.len() != lanes.len() {
            return Err(mismatch());
        }
        let lanes = lanes.clone();
        for (mut lane, page) in lanes.into_iter().zip(pages) {
            let page = page.map_err(|failure| self.read_failed(&failure, object))?;
            let rows: Vec<Record> = page.decode::<Record>()?.into_iter().collect::<Result<_, Failure>>()?;
            let mut read = Vec::with_capacity(rows.len());
            let schema = self.schema();
            for row in &rows {
                let row = read_row(row, object, &schema).ok_or_else(no_id)?;
                run.saw(row.stamp);
                read.push(row);
            }
            if let Some(last) = read.last()
                && let (true, Some(id)) = (page.next().is_some(), last.key.id())
            {
                lane.resume = Some(Resume { stamp: last.stamp.filter(|_| run.low.is_some()), id });
                left.push(lane.clone());
            } else {
                ended = true;
            }
            if columns.retrieve.is_some() {
                found.extend(read.into_iter().filter_map(|row| {
                    Some(Pending { id: row.key.id()?, light: row.fields, left: lane.leavers })
                }));
            } else {
                let standing = if lane.leavers { Standing::Left } else { Standing::InScope };
                let import = if lane.leavers { Import::None } else { settling.import };
                while !read.is_empty() {
                    let rest = read.split_off(read.len().min(APPLY));
                    let rows = std::mem::replace(&mut read, rest).into_iter().map(|row| (row, standing));
                    let batch = Batch { rows: rows.collect(), import, gone: Vec::new() };
                    self.take(settling, batch).await?;
                }
            }
        }
        if ended {
            // After all pages: they were read in the same moment.
            run.lane_ended();
        }
        if let Stage::Sweep { lanes, pending, .. } = &mut run.stage {
            *lanes = left;
            pending.append(&mut found);
        }
        Ok(())
    }

    fn settle_rows(
        &self,
        settling: &mut Settling<'_>,
        ids: &[SfId],
        page: &Page,
        run: &mut Run,
    ) -> Result<()> {
        let rows = page.decode::<Option<Record>>()?;
        if rows.len() != ids.len() {
            return Err(Failure::new(
                sf_core::ErrorKind::Decode,
                sf_core::Delivery::Refused,
                format!("the answer has {} rows for {} ids", rows.len(), ids.len()),
            )
            .into());
        }
        let (object, schema) = (settling.object, self.schema());
        let mut pending: BTreeMap<SfId, Pending> = BTreeMap::new();
        let unseen = match &mut run.stage {
            Stage::Sweep { pending: all, .. } => {
                let rest = all.split_off(ids.len().min(all.len()));
                pending = std::mem::replace(all, rest).into_iter().map(|p| (p.id, p)).collect();
                false
            }
            Stage::Unseen { .. } => true,
        };
        let (mut read, mut gone) = (Vec::new(), Vec::new());
        for (id, row) in ids.iter().zip(rows) {
            let Some(mut row) = row? else {
                if unseen {
                    gone.push(RecordKey::Id(*id));
                }
                continue;
            };
            let mut left = unseen && (object.parent.is_some() || object.filter.is_some());
            if let Some(pending) = pending.remove(id) {
                left = pending.left;
                // Paths to parents come from the statement only, the rest newer from the retrieve.
                for (name, value) in pending.light {
                    if !row.fields.contains(&name) {
                        row.fields.insert(name, value);
                    }
                }
            }
            let row = read_row(&row.with_id(*id), object, &schema).ok_or_else(no_id)?;
            if !unseen {
                run.saw(row.stamp);
            }
            read.push((row, if left { Standing::Left } else { Standing::InScope }));
        }
        if !unseen {
            run.lane_ended();
        }
        let import = if unseen { Import::None } else { settling.import };
        // No more ids are asked for at once than are applied at once.
        settling.held = Some(Batch { rows: read, import, gone });
        Ok(())
    }

    /// Takes a batch over; the one before it is applied.
    async fn take(&self, settling: &mut Settling<'_>, batch: Batch) -> Result<()> {
        let Some(before) = settling.held.replace(batch) else { return Ok(()) };
        for _ in 0..ROUNDS {
            let (changes, found) = self.merged(settling, &before).await?;
            if self.commit(changes).await? {
                settling.found.absorb(found);
                return Ok(());
            }
        }
        Err(busy())
    }
    /// Applies the last batch in one transaction with the run's new position.
    async fn checkpoint(&self, mut settling: Settling<'_>, at: Position, ids: &[SfId]) -> Result<Settled> {
        let last = settling.held.take().unwrap_or_default();
        for _ in 0..ROUNDS {
            let (mut changes, mut found) = self.merged(&settling, &last).await?;
            let mut run = at.run.clone();
            let before = settling.found.again.iter().cloned();
            run.read_again(before.chain(std::mem::take(&mut found.again)).collect(), &found.moved, ids);
            run.moved(self.now());
            at.place(&mut changes, Some(&run))?;
            if self.commit(changes).await? {
                settling.found.report.absorb(found.report);
                return Ok(Settled::Applied(settling.found.report));
            }
            let scopes = vec![at.key.clone()];
            let view = self.inner.store.load(Selection { scopes, ..Selection::default() }).await?;
            if view.scope(&at.key).map_or(0, |s| s.rev) != at.rev {
                return Ok(Settled::AlreadySettled);
            }
        }
        Err(busy())
    }
    /// What a batch changes.
    async fn merged(&self, settling: &Settling<'_>, batch: &Batch) -> Result<(ChangeSet, Found)> {
        let keys: Vec<RecordKey> = batch.rows.iter().map(|(row, _)| row.key).collect();
        let heads = Selection { keys, depth: Depth::Heads, ..Selection::default() };
        let heads = self.inner.store.load(heads).await?;
        let next_change = heads.next_change;
        let heads: BTreeMap<RecordKey, RecordState> = heads.records.into_iter().map(|r| (r.key, r)).collect();
        let (mut same, mut differ) = (Vec::new(), Vec::new());
        for (row, standing) in &batch.rows {
            match heads.get(&row.key) {
                Some(head) if merge::is_same(head, row, *standing) => same.push(row.key),
                Some(_) => differ.push(row.key),
                None => {}
            }
        }
        differ.extend(&batch.gone);
        let (mut full, closed) =
            if differ.is_empty() { Default::default() } else { self.load_full(&differ).await? };
        let fresh = batch.rows.iter().map(|(row, _)| row).filter(|row| !heads.contains_key(&row.key));
        let welcome = self.welcome(settling.object, batch.import, fresh).await?;
        let grounds = self.grounds();
        let rules = grounds.rules();
        let (mut numbers, mut found) = (Numbers::from(next_change), Found::default());
        found.report.pulled.rows += same.len() as u64;
        found.report.pulled.unchanged += same.len() as u64;
        let mut drafts = Vec::new();
        for key in &batch.gone {
            match full.remove(key) {
                Some(record) if record.rev > settling.rev => found.moved.push(*key),
                Some(record) => {
                    let mut draft = Draft::of(record);
                    merge::gone(&mut draft, &mut found.report);
                    drafts.push(draft);
                }
                None => {}
            }
        }
        for (row, standing) in &batch.rows {
            let mut draft = match full.remove(&row.key) {
                Some(record) => Draft::of(record).with_closed(&closed),
                None if !welcome.contains(&row.key) => continue,
                None => Draft::of(RecordState::new(row.key, settling.object.object.clone())),
            };
            if draft.record.rev <= settling.rev {
                merge::merge(&mut draft, row.clone(), *standing, &mut numbers, &rules, &mut found.report);
            } else if merge::is_doubtful(&mut draft, row, *standing, &mut found.report) {
                let light = row.fields.clone();
                let left = *standing == Standing::Left;
                found.again.extend(row.key.id().map(|id| Pending { id, light, left }));
            }
            drafts.push(draft);
        }
        let mut changes = collect(drafts, Origin::Remote);
        changes.guard.next_change = numbers.guard();
        if !same.is_empty() {
            changes.writes.push(StoreWrite::Seen(same));
        }
        Ok((changes, found))
    }
    /// Which of the unknown rows become known: what was named, and the children of what is known.
    async fn welcome(
        &self,
        object: &ObjectMapping,
        import: Import,
        fresh: impl Iterator<Item = &Row>,
    ) -> Result<BTreeSet<RecordKey>> {
        if import == Import::None {
            return Ok(BTreeSet::new());
        }
        let fresh: Vec<(RecordKey, Option<RecordKey>)> = fresh.map(|row| (row.key, row.parent)).collect();
        if fresh.is_empty() || import == Import::Children || object.parent.is_none() {
            return Ok(fresh.into_iter().map(|(key, _)| key).collect());
        }
        let keys: BTreeSet<RecordKey> = fresh.iter().filter_map(|(_, parent)| *parent).collect();
        let parents = Selection { keys: keys.into_iter().collect(), ..Selection::default() };
        let parents = self.inner.store.load(parents).await?;
        let known: BTreeSet<RecordKey> = parents.records.iter().map(|r| r.key).collect();
        let at_home = |parent: Option<RecordKey>| parent.is_some_and(|parent| known.contains(&parent));
        Ok(fresh.into_iter().filter(|(_, parent)| at_home(*parent)).map(|(key, _)| key).collect())
    }
}
fn no_id() -> Error {
    Failure::new(sf_core::ErrorKind::Decode, sf_core::Delivery::Refused, "a row of the answer has no id")
        .into()
}
