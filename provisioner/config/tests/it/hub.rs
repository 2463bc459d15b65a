//! Mistakes in `account.toml`, and what networks, accounts and certificates have in common with services.

use crate::fixture::{Case, Fixture, HUB, PLATFORM, SERVICE, check};

const fn case(
    old: &'static str,
    new: &'static str,
    field: &'static str,
    message: &'static str,
    help: &'static str,
) -> Case {
    Case { file: HUB, old, new, field, message, help }
}

#[test]
fn blocks() {
    const PRIVATE: &str = "private_cidrs = [\"10.0.0.0/24\", \"10.0.1.0/24\"]";
    const ENDPOINT: &str = "endpoint_cidrs = [\"10.0.15.0/28\", \"10.0.15.16/28\"]";
    let private = |new, message, help| case(PRIVATE, new, "network.private_cidrs[1]", message, help);
    check(&[
        case("\"10.0.0.0/20\"", "\"10.0.0.0\" # here", "network.cidr", "is not an IPv4 block", "such as `/24`"),
        case("\"10.0.0.0/20\"", "\"fd00::/20\" # here", "network.cidr", "is not an IPv4 block", "no IPv6"),
        case("\"10.0.0.0/20\"", "\"ten\" # here", "network.cidr", "is not an IPv4 block", "such as `10.0.0.0/20`"),
        case("\"10.0.0.0/20\"", "\"10.0.0.1/20\" # here", "network.cidr", "has host bits set", "`10.0.0.0/20`"),
        case("\"10.0.0.0/20\"", "\"10.0.0.0/12\" # here", "network.cidr", "too large, /16 at most", "/16 to /28"),
        case("\"10.0.0.0/20\"", "20 # here", "network.cidr", "`cidr` is an integer, not a string", "in quotes"),
        private("private_cidrs = [\"10.0.0.0/24\", \"10.0.1.1/24\"] # here", "has host bits set", "`10.0.1.0/24`"),
        private("private_cidrs = [\"10.0.0.0/24\", \"10.0.1.0/28\"] # here", "too small, /27 at least", "balancer"),
        private("private_cidrs = [\"10.0.0.0/24\", \"10.9.1.0/24\"] # here", "is not inside the network's", "`cidr`"),
        private(
            "private_cidrs = [\"10.0.0.0/24\", \"10.0.0.128/25\"] # here",
            "overlaps `10.0.0.0/24`",
            "share no address",
        ),
        case(
            PRIVATE,
            "private_cidrs = [\"10.0.0.0/24\"] # here",
            "network.private_cidrs",
            "1 block for 2 zones",
            "one block for each zone",
        ),
        case(
            "[network]\ncidr = \"10.0.0.0/20\"",
            "[network] # here",
            "network.cidr",
            "missing key `cidr`",
            "add `cidr`: the VPC's block, /16 to /28",
        ),
        case(
            ENDPOINT,
            "endpoint_cidrs = [\"10.0.15.0/29\", \"10.0.15.16/28\"] # here",
            "network.endpoint_cidrs[0]",
            "too small, /28 at least",
            "/16 to /28",
        ),
        case(
            ENDPOINT,
            "endpoint_cidrs = [\"10.0.15.0/28\", \"10.0.1.16/28\"] # here",
            "network.endpoint_cidrs[1]",
            "overlaps `10.0.1.0/24`",
            "share no address",
        ),
    ]);
}

#[test]
fn zones() {
    const ZONES: &str = "zones = [\"euw1-az1\", \"euw1-az2\"]";
    check(&[
        case(
            ZONES,
            "zones = [\"eu-west-1a\", \"euw1-az2\"] # here",
            "network.zones[0]",
            "`eu-west-1a` is not a zone's id",
            "describe-availability-zones",
        ),
        case(
            ZONES,
            "zones = [\"use1-az1\", \"euw1-az2\"] # here",
            "network.zones[0]",
            "`use1-az1` is not in eu-west-1",
            "`euw1-az`",
        ),
        case(ZONES, "zones = [\"euw1-az1\", \"euw1-az1\"] # here", "network.zones[1]", "named twice", "different ones"),
        case(ZONES, "zones = [\"euw1-az1\"] # here", "network.zones", "two zones at least", "add another zone"),
        case(ZONES, "zones = \"euw1-az1\" # here", "network.zones", "`zones` is a string, not an array", "in brackets"),
        case(
            "network = { zones = [\"euc1-az1\", \"euc1-az2\"] }",
            "network = { zones = [\"euw1-az1\", \"euc1-az2\"] } # here",
            "environments.prod.network.zones[0]",
            "`euw1-az1` is not in eu-central-1, the Region of `prod`",
            "`[environments.prod.network]`",
        ),
    ]);
}

