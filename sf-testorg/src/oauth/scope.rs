//! OAuth scopes: known names, what an app may ask for, the order of an answer.

/// Scopes that Salesforce documents (Salesforce Help, "OAuth Tokens and Scopes"), in the order this org answers them.
const KNOWN: [&str; 23] = [
    "refresh_token",
    "full",
    "api",
    "web",
    "id",
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "chatter_api",
    "custom_permissions",
    "visualforce",
    "lightning",
    "content",
    "wave_api",
    "eclair_api",
    "pardot_api",
    "cdp_query_api",
    "cdp_profile_api",
    "cdp_ingest_api",
    "sfap_api",
    "einstein_gpt_api",
];

/// `offline_access` is `refresh_token`.
pub(super) fn canonical(scope: &str) -> &str {
    if scope == "offline_access" { "refresh_token" } else { scope }
}

pub(super) fn all() -> Vec<String> {
    KNOWN.map(str::to_owned).to_vec()
}

/// Why a scope is refused, as `error_description` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Unknown,
    NotOfTheApp,
}
impl Refused {
    pub(super) fn text(self) -> &'static str {
        match self {
            Refused::Unknown => "the requested scope is invalid",
            Refused::NotOfTheApp => "the requested scope is not allowed",
        }
    }
}

/// What is granted: the app's scopes, or those asked for when all of them are the app's. `full` holds all but `refresh_token`.
pub(super) fn granted(asked: Option<&str>, app: &[String]) -> Result<Vec<String>, Refused> {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else { return Ok(in_order(app)) };
    let asked: Vec<String> = asked.split_whitespace().map(|scope| canonical(scope).to_owned()).collect();
    let has = |scope: &str| app.iter().any(|of_app| of_app == scope);
    for scope in &asked {
        if !KNOWN.contains(&scope.as_str()) && !has(scope) {
            return Err(Refused::Unknown);
        }
        if !has(scope) && (scope == "refresh_token" || !has("full")) {
            return Err(Refused::NotOfTheApp);
        }
    }
    Ok(in_order(&asked))
}

fn in_order(scopes: &[String]) -> Vec<String> {
    let mut scopes: Vec<String> = scopes.to_vec();
    let place = |scope: &String| KNOWN.iter().position(|known| known == scope).unwrap_or(KNOWN.len());
    scopes.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
    scopes.dedup();
    scopes
}

/// Whether a session of these scopes may call the REST API.
pub(super) fn opens_rest(scopes: &[String]) -> bool {
    scopes.iter().any(|scope| matches!(scope.as_str(), "api" | "full"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scopes: &[&str]) -> Vec<String> {
        scopes.iter().map(|&s| s.to_owned()).collect()
    }

    #[test]
    fn a_grant_has_what_was_asked_for_and_no_more_than_the_app() {
        let app = of(&["api", "refresh_token", "id"]);
        assert_eq!(granted(None, &app), Ok(of(&["refresh_token", "api", "id"])));
        assert_eq!(granted(Some("offline_access api api"), &app), Ok(of(&["refresh_token", "api"])));
        assert_eq!(granted(Some("web"), &app), Err(Refused::NotOfTheApp));
        assert_eq!(granted(Some("api everything"), &app), Err(Refused::Unknown));
        assert_eq!(granted(Some("web id"), &of(&["full"])), Ok(of(&["web", "id"])));
        assert_eq!(granted(Some("refresh_token"), &of(&["full"])), Err(Refused::NotOfTheApp));
    }
}
