use sf_core::{Delivery, Error, ErrorKind, Failure, Result, SfId};
use url::{Host, Url};

/// The pages of one account that a customer-success tool links to.
///
/// The addresses are those of Lightning Experience: the record page `/lightning/r/{object}/{id}/view` and its related
/// lists `/lightning/r/{object}/{id}/related/{relationship}/view`. A My Domain host (`….my.salesforce.com`, which is
/// what a token answer gives as the instance URL) forwards a signed-in browser to the org's Lightning host.
///
/// ```
/// # use sf_core::SfId;
/// # use sf_cx::QuickLinks;
/// // Whatever follows the host in the base URL is left out; a 15-character id is completed.
/// let links = QuickLinks::of_account("https://acme.my.salesforce.com/home?x=1", SfId::new("0012X00001AbCdE")?)?;
/// assert_eq!(
///     links.account.as_str(),
///     "https://acme.my.salesforce.com/lightning/r/Account/0012X00001AbCdEQAV/view",
/// );
/// assert!(links.files.as_str().ends_with("/related/AttachedContentDocuments/view"));
/// assert!(links.contracts.as_str().ends_with("/related/Contracts/view"));
///
/// // A contact has no such lists.
/// let refused = QuickLinks::of_account("https://acme.my.salesforce.com", SfId::new("003000000000001AAA")?);
/// assert_eq!(refused.unwrap_err().to_string(), "003000000000001AAA is not the id of an account (key prefix 001)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuickLinks {
    /// The account's own page.
    pub account: Url,
    /// Its cases.
    pub cases: Url,
    /// Its files (related list `AttachedContentDocuments`).
    pub files: Url,
    /// Its contracts.
    pub contracts: Url,
}

impl QuickLinks {
    /// The links of the account `id` in the org at `base_url` (any URL of the org; only scheme, host and port count).
    ///
    /// # Errors
    /// `InvalidInput` when `base_url` is not an https URL (plain http is taken for this machine only, where the
    /// simulated org lives) or when `id` has another key prefix than `001`.
    pub fn of_account(base_url: &str, id: SfId) -> Result<QuickLinks> {
        if id.key_prefix() != "001" {
            return Err(refused(format!("{id} is not the id of an account (key prefix 001)")));
        }
        let base = org_root(base_url)?;
        let page = |tail: &str| {
            let mut url = base.clone();
            url.set_path(&format!("/lightning/r/Account/{id}/{tail}view"));
            url
        };
        Ok(QuickLinks {
            account: page(""),
            cases: page("related/Cases/"),
            files: page("related/AttachedContentDocuments/"),
            contracts: page("related/Contracts/"),
        })
    }
}

fn org_root(base_url: &str) -> Result<Url> {
    let url = Url::parse(base_url)
        .map_err(|e| refused("the org's base URL is not a URL".to_owned()).with_source(e))?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !(url.scheme() == "https" || url.scheme() == "http" && loopback) {
        return Err(refused("the org's base URL must begin with https://".to_owned()));
    }
    // `origin` has no user name, password, path, query or fragment: none of them belongs in a link.
    Url::parse(&url.origin().ascii_serialization())
        .map_err(|e| refused("the org's base URL has no host".to_owned()).with_source(e))
}

fn refused(message: String) -> Error {
    Error::new(Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(base: &str) -> Result<QuickLinks> {
        QuickLinks::of_account(base, SfId::new("001000000000001AAA").unwrap())
    }

    #[test]
    fn only_scheme_host_and_port_of_the_base_count() {
        let all = links("https://user:pw@acme.my.salesforce.com:8443/services/data?q=1#top").unwrap();
        assert_eq!(
            all.contracts.as_str(),
            "https://acme.my.salesforce.com:8443/lightning/r/Account/001000000000001AAA/related/Contracts/view"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(links("http://127.0.0.1:8080").is_ok());
        assert!(links("http://localhost").is_ok());
        for bad in ["http://acme.my.salesforce.com", "javascript:alert(1)", "not a url", ""] {
            let error = links(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
            assert!(!error.to_string().contains("alert"), "input is not echoed");
        }
    }
}
