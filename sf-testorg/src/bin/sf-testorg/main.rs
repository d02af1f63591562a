//! `sf-testorg serve`: a simulated Salesforce org on a loopback port.
mod options;

use options::{Command, Serve, Tls};
use serde::Serialize;
#[cfg(feature = "tls")]
use sf_core::Secret;
use sf_core::{ApiVersion, Clock, Delivery, Error, ErrorKind, Failure, SystemClock};
use sf_testorg::{Builder, ConnectedApp, Fault, Server, ServerBuilder, TestOrg};
use std::{
    io::{self, Write},
    net::Ipv4Addr,
    path::Path,
    process::ExitCode,
};

const HELP: &str = include_str!("help.txt");

/// What a client needs, as one line of JSON.
#[derive(Serialize)]
struct Ready<'a> {
    instance_url: &'a str,
    access_token: &'a str,
    refresh_token: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    username: &'a str,
    password: &'a str,
    security_token: &'a str,
    org_id: &'a str,
    user_id: &'a str,
    api_version: &'a str,
    /// What clients have to trust, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<&'a str>,
    /// What `sf org login sfdx-url` reads; it insists on https.
    #[serde(skip_serializing_if = "Option::is_none")]
    sfdx_auth_url: Option<String>,
}

fn main() -> ExitCode {
    match options::parse(std::env::args_os()) {
        Ok(Command::Help) => say(HELP),
        Ok(Command::Version) => say(concat!("sf-testorg ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(wrong) => {
            complain(&format!("sf-testorg: {wrong}\n\n{HELP}"));
            ExitCode::from(2)
        }
        Ok(Command::Serve(serve)) => match start(&serve) {
            Ok(_server) => loop {
                std::thread::park();
            },
            Err(error) => {
                complain(&format!("sf-testorg: {error}\nnext: {}\n", error.help().next_step));
                ExitCode::FAILURE
            }
        },
    }
}

fn start(serve: &Serve) -> Result<Server, Error> {
    // Read before the org begins: a wrong file must not leave a state file behind.
    let faults = serve.faults.as_deref().map_or(Ok(Vec::new()), faults)?;
    let apps = serve.apps.as_deref().map_or(Ok(Vec::new()), apps)?;
    let mut builder = TestOrg::builder().start(serve.start.unwrap_or_else(|| SystemClock.now()));
    if let Some(dataset) = serve.dataset {
        builder = builder.dataset(dataset);
    }
    if let Some(seed) = serve.seed {
        builder = builder.seed(seed);
    }
    if let Some(accounts) = serve.accounts {
        builder = builder.accounts(accounts);
    }
    for path in &serve.schema {
        builder = schema(builder, path)?;
    }
    if let Some(rows) = serve.bulk_page_rows {
        builder = builder.bulk_page_rows(rows);
    }
    for app in apps {
        builder = builder.connected_app(app);
    }
    let org = match &serve.state {
        Some(path) => builder.open(path)?,
        None => builder.build(),
    };
    if let Some(rows) = serve.page_size {
        org.page_size(rows);
    }
    org.latency(serve.latency);
    faults.into_iter().for_each(|fault| org.inject(fault));
    let server = org.server().address((Ipv4Addr::LOCALHOST, serve.port).into());
    let server = match &serve.tls {
        None => server,
        Some(tls) => with_tls(server, tls)?,
    };
    let server = server.start()?;
    announce(&server).map_err(|e| {
        failed("the standard output cannot be written", "redirect it to a file, or to a pipe that is read", e)
    })?;
    Ok(server)
}

fn announce(server: &Server) -> io::Result<()> {
    let credentials = server.org().credentials();
    let ready = Ready {
        instance_url: server.url(),
        access_token: &credentials.access_token,
        refresh_token: &credentials.refresh_token,
        client_id: &credentials.client_id,
        client_secret: &credentials.client_secret,
        username: &credentials.username,
        password: &credentials.password,
        security_token: &credentials.security_token,
        org_id: &credentials.org_id,
        user_id: &credentials.user_id,
        api_version: &ApiVersion::CURRENT.to_string(),
        certificate: server.certificate(),
        sfdx_auth_url: server.url().strip_prefix("https://").map(|host| {
            let (id, secret) = (&credentials.client_id, &credentials.client_secret);
            format!("force://{id}:{secret}:{}@{host}", credentials.refresh_token)
        }),
    };
    let line = serde_json::to_string(&ready)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

#[cfg(feature = "tls")]
fn with_tls(server: ServerBuilder, tls: &Tls) -> Result<ServerBuilder, Error> {
    let read = |path: &Path| {
        let next = "name files with the certificate and its key as PEM";
        std::fs::read_to_string(path)
            .map_err(|e| failed(&format!("{} cannot be read", path.display()), next, e))
    };
    Ok(match tls {
        Tls::SelfSigned => server.tls(),
        Tls::Files { certificate, key } => server.tls_with(read(certificate)?, Secret::new(read(key)?)),
    })
}

#[cfg(not(feature = "tls"))]
fn with_tls(_: ServerBuilder, _: &Tls) -> Result<ServerBuilder, Error> {
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, "this sf-testorg was built without TLS");
    Err(Error::new(failure.with_next_step("build it with --features tls")))
}

fn faults(path: &Path) -> Result<Vec<Fault>, Error> {
    let place = format!("the faults file {}", path.display());
    let bytes = std::fs::read(path)
        .map_err(|e| failed(&format!("{place} cannot be read"), "name a file that exists", e))?;
    Fault::read(&bytes).map_err(|e| {
        let next =
            r#"write a list like [{"on": {"operation": "update"}, "effect": "lose_answer", "times": 1}]"#;
        failed(&format!("{place} holds no faults"), next, e.into())
    })
}

fn schema(builder: Builder, path: &Path) -> Result<Builder, Error> {
    let place = format!("the schema file {}", path.display());
    let bytes = std::fs::read(path)
        .map_err(|e| failed(&format!("{place} cannot be read"), "name a file that exists", e))?;
    builder.schema_json(&bytes).map_err(|e| {
        let next = "write the JSON of GET /sobjects/NAME/describe of a real org, or a list of them";
        failed(&place, next, io::Error::other(e))
    })
}

fn apps(path: &Path) -> Result<Vec<ConnectedApp>, Error> {
    let place = format!("the apps file {}", path.display());
    let bytes = std::fs::read(path)
        .map_err(|e| failed(&format!("{place} cannot be read"), "name a file that exists", e))?;
    serde_json::from_slice(&bytes).map_err(|e| {
        let next =
            r#"write a list like [{"client_id": "3MVG9desk", "callbacks": ["https://desk.example/cb"]}]"#;
        failed(&format!("{place} holds no connected apps"), next, e.into())
    })
}

fn failed(what: &str, next: &str, source: io::Error) -> Error {
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, format!("{what}: {source}"));
    Error::new(failure.with_next_step(next)).with_source(source)
}

fn say(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn complain(text: &str) {
    // There is nobody to tell when standard error is closed.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
