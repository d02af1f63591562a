use super::Org;
use crate::{Describe, DescribeOptions, ObjectName, Result, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Describes that were read, and when they were last known to be right.
#[derive(Debug)]
pub(super) struct Describes {
    ttl: Duration,
    known: Mutex<BTreeMap<ObjectName, (Arc<Describe>, Timestamp)>>,
}
impl Describes {
    pub(super) fn new(ttl: Duration) -> Describes {
        Describes { ttl, known: Mutex::new(BTreeMap::new()) }
    }
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ObjectName, (Arc<Describe>, Timestamp)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn forget(&self, object: &ObjectName) {
        self.lock().remove(object);
    }
    pub(super) async fn get(&self, org: &Org, object: &ObjectName) -> Result<Arc<Describe>> {
        let now = org.inner.clock.now();
        let known = self.lock().get(object).cloned();
        let unconditional = DescribeOptions::new().with_call(org.call.clone());
        let mut options = unconditional.clone();
        if let Some((describe, read)) = &known {
            if now < *read + self.ttl {
                return Ok(describe.clone());
            }
            options.if_changed_since = describe.last_modified;
        }
        let describe = match (org.inner.transport.describe(object, &options).await?, known) {
            (Some(changed), _) => Arc::new(changed),
            (None, Some((same, _))) => same,
            // Not asked for, but a transport may answer so: then ask without a condition.
            (None, None) => match org.inner.transport.describe(object, &unconditional).await? {
                Some(describe) => Arc::new(describe),
                None => return Err(nothing(object)),
            },
        };
        self.lock().insert(object.clone(), (describe.clone(), now));
        Ok(describe)
    }
}
fn nothing(object: &ObjectName) -> crate::Error {
    use crate::{Delivery, ErrorKind, Failure};
    let message = format!("the org says that {object} did not change, but it was never read");
    Failure::new(ErrorKind::Decode, Delivery::Refused, message).into()
}
