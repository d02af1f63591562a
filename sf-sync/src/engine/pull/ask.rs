//! What a run asks next: ids cut into lanes, pages of lanes, rows by their ids.
use super::Position;
use crate::{
    Purpose, RecordKey, Result, Scope, Step,
    decide::pull::{
        Chunk, LANE_IDS, Lane, Next, Pending, RETRIEVE_IDS, Run, Source, Stage, scope_ids, source,
        statement::{self, Columns},
    },
    engine::Engine,
    mapping::ObjectMapping,
    store::{KnownFilter, Life, RecordState, Selection, UnseenFilter},
};
use sf_core::{CallOptions, FieldName, ObjectName, Priority, QueryCall, QueryOptions, SfId};

/// Ids that are not worth a second statement.
const FEW: usize = 200;

impl Engine {
    /// The next step of the current object, or the next object. `None`: only the position moved.
    pub(super) async fn advance(
        &self,
        scope: &Scope,
        own: Option<&ObjectName>,
        at: &mut Position,
    ) -> Result<Option<Step>> {
        let (config, schema) = (self.config(), self.schema());
        let mapping = &config.config.mapping;
        let Some(object) = at.run.objects.first().and_then(|o| mapping.of(o)) else {
            at.run.done = true;
            return Ok(None);
        };
        let columns = statement::columns(object, &schema);
        let source = source(scope, own, object, mapping, &schema);
        let by_id = source.by == FieldName::from_static("Id");
        let direct = columns.direct && by_id && at.run.low.is_none();
        let run = &mut at.run;
        match &mut run.stage {
            Stage::Sweep { pending, .. } if !pending.is_empty() => {
                let ids = pending.iter().take(self.retrieve_rows()).map(|p| p.id).collect();
                let fields = columns.retrieve.clone().unwrap_or_else(|| statement::flat_fields(object));
                Ok(Some(self.retrieve(scope, object, ids, fields)))
            }
            Stage::Sweep { lanes, next, .. } if lanes.is_empty() && *next == Next::End => {
                let whole = run.low.is_none() && !matches!(scope, Scope::Import { .. });
                if whole {
                    run.stage = Stage::Unseen { after: None };
                } else {
                    self.next_object(scope, run).await?;
                }
                Ok(None)
            }
            Stage::Sweep { lanes, .. } if lanes.is_empty() => {
                self.fill(scope, object, &columns, &source, direct, run).await?;
                Ok(None)
            }
            Stage::Sweep { lanes, .. } => {
                let lanes = lanes.clone();
                let mut batch = Vec::with_capacity(lanes.len());
                for lane in &lanes {
                    let ids = self.lane_ids(scope, &source, lane).await?;
                    let soql = statement::statement(object, &columns, &source.by, &ids, lane, run)?;
                    batch.push(QueryCall::Start(soql));
                }
                let call = CallOptions::new().with_priority(Priority::Incremental);
                Ok(Some(Step::Query {
                    id: self.step_id(),
                    purpose: Purpose::Pull { scope: scope.clone(), position: 0 },
                    rev: 0,
                    batch,
                    options: QueryOptions::new().with_call(call),
                }))
            }
            Stage::Unseen { after } => {
                let after = *after;
                let ids = self.unseen(scope, own, object, run.since, after).await?;
                if ids.is_empty() {
                    self.next_object(scope, run).await?;
                    return Ok(None);
                }
                Ok(Some(self.retrieve(scope, object, ids, statement::flat_fields(object))))
            }
        }
    }
    fn retrieve_rows(&self) -> usize {
        RETRIEVE_IDS.min(self.inner.org.transport().capabilities().ids_per_call).max(1)
    }
    fn retrieve(
        &self,
        scope: &Scope,
        object: &ObjectMapping,
        ids: Vec<SfId>,
        fields: Vec<FieldName>,
    ) -> Step {
        Step::Retrieve {
            id: self.step_id(),
            purpose: Purpose::Pull { scope: scope.clone(), position: 0 },
            rev: 0,
            at: self.now(),
            object: object.object.clone(),
            ids,
            fields,
        }
    }
    async fn next_object(&self, scope: &Scope, run: &mut Run) -> Result<()> {
        if !run.objects.is_empty() {
            run.objects.remove(0);
        }
        if run.objects.is_empty() {
            run.done = true;
            return Ok(());
        }
        self.begin(scope, run).await
    }

