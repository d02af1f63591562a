//! First contact: is it the right org, and does the mapping fit it?
use super::Engine;
use crate::{
    Error, ErrorKind, Report, Result, Settled, Step, StepId, Store,
    decide::pull::watermark_key,
    mapping::{Mapping, ObjectMapping},
    schema::{self, Schema},
    store::{ChangeSet, Selection, StoreWrite},
};
use serde::{Deserialize, Serialize};
use sf_core::{Describe, Failure, Identity, ObjectName, SfId, Timestamp};
use std::sync::{Arc, PoisonError};

/// The document with the org a store belongs to.
const ORG: &str = "org";
fn describe_name(object: &ObjectName) -> String {
    format!("describe/{}", object.as_str().to_ascii_lowercase())
}
#[derive(Serialize, Deserialize)]
struct BoundOrg {
    org_id: SfId,
}
/// What is kept of a describe: good for one list of fields.
#[derive(Serialize, Deserialize)]
struct StoredDescribe {
    list: String,
    at: Timestamp,
    describe: Describe,
}

/// The describes in the store that fit the mapping. One that cannot be read is as good as none.
pub(super) async fn stored_schema(store: &dyn Store, mapping: &Mapping) -> Result<Schema> {
    let documents = mapping.objects.iter().map(|o| describe_name(&o.object)).collect();
    let view = store.load(Selection { documents, ..Selection::default() }).await?;
    let mut known = Schema::default();
    for object in &mapping.objects {
        if let Some(content) = view.documents.get(&describe_name(&object.object))
            && let Ok(stored) = StoredDescribe::deserialize(content)
            && stored.list == watermark_key(object).0
        {
            known.insert(stored.describe, stored.at);
        }
    }
    Ok(known)
}

impl Engine {
    /// The call that must be made before any other, if any. `strict`: the mapping must fit the org (a push can go
    /// without: it fails what does not fit, entry by entry).
    pub(super) fn contact(&self, strict: bool) -> Result<Option<Step>> {
        if !self.session().identified {
            return Ok(Some(Step::Identify { id: self.step_id() }));
        }
        let (config, schema) = (self.config(), self.schema());
        let objects = schema.outdated(&config.config.mapping, self.now(), self.inner.settings.schema_lasts);
        if !objects.is_empty() {
            return Ok(Some(Step::Describe { id: self.step_id(), objects }));
        }
        if strict && !self.session().fits {
            schema::check_org(&config.config.mapping, &schema)?;
            self.session().fits = true;
        }
        Ok(None)
    }
    pub(super) fn step_id(&self) -> StepId {
        let mut bytes = [0; 16];
        self.inner.entropy.fill(&mut bytes);
        StepId(u128::from_be_bytes(bytes))
    }

    /// Binds the store to the org at first contact, and refuses any other afterwards.
    pub(super) async fn settle_identity(&self, identity: &Identity) -> Result<Settled> {
        let view =
            self.inner.store.load(Selection { documents: vec![ORG.into()], ..Selection::default() }).await?;
        match view.documents.get(ORG).map(BoundOrg::deserialize) {
            Some(Ok(bound)) if bound.org_id == identity.org_id => {}
            Some(Ok(bound)) => {
                return Err(Error::new(
                    ErrorKind::OtherOrg,
                    format!(
                        "the database belongs to the org {}, but {} is signed in to {}",
                        bound.org_id, identity.username, identity.org_id
                    ),
                ));
            }
            Some(Err(e)) => {
                return Err(Error::new(
                    ErrorKind::CorruptDatabase,
                    "the database does not say which org it belongs to",
                )
                .with_source(e));
            }
            None => {
                let content =
                    serde_json::to_value(BoundOrg { org_id: identity.org_id }).map_err(unwritable)?;
                let writes = vec![StoreWrite::Document { name: ORG.into(), content: Some(content) }];
                self.commit(ChangeSet { writes, ..ChangeSet::default() }).await?;
            }
        }
        self.session().identified = true;
        Ok(Settled::Applied(Report::default()))
    }

    pub(super) async fn settle_describes(&self, described: Vec<Describe>) -> Result<Settled> {
        let (config, now) = (self.config(), self.now());
        let mapping = &config.config.mapping;
        let mut fresh = Schema::clone(&self.schema());
        let mut writes = Vec::new();
        let first = !fresh.missing(mapping).is_empty();
        for describe in &described {
            fresh.insert(describe.clone(), now);
        }
        if first && fresh.missing(mapping).is_empty() {
            // With whole describes: only they can name the field that was meant.
            schema::check_org(mapping, &fresh)?;
        }
        for describe in described {
            let Some(object) = mapping.of(&describe.name) else { continue };
            let small = schema::reduced(&describe, object);
            writes.push(stored(object, &small, now)?);
            fresh.insert(small, now);
        }
        self.commit(ChangeSet { writes, ..ChangeSet::default() }).await?;
        *self.inner.schema.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(Settled::Applied(Report::default()))
    }

    /// A read failed: when the org says that a field is gone, the describes are out of date.
    pub(super) fn doubt_schema(&self, failure: &Failure, object: Option<&ObjectName>) {
        if failure.code != Some(sf_core::ErrorCode::InvalidField) {
            return;
        }
        let mut fresh = Schema::clone(&self.schema());
        match object {
            Some(object) => fresh.doubt(object),
            None => self.config().config.mapping.objects.iter().for_each(|o| fresh.doubt(&o.object)),
        }
        *self.inner.schema.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        self.session().fits = false;
    }
}
fn stored(object: &ObjectMapping, describe: &Describe, at: Timestamp) -> Result<StoreWrite> {
    let stored = StoredDescribe { list: watermark_key(object).0, at, describe: describe.clone() };
    let content = serde_json::to_value(stored).map_err(unwritable)?;
    Ok(StoreWrite::Document { name: describe_name(&object.object), content: Some(content) })
}
fn unwritable(e: serde_json::Error) -> Error {
    Error::new(ErrorKind::Store, "a document cannot be written as JSON").with_source(e)
}
