//! The direct door to what happens to a row besides saving: undelete, the recycle bin, merge, lead conversion.
use crate::{ConvertedLead, LeadConversion, Merged, TestOrg, save::value_json, state::Deletion};
use sf_core::{Fields, Result, SfId};

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
    /// Merges one or two accounts, contacts, leads or cases into another row of the same sObject: what *Merge* does in the UI, as the API
    /// user and in one transaction. `fields` are written to the master; other values of the victims are lost.
    ///
    /// Rows that looked up a victim look up the master and get new stamps; their triggers do not run. The victims are deleted, with
    /// `MasterRecordId` set; they can be undeleted, which does not move their former children back. The master is updated as by
    /// [`TestOrg::apply`], triggers and all. A contact without a manager takes that of a victim. (SOAP API guide, "merge()"; Apex Developer
    /// Guide, "Merging Records")
    ///
    /// # Errors
    /// `ENTITY_IS_DELETED` (404) and `INVALID_CROSS_REFERENCE_KEY` (404): a row is not there; `MALFORMED_ID`: a victim of another sObject;
    /// `INVALID_TYPE_FOR_OPERATION`: of another sObject than those four; `MERGE_FAILED`: no victim, more than two, or the master among
    /// them; `CIRCULAR_DEPENDENCY`: the master would be its own parent or manager; `CANNOT_UPDATE_CONVERTED_LEAD`; and those of an update.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// let account = |name: &str| {
    ///     let fields = Fields::new().set(field!("Name"), name);
    ///     org.apply(Write::Insert { object: object!("Account"), fields })
    /// };
    /// let (master, double) = (account("Acme")?, account("ACME Inc.")?);
    /// let fields = Fields::new().set(field!("LastName"), "Ott").set(field!("AccountId"), double);
    /// let contact = org.apply(Write::Insert { object: object!("Contact"), fields })?;
    ///
    /// let merged = org.merge(master, &[double], Fields::new().set(field!("Website"), "acme.example"))?;
    /// assert_eq!(merged.moved, [contact]);
    /// assert_eq!(org.value(contact, "AccountId").as_str(), Some(master.as_str()));
    /// assert_eq!(org.value(double, "MasterRecordId").as_str(), Some(master.as_str()));
    /// assert!(org.row(double).is_none());
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn merge(&self, master: SfId, victims: &[SfId], fields: Fields) -> Result<Merged> {
        self.merge_by(None, master, victims, &fields)
    }

    /// As [`TestOrg::merge`], by another user.
    ///
    /// # Errors
    /// As [`TestOrg::merge`]; or there is no such user.
    pub fn merge_as(&self, user: SfId, master: SfId, victims: &[SfId], fields: Fields) -> Result<Merged> {
        self.merge_by(Some(user), master, victims, &fields)
    }

    fn merge_by(
        &self,
        user: Option<SfId>,
        master: SfId,
        victims: &[SfId],
        fields: &Fields,
    ) -> Result<Merged> {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str().to_owned(), value_json(value))).collect();
        self.act_as(user, |service| service.saver().merge(master, victims, &fields))
    }

    /// Converts a lead: what *Convert* does in the UI, as the API user and in one transaction.
    ///
    /// The lead's fields go into a new account, contact and opportunity by Salesforce's standard mapping (custom fields have none), or fill
    /// what is empty in rows that are there; triggers and rules run. The opportunity closes with the quarter, in the default stage or
    /// else the first. Tasks and events of the lead become those of the contact and the opportunity. The lead gets `IsConverted`,
    /// `ConvertedDate` and the three ids, and cannot be changed or referred to after that: `CANNOT_UPDATE_CONVERTED_LEAD`. (SOAP API guide,
    /// "convertLead()"; Salesforce Help, "Lead Conversion Field Mapping")
    ///
    /// # Errors
    /// `INVALID_STATUS`: not a status that converts leads; `CANNOT_UPDATE_CONVERTED_LEAD`: it is converted;
    /// `INVALID_CROSS_REFERENCE_KEY`: contact or opportunity are not of the account, or the lead belongs to a queue and no owner is named;
    /// those of the saves, such as a trigger's. Nothing is changed then.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::{LeadConversion, TestOrg};
    ///
    /// let org = TestOrg::empty();
    /// let fields = Fields::new().set(field!("LastName"), "Ott").set(field!("Company"), "Acme");
    /// let lead = org.apply(Write::Insert { object: object!("Lead"), fields })?;
    /// let converted = org.convert_lead(&LeadConversion::new(lead, "Closed - Converted").without_opportunity())?;
    /// assert_eq!(org.value(converted.account, "Name").as_str(), Some("Acme"));
    /// assert_eq!(org.value(converted.contact, "LastName").as_str(), Some("Ott"));
    /// assert_eq!(org.value(lead, "ConvertedDate").as_str(), Some("2026-01-05"));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    pub fn convert_lead(&self, conversion: &LeadConversion) -> Result<ConvertedLead> {
        self.act_as(None, |service| service.saver().convert_lead(conversion))
    }

    /// As [`TestOrg::convert_lead`], by another user.
    ///
    /// # Errors
    /// As [`TestOrg::convert_lead`]; or there is no such user.
    pub fn convert_lead_as(&self, user: SfId, conversion: &LeadConversion) -> Result<ConvertedLead> {
        self.act_as(Some(user), |service| service.saver().convert_lead(conversion))
    }

    /// As [`TestOrg::undelete`], by another user.
    ///
    /// # Errors
    /// As [`TestOrg::undelete`]; or there is no such user.
    pub fn undelete_as(&self, user: SfId, id: SfId) -> Result<()> {
        self.act_as(Some(user), |service| service.saver().undelete(id))
    }
}
