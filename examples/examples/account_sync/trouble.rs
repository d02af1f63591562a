use std::fmt;

/// Why the story ended early, and what to do about it.
#[derive(Debug)]
pub struct Trouble {
    pub reason: String,
    pub next_step: String,
}

impl Trouble {
    pub fn new(reason: impl Into<String>, next_step: impl Into<String>) -> Trouble {
        Trouble { reason: reason.into(), next_step: next_step.into() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.reason, self.next_step)
    }
}

impl From<sf_core::Error> for Trouble {
    fn from(e: sf_core::Error) -> Trouble {
        Trouble::new(reason(&e), e.help().next_step)
    }
}
impl From<sf_sync::Error> for Trouble {
    fn from(e: sf_sync::Error) -> Trouble {
        Trouble::new(reason(&e), e.help().next_step)
    }
}
impl From<rusqlite::Error> for Trouble {
    fn from(e: rusqlite::Error) -> Trouble {
        Trouble::new(
            format!("the database failed: {}", reason(&e)),
            "check that the disk has room and that no other program holds the file, then start again",
        )
    }
}

/// An error with its causes in one line; each cause is said once.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}
