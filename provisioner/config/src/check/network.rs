//! Address blocks and zones. Only blocks of one network are compared: networks that never meet may repeat each other's.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Setting;
use crate::place::Place;

/// A network as the hub and the services write it.
pub(super) struct Blocks<'a> {
    pub cidr: &'a str,
    pub zones: &'a [String],
    pub subnets: Vec<Subnets<'a>>,
}

/// A list of blocks, one per zone.
pub(super) struct Subnets<'a> {
    pub key: &'static str,
    pub cidrs: &'a [String],
    /// The longest prefix that leaves room enough.
    pub longest: u8,
    /// Why it is that one.
    pub because: &'static str,
}

/// VPCs and subnets are /16 to /28; AWS keeps five addresses of each subnet.
const SHORTEST: u8 = 16;
pub(super) const LONGEST: u8 = 28;
pub(super) const VPC_RULE: &str = "a VPC and a subnet are /16 to /28";

pub(super) fn network(at: &Place<'_>, blocks: &Blocks<'_>, setting: &Setting<'_>) {
    let whole = sized(&at.key("cidr"), blocks.cidr, LONGEST, VPC_RULE);
    zones(&at.key("zones"), blocks.zones, setting);
    let mut taken = Vec::new();
    for subnets in &blocks.subnets {
        let list = at.key(subnets.key);
        if subnets.cidrs.len() != blocks.zones.len() && blocks.zones.len() > 1 {
            let message =
                format!("`{}` has {} for {} zones", subnets.key, many(subnets.cidrs.len()), blocks.zones.len());
            list.wrong(message, "one block for each zone, in the order of `zones`");
        }
        for (index, text) in subnets.cidrs.iter().enumerate() {
            let at = list.index(index);
            let Some(block) = sized(&at, text, subnets.longest, subnets.because) else { continue };
            inside(&at, block, whole);
            apart(&at, block, &taken);
            taken.push((at, block));
        }
    }
}

fn many(blocks: usize) -> String {
    format!("{blocks} block{}", if blocks == 1 { "" } else { "s" })
}

/// An IPv4 block without host bits, or why it is none.
pub(super) fn block(at: &Place<'_>, text: &str) -> Option<Ipv4Net> {
    let Ok(block) = text.parse::<Ipv4Net>() else {
        at.wrong(format!("`{text}` is not an IPv4 block"), not_a_block(text));
        return None;
    };
    if block.trunc() != block {
        let help = format!("the block that contains it is `{}`", block.trunc());
        at.wrong(format!("`{text}` has host bits set"), help);
    }
    Some(block.trunc())
}

fn not_a_block(text: &str) -> &'static str {
    match text {
        _ if text.parse::<Ipv4Addr>().is_ok() => "add the length of its prefix, such as `/24`",
        _ if text.contains("::") => "write an IPv4 block: the platform's networks have no IPv6",
        _ => "an address and the length of its prefix, such as `10.0.0.0/20`",
    }
}

fn sized(at: &Place<'_>, text: &str, longest: u8, because: &str) -> Option<Ipv4Net> {
    let block = block(at, text)?;
    if block.prefix_len() > longest {
        at.wrong(format!("`{text}` is too small, /{longest} at least"), because);
    } else if block.prefix_len() < SHORTEST {
        at.wrong(format!("`{text}` is too large, /{SHORTEST} at most"), VPC_RULE);
    } else if !usable(block.network()) {
        at.wrong(
            format!("`{text}` is not for networks of one's own"),
            "use a private block: in 10.0.0.0/8 for example",
        );
    }
    Some(block)
}

/// EC2 refuses these for a VPC (`InvalidVpc.Range`).
fn usable(address: Ipv4Addr) -> bool {
    !(address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.octets()[0] == 0
        || address.octets()[0] >= 240)
}

fn inside(at: &Place<'_>, block: Ipv4Net, whole: Option<Ipv4Net>) {
    if let Some(whole) = whole.filter(|whole| !whole.contains(&block)) {
        at.wrong(format!("`{block}` is not inside the network's `{whole}`"), "take it from the network's `cidr`");
    }
}

fn apart(at: &Place<'_>, block: Ipv4Net, taken: &[(Place<'_>, Ipv4Net)]) {
    let overlaps = |other: &Ipv4Net| other.contains(&block) || block.contains(other);
    if let Some((place, other)) = taken.iter().find(|(_, other)| overlaps(other)) {
        let help = "subnets of one network share no address";
        at.clash(format!("`{block}` overlaps `{other}`"), place, "this block", help);
    }
}

fn zones(at: &Place<'_>, zones: &[String], setting: &Setting<'_>) {
    let prefix = zone_prefix(setting.region());
    for (index, zone) in zones.iter().enumerate() {
        zone_id(&at.index(index), zone, prefix.as_deref(), setting);
        if let Some(first) = zones[..index].iter().position(|other| other == zone) {
            let help = "zones fail one at a time: name different ones";
            at.index(index).clash(format!("`{zone}` is named twice"), &at.index(first), "the first time", help);
        }
    }
    if zones.len() < 2 {
        at.wrong("a network needs two zones at least", "zones fail one at a time: add another zone id and its blocks");
    }
}

fn zone_id(at: &Place<'_>, zone: &str, prefix: Option<&str>, setting: &Setting<'_>) {
    let (region, environment) = (setting.region(), setting.environment);
    let example = prefix.unwrap_or("euw1");
    let Some(start) = zone_start(zone) else {
        let help = format!(
            "ids such as `{example}-az1`, as in `aws ec2 describe-availability-zones`; names differ by account"
        );
        return at.wrong(format!("`{zone}` is not a zone's id"), help);
    };
    if prefix.is_some_and(|prefix| prefix != start) {
        let help = format!("its zones start with `{example}-az`: give `[environments.{environment}.network]` its own");
        at.wrong(format!("`{zone}` is not in {region}, the Region of `{environment}`"), help);
    }
}

/// `euw1` of `euw1-az1`; nothing if it is no zone's id.
fn zone_start(zone: &str) -> Option<&str> {
    let (start, number) = zone.split_once("-az")?;
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = !start.is_empty() && start.bytes().all(legal);
    (fits && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(start)
}

/// How the ids of a Region's zones start: `euw1` for `eu-west-1`. Nothing for Regions that are not named that way.
fn zone_prefix(region: &str) -> Option<String> {
    let parts: Vec<&str> = region.split('-').collect();
    let (area, direction, number) = match parts[..] {
        [area, direction, number] => (area.to_owned(), direction, number),
        ["us", "gov", direction, number] => ("usg".to_owned(), direction, number),
        _ => return None,
    };
    let direction = match direction {
        "central" => "c",
        "east" => "e",
        "north" => "n",
        "northeast" => "ne",
        "northwest" => "nw",
        "south" => "s",
        "southeast" => "se",
        "southwest" => "sw",
        "west" => "w",
        _ => return None,
    };
    Some(format!("{area}{direction}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_says_how_its_zones_are_called() {
        let known = [
            ("ap-northeast-1", "apne1"),
            ("ap-south-1", "aps1"),
            ("ca-central-1", "cac1"),
            ("cn-northwest-1", "cnnw1"),
            ("eu-west-1", "euw1"),
            ("us-east-1", "use1"),
            ("us-gov-west-1", "usgw1"),
        ];
        for (region, prefix) in known {
            assert_eq!(zone_prefix(region).as_deref(), Some(prefix));
        }
        assert_eq!(zone_prefix("eusc-de-east-1"), None);
    }
}