    /// Cuts the next ids into lanes; as many as fit one call.
    async fn fill(
        &self,
        scope: &Scope,
        object: &ObjectMapping,
        columns: &Columns,
        source: &Source,
        direct: bool,
        run: &mut Run,
    ) -> Result<()> {
        let by_id = source.by == FieldName::from_static("Id");
        let size = if direct { LANE_IDS } else { statement::ids_per_statement(object, columns, by_id) };
        // What left the filter does not come by a statement with the filter.
        let leavers = run.low.is_some() && object.filter.is_some();
        let calls = self.inner.org.transport().capabilities().queries_per_call.clamp(1, 5);
        let chunks = if direct {
            1
        } else if leavers {
            (calls / 2).max(1)
        } else {
            calls
        };
        let Stage::Sweep { next, lanes, pending } = &mut run.stage else { return Ok(()) };
        let mut cut: Vec<Chunk> = Vec::new();
        let mut ids: Vec<SfId> = Vec::new();
        match *next {
            Next::End => {}
            _ if source.known.is_none() => {
                let all = scope_ids(scope);
                let mut from = if let Next::From(from) = *next { from } else { 0 };
                let size = even(all.len() - from.min(all.len()), chunks, size);
                while from < all.len() && cut.len() < chunks {
                    let to = (from + size).min(all.len());
                    cut.push(Chunk::Ids { from, to });
                    from = to;
                }
                if let Some(Chunk::Ids { from, to }) = cut.first() {
                    ids = all[*from..*to].to_vec();
                }
                *next = if from < all.len() { Next::From(from) } else { Next::End };
            }
            Next::From(_) => *next = Next::End,
            Next::After(after) => {
                let known = source.known.clone().unwrap_or_else(|| object.object.clone());
                let limit = chunks * size;
                let page = self.known(known, after, None, limit).await?;
                let mut before = after;
                for keys in page.chunks(even(page.len(), chunks, size)) {
                    let Some(upto) = keys.last().copied() else { continue };
                    cut.push(Chunk::Keys { after: before, upto });
                    before = Some(upto);
                }
                if direct {
                    ids = page.iter().filter_map(RecordKey::id).collect();
                }
                *next = if page.len() < limit { Next::End } else { Next::After(before) };
            }
        }
        if direct {
            pending.extend(ids.into_iter().map(|id| Pending {
                id,
                light: sf_core::Fields::new(),
                left: false,
            }));
            return Ok(());
        }
        for chunk in cut {
            lanes.push(Lane { chunk, leavers: false, resume: None });
            if leavers {
                lanes.push(Lane { chunk, leavers: true, resume: None });
            }
        }
        Ok(())
    }
    async fn known(
        &self,
        object: ObjectName,
        after: Option<RecordKey>,
        upto: Option<RecordKey>,
        limit: usize,
    ) -> Result<Vec<RecordKey>> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let known = Some(KnownFilter { object, after, upto, parents: Vec::new(), limit });
        let view = self.inner.store.load(Selection { known, ..Selection::default() }).await?;
        Ok(view.records.iter().map(|r| r.key).collect())
    }
    async fn lane_ids(&self, scope: &Scope, source: &Source, lane: &Lane) -> Result<Vec<SfId>> {
        match (lane.chunk, &source.known) {
            (Chunk::Ids { from, to }, _) => {
                let all = scope_ids(scope);
                Ok(all.get(from..to.min(all.len())).unwrap_or_default().to_vec())
            }
            (Chunk::Keys { after, upto }, Some(known)) => {
                let keys = self.known(known.clone(), after, Some(upto), u32::MAX as usize).await?;
                Ok(keys.iter().filter_map(RecordKey::id).collect())
            }
            (Chunk::Keys { .. }, None) => Ok(Vec::new()),
        }
    }
    /// The next records of the scope that the sweep did not meet.
    async fn unseen(
        &self,
        scope: &Scope,
        own: Option<&ObjectName>,
        object: &ObjectMapping,
        since: u64,
        after: Option<RecordKey>,
    ) -> Result<Vec<SfId>> {
        let mut parents = Vec::new();
        if let Scope::Record(key) = scope {
            if own == Some(&object.object) {
                let view =
                    self.inner.store.load(Selection { keys: vec![*key], ..Selection::default() }).await?;
                let missed =
                    |r: &&RecordState| r.seen <= since && r.life == Life::Live && after != Some(r.key);
                return Ok(view.records.iter().filter(missed).filter_map(|r| r.key.id()).collect());
            }
            parents.push(*key);
        }
        let limit = u32::try_from(self.retrieve_rows()).unwrap_or(u32::MAX);
        let unseen = Some(UnseenFilter { object: object.object.clone(), since, after, parents, limit });
        let view = self.inner.store.load(Selection { unseen, ..Selection::default() }).await?;
        Ok(view.records.iter().filter_map(|r| r.key.id()).collect())
    }
}
/// Lanes of one length end together: fewer calls than one long one and short ones. A few ids are one lane.
fn even(left: usize, lanes: usize, most: usize) -> usize {
    left.div_ceil(lanes).max(FEW).min(most)
}
