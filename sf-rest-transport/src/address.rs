//! The one host that is given the token, and how paths are put under it.
use crate::fault::{invalid, setup};
use sf_core::Result;
use std::fmt;
use url::{Host, Url};

/// Scheme, host and port of an org (or of a login host): nothing else can be sent to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Origin(Url);

impl Origin {
    /// Reads `https://acme.my.salesforce.com`. Plain http only to this machine and only when allowed.
    pub(crate) fn parse(text: &str, allow_loopback_http: bool) -> Result<Origin> {
        // The text is never repeated in a message: it may hold a password or a pasted token.
        let url = Url::parse(text.trim()).map_err(|e| {
            invalid(
                format!("the instance URL is not a URL: {e}"),
                "Give the org's My Domain URL with its scheme, for example `https://acme.my.salesforce.com`.",
            )
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(
                "the instance URL holds a user name or a password",
                "Give only scheme and host; the token goes into `Rest::token` or `Rest::credentials`.",
            ));
        }
        let Some(host) = url.host() else {
            return Err(invalid(
                "the instance URL has no host",
                "Give the org's My Domain URL, for example `https://acme.my.salesforce.com`.",
            ));
        };
        match url.scheme() {
            "https" => {}
            "http" if !is_loopback(&host) => {
                return Err(invalid(
                    format!("`http://{host}` would send the access token unencrypted"),
                    format!("Use `https://{host}`."),
                ));
            }
            "http" if !allow_loopback_http => {
                return Err(setup(
                    format!("`http://{host}` is not encrypted"),
                    "For a simulated org on this machine call `Rest::allow_loopback_http()`; for a real org use https.",
                ));
            }
            "http" => {}
            other => {
                return Err(invalid(
                    format!("`{other}:` is not a way to reach an org"),
                    "Give an https URL, for example `https://acme.my.salesforce.com`.",
                ));
            }
        }
        if host.to_string().ends_with(".lightning.force.com") {
            return Err(invalid(
                format!("`{host}` serves pages for people, not the API"),
                "Use the My Domain host of the same org: `https://NAME.my.salesforce.com`.",
            ));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(
                "the instance URL holds a path",
                format!("Give only scheme and host: `{}`.", url.origin().ascii_serialization()),
            ));
        }
        Ok(Origin(url))
    }

    /// The login hosts that serve all orgs.
    pub(crate) fn is_shared_login_host(&self) -> bool {
        matches!(self.0.host_str(), Some("login.salesforce.com" | "test.salesforce.com"))
    }

    /// The URL of an encoded path with its query ([`Request::target`](sf_core::protocol::Request::target)) under
    /// this origin. Whatever the text, the result has this scheme, host and port.
    pub(crate) fn join(&self, target: &str) -> Result<Url> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        check_path(path)?;
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(query);
        if url.origin() != self.0.origin() {
            return Err(bad_path("would leave the org's host"));
        }
        Ok(url)
    }
}

/// The forms a URL parser would quietly turn into another place.
fn check_path(path: &str) -> Result<()> {
    if !path.starts_with('/') {
        return Err(bad_path("does not start with a slash"));
    }
    if path.starts_with("//") {
        return Err(bad_path("starts with two slashes, which names another host"));
    }
    if path.bytes().any(|b| b < 0x20 || b == 0x7f || b == b'\\' || b == b'#') {
        return Err(bad_path("holds a control character, a backslash or `#`"));
    }
    let climbs = |segment: &str| {
        let plain = segment.replace("%2e", ".").replace("%2E", ".");
        plain == "." || plain == ".."
    };
    if path.split('/').any(climbs) {
        return Err(bad_path("holds a `.` or `..` segment"));
    }
    Ok(())
}

fn bad_path(why: &str) -> sf_core::Error {
    invalid(
        format!("the request path {why}"),
        "Build paths with `Request::get` and its siblings, which encode each segment, or pass on the org's own \
         `nextRecordsUrl` unchanged.",
    )
}

pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sf_core::ErrorKind;

    fn org() -> Origin {
        Origin::parse("https://acme.my.salesforce.com", false).unwrap()
    }
    fn joined(target: &str) -> String {
        org().join(target).unwrap().to_string()
    }

    #[test]
    fn an_instance_url_is_scheme_and_host() {
        for good in [
            "https://acme.my.salesforce.com",
            "https://acme.my.salesforce.com/",
            " https://ACME.my.salesforce.com\n",
        ] {
            assert_eq!(Origin::parse(good, false).unwrap().to_string(), "https://acme.my.salesforce.com");
        }
        for (bad, kind, needle) in [
            ("acme.my.salesforce.com", ErrorKind::InvalidInput, "not a URL"),
            ("", ErrorKind::InvalidInput, "not a URL"),
            ("ftp://acme.my.salesforce.com", ErrorKind::InvalidInput, "`ftp:`"),
            ("http://acme.my.salesforce.com", ErrorKind::InvalidInput, "unencrypted"),
            ("http://127.0.0.1:8080", ErrorKind::Setup, "not encrypted"),
            ("https://acme.my.salesforce.com/services/data", ErrorKind::InvalidInput, "holds a path"),
            ("https://acme.my.salesforce.com?x=1", ErrorKind::InvalidInput, "holds a path"),
            ("https://acme.lightning.force.com", ErrorKind::InvalidInput, "not the API"),
            ("https://me:pa55@acme.my.salesforce.com", ErrorKind::InvalidInput, "password"),
        ] {
            let e = Origin::parse(bad, false).unwrap_err();
            assert_eq!(e.kind(), kind, "{bad}");
            assert!(e.to_string().contains(needle), "{bad}: {e}");
            assert!(e.failure().next_step.is_some(), "{bad}");
            assert!(!format!("{e:?} {:?}", e.failure()).contains("pa55"));
        }
    }

    #[test]
    fn plain_http_needs_loopback_and_permission() {
        for good in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9"] {
            assert!(Origin::parse(good, true).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1",
            "http://127.0.0.1.evil.com",
            "http://localhost.evil.com",
            "http://example.com",
        ] {
            assert!(Origin::parse(bad, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_land_under_the_org() {
        for target in [
            "/services/data/v66.0/limits",
            "/services/data/v66.0/query/01gD0000002HU6KIAW-2000",
            "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Account%20WHERE%20Name%20%3D%20%27A%26B%27",
            // Looks like a host, is only a segment.
            "/@evil.com/x",
            "/https://evil.com/x",
            "/a%2Fb/%252e",
        ] {
            assert_eq!(joined(target), format!("https://acme.my.salesforce.com{target}"));
        }
    }

    #[test]
    fn no_path_leaves_the_host_or_its_root() {
        for bad in [
            "//evil.com/x",
            "/\\evil.com",
            "\\\\evil.com",
            "/\t/evil.com",
            "/services/../../x",
            "/sobjects/%2e%2E/x",
            "../oauth2/userinfo",
            "/a/./b",
            "/x#y",
            "/x\ny",
            "//",
            "",
            "limits",
            "@evil.com",
            ":8080/x",
        ] {
            assert_eq!(org().join(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad}");
        }
    }
}
