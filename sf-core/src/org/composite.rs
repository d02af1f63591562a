use super::Org;
use crate::{
    Result, RowOutcome,
    protocol::{
        batch::Batch,
        composite::{Answer, Composite, Outcome},
        graph::Graphs,
        tree::Tree,
    },
};

impl Org {
    /// Up to 25 requests in one call, later ones with values of earlier ones; see [`Composite`].
    ///
    /// # Errors
    /// When the call failed as a whole. With [`Delivery::Unknown`](crate::Delivery::Unknown) its steps may have been
    /// done.
    pub async fn composite(&self, call: &Composite) -> Result<Answer> {
        let request = call.request(self.transport().capabilities().api_version)?;
        call.read(&self.transport().call(&request, &self.call).await?)
    }
    /// Several graphs of steps in one call, each of them all or none; see [`Graphs`]. By graph id, in the order of the call.
    pub async fn graphs(&self, call: &Graphs) -> Result<Vec<(String, Answer)>> {
        let request = call.request(self.transport().capabilities().api_version)?;
        call.read(&self.transport().call(&request, &self.call).await?)
    }
    /// Up to 25 requests one after another; see [`Batch`].
    pub async fn batch(&self, call: &Batch) -> Result<Vec<Outcome>> {
        let request = call.request(self.transport().capabilities().api_version)?;
        call.read(&self.transport().call(&request, &self.call).await?)
    }
    /// New rows with their children, all or none; see [`Tree`].
    pub async fn tree(&self, call: &Tree) -> Result<Vec<RowOutcome>> {
        let request = call.request()?;
        call.read(self.transport().call(&request, &self.call).await)
    }
}
