//! The life of a program: start, restart, end, and limits.

use super::*;

#[tokio::test]
async fn silent_program_ends_after_its_timeout() {
    let program = Program::of(&format!("case $n in 1) echo '{HELLO}';; *) echo $$ > pid; sleep 60;; esac"));
    let program = program.within(Duration::from_secs(1));
    let error = lost_write(&program).await;
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.maybe_in_effect);
    assert!(error.message.contains("did not answer `execute` within 1 s"), "{error}");
    assert!(is_gone(&program.wait_for("pid")));
}

/// Waits for the end of a process.
fn is_gone(pid: &str) -> bool {
    let start = Instant::now();
    let path = Path::new("/proc").join(pid.trim());
    let is_there = || std::fs::read_to_string(path.join("stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while is_there() {
        if start.elapsed() > Duration::from_secs(20) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

#[tokio::test]
async fn program_that_dies_before_it_answers_a_write_leaves_it_unknown() {
    let program = Program::of(&format!(
        "case $n in 1) echo '{HELLO}';; *) echo 'Traceback' >&2; echo 'boom: no disk' >&2; exit 3;; esac"
    ));
    let error = lost_write(&program).await;
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.maybe_in_effect);
    assert!(error.message.contains("exit status: 3") && error.message.contains("boom: no disk"), "{error}");
    assert!(error.body.unwrap().contains("Traceback"));
}

#[tokio::test]
async fn ended_program_is_restarted_within_limits() {
    let program = Program::of(&format!(
        "case $n in 1) echo '{HELLO}';; 2) echo x >> runs; echo '{{\"id\":2,\"busy\":{{\"reason\":null}}}}';; *) exit 1;; esac"
    ));
    let connection = program.connect();
    assert!(connection.observe.busy().await.is_ok());
    assert!(connection.observe.busy().await.is_err());
    assert!(connection.observe.busy().await.is_ok());
    assert_eq!(program.wait_for("runs"), "x\nx\n");
    let useless = Program::raw("echo x >> runs; exit 1\n");
    let connection = useless.connect();
    let mut last = String::new();
    for _ in 0..6 {
        last = connection.observe.busy().await.unwrap_err().message;
    }
    assert!(last.contains("not restarted"), "{last}");
    assert_eq!(useless.wait_for("runs"), "x\nx\nx\n");
}

#[tokio::test]
async fn missing_secret_is_reported_and_nothing_runs() {
    let mut program = Program::raw("echo x > runs\n");
    program.exec.secrets.insert("TOKEN".into(), SecretRef::Env("RESEAT_NO_SUCH_VARIABLE".to_owned()));
    let error = failure(&program).await;
    assert_eq!(error.kind, ErrorKind::AccessDenied);
    assert!(!program.folder.path().join("runs").exists());
}

#[tokio::test]
async fn environment_contains_only_the_listed_variables() {
    let program = Program::raw("env | sed 's/=.*//' | sort > names; echo x >> names\n").secret("abcdef");
    drop(failure(&program).await);
    let names = program.wait_for("names");
    let known = ["HOME", "LANG", "PATH", "TMPDIR", "TOOL_TOKEN", "PWD", "OLDPWD", "SHLVL", "_", "x"];
    let strange: Vec<_> = names.lines().filter(|name| !known.contains(name)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert!(names.contains("TOOL_TOKEN"));
}

#[tokio::test]
async fn program_and_its_children_end_with_the_connection() {
    let program = Program::of(&format!("sleep 300 & echo $! > child; echo $$ > pid; echo '{HELLO}'; sleep 300"));
    let program = program.within(Duration::from_secs(1));
    drop(failure(&program).await);
    assert!(is_gone(&program.wait_for("pid")));
    assert!(is_gone(&program.wait_for("child")));
    let idle = Program::of(&format!(
        "case $n in 1) sleep 300 & echo $! > child; echo '{HELLO}';; 2) echo '{{\"id\":2,\"busy\":{{\"reason\":null}}}}';; esac"
    ));
    let connection = idle.connect();
    connection.observe.busy().await.unwrap();
    drop(connection);
    assert!(is_gone(&idle.wait_for("child")));
}

#[tokio::test]
async fn closed_input_asks_the_program_to_end() {
    let program = Program::raw(&format!(
        "read -r line; echo '{HELLO}'; read -r line; echo '{{\"id\":2,\"busy\":{{\"reason\":null}}}}'; read -r line; echo ended > ended\n"
    ));
    let connection = program.connect();
    connection.observe.busy().await.unwrap();
    drop(connection);
    assert_eq!(program.wait_for("ended"), "ended\n");
}

#[tokio::test]
async fn responses_may_come_in_another_order() {
    let hello = HELLO.replace(r#""can""#, r#""concurrency":4,"can""#);
    // Three requests are read before the first is answered, and the last one is answered first.
    let mut script = format!("read -r line; echo '{hello}'\nfor i in 2 3 4; do read -r line; done\n");
    for id in [4, 3, 2] {
        let _ = writeln!(script, "echo '{{\"id\":{id},\"busy\":{{\"reason\":\"{id}\"}}}}'");
    }
    let program = Program::raw(&(script + "cat > /dev/null\n"));
    let observe = program.connect().observe;
    // The first request makes sure that the program runs.
    let (one, two, three) = tokio::join!(observe.busy(), observe.busy(), observe.busy());
    let mut reasons = [one, two, three].map(|reason| reason.unwrap().unwrap());
    reasons.sort();
    assert_eq!(reasons, ["2", "3", "4"]);
}

#[tokio::test]
async fn requests_wait_for_each_other_without_concurrency() {
    let program = Program::of(&format!(
        r#"case $n in 1) echo '{HELLO}';; *) sleep 0.2; echo '{{"id":'$n',"busy":{{"reason":"'$n'"}}}}';; esac"#
    ));
    let program = program.within(Duration::from_millis(700));
    let observe = program.connect().observe;
    // Together they take longer than one may.
    let all = tokio::join!(observe.busy(), observe.busy(), observe.busy(), observe.busy(), observe.busy());
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok() && all.3.is_ok() && all.4.is_ok(), "{all:?}");
}

#[tokio::test]
async fn program_that_cannot_be_started_is_reported_with_help() {
    let mut program = Program::raw("");
    program.exec.command = vec!["./nothing.sh".to_owned()];
    let error = failure(&program).await;
    assert_eq!(error.kind, ErrorKind::Io);
    assert!(error.message.contains("`./nothing.sh` cannot be started"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_is_limited_on_linux() {
    let mut program = Program::raw("ulimit -d > limit; exit 1\n");
    program.exec.memory = Some(64 << 20);
    drop(failure(&program).await);
    // The limit is set a moment after the start.
    let limit = program.wait_for("limit");
    assert!(limit.trim() == "65536" || limit.trim() == "unlimited", "{limit}");
    let hungry = Program::of(&format!(
        r#"case $n in 1) echo '{HELLO}';; *) ulimit -d > limit; echo '{{"id":'$n',"busy":{{"reason":null}}}}';; esac"#
    ));
    let mut hungry = hungry;
    hungry.exec.memory = Some(64 << 20);
    hungry.connect().observe.busy().await.unwrap();
    assert_eq!(hungry.wait_for("limit").trim(), "65536");
}
