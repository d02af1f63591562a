//! The forms that versions of the real command were recorded with: `--include` and a token in the clear (2.64.8), a check of the
//! login without a text (2.108.6), a token by a command of its own (2.138.0), JSON everywhere (2.150.6).
use crate::fake::Fake;
use sf_cli_transport::SignIn;
use sf_core::{
    CallOptions, Credentials as _, Delivery, ErrorCode, ErrorKind, Fields, QueryCall, QueryOptions, Soql,
    Transport, Write, WriteOptions, field, object, protocol::Request,
};
use sf_testorg::TestOrg;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recorded_form_is_understood() {
    for (version, json, token_processes) in
        [("2.64.8", false, 1), ("2.108.6", false, 1), ("2.138.0", false, 2), ("2.150.6", true, 2)]
    {
        let org = TestOrg::demo();
        let server = org.serve().unwrap();
        let fake = Fake::of(&server, &org).version(version);
        let (command, sf) = (fake.command().await, fake.sf().await);
        let transport = sf.clone().connect().unwrap();
        let call = CallOptions::new().with_attempts(Some(1));

        transport.limits(&call).await.unwrap();
        assert!(transport.usage().daily.is_some(), "{version}: its headers");
        let argv = fake.call()["argv"].to_string();
        assert_eq!((argv.contains("--json"), argv.contains("--include")), (json, !json), "{version}");
        let rows = [Write::Insert {
            object: object!("Account"),
            fields: Fields::new().set(field!("Name"), "status: ok"),
        }];
        let options = WriteOptions::new().with_call(call.clone());
        assert!(transport.write(&rows, &options).await.unwrap()[0].is_done(), "{version}");
        let query = [QueryCall::Start(Soql::raw("SELECT Id FROM Account WHERE Name = 'status: ok'"))];
        let pages = transport.query(&query, &QueryOptions::new()).await.unwrap();
        assert_eq!(pages[0].as_ref().unwrap().total(), 1, "{version}");
        let wrong = transport.call(&Request::get(["sobjects", "Nope"]), &call).await.unwrap_err();
        assert_eq!(
            (wrong.kind(), wrong.code()),
            (ErrorKind::NotFound, Some(&ErrorCode::NotFound)),
            "{version}"
        );
        let signed_in = command.status(Some("desk")).await.unwrap();
        assert!(matches!(signed_in, SignIn::Authenticated(_)), "{version}");

        let before = fake.calls().len();
        let token = sf.clone().credentials().unwrap().token(None).await.unwrap();
        assert_eq!(
            (token.expose(), fake.calls().len() - before),
            (server.token().as_str(), token_processes),
            "{version}"
        );

        fake.bridge(server.url(), "00D5e000000A0e7!dead", &org);
        let error = transport.write(&rows, &options).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::NotSignedIn, Delivery::NotSent),
            "{version}"
        );
        assert!(error.help().next_step.contains("sf org login web --alias desk"), "{version}");
        let query = transport.query(&query, &QueryOptions::new()).await.unwrap_err();
        assert_eq!(query.kind(), ErrorKind::NotSignedIn, "{version}");
        assert!(matches!(command.status(Some("desk")).await.unwrap(), SignIn::Expired(_)), "{version}");
        let error = sf.credentials().unwrap().token(None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSignedIn, "{version}");
    }
}
