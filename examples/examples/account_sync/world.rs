use crate::trouble::Trouble;
use sf_core::{
    Delivery, Failure, FieldName, Fields, ObjectName, Org, Retry, SfId, Value, Write, WriteOptions,
};
use sf_testorg::{Server, TestOrg};
use tempfile::TempDir;

/// The org outside the desk: what other people do to it, and what only its administrator can.
#[derive(Debug)]
pub enum World {
    /// The simulated org in this process, behind real HTTP. Server and home are only held: they end when this is dropped.
    Simulated { org: TestOrg, _server: Server, _sf_home: Option<TempDir> },
    /// Somebody's org: the story's "somebody else" is us, and its setup is out of reach.
    Real,
}

impl World {
    pub fn is_real(&self) -> bool {
        matches!(self, World::Real)
    }

    /// Sets one field as another user would. Saying it twice changes nothing more. The inner error is the org's refusal for
    /// good, which is no reason to end the story.
    pub async fn change(
        &self,
        org: &Org,
        object: &ObjectName,
        id: SfId,
        field: &FieldName,
        value: Value,
    ) -> Result<Result<(), Failure>, Trouble> {
        let write = Write::Update {
            object: object.clone(),
            id,
            fields: Fields::new().set(field.clone(), value),
            if_unmodified_since: None,
        };
        match self {
            World::Simulated { org, .. } => {
                org.apply(write)?;
            }
            World::Real => {
                for outcome in org.write([write], &WriteOptions::new()).await {
                    match outcome.into_result() {
                        Ok(_) => {}
                        Err(e) if e.retry() == Retry::Never && e.delivery() == Delivery::Refused => {
                            return Ok(Err(e.into_failure()));
                        }
                        Err(e) => return Err(e.into()),
                    }
                }
            }
        }
        Ok(Ok(()))
    }

    /// Closes or opens a value of a restricted picklist; `false`: that cannot be done from here.
    pub fn set_picklist_value(
        &self,
        object: &ObjectName,
        field: &FieldName,
        value: &str,
        active: bool,
    ) -> Result<bool, Trouble> {
        match self {
            World::Simulated { org, .. } => {
                org.set_picklist_active(object, field, value, active)?;
                Ok(true)
            }
            World::Real => Ok(false),
        }
    }
}
