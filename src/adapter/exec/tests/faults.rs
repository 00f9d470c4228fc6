//! Programs that violate the protocol or return invalid data.

use super::*;

#[tokio::test]
async fn invalid_response_ends_the_program_and_is_shown() {
    for (line, word) in [
        ("hello there", "invalid response"),
        ("[1,2]", "invalid response"),
        (r#"{"id":2,"observe":{"accountz":[]}}"#, "accountz"),
        (r#"{"id":2}"#, "exactly one"),
        (r#"{"id":2,"busy":{"reason":null}}"#, "exactly one"),
        (r#"{"id":2,"observe":{},"busy":{"reason":null}}"#, "exactly one"),
        (r#"{"id":77,"observe":{}}"#, "never sent"),
        (r#"{"id":1,"observe":{}}"#, "twice"),
    ] {
        let program = Program::of(&answers(line));
        let error = failure(&program).await;
        assert_eq!(error.kind, ErrorKind::Malformed, "{line}: {error:?}");
        assert!(error.message.contains(word), "{line}: {error}");
    }
}

#[tokio::test]
async fn deep_json_and_huge_lines_are_rejected_in_bounded_memory() {
    let deep = format!(r#"{{"id":2,"observe":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert!(failure(&Program::of(&answers(&deep))).await.message.contains("invalid response"));
    let huge = Program::of(&format!("case $n in 1) echo '{HELLO}';; *) yes a | tr -d '\\n';; esac"));
    let error = failure(&huge).await;
    assert!(error.message.contains("16 MiB"), "{error}");
    assert_eq!(error.kind, ErrorKind::Malformed);
}

#[tokio::test]
async fn second_response_to_a_request_ends_the_program() {
    let twice = r#"{"id":2,"busy":{"reason":null}}"#;
    let program = Program::of(&format!("case $n in 1) echo '{HELLO}';; 2) echo '{twice}'; echo '{twice}';; esac"));
    let connection = program.connect();
    assert_eq!(connection.observe.busy().await.unwrap(), None);
    let start = Instant::now();
    // The second answer ends the program, and the next request starts another one.
    while connection.observe.busy().await.is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test]
async fn another_version_or_vendor_is_rejected() {
    let other = r#"{"id":1,"describe":{"protocol":7,"name":"tool","can":["observe"]}}"#;
    let error = failure(&Program::of(&format!("echo '{other}'"))).await;
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.message.contains("version 7") && error.help.unwrap().contains("version 1"));
    let other = r#"{"id":1,"describe":{"protocol":1,"name":"tool","vendor":"crm","can":["observe"]}}"#;
    assert!(failure(&Program::of(&format!("echo '{other}'"))).await.message.contains("`crm`"));
}

#[tokio::test]
async fn failures_keep_their_kind_and_only_unavailable_leaves_a_write_unknown() {
    for (kind, expected, open) in [
        ("no-seat", ErrorKind::NoSeat, false),
        ("forbidden", ErrorKind::Forbidden, false),
        ("denied", ErrorKind::AccessDenied, false),
        ("unavailable", ErrorKind::Unavailable, true),
    ] {
        let line = format!(r#"{{"id":2,"error":{{"kind":"{kind}","message":"no","help":"do","retry_after":2}}}}"#);
        let error = lost_write(&Program::of(&answers(&line))).await;
        assert_eq!((error.kind, error.maybe_in_effect), (expected, open), "{kind}");
        assert_eq!((error.help.as_deref(), error.retry_after), (Some("do"), Some(Duration::from_secs(2))));
    }
    let line = r#"{"id":2,"error":{"kind":"throttled","message":"slowly","retry_after":1e300}}"#;
    let error = lost_write(&Program::of(&answers(line))).await;
    assert_eq!(error.retry_after, Some(crate::adapter::throttle_headers::MAX_PAUSE));
    let line = r#"{"id":2,"error":{"kind":"conflict","message":"hm","maybe_in_effect":true}}"#;
    assert!(lost_write(&Program::of(&answers(line))).await.maybe_in_effect);
}

#[tokio::test]
async fn data_that_a_state_file_cannot_contain_is_rejected() {
    for (account, word) in [
        (r#"{"id":"a\u0007b","email":"a@b.example"}"#, "invisible"),
        (r#"{"id":"1","email":"a@b.example","holdings":[{"license":"x\u202ey"}]}"#, "invisible"),
        (r#"{"id":"1","email":"a@b.example","holdings":[{"license":"x"},{"license":"x"}]}"#, "duplicate holding"),
        (r#"{"id":"1","email":"a@b.example","holdings":[{"license":"x","state":"odd"}]}"#, "unknown holding state"),
    ] {
        let line = format!(r#"{{"id":2,"observe":{{"accounts":[{account}]}}}}"#);
        let error = failure(&Program::of(&answers(&line))).await;
        assert_eq!(error.kind, ErrorKind::Malformed);
        assert!(error.message.contains(word) && !error.findings.is_empty(), "{account}: {error:?}");
        assert!(error.findings.iter().all(|finding| finding.source.is_none()));
    }
    let other = r#"{"id":2,"account":{"account":{"id":"2","email":"a@b.example"}}}"#;
    let error = Program::of(&answers(other)).connect().observe.account("1").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
    let none = r#"{"id":2,"account":{"account":null}}"#;
    assert_eq!(Program::of(&answers(none)).connect().observe.account("1").await.unwrap(), None);
}

#[tokio::test]
async fn secrets_are_redacted_in_everything_that_the_program_returns() {
    const SECRET: &str = "hunter2/pass";
    let escaped = r"hunter2\/pass";
    let line = format!(
        r#"{{"id":2,"observe":{{"busy":"with {SECRET}","accounts":[{{"id":"1","email":"a@b.example","login":"{escaped}","memberships":["\u0068unter2/pass"]}}]}}}}"#
    );
    let program = Program::of(&answers(&line)).secret(SECRET);
    let observation = program.connect().observe.observe().await.unwrap();
    assert!(!format!("{observation:?}").contains("hunter2"), "{observation:?}");
    for script in [
        "echo \"broken with $TOOL_TOKEN\" >&2; exit 1".to_owned(),
        "echo \"garbage $TOOL_TOKEN\"".to_owned(),
        format!(
            r#"echo '{{"id":2,"error":{{"kind":"denied","message":"bad '$TOOL_TOKEN'","help":"not {escaped}"}}}}'"#
        ),
        r#"printf '{"id":2,"%s":1}\n' "$TOOL_TOKEN""#.to_owned(),
    ] {
        let program = Program::of(&format!("case $n in 1) echo '{HELLO}';; *) {script};; esac")).secret(SECRET);
        let error = lost_write(&program).await;
        assert!(format!("{error:?}").contains("[hidden]"), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
