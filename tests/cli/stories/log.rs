//! What is said of the wire.

use crate::support::Sandbox;

#[test]
fn a_level_that_there_is_not_is_a_usage_error() {
    let output = Sandbox::new().run_with(&["explain", "A202"], &[("RESEAT_LOG", "loud")], "");
    assert_eq!(output.status, 2, "{}", output.render());
    assert!(output.stderr.contains("`loud`") && output.stderr.contains("debug"), "{}", output.render());
    let output = Sandbox::new().run_with(&["explain", "A202"], &[("RESEAT_LOG", "debug")], "");
    assert_eq!((output.status, &*output.stderr), (0, ""), "{}", output.render());
}

#[test]
fn a_request_is_told_with_its_path_and_without_its_query() {
    let manifest = "\
apiVersion: reseat/v1
tenants:
  t: { vendor: 8x8, adapter: { api: { base_url: 'http://127.0.0.1:9', key: { env: KEY } } } }
";
    let sandbox = Sandbox::new().write("reseat.yaml", manifest);
    let variables = [("RESEAT_LOG", "debug"), ("KEY", "hunter2-hunter2")];
    let output = sandbox.run_with(&["observe", "t"], &variables, "");
    assert_eq!(output.status, 8, "{}", output.render());
    assert!(output.stderr.contains("no answer") && output.stderr.contains("path=\"/users\""), "{}", output.render());
    assert!(!output.stderr.contains("hunter2"), "{}", output.render());
}
