//! Recorded sessions in Markdown pages.

use std::fs;
use std::path::Path;

use crate::support::Sandbox;

/// The language of a block with a recorded session.
const SESSION: &str = "console";

/// Returns the page with the current output of each recorded command, and the number of commands. Commands run in
/// `folder` inside the sandbox, one after the other; `$?` is the exit code of the previous command. A block whose title is a
/// path, as in `` `team.yaml`: ``, is a file that the following commands can read.
pub(crate) fn replay(page: &str, sandbox: &Sandbox, folder: &str) -> (String, usize) {
    let mut written = String::new();
    let mut count = 0;
    let mut status = 0;
    let mut title = None;
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        push(&mut written, line);
        let Some((fence, language)) = opening(line) else {
            if !line.is_empty() {
                title = titled(line);
            }
            continue;
        };
        if language != SESSION {
            let mut text = String::new();
            while let Some(line) = lines.next_if(|line| *line != fence) {
                push(&mut text, line);
            }
            written.push_str(&text);
            lines.next().into_iter().for_each(|closing| push(&mut written, closing));
            if let Some(path) = title.take() {
                write(&sandbox.path().join(folder).join(path), &text);
            }
            continue;
        }
        let mut first = true;
        while let Some(line) = lines.next_if(|line| *line != fence) {
            // Everything that is not a command is old output.
            let Some(command) = line.strip_prefix("$ ") else { continue };
            if !first {
                push(&mut written, "");
            }
            first = false;
            push(&mut written, line);
            let mut command = command.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                push(&mut written, more);
                command.push('\n');
                command.push_str(more.trim_start_matches("> "));
            }
            let output = sandbox.shell(&format!("set +e; exec 2>&1; cd '{folder}'; (exit {status})\n{command}"));
            status = output.status;
            written.push_str(&without_digests(&output.stdout));
            if !output.stdout.is_empty() && !output.stdout.ends_with('\n') {
                written.push('\n');
            }
            assert_eq!(output.stderr, "", "{command}");
            count += 1;
        }
        lines.next().into_iter().for_each(|closing| push(&mut written, closing));
    }
    (written, count)
}

/// Returns the fence and the language of a line that opens a block; a line with only the fence closes it.
pub(crate) fn opening(line: &str) -> Option<(&str, &str)> {
    let fence = line.len() - line.trim_start_matches('`').len();
    (fence >= 3).then(|| line.split_at(fence))
}

/// Returns the path of a line that is the title of a file: a path in code, with a colon.
fn titled(line: &str) -> Option<&str> {
    let path = line.strip_prefix('`')?.strip_suffix("`:")?;
    let inside = !path.starts_with('/') && !path.split('/').any(|part| part == ".." || part.is_empty());
    (inside && !path.contains([' ', '`'])).then_some(path)
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().unwrap();
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Masks the digits of digests with `x`, because digests depend on the program's version.
fn without_digests(text: &str) -> String {
    const MARK: &str = "sha256:";
    let mut pieces = text.split(MARK);
    let mut masked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
        masked.push_str(MARK);
        masked.push_str(&"x".repeat(digits));
        masked.push_str(&piece[digits..]);
    }
    masked
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replayed(page: &str) -> (String, usize) {
        replay(page, &Sandbox::new(), ".")
    }

    #[test]
    fn old_output_is_replaced() {
        let (text, count) = replayed("# Page\n\n```console\n$ echo new\nold\n```\nend\n");
        assert_eq!((text.as_str(), count), ("# Page\n\n```console\n$ echo new\nnew\n```\nend\n", 1));
    }

    #[test]
    fn the_next_command_sees_the_exit_code_and_the_files_of_the_one_before() {
        let (text, _) = replayed("```console\n$ echo a > f; exit 4\n$ echo $?\n$ cat f\n```\n");
        assert_eq!(text, "```console\n$ echo a > f; exit 4\n\n$ echo $?\n4\n\n$ cat f\na\n```\n");
    }

    #[test]
    fn a_command_may_span_several_lines() {
        let (text, count) = replayed("```console\n$ cat <<'END'\n> two\n> END\n```\n");
        assert_eq!((text.as_str(), count), ("```console\n$ cat <<'END'\n> two\n> END\ntwo\n```\n", 1));
    }

    #[test]
    fn digests_are_masked_at_their_length() {
        assert_eq!(without_digests("a sha256:0af9 b sha256:12."), "a sha256:xxxx b sha256:xx.");
    }

    #[test]
    fn a_block_with_a_path_above_it_is_a_file() {
        let page =
            "`a/b.yaml`:\n\n```yaml\nx: 1\n```\n\nNo file:\n\n```yaml\ny: 2\n```\n\n```console\n$ cat a/*\nx: 1\n```\n";
        assert_eq!(replayed(page), (page.to_owned(), 1));
        assert_eq!((titled("`../a`:"), titled("`/a`:"), titled("`a` is:")), (None, None, None));
    }

    #[test]
    fn output_with_fences_gets_a_longer_fence() {
        let page = "````console\n$ printf '```\\nx\\n```\\n'\n```\nx\n```\n````\nend\n";
        assert_eq!(replayed(page), (page.to_owned(), 1));
    }

    #[test]
    fn other_blocks_are_unchanged() {
        let page = "```sh\n$ echo no\n```\n";
        assert_eq!(replayed(page), (page.to_owned(), 0));
    }
}
