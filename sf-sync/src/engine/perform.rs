//! The network.
use super::{Engine, contact::is_about_the_object};
use crate::{Answer, Purpose, Step};
use sf_core::{CallOptions, Delivery, Describe, DescribeOptions, ErrorKind, Failure, ObjectName, Priority};

impl Engine {
    /// Makes the call a step asks for. Network only: it reads no store and may run in another process, and it may run
    /// twice. Never an error: a failure is an answer.
    ///
    /// A write past its deadline is not sent: a worker that was paused must not send old values after newer ones.
    pub async fn perform(&self, step: &Step) -> Answer {
        let transport = self.inner.org.transport();
        match step {
            Step::Identify { .. } => transport
                .identity(&CallOptions::new())
                .await
                .map_or_else(|e| Answer::Failed(e.into_failure()), Answer::Identity),
            Step::Describe { objects, .. } => Answer::Described(self.describe_all(objects).await),
            Step::Query { batch, options, .. } => transport
                .query(batch, options)
                .await
                .map_or_else(|e| Answer::Failed(e.into_failure()), Answer::Pages),
            Step::Retrieve { object, ids, fields, purpose, .. } => {
                let priority = match purpose {
                    Purpose::ConflictCheck => Priority::Interactive,
                    Purpose::Verify | Purpose::Confirm => Priority::Verify,
                    Purpose::Pull { .. } => Priority::Incremental,
                };
                let options = CallOptions::new().with_priority(priority);
                transport
                    .retrieve(object, ids, fields, &options)
                    .await
                    .map_or_else(|e| Answer::Failed(e.into_failure()), Answer::Retrieved)
            }
            Step::Write { rows, options, deadline, .. } => {
                if self.now() > *deadline {
                    return Answer::Failed(Failure::new(
                        ErrorKind::Timeout,
                        Delivery::NotSent,
                        "the step came too late: its values were not sent",
                    ));
                }
                transport
                    .write(rows, options)
                    .await
                    .map_or_else(|e| Answer::Failed(e.into_failure()), Answer::Rows)
            }
            Step::Wait { until, .. } => {
                self.inner.clock.sleep_until(*until).await;
                Answer::Waited
            }
            Step::Idle => Answer::Waited,
        }
    }
    async fn describe_all(&self, objects: &[ObjectName]) -> Vec<Result<Describe, Failure>> {
        let mut described: Vec<Result<Describe, Failure>> = Vec::with_capacity(objects.len());
        for object in objects {
            // While the org cannot be reached the others need not be tried.
            let trouble = described.last().and_then(|last| last.as_ref().err());
            if let Some(failure) = trouble.filter(|failure| !is_about_the_object(failure)) {
                let mut untried = failure.clone();
                untried.delivery = Delivery::NotSent;
                described.push(Err(untried));
                continue;
            }
            let answer = self.inner.org.transport().describe(object, &DescribeOptions::new()).await;
            let unchanged = || {
                let message =
                    format!("the org says {object} is unchanged, though nothing to compare with was given");
                Failure::new(ErrorKind::Decode, Delivery::Refused, message)
            };
            described.push(
                answer.map_err(sf_core::Error::into_failure).and_then(|found| found.ok_or_else(unchanged)),
            );
        }
        described
    }
}
