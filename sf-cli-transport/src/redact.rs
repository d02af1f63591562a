//! What the command says for people, made fit for a log: no token, no path of this machine, nothing in quotes.

/// Longer texts are cut: a stack is no use to anybody here.
const LONGEST: usize = 600;

/// Tokens, paths, quoted texts and addresses are replaced; stack lines are left out.
///
/// It cannot know every record value: what a validation rule quotes goes, what it says without quotes stays. So this is for
/// diagnostics only.
pub(crate) fn redact(text: &str) -> String {
    let plain = strip_ansi(text);
    let mut lines = Vec::new();
    for line in plain.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("at ") || line.starts_with("file://") || line.starts_with('^')
        {
            continue;
        }
        lines.push(words(&quotes(line)));
    }
    let mut text = lines.join(" / ");
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// What was said beside an answer that is good: nobody else would hear of it.
pub(crate) fn log_beside(stderr: &[u8], warnings: &str) {
    if !tracing::enabled!(target: "sf_cli_transport", tracing::Level::DEBUG) {
        return;
    }
    let (said, warnings) = (redact(&String::from_utf8_lossy(stderr)), redact(warnings));
    if !said.is_empty() || !warnings.is_empty() {
        tracing::debug!(target: "sf_cli_transport", said, warnings, "beside the answer");
    }
}

fn quotes(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let quote = rest.get(at..=at).unwrap_or_default();
        let (before, after) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        // An apostrophe within a word quotes nothing.
        let apostrophe = quote == "'" && before.ends_with(char::is_alphanumeric);
        match after.find(quote) {
            Some(end) if !apostrophe => {
                out.push_str(before);
                out.push_str("<text>");
                rest = after.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push_str(before);
                out.push_str(quote);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn words(line: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | ':' | '.'));
        if is_token(bare) {
            return "<token>".to_owned();
        }
        let drive = matches!(bare.as_bytes(), [c, b':', b'\\' | b'/', ..] if c.is_ascii_alphabetic());
        let slashes = bare.matches(['/', '\\']).count();
        if bare.contains("://") || drive || bare.starts_with(['/', '\\', '~']) || slashes > 1 {
            return "<path>".to_owned();
        }
        if bare.contains('@') && bare.contains('.') && !bare.starts_with('@') {
            return "<user>".to_owned();
        }
        word.to_owned()
    };
    line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// An access token (`00D…!…`), a refresh token, or anything as long and as random.
fn is_token(word: &str) -> bool {
    (word.contains("00D") && word.contains('!'))
        || word.starts_with("5Aep")
        || word.starts_with("force://")
        || (word.len() >= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-!=+".contains(&b)))
}

/// The text without colours and cursor moves.
pub(crate) fn strip_ansi(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'[').is_some() {
            for c in chars.by_ref() {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_paths_quotes_and_users_go_and_words_stay() {
        let text = "\u{1b}[31mError\u{1b}[0m (1): cannot read /home/ann/.sfdx/ann@x.example.json of ann@x.example, \
                    \"Top Secret\" it's 00D5e000000A0e7!AQ8AQDh9\n    at Rest.run (file:///opt/sf/lib/rest.js:1:2)\nC:\\Users\\ann\\x";
        let shown = redact(text);
        assert_eq!(shown, "Error (1): cannot read <path> of <user> <text> it's <token> / <path>");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let shown = redact(&"ö ".repeat(2_000));
        assert!(shown.len() < LONGEST + 8 && shown.ends_with('…'));
    }
}
