use sf_core::{Failure, Result};

/// The org that a command is for, as an alias or a username; `None`: the default org.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Target(Option<String>);

impl Target {
    /// The default org of the command.
    pub(crate) const DEFAULT: Target = Target(None);

    /// Refuses what could be taken for an option or a token: an argument can be seen by every user of the machine.
    pub(crate) fn named(name: &str) -> Result<Target> {
        let bare = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let problem = if bare.starts_with("00D") && bare.contains('!') {
            return Err(Failure::invalid_input("the name of the org is an access token")
                .with_next_step("Give the alias or the username; `sf org list` shows them.")
                .into());
        } else if name.is_empty() || name.len() > 255 {
            "is empty or too long"
        } else if name.starts_with('-') {
            "begins with a `-`, which would be an option of the command"
        } else if name.trim() != name || name.chars().any(|c| c.is_control() || c == '"') {
            "has a character that no alias or username has"
        } else {
            return Ok(Target(Some(name.to_owned())));
        };
        // Too long, or with what tokens have and names have not: not to be repeated.
        let shown = if name.len() > 40 || name.contains('!') {
            String::new()
        } else {
            format!(" `{}`", name.escape_debug())
        };
        Err(Failure::invalid_input(format!("the name of the org{shown} {problem}"))
            .with_next_step("Give an alias or a username as `sf org list` shows them.")
            .into())
    }
    pub(crate) fn of(name: Option<&str>) -> Result<Target> {
        name.map_or(Ok(Target::DEFAULT), Target::named)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
    pub(crate) fn argument(&self) -> Option<String> {
        self.0.as_ref().map(|name| format!("--target-org={name}"))
    }
    /// For people: which org.
    pub(crate) fn shown(&self) -> String {
        self.0.as_ref().map_or_else(|| "the default org".to_owned(), |name| format!("`{name}`"))
    }
    /// The command that signs in to it.
    pub(crate) fn sign_in(&self) -> String {
        match &self.0 {
            None => "sf org login web --set-default".to_owned(),
            // A username becomes known by itself.
            Some(name) if name.contains('@') => "sf org login web".to_owned(),
            Some(name) => format!("sf org login web --alias {}", quoted(name)),
        }
    }
}

/// As a shell takes it: people copy what they are told to run.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    match (name.chars().all(plain), name.contains('\'')) {
        (true, _) => name.to_owned(),
        (false, false) => format!("'{name}'"),
        (false, true) => "ALIAS".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pain 12: a name that is an option of the command.
    #[test]
    fn names_that_are_options_or_tokens_are_refused() {
        let token = "00D5e000000A0e7!AQ8AQDh9";
        let tokens = [
            token.to_owned(),
            format!("{token}\n"),
            format!(" {token}"),
            format!("\"{token}\""),
            format!("-o{token}"),
            format!("--target-org={token} "),
            format!("{token}{}", "x".repeat(300)),
            format!("{}\n", "AQ8AQ".repeat(9)),
        ];
        let others = ["", "-o", "--json", " a", "a ", "a\nb", "a\"b"];
        for bad in others.into_iter().chain(tokens.iter().map(String::as_str)) {
            let error = Target::named(bad).unwrap_err();
            assert_eq!(error.kind(), sf_core::ErrorKind::InvalidInput, "{bad}");
            assert!(!error.to_string().contains("AQ8AQ"), "{error}");
        }
        assert!(
            Target::named(" a").unwrap_err().to_string().contains("the name of the org ` a` has a character")
        );
        assert_eq!(Target::named("desk").unwrap().argument().unwrap(), "--target-org=desk");
        assert_eq!(Target::named("$(id)").unwrap().argument().unwrap(), "--target-org=$(id)");
    }

    #[test]
    fn the_command_to_sign_in_names_the_alias() {
        assert_eq!(Target::named("desk").unwrap().sign_in(), "sf org login web --alias desk");
        assert_eq!(Target::named("ann@acme.example").unwrap().sign_in(), "sf org login web");
        assert_eq!(Target::named("$(id); x").unwrap().sign_in(), "sf org login web --alias '$(id); x'");
        assert_eq!(Target::named("x'; id '").unwrap().sign_in(), "sf org login web --alias ALIAS");
        assert_eq!(Target::DEFAULT.sign_in(), "sf org login web --set-default");
    }
}
