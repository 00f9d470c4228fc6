//! Did-you-mean suggestions.

/// How many candidates are compared, because a manifest may have thousands of names and thousands of errors.
const CANDIDATES_MAX: usize = 2_000;

/// Returns the candidate most similar to `text`, if it is similar enough; the first one of equals.
pub fn nearest<'a, S: AsRef<str> + ?Sized + 'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    let length = text.chars().count();
    if length > 100 {
        return None;
    }
    let lower = text.to_lowercase();
    let limit = (length / 3).max(1);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
        let candidate = candidate.as_ref();
        if candidate.chars().count().abs_diff(length) > limit {
            continue;
        }
        let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns the help for an unknown name: the most similar candidate, or all candidates if they are few.
pub fn did_you_mean<S: AsRef<str>>(text: &str, candidates: &[S]) -> Option<String> {
    if let Some(name) = nearest(text, candidates) {
        return Some(format!("did you mean `{name}`?"));
    }
    if candidates.is_empty() || candidates.len() > 20 {
        return None;
    }
    let names: Vec<_> = candidates.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    Some(format!("use one of {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_name_is_suggested_and_others_are_listed() {
        assert_eq!(did_you_mean("licence", &["license", "to"]), Some("did you mean `license`?".to_owned()));
        assert_eq!(did_you_mean("zzz", &["license", "to"]), Some("use one of `license`, `to`".to_owned()));
        assert_eq!(did_you_mean::<&str>("zzz", &[]), None);
        assert_eq!(nearest("X4", ["X2", "X4-US", "x4"]), Some("x4"));
    }
}
