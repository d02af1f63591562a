use async_trait::async_trait;
use sf_core::conformance::{Fault as Wanted, World};
use sf_core::{FieldName, Fields, ObjectName, Record, Result, SfId, Write, field, object};
use sf_testorg::{Effect, Fault, On, TestOrg};

/// The simulated org from its other side.
pub(crate) struct OfTestOrg {
    org: TestOrg,
}
impl OfTestOrg {
    pub(crate) fn new(org: &TestOrg) -> OfTestOrg {
        OfTestOrg { org: org.clone() }
    }
}
#[async_trait]
impl World for OfTestOrg {
    fn tag(&self) -> String {
        "conformance".to_owned()
    }
    async fn put(&self, object: &ObjectName, fields: Fields) -> Result<SfId> {
        self.org.apply(Write::Insert { object: object.clone(), fields })
    }
    async fn row(&self, id: SfId) -> Result<Option<Record>> {
        Ok(self.org.row(id))
    }
    async fn named(&self, object: &ObjectName, name: &str) -> Result<Vec<SfId>> {
        let rows = self.org.rows(object).into_iter();
        Ok(rows
            .filter(|row| row.value("Name").is_some_and(|value| value.as_str() == Some(name)))
            .filter_map(|row| row.id)
            .collect())
    }
    async fn inject(&self, fault: &Wanted) -> bool {
        let write = || On::Operation("write".into());
        self.org.inject(match fault {
            Wanted::LoseRequest => Fault::new(write(), Effect::LoseRequest),
            Wanted::LoseAnswer => Fault::new(write(), Effect::LoseAnswer),
            Wanted::RefuseRow(id, code, text) => {
                let effect = Effect::RowError(code.as_str().to_owned().into(), text.clone());
                Fault::new(On::Rows(vec![*id]), effect)
            }
            _ => return false,
        });
        true
    }
    fn upsert_key(&self) -> Option<(ObjectName, FieldName)> {
        Some((object!("Opportunity"), field!("Name")))
    }
}
