//! Properties of everything here that reads what another program wrote.
use crate::{
    envelope::Document,
    fault::{self, Complaint},
    include,
    redact::redact,
    stream,
    target::Target,
    version::SfVersion,
};
use proptest::prelude::*;
use sf_core::{Delivery, protocol::Safety};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 300, ..ProptestConfig::default() }
}
/// Lines that begin with no brace.
fn noise() -> impl Strategy<Value = String> {
    proptest::collection::vec("[^{\\s\\x1b][^\\n\\x1b]{0,40}", 0..4)
        .prop_map(|lines| lines.into_iter().map(|line| line + "\n").collect())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_that_is_printed_makes_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\\[{\"a:,1e}\\] \\n]{0,60}") {
        for input in [bytes, text.clone().into_bytes(), format!("HTTP/1.1 2{text}").into_bytes()] {
            if let Some(document) = Document::find(input.clone()) {
                prop_assert!(document.read().is_some());
            }
            let _ = include::read(&input);
            let text = String::from_utf8_lossy(&input);
            let _ = (stream::judge(&text), redact(&text));
            let complaint = Complaint::of_text(Some(1), &input);
            let trouble = fault::judge(&complaint, &Target::DEFAULT, SfVersion::OLDEST, Safety::Once, false);
            prop_assert!(!trouble.error.help().next_step.is_empty());
        }
    }

    #[test]
    fn the_answer_is_found_whatever_stands_around_it(before in noise(), after in noise(), value in "\\PC{0,40}") {
        let answer = serde_json::json!({"status": 0, "result": {"value": value}, "warnings": []});
        for answer in [answer.to_string(), serde_json::to_string_pretty(&answer).unwrap()] {
            let document = Document::find(format!("{before}{answer}\n{after}").into_bytes()).unwrap();
            let envelope = document.read().unwrap();
            let result = envelope.result.unwrap();
            prop_assert_eq!(&document.text[document.span(result)], result.get());
            let seen: serde_json::Value = serde_json::from_str(result.get()).unwrap();
            prop_assert_eq!(seen["value"].as_str(), Some(value.as_str()));
        }
    }

    /// An answer that was cut anywhere is none, and what a write did is unknown then.
    #[test]
    fn a_cut_answer_is_no_answer(cut in 0.0..1.0_f64) {
        let row = serde_json::json!({"id": "001000000000001AAA", "success": true, "status": 0, "name": "x"});
        let answer = serde_json::json!({"status": 0, "result": {"statusCode": 200, "headers": {}, "body": [row]}, "warnings": []});
        let answer = serde_json::to_string_pretty(&answer).unwrap();
        let cut = (answer.len() as f64 * cut) as usize;
        prop_assert!(Document::find(answer.as_bytes()[..cut].to_vec()).is_none());
        let trouble = fault::judge(&Complaint::of_text(None, b""), &Target::DEFAULT, SfVersion::OLDEST, Safety::Once, false);
        prop_assert_eq!(trouble.error.delivery(), Delivery::Unknown);
    }

    #[test]
    fn a_token_is_never_shown(before in "\\PC{0,30}", after in "\\PC{0,30}", token in "[A-Za-z0-9._]{20,80}") {
        let text = format!("{before} 00D5e000000A0e7!{token} {after}");
        prop_assert!(!redact(&text).contains(&token), "{}", redact(&text));
        let path = format!("{before} /home/{token}/x.json {after}");
        prop_assert!(!redact(&path).contains(&token), "{}", redact(&path));
    }

    /// A body of any text keeps it to the last character.
    #[test]
    fn text_answers_keep_every_character(body in "(?s)[^\\r]{0,80}") {
        let text = format!("HTTP/1.1 200\ncontent-type: text/csv\n\"Id\",{body}\n");
        let answer = include::read(text.as_bytes()).unwrap();
        prop_assert_eq!(answer.text(), format!("\"Id\",{body}"));
    }
}
