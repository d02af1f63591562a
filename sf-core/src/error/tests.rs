use super::*;

#[test]
fn every_known_code_and_kind_has_help_with_a_next_step() {
    assert!(ErrorCode::KNOWN.len() > 90);
    for line in troubleshooting() {
        assert!(!line.help.cause.is_empty(), "{}", line.code);
        assert!(line.help.next_step.len() > 15, "{}: {}", line.code, line.help.next_step);
        assert!(line.help.next_step.ends_with('.'), "{}", line.code);
    }
    assert_eq!(troubleshooting().count(), ErrorCode::KNOWN.len());
    for kind in [
        ErrorKind::InvalidInput,
        ErrorKind::NotSignedIn,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::Refused,
        ErrorKind::Conflict,
        ErrorKind::Locked,
        ErrorKind::LimitReached,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Network,
        ErrorKind::CursorLost,
        ErrorKind::Unsupported,
        ErrorKind::Decode,
        ErrorKind::Setup,
    ] {
        assert!(!Failure::new(kind, Delivery::Unknown, "").help().next_step.is_empty(), "{kind:?}");
    }
}

#[test]
fn codes_round_trip_through_text_and_json() {
    for code in ErrorCode::KNOWN {
        assert_eq!(&ErrorCode::from(code.as_str()), code);
        let json = serde_json::to_string(code).unwrap();
        assert_eq!(&serde_json::from_str::<ErrorCode>(&json).unwrap(), code);
    }
    let new: ErrorCode = serde_json::from_str("\"BRAND_NEW_CODE\"").unwrap();
    assert_eq!(new, ErrorCode::Other("BRAND_NEW_CODE".into()));
    assert_eq!(Failure::of_code(new, "x").retry(), Retry::Never);
}

#[test]
fn the_three_request_limits_are_told_apart() {
    let of = |text: &str| Failure::of_code(ErrorCode::RequestLimitExceeded, text);
    let daily = of("TotalRequests Limit exceeded.");
    let concurrent = of("ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
    let long = of("ConcurrentPerOrgLongTxn Limit exceeded.");
    assert_eq!(daily.request_limit(), Some(RequestLimit::Daily));
    assert_eq!(concurrent.request_limit(), Some(RequestLimit::Concurrent));
    assert_eq!(long.request_limit(), Some(RequestLimit::LongTransactions));
    assert_eq!(daily.retry(), Retry::Quota);
    assert_eq!(concurrent.retry(), Retry::Backoff { after: None });
    assert!(matches!(long.retry(), Retry::Backoff { after: Some(_) }));
    let steps = [daily.help(), concurrent.help(), long.help()].map(|h| h.next_step);
    assert!(steps[0] != steps[1] && steps[1] != steps[2] && steps[0] != steps[2]);
}

#[test]
fn a_session_that_no_token_cures_is_not_refreshed() {
    let dead = Failure::of_code(ErrorCode::InvalidSessionId, "Session expired or invalid");
    assert_eq!((dead.kind, dead.retry()), (ErrorKind::NotSignedIn, Retry::SignIn));
    let hopeless =
        Failure::of_code(ErrorCode::InvalidSessionId, "This session is not valid for use with the REST API");
    assert_eq!((hopeless.kind, hopeless.retry()), (ErrorKind::Forbidden, Retry::Never));
    let user = Failure::of_code(ErrorCode::ApiCurrentlyDisabled, "API is disabled for this User");
    assert_eq!(user.retry(), Retry::Never);
}

#[test]
fn statuses_without_a_code_have_a_class_too() {
    let of = |kind, status| Failure::new(kind, Delivery::Refused, "").with_status(status).retry();
    assert_eq!(of(ErrorKind::Conflict, 412), Retry::Restart);
    assert_eq!(of(ErrorKind::LimitReached, 414), Retry::Split);
    assert_eq!(of(ErrorKind::LimitReached, 429), Retry::Backoff { after: None });
}

#[test]
fn a_failure_keeps_everything_as_data_and_old_rows_still_read() {
    let mut failure = Failure::of_code(ErrorCode::DuplicateValue, "duplicate value found")
        .with_status(400)
        .with_fields(["Key__c"])
        .with_retry_after(std::time::Duration::from_secs(3))
        .with_next_step("sf org login web --alias desk");
    failure.also.push(OrgError::new(ErrorCode::InvalidEmailAddress, "Email: invalid", vec!["Email".into()]));
    failure.records.push(crate::SfId::new("001000000000001").unwrap());
    let text = serde_json::to_string(&failure).unwrap();
    assert_eq!(serde_json::from_str::<Failure>(&text).unwrap(), failure);
    assert_eq!(failure.to_string(), "DUPLICATE_VALUE: duplicate value found (and 1 more)");
    assert_eq!(failure.help().next_step, "sf org login web --alias desk");
    let old: Failure =
        serde_json::from_str(r#"{"kind":"refused","delivery":"refused","message":"m"}"#).unwrap();
    assert_eq!(old, Failure::new(ErrorKind::Refused, Delivery::Refused, "m"));
}

#[test]
fn an_error_is_one_word_and_chains_its_sources() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    let error = Error::new(Failure::new(ErrorKind::Network, Delivery::Unknown, "the connection was reset"))
        .with_source(std::io::Error::other("reset by peer"));
    assert_eq!(error.to_string(), "the connection was reset");
    let shown = format!("{error:?}");
    assert!(
        shown.starts_with("the connection was reset\n  caused by: reset by peer\n  next step: "),
        "{shown}"
    );
}
