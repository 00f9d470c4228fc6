//! The HTTP log.

use crate::support::Sandbox;

#[test]
fn unknown_log_level_is_a_usage_error() {
    let output = Sandbox::new().run_with(&["explain", "A202"], &[("RESEAT_LOG", "loud")], "");
    assert_eq!(output.status, 2, "{}", output.render());
    assert!(output.stderr.contains("`loud`") && output.stderr.contains("debug"), "{}", output.render());
    let output = Sandbox::new().run_with(&["explain", "A202"], &[("RESEAT_LOG", "debug")], "");
    assert_eq!((output.status, &*output.stderr), (0, ""), "{}", output.render());
}

#[test]
fn request_is_logged_with_path_and_without_query() {
    let manifest = "\
apiVersion: reseat/v1
tenants:
  t: { vendor: 8x8, adapter: { api: { base_url: 'http://127.0.0.1:9', key: { env: KEY } } } }
";
    let sandbox = Sandbox::new().write("reseat.yaml", manifest);
    let variables = [("RESEAT_LOG", "debug"), ("KEY", "hunter2-hunter2")];
    let output = sandbox.run_with(&["observe", "t"], &variables, "");
    assert_eq!(output.status, 8, "{}", output.render());
    assert!(output.stderr.contains("no response") && output.stderr.contains("path=\"/users\""), "{}", output.render());
    assert!(!output.stderr.contains("hunter2"), "{}", output.render());
}
