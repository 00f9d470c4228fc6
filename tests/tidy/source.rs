//! Rust files as flat lists of tokens.
//!
//! Rules read tokens instead of text, so that a comment or a string that mentions `tokio` violates none. Tokens
//! inside macro calls count; documentation and test modules do not.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::tree::File;

/// One token with its line.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The identifier, literal, punctuation character or bracket.
    pub(crate) text: String,
    /// The line, starting at 1.
    pub(crate) line: usize,
}

/// One Rust file of the library or the program.
pub(crate) struct Source {
    /// The path, such as `src/plan/mod.rs`.
    pub(crate) path: String,
    /// The module path, such as `["plan"]`; empty for the crate root.
    pub(crate) module: Vec<String>,
    /// The tokens without documentation and test modules.
    pub(crate) tokens: Vec<Token>,
}

impl Source {
    /// Reads the tokens of a file; `None` for a file with only tests.
    pub(crate) fn read(file: &File) -> Option<Self> {
        let module = module_of(&file.path);
        if module.last().is_some_and(|name| name == "tests") || module.iter().any(|name| name == "tests") {
            return None;
        }
        let text = file.text.as_deref().unwrap_or_else(|| panic!("{} is not UTF-8", file.path));
        let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Some(Self { path: file.path.clone(), module, tokens })
    }

    /// Formats `path:line` for a violation.
    pub(crate) fn place(&self, token: &Token) -> String {
        format!("{}:{}", self.path, token.line)
    }

    /// Returns every path of identifiers, such as `["crate", "plan", "graph"]`, with its first token. Braces
    /// after `::` are expanded: `crate::{plan, diff::Change}` gives two paths.
    pub(crate) fn paths(&self) -> Vec<(Vec<&str>, &Token)> {
        let mut paths = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            at = read_path(&self.tokens, at, &[], &mut paths);
        }
        paths
    }
}

/// Returns the module of a path below `src`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// Reads one path starting at `at`, and returns the index after it.
fn read_path<'a>(
    tokens: &'a [Token],
    mut at: usize,
    prefix: &[&'a str],
    paths: &mut Vec<(Vec<&'a str>, &'a Token)>,
) -> usize {
    let start = at;
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        if is_name(&token.text) {
            path.push(&token.text);
            at += 1;
        } else if token.text == "{" && at > start {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.text != "}") {
                let after = read_path(tokens, at, &path, paths);
                at = after.max(at + 1);
            }
            return at + 1;
        } else {
            break;
        }
        if separator(tokens, at) {
            at += 2;
        } else {
            break;
        }
    }
    if path.len() > prefix.len() && (path.len() > 1 || start > 0) {
        paths.push((path, &tokens[start]));
    }
    at.max(start + 1)
}

fn separator(tokens: &[Token], at: usize) -> bool {
    matches!((tokens.get(at), tokens.get(at + 1)), (Some(a), Some(b)) if a.text == ":" && b.text == ":")
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Appends the tokens of a stream, without `#[doc = ...]` and items under `#[cfg(test)]`.
fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        at += 1;
        if is_punctuation(tree, '#') {
            let bracket = if trees.get(at).is_some_and(|tree| is_punctuation(tree, '!')) { at + 1 } else { at };
            if let Some(TokenTree::Group(group)) = trees.get(bracket) {
                let attribute: String = group.stream().to_string().split_whitespace().collect();
                if attribute.starts_with("doc=") {
                    at = bracket + 1;
                    continue;
                }
                if attribute == "cfg(test)" {
                    at = item_end(&trees, bracket + 1);
                    continue;
                }
            }
        }
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(Token { text: open.to_owned(), line });
                flatten(group.stream(), tokens);
                tokens.push(Token { text: close.to_owned(), line: group.span_close().start().line });
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
                tokens.push(Token { text: tree.to_string(), line });
            }
        }
    }
}

/// Returns the end of the item that starts at `at`: after its braces or its semicolon.
fn item_end(trees: &[TokenTree], mut at: usize) -> usize {
    while let Some(tree) = trees.get(at) {
        at += 1;
        let braces = matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        if braces || is_punctuation(tree, ';') {
            break;
        }
    }
    at
}

fn is_punctuation(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punctuation) if punctuation.as_char() == character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::read(&File { path: "src/diff/scope.rs".to_owned(), text: Some(text.to_owned()) }).unwrap()
    }

    fn paths(text: &str) -> Vec<String> {
        source(text).paths().into_iter().filter(|(path, _)| path.len() > 1).map(|(path, _)| path.join("::")).collect()
    }

    #[test]
    fn braces_in_paths_are_expanded() {
        let text = "use crate::{model::{Plan, Pool}, plan as planner, diff};\nfn f() { crate::store::open(); }";
        let found = paths(text);
        for path in ["crate::model::Plan", "crate::model::Pool", "crate::plan", "crate::diff", "crate::store::open"] {
            assert!(found.iter().any(|found| found == path), "{path} not in {found:?}");
        }
    }

    #[test]
    fn paths_inside_macro_calls_count() {
        assert_eq!(paths("fn f() { vec![crate::plan::NONE] }"), ["crate::plan::NONE"]);
    }

    #[test]
    fn comments_strings_and_tests_are_not_code() {
        let text = "//! crate::plan\n/// crate::plan\nfn f() { \"crate::plan\"; }\n#[cfg(test)]\nmod tests { use crate::plan::x; }";
        assert_eq!(paths(text), Vec::<String>::new());
    }

    #[test]
    fn the_module_of_a_file_is_its_path() {
        assert_eq!(source("").module, ["diff", "scope"]);
        assert_eq!(module_of("src/diff/mod.rs"), ["diff"]);
        assert_eq!(module_of("src/lib.rs"), Vec::<String>::new());
    }
}
