//! One job of a load: made, filled, closed.
use super::{
    BulkLoad, BulkPart, BulkStage,
    calls::{Calls, Pace, may_go_on, nothing},
    join::RowIndex,
    load::other_rows,
};
use crate::{
    Delivery, Failure, Result, SfId,
    protocol::bulk::{self, JobKind, JobState},
};
use std::sync::Arc;

/// Jobs that are made for the same rows until one takes them.
const JOBS: u32 = 4;

/// The rows of a job on their way.
#[derive(Debug)]
pub(super) struct Sending {
    csv: Arc<str>,
    pub(super) index: RowIndex,
    /// What the stage says is all there is: no request is on its way of which the answer is missing.
    certain: bool,
    /// Uploads in a row of which the answer is missing, until a step ends with the error. What an earlier program or a dropped
    /// step left does not count.
    lost: u32,
    /// Closings that failed, until a step ends with the error.
    closings: u32,
}
impl Sending {
    pub(super) fn new(csv: String, index: RowIndex) -> Sending {
        Sending { csv: csv.into(), index, certain: false, lost: 0, closings: 0 }
    }
}

impl BulkLoad {
    /// The next thing for the rows on their way; false: they are with the org already, as a resumed load finds.
    pub(super) async fn send(&mut self) -> Result<bool> {
        let at = self.sent.len();
        let Some(sending) = &self.sending else { return Ok(false) };
        let (rows, checksum) = (sending.index.len() as u64, sending.index.checksum());
        let Some(part) = self.job.parts.get(at) else {
            let org = self.org.clone();
            let info = Calls::of(&org).create(&bulk::create_ingest(&self.job.ingest.job)).await?;
            self.job.parts.push(BulkPart { id: info.id, rows, checksum, stage: BulkStage::Created });
            self.certain(true);
            return Ok(true);
        };
        if (part.rows, part.checksum) != (rows, checksum) {
            let message = format!("job {} was made for other rows than these", part.id);
            return Err(other_rows(message));
        }
        let (id, stage) = (part.id, part.stage);
        if stage >= BulkStage::Closed {
            // The outcomes of a resumed load are read again.
            self.set_stage(at, BulkStage::Closed);
            self.hand_over();
            return Ok(false);
        }
        if !self.sending.as_mut().is_some_and(|sending| std::mem::take(&mut sending.certain)) {
            return self.find_out(at, id, stage).await;
        }
        match stage {
            BulkStage::Created => {
                let Some(csv) = self.sending.as_ref().map(|sending| Arc::clone(&sending.csv)) else {
                    return Ok(false);
                };
                let request = bulk::upload(id, csv);
                let org = self.org.clone();
                let calls = Calls::of(&org);
                match calls.once(&request).await.and_then(|answer| nothing(&answer)) {
                    Ok(()) => {
                        self.set_stage(at, BulkStage::Uploaded);
                        self.certain(true);
                        Ok(true)
                    }
                    Err(error) if may_go_on(&error) => {
                        if let Some(sending) = &mut self.sending {
                            sending.lost += 1;
                        }
                        calls.wait(&mut { Pace::START }, &error).await;
                        Ok(true)
                    }
                    Err(error) => Err(error),
                }
            }
            _ => self.close(at, id).await,
        }
    }

    /// Asks the org how far a job has come.
    async fn find_out(&mut self, at: usize, id: SfId, stage: BulkStage) -> Result<bool> {
        let org = self.org.clone();
        let info = match Calls::of(&org).status(JobKind::Ingest, id).await {
            Err(error) if error.kind() == crate::ErrorKind::NotFound => None,
            info => Some(info?),
        };
        match (info, stage) {
            (Some(info), BulkStage::Uploaded) if info.state == JobState::Open => {
                self.certain(true);
                Ok(true)
            }
            // Whether it has its data nobody says, and it takes them only once: another job gets them.
            (info, BulkStage::Created) if info.as_ref().is_none_or(|info| info.state == JobState::Open) => {
                self.replace(at, id, info.is_some()).await?;
                Ok(true)
            }
            (Some(info), _) => {
                if !info.state.is_over()
                    || info.state == JobState::JobComplete
                    || stage == BulkStage::Uploaded
                {
                    self.set_stage(at, BulkStage::Closed);
                }
                self.hand_over();
                Ok(true)
            }
            // Jobs are removed after seven days: what became of its rows, nobody says any more.
            (None, _) => {
                self.hand_over();
                Ok(true)
            }
        }
    }
    /// The job that is given up stays open until the end of the load: it does nothing as nobody closes it, and whoever goes on
    /// from a handle of before this step finds it as the handle says.
    async fn replace(&mut self, at: usize, id: SfId, exists: bool) -> Result<()> {
        let lost = self.sending.as_ref().map_or(0, |sending| sending.lost);
        if lost >= JOBS.min(Calls::of(&self.org).attempts()) {
            let message =
                format!("the rows of job {id} could not be sent; uploads in a row without an answer: {lost}");
            let failure = Failure::new(crate::ErrorKind::Network, Delivery::Refused, message);
            if let Some(sending) = &mut self.sending {
                sending.lost = 0;
            }
            return Err(failure
                .with_next_step("Make the jobs smaller (`with_part_bytes`), then resume the load.")
                .into());
        }
        let org = self.org.clone();
        let info = Calls::of(&org).create(&bulk::create_ingest(&self.job.ingest.job)).await?;
        if let Some(part) = self.job.parts.get_mut(at) {
            part.id = info.id;
        }
        if exists {
            self.job.replaced.push(id);
        }
        if let Some(sending) = &mut self.sending {
            sending.certain = true;
        }
        Ok(())
    }

    async fn close(&mut self, at: usize, id: SfId) -> Result<bool> {
        let org = self.org.clone();
        let calls = Calls::of(&org);
        let request = bulk::set_state(JobKind::Ingest, id, &JobState::UploadComplete);
        match calls.once(&request).await.and_then(|answer| bulk::job_response(&answer)) {
            Ok(_) => {
                self.set_stage(at, BulkStage::Closed);
                self.hand_over();
                Ok(true)
            }
            Err(error) if may_go_on(&error) && self.may_close_again(calls.attempts()) => {
                calls.wait(&mut { Pace::START }, &error).await;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
    /// Not for ever: after some tries the step ends with the error, and the next one begins anew.
    fn may_close_again(&mut self, attempts: u32) -> bool {
        let Some(sending) = &mut self.sending else { return false };
        sending.closings = (sending.closings + 1) % attempts;
        sending.closings > 0
    }

    fn certain(&mut self, certain: bool) {
        if let Some(sending) = &mut self.sending {
            sending.certain = certain;
        }
    }
    fn set_stage(&mut self, at: usize, stage: BulkStage) {
        if let Some(part) = self.job.parts.get_mut(at) {
            part.stage = stage;
        }
    }
    /// The org has the rows; what is kept is how to know them again.
    fn hand_over(&mut self) {
        self.sent.extend(self.sending.take().map(|sending| sending.index));
    }
}
