//! Query with models, read child rows, write one field back. Runs on the simulated org.
#![allow(clippy::print_stdout)] // a program that talks

use sf_core::{
    Field, Org, Result,
    models::{Account, Industry, Opportunity},
};
use sf_rest_transport::Rest;
use sf_soql::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    let server = sf_testorg::TestOrg::demo().serve()?; // with a real org: its URL and an access token
    let org = Org::new(Rest::at(server.url()).token(server.token()).allow_loopback_http().connect()?);

    let open_deals = Account::OPPORTUNITIES
        .select([Opportunity::NAME, Opportunity::AMOUNT])
        .filter(Opportunity::IS_CLOSED.eq(false));
    let query = Query::of::<Account>()
        .select([Account::ID, Account::NAME, Account::INDUSTRY])
        .with(open_deals)
        .filter(Account::NAME.starts_with("A") & Account::ANNUAL_REVENUE.ge(1_000_000))
        .order_by(Account::NAME);

    let mut accounts = org.query(query);
    while let Some(account) = accounts.try_next().await? {
        let deals = account.children(Account::OPPORTUNITIES)?;
        let name = account.name.value().map_or("(no name)", |n| n.as_str());
        println!("{name}: {} open deals", deals.total);
        if account.industry == Field::Value(Industry::Technology) {
            org.update(&Account { id: account.id, industry: Field::Null, ..Account::default() }).await?;
        }
    }
    Ok(())
}
