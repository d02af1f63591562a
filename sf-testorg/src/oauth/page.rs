//! The two pages a person sees: plain HTML without scripts, so that any client can fill them in.
use super::{User, reply::escape};
use crate::rest::Answer;

/// A page with one form: the hidden fields, the users to choose from, and what to decide.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// What the app asks for; already escaped.
    pub(super) about: String,
    pub(super) problem: Option<&'a str>,
    pub(super) action: &'a str,
    pub(super) hidden: Vec<(&'a str, &'a str)>,
    /// A text field, by name and value.
    pub(super) field: Option<(&'a str, &'a str)>,
    pub(super) users: Vec<User>,
    /// The username that is chosen when the page opens.
    pub(super) hint: Option<&'a str>,
}

impl Page<'_> {
    pub(super) fn answer(&self) -> Answer {
        let mut out = start(self.title);
        out.push_str(&format!("<p>{}</p>", self.about));
        if let Some(problem) = self.problem {
            out.push_str(&format!("<p role=\"alert\">{}</p>", escape(problem)));
        }
        out.push_str(&format!("<form method=\"post\" action=\"{}\">", escape(self.action)));
        for (name, value) in &self.hidden {
            out.push_str(&format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escape(name),
                escape(value)
            ));
        }
        if let Some((name, value)) = self.field {
            out.push_str(&format!(
                "<p><label>Code <input name=\"{}\" value=\"{}\"></label></p>",
                escape(name),
                escape(value)
            ));
        }
        let hinted = self
            .users
            .iter()
            .position(|user| self.hint.is_some_and(|hint| user.username.eq_ignore_ascii_case(hint)));
        for (at, user) in self.users.iter().enumerate() {
            let checked = if at == hinted.unwrap_or(0) { " checked" } else { "" };
            let (username, name) = (escape(&user.username), escape(&user.name));
            out.push_str(&format!(
                "<p><label><input type=\"radio\" name=\"username\" value=\"{username}\"{checked}> {name} ({username})</label></p>"
            ));
        }
        out.push_str("<p><button name=\"decision\" value=\"allow\">Allow</button> <button name=\"decision\" value=\"deny\">Deny</button></p></form>");
        finish(out)
    }
}

/// A page that only says something.
pub(super) fn notice(title: &str, text: &str) -> Answer {
    finish(format!("{}<p>{}</p>", start(title), escape(text)))
}

fn start(title: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>"
    )
}

fn finish(mut out: String) -> Answer {
    out.push_str("<p>This is a simulated org. No password is asked for.</p></body></html>");
    Answer::text(200, out).header("Cache-Control", "no-store")
}
