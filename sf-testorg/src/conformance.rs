//! The org from its other side, for sf-core's conformance suite: any transport that reaches this org can be tested.
use crate::{Effect, Fault, On, TestOrg};
use async_trait::async_trait;
use sf_core::conformance::{Fault as Wanted, World};
use sf_core::{FieldName, Fields, ObjectName, Record, Result, SfId, Write, field, object};

/// The world behind every transport to this org:
///
/// ```
/// use sf_core::conformance;
/// use sf_testorg::TestOrg;
///
/// let org = TestOrg::empty();
/// let transport = org.transport();
/// let verdict = org.clock().run(conformance::run_case("an_insert_is_made_once", &transport, &org));
/// assert_eq!(verdict, Ok(()));
/// ```
#[async_trait]
impl World for TestOrg {
    fn tag(&self) -> String {
        "conformance".to_owned()
    }
    async fn put(&self, object: &ObjectName, fields: Fields) -> Result<SfId> {
        self.apply(Write::Insert { object: object.clone(), fields })
    }
    async fn row(&self, id: SfId) -> Result<Option<Record>> {
        Ok(TestOrg::row(self, id))
    }
    async fn named(&self, object: &ObjectName, name: &str) -> Result<Vec<SfId>> {
        let rows = self.rows(object).into_iter();
        Ok(rows
            .filter(|row| row.value("Name").is_some_and(|value| value.as_str() == Some(name)))
            .filter_map(|row| row.id)
            .collect())
    }
    async fn inject(&self, fault: &Wanted) -> bool {
        let write = || On::Operation("write".into());
        TestOrg::inject(
            self,
            match fault {
                Wanted::LoseRequest => Fault::new(write(), Effect::LoseRequest),
                Wanted::LoseAnswer => Fault::new(write(), Effect::LoseAnswer),
                Wanted::RefuseToken => Fault::new(write(), Effect::Status(401, "INVALID_SESSION_ID".into())),
                Wanted::RefuseRow(id, code, text) => {
                    let effect = Effect::RowError(code.as_str().to_owned().into(), text.clone());
                    Fault::new(On::Rows(vec![*id]), effect)
                }
                _ => return false,
            },
        );
        true
    }
    fn upsert_key(&self) -> Option<(ObjectName, FieldName)> {
        Some((object!("Opportunity"), field!("Name")))
    }
}
