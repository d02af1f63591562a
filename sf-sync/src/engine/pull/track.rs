//! How records become known.
use super::APPLY;
use crate::{Error, ErrorKind, RecordKey, Report, Result, Scope, Work, engine::Engine, store::Selection};
use sf_core::{ObjectName, SfId};

impl Engine {
    /// The body of [`Engine::track`].
    pub(in crate::engine) async fn import(&self, object: ObjectName, ids: Vec<SfId>) -> Result<Report> {
        let mut report = Report::default();
        self.meet(&mut report).await?;
        let (config, schema) = (self.config(), self.schema());
        if config.config.mapping.of(&object).is_none() {
            return Err(Error::new(ErrorKind::InvalidInput, format!("{object} is not in the mapping")));
        }
        if let Some(prefix) = schema.get(&object).and_then(|d| d.key_prefix.as_deref()) {
            let wrong: Vec<&str> =
                ids.iter().filter(|id| id.key_prefix() != prefix).map(SfId::as_str).take(10).collect();
            if !wrong.is_empty() {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    format!("not ids of {object}, which begin with {prefix}: {}", wrong.join(", ")),
                ));
            }
        }
        let scope = Scope::Import { object: object.clone(), ids: ids.clone() };
        report.absorb(self.work(&Work::Pull(scope)).await?);
        let mut missing = Vec::new();
        for page in ids.chunks(APPLY) {
            let keys: Vec<RecordKey> = page.iter().copied().map(RecordKey::Id).collect();
            let view =
                self.inner.store.load(Selection { keys: keys.clone(), ..Selection::default() }).await?;
            let known: std::collections::BTreeSet<RecordKey> = view.records.iter().map(|r| r.key).collect();
            missing.extend(keys.into_iter().filter(|k| !known.contains(k)).map(|k| k.to_string()));
        }
        if missing.is_empty() {
            return Ok(report);
        }
        let (count, some) = (missing.len(), missing.into_iter().take(10).collect::<Vec<_>>().join(", "));
        if let Some(lookup) = config.config.mapping.of(&object).and_then(|o| o.parent.as_ref()) {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "{count} of {} ids are no {object} that the org shows to this user and whose {lookup} is known here: {some}",
                    ids.len()
                ),
            )
            .with_next_step("Track the records they belong to: children come with them."));
        }
        Err(Error::new(
            ErrorKind::NotFound,
            format!("the org shows this user no {object} for {count} of {} ids: {some}", ids.len()),
        )
        .with_next_step("Check the ids and the sharing; the other records are known now."))
    }
}
