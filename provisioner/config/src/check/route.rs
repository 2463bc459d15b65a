//! Routes: paths that API Gateway can hold in one tree of resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Service, place::Place, words};

/// 300 resources for a REST API; every step of every path is one, and `/` is too.
const MOST_RESOURCES: usize = 300;

/// Paths that API Gateway answers itself.
const TAKEN: [&str; 2] = ["/ping", "/sping"];

pub(super) fn routes(at: &Place<'_>, service: &Service) {
    let mut seen = BTreeMap::new();
    let mut tree = Tree::default();
    for (index, route) in service.routes.iter().enumerate() {
        let at = at.index(index);
        function(&at.key("function"), &route.function, service);
        if let Some(help) = path_flaw(&route.path) {
            at.key("path").wrong(format!("`{}` is not a path", route.path), help);
            continue;
        }
        tree.add(&at.key("path"), &route.path);
        if let Some(first) = seen.insert((route.method, &route.path), at.clone()) {
            let message = format!("two routes for the same method on `{}`", route.path);
            at.key("path").clash(message, &first.key("path"), "the first", "remove one of them");
        }
    }
    if tree.resources.len() > MOST_RESOURCES {
        let message = format!("the routes need {} resources, and an API has {MOST_RESOURCES}", tree.resources.len());
        at.wrong(message, "split the service, or let `{name+}` take whole subtrees");
    }
}

fn function(at: &Place<'_>, name: &str, service: &Service) {
    if !service.functions.contains_key(name) {
        let known = service.functions.keys().map(String::as_str);
        let help = words::did_you_mean(name, known, &format!("add `[functions.{name}]`, or use one of"));
        at.wrong(format!("there is no function `{name}`"), help);
    }
}

/// Why a text is not a path of a REST API.
fn path_flaw(path: &str) -> Option<String> {
    let Some(steps) = path.strip_prefix('/') else { return Some("it starts with `/`".to_owned()) };
    if TAKEN.contains(&path) {
        return Some("API Gateway answers this path itself: choose another".to_owned());
    }
    if path.contains('?') {
        return Some("leave the query out: every query of the path is let through".to_owned());
    }
    if steps.is_empty() {
        return None;
    }
    if path.ends_with('/') || path.contains("//") {
        return Some("no `/` at the end and none twice".to_owned());
    }
    let steps: Vec<&str> = steps.split('/').collect();
    let greedy = steps.iter().position(|step| step.ends_with("+}"));
    if greedy.is_some_and(|at| at + 1 < steps.len()) {
        return Some("`{name+}` takes the whole rest, so it comes last".to_owned());
    }
    let variables: Vec<&str> = steps.iter().filter_map(|step| variable(step)).collect();
    if variables.iter().collect::<BTreeSet<_>>().len() < variables.len() {
        return Some("each variable of a path has its own name".to_owned());
    }
    let wrong = steps.into_iter().find(|step| !is_step(step))?;
    Some(format!("`{wrong}` is neither a word of letters, digits and `._-:` nor `{{name}}` nor `{{name+}}`"))
}

fn variable(step: &str) -> Option<&str> {
    let name = step.strip_prefix('{')?.strip_suffix('}')?;
    Some(name.strip_suffix('+').unwrap_or(name))
}

fn is_step(step: &str) -> bool {
    let legal = |text: &str, others: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
    };
    variable(step).map_or_else(|| legal(step, b"._-:"), |name| legal(name, b"._-"))
}

/// The resources, and which variable each parent has: API Gateway allows one.
#[derive(Default)]
struct Tree<'a> {
    resources: BTreeSet<String>,
    variables: BTreeMap<String, (String, Place<'a>)>,
}

impl<'a> Tree<'a> {
    fn add(&mut self, at: &Place<'a>, path: &str) {
        let mut parent = String::new();
        self.resources.insert("/".to_owned());
        for step in path.split('/').filter(|step| !step.is_empty()) {
            if step.starts_with('{') {
                self.variable(at, &parent, step);
            }
            parent = format!("{parent}/{step}");
            self.resources.insert(parent.clone());
        }
    }

    fn variable(&mut self, at: &Place<'a>, parent: &str, step: &str) {
        let entry = self.variables.entry(parent.to_owned()).or_insert_with(|| (step.to_owned(), at.clone()));
        let (other, place) = &*entry;
        if other != step {
            let message = format!("`{step}` and `{other}` stand at the same place after `{parent}/`");
            at.clash(message, place, "the other one", "one place of a path has one variable: use the same name");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_texts() {
        for good in ["/", "/orders", "/orders/{orderId}", "/a.b_c-d:e/{x}/f/{rest+}"] {
            assert_eq!(path_flaw(good), None, "{good}");
        }
        let bad = [
            "", "orders", "/orders/", "//a", "/a b", "/{a}/{a}", "/{a+}/b", "/{}", "/{a", "/a?b=c", "/ping", "/ä",
            "/a{b}",
        ];
        for bad in bad {
            assert!(path_flaw(bad).is_some(), "{bad}");
        }
    }
}
