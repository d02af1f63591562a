//! The real command, signed in to a served simulated org, in a home of its own.
use sf_cli_transport::{CliTransport, Discovery, Sf, SfCommand};
use sf_core::Org;
use sf_testorg::{Server, SfLogin, TestOrg};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const ALIAS: &str = "desk";

pub(crate) struct Real {
    pub(crate) org: TestOrg,
    pub(crate) server: Server,
    pub(crate) sf: SfCommand,
    home: TempDir,
}

/// Where the command is. Its absence is a failure: who runs these asked for it.
pub(crate) fn path() -> PathBuf {
    let path = std::env::var_os("SF_REAL_COMMAND")
        .expect("SF_REAL_COMMAND does not name the real sf command, without which this test cannot run");
    path.into()
}

pub(crate) async fn command(home: &Path) -> SfCommand {
    let discovery = Discovery::new().without_search().at(path()).home(home).working_dir(home);
    // Node starts slowly beside other tests.
    discovery.loopback_org().timeout(std::time::Duration::from_secs(120)).find().await.unwrap()
}

impl Real {
    pub(crate) async fn of(org: TestOrg) -> Real {
        Real::signed_in(org, SfLogin::AccessToken).await
    }
    pub(crate) async fn signed_in(org: TestOrg, login: SfLogin) -> Real {
        let server = org.serve().unwrap();
        let home = tempfile::tempdir().unwrap();
        server.sign_in_sf(home.path(), ALIAS, login).unwrap();
        let sf = command(home.path()).await;
        Real { org, server, sf, home }
    }
    pub(crate) fn builder(&self) -> Sf {
        Sf::command(&self.sf).target_org(ALIAS)
    }
    pub(crate) fn transport(&self) -> CliTransport {
        self.builder().connect().unwrap()
    }
    pub(crate) fn client(&self) -> (Org, CliTransport) {
        let transport = self.transport();
        (Org::new(transport.clone()), transport)
    }
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }
}
