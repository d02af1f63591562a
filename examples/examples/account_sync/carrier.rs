//! What carries the story's requests: HTTPS with a token, HTTPS with the `sf` command's token, or the command itself.
use crate::{
    narrator::Narrator,
    options::{Carrier, Options, Target},
    trouble::Trouble,
    world::World,
};
use serde_json::json;
use sf_cli_transport::{Discovery, Sf, SfCommand};
use sf_core::Transport;
use sf_rest_transport::Rest;
use sf_testorg::{SfLogin, TestOrg};
use std::{path::Path, sync::Arc};

/// As what the org logs the requests.
const CLIENT: &str = "account_sync";
/// The simulated org's name in a home of the command that this program makes.
const SIMULATED: &str = "account-sync";

pub type Carried = Arc<dyn Transport>;

/// The org of the options, and a transport to it.
pub async fn connect(
    options: &Options,
    database: &Path,
    narrator: &mut Narrator,
) -> Result<(World, Carried), Trouble> {
    match &options.target {
        Target::Simulated => simulated(options, database, narrator).await,
        Target::Url(url) => Ok((World::Real, with_token(url)?)),
        Target::Alias(alias) => {
            let sf =
                Sf::command(&find(Discovery::new(), narrator).await?).target_org(alias).client_name(CLIENT);
            let transport: Carried = match options.carrier {
                Carrier::Cli => Arc::new(sf.connect()?),
                // Loopback: a simulated org that the command is signed in to. Any other one is reached as without it.
                Carrier::Rest => Arc::new(
                    Rest::with_credentials(sf.credentials()?)
                        .client_name(CLIENT)
                        .allow_loopback_http()
                        .connect()?,
                ),
            };
            Ok((World::Real, transport))
        }
    }
}

fn with_token(url: &str) -> Result<Carried, Trouble> {
    let token = std::env::var("SF_ACCESS_TOKEN").map_err(|_| {
        Trouble::new(
            "SF_ACCESS_TOKEN is not set",
            "set it to an access token of the org (for example from `sf org auth show-access-token`), or take --target-org",
        )
    })?;
    Ok(Arc::new(Rest::at(url).token(token).client_name(CLIENT).allow_loopback_http().connect()?))
}

/// The simulated org on a free port of this machine.
async fn simulated(
    options: &Options,
    database: &Path,
    narrator: &mut Narrator,
) -> Result<(World, Carried), Trouble> {
    let mut journal = database.as_os_str().to_owned();
    journal.push(".org");
    let org = TestOrg::builder().seed(options.seed).accounts(options.accounts as u64).open(&journal);
    let org = org.map_err(|e| {
        Trouble::new(
            Trouble::from(e).reason,
            "end the other account_sync on this database, or name another database: --db PATH",
        )
    })?;
    let server = org.serve()?;
    let (transport, home): (Carried, _) = match options.carrier {
        Carrier::Rest => {
            let rest = Rest::at(server.url()).token(server.token()).client_name(CLIENT).allow_loopback_http();
            (Arc::new(rest.connect()?), None)
        }
        Carrier::Cli => {
            // A home of its own: the user's logins stay as they are.
            let home = tempfile::tempdir().map_err(|e| {
                Trouble::new(
                    format!("no folder for the login: {e}"),
                    "check that the folder for temporary files has room",
                )
            })?;
            server.sign_in_sf(home.path(), SIMULATED, SfLogin::AccessToken)?;
            let discovery = Discovery::new().home(home.path()).working_dir(home.path()).loopback_org();
            let sf = find(discovery, narrator).await?;
            (Arc::new(Sf::command(&sf).target_org(SIMULATED).client_name(CLIENT).connect()?), Some(home))
        }
    };
    Ok((World::Simulated { org, _server: server, _sf_home: home }, transport))
}

async fn find(discovery: Discovery, narrator: &mut Narrator) -> Result<SfCommand, Trouble> {
    let sf = discovery.find().await?;
    narrator.tell(
        format!("the sf command {} at {}", sf.version(), sf.path().display()),
        json!({ "sf": sf.path().display().to_string(), "sf_version": sf.version().to_string() }),
    );
    Ok(sf)
}
