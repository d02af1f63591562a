//! What became of the steps of a composite call or graph.
use super::{
    Response, Safety,
    composite::refused,
    composite_step::{Handle, Kind, Step, Target},
    read_failure,
    write::{of_record, rows_of, settle_all_or_none, unknown},
};
use crate::{Delivery, Failure, Page, Result, Retry, RowOutcome, SfId, Write};
use serde::de::DeserializeOwned;

/// What became of one request of several.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Outcome {
    /// Done; the answer.
    Done(Response),
    /// It failed by itself.
    Failed(Failure),
    /// It was right as far as anybody knows: undone or not run because another one failed (`PROCESSING_HALTED`,
    /// `BATCH_PROCESSING_HALTED`).
    HeldBack(Failure),
}
impl Outcome {
    pub(super) fn of(response: Option<Response>, safety: Safety) -> Outcome {
        match response {
            None => Outcome::Failed(unknown("the answer lacks the result of this request")),
            Some(response) if response.is_success() || response.status == 304 => Outcome::Done(response),
            Some(response) => {
                let failure = read_failure(&response, safety);
                match failure.retry() {
                    Retry::Sibling => Outcome::HeldBack(failure),
                    _ => Outcome::Failed(failure),
                }
            }
        }
    }
    /// The failure of this one or of the one that took it down.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Outcome::Done(_) => None,
            Outcome::Failed(failure) | Outcome::HeldBack(failure) => Some(failure),
        }
    }
    /// It was done.
    pub fn is_done(&self) -> bool {
        matches!(self, Outcome::Done(_))
    }
    /// The answer, or the failure as an [`Error`](crate::Error).
    pub fn response(&self) -> Result<&Response> {
        match self {
            Outcome::Done(response) => Ok(response),
            Outcome::Failed(failure) | Outcome::HeldBack(failure) => Err(failure.clone().into()),
        }
    }
}

/// What became of every step. A step is asked for by the [`Handle`] that `add` gave.
#[derive(Debug, Clone)]
pub struct Answer {
    steps: Vec<(String, Step, Outcome)>,
    undone: bool,
}
impl Answer {
    pub(super) fn new(
        steps: &[(String, Step)],
        mut parts: Vec<(String, Response)>,
        all_or_none: bool,
    ) -> Answer {
        let safety = Step::safety(steps);
        let mut take = |name: &str| {
            let at = parts.iter().position(|(part, _)| part == name)?;
            Some(parts.swap_remove(at).1)
        };
        let steps =
            steps.iter().map(|(name, step)| (name.clone(), step.clone(), Outcome::of(take(name), safety)));
        let mut answer = Answer { steps: steps.collect(), undone: false };
        answer.undone = all_or_none && answer.cause().is_some_and(|(_, f)| f.delivery != Delivery::Unknown);
        answer
    }
    /// Every step with its name, in their order.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.steps.iter().map(|(name, _, outcome)| (name.as_str(), outcome))
    }
    /// All steps and all their rows are done.
    pub fn is_done(&self) -> bool {
        self.cause().is_none()
    }
    /// An all-or-none call of which nothing was kept.
    pub fn is_undone(&self) -> bool {
        self.undone
    }
    /// The failure that is to blame: the first that is not the consequence of another one, in a step or in a row of it.
    pub fn cause(&self) -> Option<(&str, Failure)> {
        let failures = || {
            self.steps.iter().flat_map(|(name, step, outcome)| {
                let rows = match (&step.kind, outcome) {
                    (Kind::Rows(rows), Outcome::Done(response)) => rows_of(rows, response),
                    (Kind::Get(..) | Kind::Query(_), _) | (_, Outcome::Failed(_) | Outcome::HeldBack(_)) => {
                        Vec::new()
                    }
                    (_, Outcome::Done(_)) => vec![self.saved_by(name)],
                };
                let of_rows = rows.iter().filter_map(RowOutcome::failure).cloned().collect::<Vec<_>>();
                outcome.failure().cloned().into_iter().chain(of_rows).map(move |f| (name.as_str(), f))
            })
        };
        failures().find(|(_, failure)| failure.retry() != Retry::Sibling).or_else(|| failures().next())
    }
    /// What became of a step. Of an all-or-none call that is [undone](Answer::is_undone), `Done` means that it was done
    /// before it was undone.
    pub fn outcome(&self, step: &Handle) -> Option<&Outcome> {
        self.find(step.name()).map(|(_, outcome)| outcome)
    }
    fn find(&self, name: &str) -> Option<(&Step, &Outcome)> {
        self.steps.iter().find(|(known, ..)| known == name).map(|(_, step, outcome)| (step, outcome))
    }
    /// The row of a step that writes one. The several matches of an ambiguous external ID (status 300) are in
    /// [`Failure::records`].
    pub fn saved(&self, step: &Handle) -> RowOutcome {
        let mut rows = [self.saved_by(step.name())];
        if self.undone {
            settle(&mut rows);
        }
        let [row] = rows;
        row
    }
    fn saved_by(&self, name: &str) -> RowOutcome {
        let Some((step, outcome)) = self.find(name) else {
            return RowOutcome::Failed(Failure::invalid_input("the call has no such step"));
        };
        let response = match outcome {
            Outcome::Done(response) => response,
            Outcome::Failed(failure) | Outcome::HeldBack(failure) => {
                return RowOutcome::Failed(failure.clone());
            }
        };
        match &step.kind {
            Kind::Insert(..) => of_record(None, true, response),
            // Up to version 45 a new row without `created`, and one that was there without an id.
            Kind::Upsert(..) => of_record(None, response.status == 201, response),
            Kind::Update(_, target, _) | Kind::Delete(_, target) => {
                of_record(self.target(target), false, response)
            }
            Kind::Get(..) | Kind::Query(_) | Kind::Rows(_) => {
                RowOutcome::Failed(Failure::invalid_input("this step does not write one row"))
            }
        }
    }
    fn target(&self, target: &Target) -> Option<SfId> {
        match target {
            Target::Id(id) => Some(*id),
            Target::Of(reference) => {
                let (_, outcome) = self.find(&reference.step)?;
                reference.value(outcome.response().ok()?)
            }
        }
    }
    /// The rows of a step that writes several.
    pub fn rows(&self, step: &Handle) -> Vec<RowOutcome> {
        let Some((Step { kind: Kind::Rows(rows), .. }, outcome)) = self.find(step.name()) else {
            return Vec::new();
        };
        let mut outcomes = match outcome {
            Outcome::Done(response) => rows_of(rows, response),
            Outcome::Failed(failure) | Outcome::HeldBack(failure) => {
                rows.iter().map(|_: &Write| RowOutcome::Failed(failure.clone())).collect()
            }
        };
        if self.undone {
            settle(&mut outcomes);
        }
        outcomes
    }
    /// The row that a step read.
    pub fn row<T: DeserializeOwned>(&self, step: &Handle) -> Result<T> {
        match self.outcome(step) {
            Some(outcome) => outcome.response()?.json(),
            None => refused("the call has no such step"),
        }
    }
    /// The page that a step read. Its next page is `page.next()`, as of any query.
    pub fn page(&self, step: &Handle) -> Result<Page> {
        match self.outcome(step) {
            Some(outcome) => {
                let response = outcome.response()?;
                Page::within(response.body.clone(), response.span.clone())
            }
            None => refused("the call has no such step"),
        }
    }
}
/// The call was undone whatever these rows say.
fn settle(rows: &mut [RowOutcome]) {
    settle_all_or_none(rows, true);
}
