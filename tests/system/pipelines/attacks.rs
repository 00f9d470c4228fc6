//! Attempts of an attacker who controls every file of the change: to run, read, fetch, send or hide something.
#![expect(clippy::expect_used, reason = "a test that cannot set up its world has to stop")]

use std::net::TcpListener;

use crate::pipelines::company::Company;

/// Runs the pull request through both jobs, checks that nothing ran or leaked, and returns the output.
fn attempt(line: &str, statuses: &[i32]) -> Option<String> {
    let company = Company::new()?;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    let root = company.sandbox().path().display();
    assert_eq!(company.run("echo canary-file > secret").status, 0);
    let line = line.replace("PORT", &port.to_string()).replace("ROOT", &root.to_string());
    let head = company.request_by(&line);
    let planned = company.plan(&head);
    let said = planned.render();
    assert!(statuses.contains(&planned.status), "{said}");
    assert!(listener.accept().is_err(), "a request was sent: {said}");
    assert!(!company.sandbox().path().join("trace").exists(), "something ran: {said}");
    let kept =
        company.run("cat handed/* plans/* 2> /dev/null; find change job -name trace; find change -type l").stdout;
    assert!(!format!("{said}{kept}").contains("canary-"), "something was shown: {said}{kept}");
    Some(said)
}

#[test]
fn changed_address_is_shown_and_not_used() {
    let line = "sed -i 's,base_url: [^ ]*,base_url: http://127.0.0.1:PORT/x\\,,' licenses/tenants.yaml";
    let Some(said) = attempt(line, &[0]) else { return };
    assert!(said.contains("base_url") && said.contains("is effective"), "{said}");
}

#[test]
fn programs_of_a_change_are_not_run() {
    let tenants = "printf 'apiVersion: reseat/v1\\ntenants:\\n  phones:\\n    vendor: 8x8\\n    adapter: { exec: { command: [touch, ROOT/trace] } }\\n' > licenses/tenants.yaml";
    let Some(said) = attempt(tenants, &[0]) else { return };
    assert!(said.contains("effectively not set"), "{said}");
    let secret = "printf 'apiVersion: reseat/v1\\ntenants:\\n  phones:\\n    vendor: 8x8\\n    adapter: { api: { base_url: \"http://127.0.0.1:PORT\", key: { command: [touch, ROOT/trace] } } }\\n' > licenses/tenants.yaml";
    attempt(secret, &[0]);
}

#[test]
fn scripts_and_hooks_of_a_change_are_not_run() {
    attempt(
        "for script in observe export plan comment apply; do echo 'touch ROOT/trace' > pipelines/$script.sh; done; \
         mkdir -p .githooks .github/workflows; printf '#!/bin/sh\\ntouch ROOT/trace\\n' | tee .githooks/post-checkout > .githooks/pre-commit; \
         chmod +x .githooks/*; printf '* filter=evil diff=evil merge=evil export-subst\\n' > .gitattributes; \
         printf '[filter \"evil\"]\\n\\tsmudge = touch ROOT/trace\\n' > .gitconfig; \
         printf 'on: push\\n' > .github/workflows/x.yml",
        &[0],
    );
}

#[test]
fn git_filters_are_not_run_for_a_change() {
    let Some(company) = Company::new() else { return };
    assert_eq!(company.run("git config --global filter.lfs.smudge 'touch ../trace; cat'").status, 0);
    let head = company.request_by("printf '*.yaml filter=lfs\\n' > .gitattributes");
    let planned = company.plan(&head);
    assert_eq!(planned.status, 0, "{}", planned.render());
    assert!(!company.sandbox().path().join("trace").exists(), "{}", planned.render());
}

#[test]
fn symlinks_become_plain_files() {
    attempt("rm licenses/fax.yaml; ln -s ROOT/secret licenses/fax.yaml", &[3]);
    attempt("ln -s ROOT/secret secret; printf 'directory: [{ csv: ../secret }]\\n' >> licenses/fax.yaml", &[3]);
    attempt("printf 'directory: [{ csv: ROOT/secret }]\\n' >> licenses/fax.yaml", &[3]);
    attempt("git rm -qr licenses; ln -s ROOT/admin/licenses licenses", &[3]);
}

#[test]
fn submodule_is_not_fetched() {
    attempt(
        "printf '[submodule \"x\"]\\n\\tpath = licenses/x\\n\\turl = http://127.0.0.1:PORT/x.git\\n' > .gitmodules; git add .gitmodules; \
         git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),licenses/x",
        &[0],
    );
}

#[test]
fn file_names_are_not_commands() {
    attempt(
        "name=$(printf 'licenses/$(touch trace)\\n::set-env name=X::y\\n.yaml'); printf 'apiVersion: reseat/v1\\n' > \"$name\"; \
         printf x > 'licenses/-rf'; printf x > '--help'",
        &[0],
    );
}

#[test]
fn store_and_states_of_a_change_are_not_opened() {
    attempt(
        "mkdir -p licenses/.reseat handed/state .reseat-pipeline/state; echo no > licenses/.reseat/store.db; \
         printf 'apiVersion: reseat/v1\\nkind: observation\\ntenant: phones\\nvendor: 8x8\\nobserved_at: 2026-11-21T10:00:00Z\\ncomplete: true\\n' \
         | tee licenses/state.yaml handed/state/phones.yaml > .reseat-pipeline/state/phones.yaml",
        &[0],
    );
}

#[test]
fn state_altered_between_the_jobs_is_refused() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    let planned = company.plan_with(&head, "sed -i s/X4/X2/ ../handed/state/phones.yaml; ");
    assert_ne!(planned.status, 0, "{}", planned.render());
    assert!(
        planned.stderr.contains("phones.yaml: FAILED") || planned.stdout.contains("phones.yaml: FAILED"),
        "{}",
        planned.render()
    );
}

#[test]
fn plan_job_refuses_every_credential() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    for variable in ["READ_KEY", "WRITE_KEY", "RESEAT_FORGE_TOKEN", "GITHUB_TOKEN", "PGPASSWORD"] {
        let planned = company.plan_with(&head, &format!("export {variable}=canary-x; "));
        assert_eq!(planned.status, 2, "{variable}: {}", planned.render());
        assert!(planned.stderr.contains("A221"), "{variable}: {}", planned.render());
    }
}

#[test]
fn removal_is_planned_with_the_trusted_policy() {
    let Some(company) = Company::new() else { return };
    let head = company.request_by(
        "printf 'apiVersion: reseat/v1\\nassignments:\\n  - license: phones/X2\\n    to: []\\n' > licenses/x2.yaml; \
         printf 'policy: { data_loss: warn, limits: { losses: { percent: null, count: null, floor: 1000 } } }\\n' >> licenses/fax.yaml",
    );
    let planned = company.plan(&head);
    assert_eq!(planned.status, 4, "{}", planned.render());
    assert!(planned.stdout.contains("are ignored"), "{}", planned.render());
}

#[test]
fn invalid_commits_are_refused() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    for name in ["--upload-pack=touch", "main", "$(touch trace)", ""] {
        let output = company.run(&format!(
            "rm -rf job change; git clone -q origin.git job; cd job; pipelines/export.sh '{name}' {head} ../change"
        ));
        assert_ne!(output.status, 0, "{}", output.render());
        assert!(!company.sandbox().path().join("trace").exists());
    }
}