#[test]
fn accounts() {
    const DEV: &str = "account = { id = \"111111111111\", role = \"platform-provisioner\" }";
    const PROD: &str = "account = { id = \"111111111112\", profile = \"hub-prod\" }";
    let dev = |new, field, message, help| case(DEV, new, field, message, help);
    check(&[
        dev(
            "account = { role = \"platform-provisioner\" } # here",
            "environments.dev.account.id",
            "`consumer` has no account in `dev`",
            "`[environments.dev]`",
        ),
        dev(
            "account = { id = \"1111\", role = \"a\" } # here",
            "environments.dev.account.id",
            "`id` cannot be `1111`",
            "twelve digits",
        ),
        dev("account = { id = 011111111111 } # here", "", "leading zero", "account ids go in quotes"),
        dev(
            "account = { id = \"111111111111\", external_id = \"x1\" } # here",
            "environments.dev.account.external_id",
            "`external_id` without a `role`",
            "add the `role`",
        ),
        dev(
            "account = { id = \"111111111111\", role = \"a role\" } # here",
            "environments.dev.account.role",
            "`a role` is not a role",
            "1 to 64",
        ),
        dev(
            "account = { id = \"111111111111\", role = \"arn:aws:iam::222222222222:role/a\" } # here",
            "environments.dev.account.role",
            "is not a role of this account",
            "`111111111111`",
        ),
        dev(
            "account = { id = \"111111111111\", role = \"arn:aws-cn:iam::111111111111:role/a\" } # here",
            "environments.dev.account.role",
            "is not a role of this account",
            "the partition `aws`",
        ),
        dev(
            "account = { id = \"111111111111\", role = \"arn:aws:sts::111111111111:assumed-role/a/me\" } # here",
            "environments.dev.account.role",
            "is not a role of this account",
            "name the role itself",
        ),
        case(
            PROD,
            "account = { id = \"111111111112\", profile = \"hub-prod\", role = \"a\" } # here",
            "environments.prod.account.profile",
            "a `role` or a `profile`, not both",
            "keep one of the two",
        ),
        case(
            "[environments.prod]",
            "[environments.pord] # here",
            "environments.pord",
            "there is no environment `pord`",
            "did you mean `prod`?",
        ),
    ]);
}

#[test]
fn certificates() {
    const DEV: &str = "certificate = { source = \"request\" }";
    let dev = |new, field, message, help| case(DEV, new, field, message, help);
    check(&[
        case(
            "[environments.dev]\naccount = { id = \"111111111111\", role = \"platform-provisioner\" }\ncertificate = { source = \"request\" }",
            "[environments.dev] # here\naccount = { id = \"111111111111\" }",
            "environments.dev.certificate",
            "`consumer` has no certificate in `dev`",
            "source = \"request\"",
        ),
        dev(
            "certificate = { source = \"local-ca\" } # here",
            "environments.dev.certificate.source",
            "`local-ca` serves `local` only",
            "nobody else trusts",
        ),
        dev(
            "certificate = { source = \"requested\" } # here",
            "environments.dev.certificate.source",
            "`source` cannot be `requested`",
            "`request`, `import`, `private-ca`, `local-ca`",
        ),
        dev(
            "certificate = {} # here",
            "environments.dev.certificate.source",
            "missing key `source`",
            "one of `request`",
        ),
        dev(
            "certificate = { source = \"request\", chain = \"x\" } # here",
            "environments.dev.certificate.chain",
            "unknown key `chain`",
            "`source`",
        ),
        dev(
            "certificate = { source = \"private-ca\", authority_arn = \"arn:aws:acm-pca:us-east-1:111111111111:certificate-authority/x\" } # here",
            "environments.dev.certificate.authority_arn",
            "is not a private authority in eu-west-1",
            "arn:aws:acm-pca:eu-west-1:",
        ),
    ]);
}

#[test]
fn a_certificate_is_requested_only_where_it_can_be_validated() {
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "dev.shop.example.com", "dev.shop.internal");
    let messages: Vec<String> = fixture.mistakes(None).into_iter().map(|one| one.message).collect();
    assert_eq!(messages, ["`request` cannot validate `dev.shop.internal`: `.internal` is never public"; 2]);

    let fixture = Fixture::new();
    let zone = "[environments.dev.public_zone]\nid = \"Z0123456789ABCDEFGHIJ\"\naccount = { id = \"999999999999\", role = \"platform-dns\" }\n";
    fixture.change(PLATFORM, zone, "");
    let mistakes = fixture.mistakes(None);
    let message = "`request` needs a public zone, and `dev` has none";
    assert_eq!(mistakes.iter().map(|one| one.message.as_str()).collect::<Vec<_>>(), [message, message]);
    assert!(mistakes[0].help.contains("[environments.dev.public_zone]"));
    assert_eq!(fixture.mistakes(Some("local")), []);
}

