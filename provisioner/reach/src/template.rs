//! Path templates of a REST API: `/orders/{orderId}`, `/{proxy+}`.

use std::collections::BTreeMap;

/// How a segment matched, most specific first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    Literal,
    Variable,
    /// `{name+}` takes the rest of the path, one segment at least.
    Greedy,
}

/// A path that fits a template. The values are as sent: still percent-encoded.
pub(crate) struct Match {
    pub(crate) fits: Vec<Fit>,
    pub(crate) parameters: BTreeMap<String, String>,
}

/// Compares a path with a template, segment by segment; a slash at the end of the path does not count.
pub(crate) fn fit(template: &str, path: &str) -> Option<Match> {
    let mut found = Match { fits: Vec::new(), parameters: BTreeMap::new() };
    let (mut wanted, mut given) = (segments(template), segments(path));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(want), Some(have)) => match variable(want) {
                None if want == have => found.fits.push(Fit::Literal),
                None => return None,
                Some((name, false)) => found.take(name, have.to_owned(), Fit::Variable),
                Some((name, true)) => {
                    let rest: Vec<&str> = [have].into_iter().chain(given.by_ref()).collect();
                    found.take(name, rest.join("/"), Fit::Greedy);
                }
            },
            _ => return None,
        }
    }
}

/// The template as API Gateway writes it in the source ARN of its calls: every variable is `*`.
pub(crate) fn starred(template: &str) -> String {
    let starred = segments(template).map(|segment| if variable(segment).is_some() { "*" } else { segment });
    starred.collect::<Vec<_>>().join("/")
}

impl Match {
    fn take(&mut self, name: &str, value: String, fit: Fit) {
        self.parameters.insert(name.to_owned(), value);
        self.fits.push(fit);
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').filter(move |_| !path.is_empty())
}

/// A variable's name, and whether it is greedy.
fn variable(segment: &str) -> Option<(&str, bool)> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_suffix('+').map_or((name, false), |name| (name, true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        Some(fit(template, path)?.parameters.into_iter().collect())
    }

    #[test]
    fn variables_take_one_segment_and_greedy_ones_the_rest() {
        let one = |name: &str, value: &str| Some(vec![(name.to_owned(), value.to_owned())]);
        assert_eq!(parameters("/orders/{id}", "/orders/a%2Fb"), one("id", "a%2Fb"));
        assert_eq!(parameters("/orders/{id}", "/orders/7/"), one("id", "7"));
        assert_eq!(parameters("/{proxy+}", "/a/b/c"), one("proxy", "a/b/c"));
        assert_eq!(parameters("/", ""), Some(vec![]));
    }

    #[test]
    fn other_paths_do_not_fit() {
        for (template, path) in
            [("/orders", "/order"), ("/orders/{id}", "/orders"), ("/{proxy+}", "/"), ("/a", "/a/b"), ("/a", "/A")]
        {
            assert!(fit(template, path).is_none(), "{template} {path}");
        }
    }

    #[test]
    fn source_arns_have_stars_for_variables() {
        assert_eq!(starred("/orders/{orderId}/lines/{rest+}"), "orders/*/lines/*");
        assert_eq!(starred("/"), "");
    }
}
