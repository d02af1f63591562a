//! The direct door to what happens to a row besides saving: undelete, the recycle bin.
use crate::{TestOrg, state::Deletion};
use sf_core::{Result, SfId};

impl TestOrg {
    /// Brings a deleted row back, with the children that were deleted with it: what *Undelete* in the Recycle Bin does, as the API user.
    ///
    /// The rows keep their ids and values and get new stamps; they leave `…/deleted/` and are in `…/updated/`. A row that lost a merge comes
    /// back without what was moved to the survivor, and its `MasterRecordId` is null. Lookups that the deletion emptied are filled again where
    /// Salesforce does so (custom lookups, `ParentId` of accounts and cases, `ReportsToId`) and nobody has filled them meanwhile. Triggers do
    /// not run: Salesforce has none before an undelete. (SOAP API guide, "undelete()"; Apex Developer Guide, "Deleting Records")
    ///
    /// # Errors
    /// `UNDELETE_FAILED`: the row is not deleted, went with another one (undelete that one), or is out of the bin;
    /// `CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY`: rows of its sObject never come back; `DUPLICATE_VALUE`: another row has its unique value now.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// let id = org.apply(Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") })?;
    /// org.apply(Write::Delete { id })?;
    /// assert!(org.row(id).is_none());
    ///
    /// org.undelete(id)?;
    /// assert_eq!(org.value(id, "Name").as_str(), Some("Acme"));
    /// assert_eq!(org.undelete(id).unwrap_err().to_string(), "UNDELETE_FAILED: Entity is not in the recycle bin");
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn undelete(&self, id: SfId) -> Result<()> {
        self.act_as(None, |service| service.saver().undelete(id))
    }

    /// What is in the recycle bin, oldest first. A deletion leaves it after 15 days of the org's time, with the first request after
    /// that (or [`TestOrg::settle`]).
    pub fn recycle_bin(&self) -> Vec<Deletion> {
        self.lock().state.bin().iter().cloned().collect()
    }

    /// Empties the recycle bin: its rows cannot come back, and `queryAll` does not find them any more. `…/deleted/` goes on listing them.
    /// Gives how many rows that were.
    ///
    /// # Errors
    /// The state file cannot be written.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// let id = org.apply(Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), "Acme") })?;
    /// org.apply(Write::Delete { id })?;
    /// assert_eq!(org.recycle_bin()[0].root, id);
    /// assert_eq!(org.empty_recycle_bin()?, 1);
    /// assert!(org.undelete(id).is_err());
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn empty_recycle_bin(&self) -> Result<usize> {
        self.act_as(None, |service| {
            let roots: Vec<SfId> = service.inner.state.bin().iter().map(|deletion| deletion.root).collect();
            roots.into_iter().try_fold(0, |rows, root| Ok(rows + service.saver().purge(root)?))
        })
    }

    /// Empties the recycle bin of one row and what was deleted with it. Gives how many rows that were.
    ///
    /// # Errors
    /// `INVALID_ID_FIELD`: there is no such row in the bin, or it went with another one.
    pub fn purge(&self, id: SfId) -> Result<usize> {
        self.act_as(None, |service| service.saver().purge(id))
    }
}