#[test]
fn files_to_import_are_there_and_hold_what_they_should() {
    let fixture = Fixture::new();
    let import = "certificate = { source = \"import\", certificate = \"tls/a.pem\", private_key = \"tls/a.key\" }";
    fixture.change(HUB, "certificate = { source = \"request\" }", import);
    let found = || fixture.mistakes(None).into_iter().map(|one| (one.field, one.message)).collect::<Vec<_>>();
    let [(certificate, missing), (key, _)] = &found()[..] else { panic!("{:?}", found()) };
    assert_eq!(
        (certificate.as_str(), key.as_str()),
        ("environments.dev.certificate.certificate", "environments.dev.certificate.private_key")
    );
    assert_eq!(missing, "there is no `tls/a.pem`");

    fixture.write("consumer-account/tls/a.pem", "not a certificate");
    fixture.write("consumer-account/tls/a.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    let messages: Vec<String> = found().into_iter().map(|(_, message)| message).collect();
    assert_eq!(messages, ["`tls/a.pem` is not a certificate in PEM", "`tls/a.key` is an encrypted key"]);

    fixture.write("consumer-account/tls/a.pem", "-----BEGIN CERTIFICATE-----\n");
    fixture.write("consumer-account/tls/a.key", "-----BEGIN EC PRIVATE KEY-----\n");
    assert_eq!(found(), []);

    // One certificate for all: the balancer's rules run out, and not its certificates.
    for n in 0..99 {
        fixture.write(&format!("microservice-accounts/s{n}/service.toml"), &fixture.read(SERVICE));
    }
    assert_eq!(found(), [(String::new(), "100 services, but one hub serves at most 99".to_owned())]);
}

#[test]
fn who_may_come_in() {
    const CLIENTS: &str = "client_cidrs = [\"10.0.0.0/8\"]";
    const ROLES: &str = "allowed_service_principal_arns = [\"arn:aws:iam::222222222222:role/platform-*\"]";
    let role =
        |new, help| case(ROLES, new, "allowed_service_principal_arns[0]", "does not name roles of one account", help);
    check(&[
        case(
            CLIENTS,
            "client_cidrs = [\"0.0.0.0/0\"] # here",
            "client_cidrs[0]",
            "lets everyone in",
            "name the networks",
        ),
        case(CLIENTS, "client_cidrs = [\"10.0.0.1/8\"] # here", "client_cidrs[0]", "has host bits set", "`10.0.0.0/8`"),
        case(
            CLIENTS,
            "client_cidrs = [\"10.0.0.0/8\", \"10.0.0.0/8\"] # here",
            "client_cidrs[1]",
            "named twice",
            "keep one",
        ),
        role("allowed_service_principal_arns = [\"*\"] # here", "all of AWS"),
        role("allowed_service_principal_arns = [\"222222222222\"] # here", "arn:aws:iam::222222222222:role/*"),
        role(
            "allowed_service_principal_arns = [\"arn:aws:sts::222222222222:assumed-role/a/me\"] # here",
            "arn:aws:iam::222222222222:role/a",
        ),
        role("allowed_service_principal_arns = [\"arn:aws:iam::*:role/a\"] # here", "twelve digits"),
        role(
            "allowed_service_principal_arns = [\"arn:aws-us-gov:iam::222222222222:role/a\"] # here",
            "partition `aws`",
        ),
        case(
            ROLES,
            "allowed_service_principal_arns = \"arn:aws:iam::222222222222:role/a\" # here",
            "allowed_service_principal_arns",
            "is a string, not an array",
            "in brackets",
        ),
    ]);
}

#[test]
fn lists_have_an_end() {
    let fixture = Fixture::new();
    let many: Vec<String> = (0..61).map(|n| format!("\"10.{n}.0.0/16\"")).collect();
    fixture.change(HUB, "client_cidrs = [\"10.0.0.0/8\"]", &format!("client_cidrs = [{}]", many.join(", ")));
    let many: Vec<String> = (0..200).map(|n| format!("\"arn:aws:iam::222222222222:role/{:050}\"", n)).collect();
    fixture.change(HUB, "[\"arn:aws:iam::222222222222:role/platform-*\"]", &format!("[{}]", many.join(", ")));
    let messages: Vec<String> = fixture.mistakes(None).into_iter().map(|one| one.message).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("61 blocks") && messages[1].contains("room for 12288"), "{messages:?}");
}

#[test]
fn settings() {
    check(&[
        case(
            "log_retention_days = 30",
            "log_retention_days = 31 # here",
            "log_retention_days",
            "`log_retention_days` cannot be 31",
            "one of 1, 3, 5, 7, 14, 30, 60",
        ),
        case(
            "log_retention_days = 30",
            "log_retention_days = \"30\" # here",
            "log_retention_days",
            "is a string, not an integer",
            "`log_retention_days = 30`",
        ),
        case(
            "log_retention_days = 30",
            "tls_policy = \"ELBSecurityPolicy-2016-08\" # here",
            "tls_policy",
            "`tls_policy` cannot be `ELBSecurityPolicy-2016-08`",
            "TLS 1.3",
        ),
        case(
            "log_retention_days = 30",
            "on_down = \"keap\" # here",
            "on_down",
            "`on_down` cannot be `keap`",
            "`keep`?",
        ),
    ]);
}
