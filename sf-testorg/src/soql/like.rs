//! LIKE.
use super::filter::width;
use sf_soql::PatternPart;

/// `%` any text, `_` one character; both sides are folded already. Between two `%` the leftmost fit is taken, so
/// no pattern needs more than one pass per piece.
pub(super) fn like(parts: &[PatternPart], text: &str) -> bool {
    let pieces: Vec<&[PatternPart]> = parts.split(|p| *p == PatternPart::Any).collect();
    let (Some((first, rest)), true) = (pieces.split_first(), pieces.len() > 1) else {
        return strip(parts, text) == Some("");
    };
    let Some(mut text) = strip(first, text) else { return false };
    let Some((last, middle)) = rest.split_last() else { return false };
    for piece in middle {
        let found =
            text.char_indices().map(|(i, _)| i).chain([text.len()]).find_map(|i| strip(piece, &text[i..]));
        match found {
            Some(remaining) => text = remaining,
            None => return false,
        }
    }
    let length: usize = last.iter().map(width).sum();
    let start = match length {
        0 => Some(text.len()),
        n => text.char_indices().rev().nth(n - 1).map(|(i, _)| i),
    };
    start.is_some_and(|i| strip(last, &text[i..]) == Some(""))
}

/// The text behind a piece without `%`.
fn strip<'t>(piece: &[PatternPart], mut text: &'t str) -> Option<&'t str> {
    for part in piece {
        text = match part {
            PatternPart::Text(wanted) => text.strip_prefix(wanted.as_str())?,
            _ => {
                let mut chars = text.chars();
                chars.next()?;
                chars.as_str()
            }
        };
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sf_soql::Pattern;

    #[test]
    fn patterns_match_as_documented() {
        for (pattern, text, yes) in [
            ("acme%", "acme corp", true),
            ("acme%", "xacme", false),
            ("%corp", "acme corp", true),
            ("%corp", "corporate", false),
            ("a%m%e", "acme", true),
            ("a_me", "acme", true),
            ("a_me", "ame", false),
            ("%", "", true),
            ("_%", "", false),
            ("%a%b%", "xxaxxbxx", true),
            ("%ab%ab", "abab", true),
            ("%ab%ab", "ab", false),
            ("_é_", "xéy", true),
        ] {
            assert_eq!(like(Pattern::from(pattern).parts(), text), yes, "{pattern} {text}");
        }
    }
}
