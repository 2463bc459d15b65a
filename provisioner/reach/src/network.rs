//! Security groups: who may open a connection to whom.

use ipnet::Ipv4Net;
use kinds::security_group_rule::{Direction, Peer};
use model::{Input, SecurityGroupId};

use crate::model::{Model, text};

/// HTTPS, the only port that anything here is reached on.
pub(crate) const PORT: u16 = 443;

/// What some groups together allow on one port in one direction.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    pub(crate) nets: Vec<Ipv4Net>,
    groups: Vec<String>,
    prefix_lists: Vec<String>,
    /// A group was not read, so there may be more.
    unseen: bool,
}

impl Allowed {
    pub(crate) fn by(model: &Model, groups: &[Input<SecurityGroupId>], direction: Direction) -> Self {
        let mut allowed = Self::default();
        for group in groups {
            allowed.take_group(model, text(group), direction);
        }
        allowed.nets = Ipv4Net::aggregate(&allowed.nets);
        allowed
    }

    fn take_group(&mut self, model: &Model, group: &str, direction: Direction) {
        let rules = model.security_group_rules.all(group).map(|rule| &rule.spec);
        for rule in rules.filter(|rule| rule.direction == direction && rule.port == PORT) {
            match &rule.peer {
                Peer::Cidr(cidr) => self.nets.extend(cidr.as_str().parse::<Ipv4Net>()),
                Peer::Group(group) => self.groups.push(text(group).to_owned()),
                Peer::PrefixList(list) => self.prefix_lists.push(text(list).to_owned()),
            }
        }
        match model.security_groups.one(group) {
            Some(group) => group.spec.unexpected_rules.iter().for_each(|rule| self.take_unexpected(rule, direction)),
            None => self.unseen = true,
        }
    }

    /// A rule that nobody declared allows as well as any other: `<direction> <protocol> <ports> <peer>`.
    fn take_unexpected(&mut self, rule: &str, direction: Direction) {
        let words: Vec<&str> = rule.split_whitespace().collect();
        let &[way, protocol, ports, peer] = words.as_slice() else { return };
        let wanted = if direction == Direction::Egress { "egress" } else { "ingress" };
        if way != wanted || !["tcp", "6", "-1", "all"].contains(&protocol) || !includes(ports, PORT) {
            return;
        }
        match peer {
            _ if peer.starts_with("sg-") => self.groups.push(peer.to_owned()),
            _ if peer.starts_with("pl-") => self.prefix_lists.push(peer.to_owned()),
            _ => self.nets.extend(peer.parse::<Ipv4Net>()),
        }
    }

    /// Whether every address of every block is allowed.
    pub(crate) fn all_of(&self, nets: &[Ipv4Net]) -> Option<bool> {
        self.sure(!nets.is_empty() && nets.iter().all(|net| self.nets.iter().any(|allowed| allowed.contains(net))))
    }

    /// Whether some address of the block is allowed.
    pub(crate) fn some_of(&self, net: &Ipv4Net) -> Option<bool> {
        self.sure(self.nets.iter().any(|allowed| allowed.contains(net) || net.contains(allowed)))
    }

    /// Whether members of any of the groups are allowed.
    pub(crate) fn group(&self, groups: &[Input<SecurityGroupId>]) -> Option<bool> {
        self.sure(groups.iter().any(|group| self.groups.iter().any(|allowed| allowed == text(group))))
    }

    pub(crate) fn prefix_list(&self, is: impl Fn(&str) -> bool) -> Option<bool> {
        self.sure(self.prefix_lists.iter().any(|list| is(list)))
    }

    fn sure(&self, allowed: bool) -> Option<bool> {
        if allowed || !self.unseen { Some(allowed) } else { None }
    }
}

/// Yes if either says yes; not known if it then depends on one that is not known.
pub(crate) fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// `443`, `400-500`, or any other word for all ports.
fn includes(ports: &str, port: u16) -> bool {
    let bounds = ports.split_once('-').unwrap_or((ports, ports));
    match (bounds.0.parse::<u16>(), bounds.1.parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).contains(&port),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unexpected(rule: &str) -> Allowed {
        let mut allowed = Allowed::default();
        allowed.take_unexpected(rule, Direction::Egress);
        allowed
    }

    #[test]
    fn undeclared_rules_allow_too() {
        let target: Ipv4Net = "10.0.0.4/32".parse().expect("a block");
        for rule in ["egress -1 all 0.0.0.0/0", "egress tcp 443 10.0.0.0/24", "egress tcp 400-500 10.0.0.4/32"] {
            assert_eq!(unexpected(rule).all_of(&[target]), Some(true), "{rule}");
        }
        for rule in [
            "ingress tcp 443 0.0.0.0/0",
            "egress udp 443 0.0.0.0/0",
            "egress tcp 80 0.0.0.0/0",
            "egress tcp 443 ::/0",
            "?",
        ] {
            assert_eq!(unexpected(rule).all_of(&[target]), Some(false), "{rule}");
        }
        assert_eq!(unexpected("egress tcp 443 sg-1").group(&["sg-1".into()]), Some(true));
    }

    #[test]
    fn a_group_that_was_not_read_leaves_the_question_open() {
        let allowed = Allowed { unseen: true, ..Allowed::default() };
        assert_eq!(allowed.group(&["sg-1".into()]), None);
        assert_eq!(either(allowed.prefix_list(|_| true), Some(true)), Some(true));
        assert_eq!(either(None, Some(false)), None);
    }
}
