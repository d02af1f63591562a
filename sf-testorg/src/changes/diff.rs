//! Changes of large texts (Change Data Capture guide, "Sending Data Differences for Fields of Updated Records").
use ring::digest::{SHA256, digest};
use std::fmt::Write;

/// Characters from which on a change of a text can be a diff.
pub(super) const LARGE: usize = 1000;
const CONTEXT: usize = 3;

/// The unified diff from one text to another, with the SHA-256 of the one that `hashed` is; `None` where it is not shorter than the new text.
pub(super) fn unified(old: &str, new: &str, hashed: &str) -> Option<String> {
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split('\n').collect(), new.split('\n').collect());
    let shorter = old_lines.len().min(new_lines.len());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = old_lines.iter().zip(&new_lines).take_while(same).count();
    let tail =
        old_lines.iter().rev().zip(new_lines.iter().rev()).take_while(same).count().min(shorter - head);
    let from = head.saturating_sub(CONTEXT);
    let after = tail.min(CONTEXT);
    let (old_end, new_end) = (old_lines.len() - tail, new_lines.len() - tail);
    let mut out = String::from("--- \n+++ ");
    for byte in digest(&SHA256, hashed.as_bytes()).as_ref() {
        let _ = write!(out, "{byte:02x}");
    }
    let (old_count, new_count) = (old_end - from + after, new_end - from + after);
    let _ = write!(out, "\n@@ -{},{old_count} +{},{new_count} @@", from + 1, from + 1);
    let mut put = |mark: char, lines: &[&str]| {
        for line in lines {
            out.push('\n');
            out.push(mark);
            out.push_str(line);
        }
    };
    put(' ', &old_lines[from..head]);
    put('-', &old_lines[head..old_end]);
    put('+', &new_lines[head..new_end]);
    put(' ', &new_lines[new_end..new_end + after]);
    (out.len() < new.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a subscriber does with one hunk.
    fn patched(old: &str, diff: &str) -> String {
        let mut lines = diff.split('\n').skip(2);
        let from: usize = lines.next().unwrap()[4..].split(',').next().unwrap().parse().unwrap();
        let old: Vec<&str> = old.split('\n').collect();
        let mut new: Vec<&str> = old[..from - 1].to_vec();
        let mut at = from - 1;
        for line in lines {
            match line.split_at(1) {
                (" ", text) => {
                    assert_eq!(old[at], text);
                    new.push(text);
                    at += 1;
                }
                ("-", text) => {
                    assert_eq!(old[at], text);
                    at += 1;
                }
                ("+", text) => new.push(text),
                other => panic!("{other:?}"),
            }
        }
        new.extend(&old[at..]);
        new.join("\n")
    }

    #[test]
    fn one_line_of_many_is_a_hunk_with_context() {
        let line = "x".repeat(100);
        let old: Vec<String> = (0..12).map(|n| format!("{n}{line}")).collect();
        let mut new = old.clone();
        new[5] = "five".into();
        let diff = unified(&old.join("\n"), &new.join("\n"), "").unwrap();
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(diff.starts_with(&format!("--- \n+++ {hash}\n@@ -3,7 +3,7 @@\n 2x")), "{diff}");
        assert!(diff.contains("\n-5x") && diff.contains("\n+five\n 6x"));
        assert_eq!(unified("short", "text", ""), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn a_diff_makes_the_new_text_of_the_old(
            old in prop::collection::vec("[ab]{0,2}", 0..12),
            new in prop::collection::vec("[ab]{0,2}", 0..12),
        ) {
            // Long enough at the end that a diff pays.
            let end = format!("\n{}", "z".repeat(400).replace("zz", "z\n"));
            let (old, new) = (old.join("\n") + &end, new.join("\n") + &end);
            if let Some(diff) = unified(&old, &new, &new) {
                prop_assert_eq!(patched(&old, &diff), new);
            } else {
                prop_assert!(false, "a diff pays");
            }
        }
    }
}
