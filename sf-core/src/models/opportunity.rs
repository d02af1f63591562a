use super::{EmailMessage, Event, LeadSource, Task};
use crate::{Number, SfId, Timestamp, picklist, sobject};
use chrono::NaiveDate;

sobject! {
    /// A deal.
    ///
    /// Writing `StageName` sets `Probability`, `ForecastCategoryName`, `IsClosed` and `IsWon` too. With line items
    /// a write to `Amount` is ignored by the org without an error.
    pub struct Opportunity: "Opportunity" {
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        account_id / ACCOUNT_ID: SfId = "AccountId",
        is_private / IS_PRIVATE: bool = "IsPrivate",
        name / NAME: String = "Name",
        description / DESCRIPTION: String = "Description" long_text,
        stage_name / STAGE_NAME: StageName = "StageName",
        amount / AMOUNT: Number = "Amount",
        probability / PROBABILITY: Number = "Probability",
        expected_revenue / EXPECTED_REVENUE: Number = "ExpectedRevenue" system,
        total_opportunity_quantity / TOTAL_OPPORTUNITY_QUANTITY: Number = "TotalOpportunityQuantity",
        close_date / CLOSE_DATE: NaiveDate = "CloseDate",
        opportunity_type / OPPORTUNITY_TYPE: OpportunityType = "Type",
        next_step / NEXT_STEP: String = "NextStep",
        lead_source / LEAD_SOURCE: LeadSource = "LeadSource",
        is_closed / IS_CLOSED: bool = "IsClosed" system,
        is_won / IS_WON: bool = "IsWon" system,
        forecast_category / FORECAST_CATEGORY: ForecastCategory = "ForecastCategory" system,
        forecast_category_name / FORECAST_CATEGORY_NAME: ForecastCategoryName = "ForecastCategoryName",
        campaign_id / CAMPAIGN_ID: SfId = "CampaignId",
        has_opportunity_line_item / HAS_OPPORTUNITY_LINE_ITEM: bool = "HasOpportunityLineItem" system,
        pricebook2_id / PRICEBOOK2_ID: SfId = "Pricebook2Id",
        owner_id / OWNER_ID: SfId = "OwnerId",
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        last_activity_date / LAST_ACTIVITY_DATE: NaiveDate = "LastActivityDate" system,
        /// How often the close date was moved to a later month.
        push_count / PUSH_COUNT: i64 = "PushCount" system,
        last_stage_change_date / LAST_STAGE_CHANGE_DATE: Timestamp = "LastStageChangeDate" system,
        fiscal_quarter / FISCAL_QUARTER: i64 = "FiscalQuarter" system,
        fiscal_year / FISCAL_YEAR: i64 = "FiscalYear" system,
        fiscal / FISCAL: String = "Fiscal" system,
        /// Given to a new deal only: it makes the contact its primary contact role.
        contact_id / CONTACT_ID: SfId = "ContactId" create_only,
        last_viewed_date / LAST_VIEWED_DATE: Timestamp = "LastViewedDate" system,
        last_referenced_date / LAST_REFERENCED_DATE: Timestamp = "LastReferencedDate" system,
        /// Can be selected, not filtered.
        has_open_activity / HAS_OPEN_ACTIVITY: bool = "HasOpenActivity" system,
        /// Can be selected, not filtered.
        has_overdue_task / HAS_OVERDUE_TASK: bool = "HasOverdueTask" system,
        last_amount_changed_history_id / LAST_AMOUNT_CHANGED_HISTORY_ID: SfId = "LastAmountChangedHistoryId" system,
        last_close_date_changed_history_id / LAST_CLOSE_DATE_CHANGED_HISTORY_ID: SfId =
            "LastCloseDateChangedHistoryId" system,
    }
    children { TASKS: Task = "Tasks", EVENTS: Event = "Events", EMAILS: EmailMessage = "Emails" }
}

picklist! {
    /// How far a deal is. An org that has other stages gives them as `Other`.
    pub enum StageName {
        Prospecting = "Prospecting",
        Qualification = "Qualification",
        NeedsAnalysis = "Needs Analysis",
        ValueProposition = "Value Proposition",
        IdDecisionMakers = "Id. Decision Makers",
        PerceptionAnalysis = "Perception Analysis",
        ProposalPriceQuote = "Proposal/Price Quote",
        NegotiationReview = "Negotiation/Review",
        ClosedWon = "Closed Won",
        ClosedLost = "Closed Lost",
    }
}

picklist! {
    /// The kind of a deal.
    pub enum OpportunityType {
        ExistingCustomerUpgrade = "Existing Customer - Upgrade",
        ExistingCustomerReplacement = "Existing Customer - Replacement",
        ExistingCustomerDowngrade = "Existing Customer - Downgrade",
        NewCustomer = "New Customer",
    }
}

picklist! {
    /// How a deal counts in the forecast, by API name.
    pub enum ForecastCategory {
        Omitted = "Omitted",
        Pipeline = "Pipeline",
        BestCase = "BestCase",
        MostLikely = "MostLikely",
        Forecast = "Forecast",
        Closed = "Closed",
    }
}

picklist! {
    /// How a deal counts in the forecast, as people read and write it. `Commit` is [`ForecastCategory::Forecast`].
    pub enum ForecastCategoryName {
        Omitted = "Omitted",
        Pipeline = "Pipeline",
        BestCase = "Best Case",
        MostLikely = "Most Likely",
        Commit = "Commit",
        Closed = "Closed",
    }
}
