//! Mistakes in `platform.toml`.

use model::Rate;

use crate::fixture::{Case, Fixture, PLATFORM, check};

const fn case(
    old: &'static str,
    new: &'static str,
    field: &'static str,
    message: &'static str,
    help: &'static str,
) -> Case {
    Case { file: PLATFORM, old, new, field, message, help }
}

#[test]
fn keys_types_and_patterns() {
    check(&[
        case("name = \"demo\"", "name = \"Demo\" # here", "name", "`name` cannot be `Demo`", "2 to 12 characters"),
        case("name = \"demo\"", "name = \"internal\" # here", "name", "cannot name a platform", "another name"),
        case("name = \"demo\"", "name = \"sg-eu\" # here", "name", "cannot name a platform", "AWS refuses"),
        case("name = \"demo\"\n", "", "name", "missing key `name`", "add `name`"),
        case("name = \"demo\"", "nmae = \"demo\" # here\nname = \"demo\"", "nmae", "unknown key `nmae`", "`name`?"),
        case(
            "region = \"eu-west-1\"",
            "region = \"Ireland\" # here",
            "environments.dev.region",
            "`region` cannot be `Ireland`",
            "such as `eu-west-1`",
        ),
        case(
            "[environments.prod]\nregion = \"eu-central-1\"",
            "[environments.prod] # here",
            "environments.prod.region",
            "missing key `region`",
            "an AWS Region",
        ),
        case(
            "\"Z0123456789ABCDEFGHIJ\"",
            "\"/hostedzone/Z0\" # here",
            "environments.dev.public_zone.id",
            "`id` cannot be `/hostedzone/Z0`",
            "such as `Z0123456789ABCDEFGHIJ`",
        ),
        case(
            "account = { id = \"999999999999\", role = \"platform-dns\" }",
            "account = { id = 999999999999, role = \"platform-dns\" } # here",
            "environments.dev.public_zone.account.id",
            "`id` is an integer, not a string",
            "put it in quotes: `id = \"999999999999\"`",
        ),
        case(
            "account = { id = \"999999999999\", role = \"platform-dns\" }",
            "account = { role = \"platform-dns\" } # here",
            "environments.dev.public_zone.account.id",
            "the public zone's account has no `id`",
            "twelve digits",
        ),
        case(
            "",
            "[environments.local]\ndomian = \"x.test\" # here",
            "environments.local.domian",
            "unknown key",
            "`domain`?",
        ),
        case("name = \"demo\"", "name = demo # here", "", "string", "put texts in quotes"),
    ]);
}

#[test]
fn environments() {
    check(&[
        case(
            "default_environment = \"dev\"",
            "default_environment = \"prod\" # here",
            "default_environment",
            "`prod` is protected and cannot be the default",
            "`--env`",
        ),
        case(
            "default_environment = \"dev\"",
            "default_environment = \"dve\" # here",
            "default_environment",
            "there is no environment `dve`",
            "did you mean `dev`?",
        ),
        case(
            "",
            "[environments.local]\nprotected = true # here",
            "environments.local.protected",
            "`local` cannot be protected",
            "remove the line",
        ),
        case(
            "",
            "[environments.Test] # here\nregion = \"eu-west-1\"\ndomain = \"test.example.com\"",
            "environments.Test",
            "`Test` cannot name an environment",
            "lower-case letters",
        ),
    ]);
}

#[test]
fn leases_outlast_calls() {
    let lease = |new, field, message, help| case("", new, field, message, help);
    check(&[
        lease(
            "[environments.local.lease]\nduration_seconds = 20 # here",
            "environments.local.lease.duration_seconds",
            "a lease of 20 s does not outlast calls of up to 15 s",
            "30 or more",
        ),
        lease(
            "[environments.local.lease]\nsettle_seconds = 0 # here",
            "environments.local.lease.settle_seconds",
            "`settle_seconds` cannot be 0",
            "1 to 600",
        ),
        lease(
            "[environments.local.lease]\nseconds = 60 # here",
            "environments.local.lease.seconds",
            "unknown key `seconds`",
            "`settle_seconds`",
        ),
    ]);
}

#[test]
fn domains() {
    let domain = |new, message, help| case("\"shop.example.com\"", new, "environments.prod.domain", message, help);
    check(&[
        domain("\"shop_example.com\" # here", "is not a domain", "labels of 1 to 63"),
        domain("\"Shop.example.com\" # here", "is not a domain", "lower case"),
        domain("\"shop.example.com.\" # here", "is not a domain", "leave out the dot"),
        domain("\"shop\" # here", "is not a domain", "two labels at least"),
        domain("\"x.execute-api.eu-west-1.amazonaws.com\" # here", "is not a domain", "belongs to AWS"),
        domain(
            "\"a-domain-that-is-rather-long.and-goes-on-and-on-until-it-ends.com\" # here",
            "65 characters",
            "at most 62",
        ),
    ]);
}

#[test]
fn two_environments_never_share_a_domain_in_a_region() {
    check(&[
        case(
            "",
            "[environments.test]\nregion = \"eu-west-1\"\ndomain = \"dev.shop.example.com\" # here",
            "environments.test.domain",
            "`dev` and `test` share the domain `dev.shop.example.com` in eu-west-1",
            "unique in a Region",
        ),
        case(
            "",
            "[environments.test]\nregion = \"eu-west-1\"\ndomain = \"internal.example\" # here",
            "environments.test.domain",
            "`local` and `test` share the domain",
            "give each its own",
        ),
    ]);
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "", "[environments.test]\nregion = \"us-east-1\"\ndomain = \"dev.shop.example.com\"");
    assert_eq!(fixture.mistakes(None), []);
}

#[test]
fn rates() {
    let rates = |new, field, message, help| case("tags = { team = \"shop\" }", new, field, message, help);
    let at = "environments.dev.rates.\"apigateway:CreateDomainName\"";
    check(&[
        rates(
            "rates = { CreateDomainName = { per_second = 1 } } # here",
            "environments.dev.rates.CreateDomainName",
            "`CreateDomainName` is not an AWS call",
            "such as `apigateway:CreateDomainName`",
        ),
        rates(
            "rates = { \"apigateway:CreateDomainName\" = {} } # here",
            at,
            "`apigateway:CreateDomainName` has no rates",
            "either `per_second` or `every_seconds`",
        ),
        rates(
            "rates = { \"apigateway:CreateDomainName\" = { per_second = 1, every_seconds = 1 } } # here",
            at,
            "has two rates",
            "either `per_second` or `every_seconds`",
        ),
        rates(
            "rates = { \"apigateway:CreateDomainName\" = { every_seconds = 0 } } # here",
            "environments.dev.rates.\"apigateway:CreateDomainName\".every_seconds",
            "`every_seconds` cannot be 0",
            "1 to 3600",
        ),
        rates(
            "rates = { \"apigateway:CreateDomainName\" = { per_second = 1, brust = 31 } } # here",
            "environments.dev.rates.\"apigateway:CreateDomainName\".brust",
            "unknown key `brust`",
            "did you mean `burst`?",
        ),
    ]);
    let fixture = Fixture::new();
    let limits = "rates = { \"apigateway:*\" = { per_second = 20, burst = 80 }, \"acm:ImportCertificate\" = { every_seconds = 2 } }";
    fixture.change(PLATFORM, "tags = { team = \"shop\" }", limits);
    let rates = config::load(fixture.root(), Some("dev")).expect("a sound platform").rates;
    assert_eq!(rates["apigateway:*"], Rate::per_second(20, 80));
    assert_eq!(rates["acm:ImportCertificate"], Rate::every_millis(2_000, 1));
}

#[test]
fn tags() {
    let tags = |new, field, message, help| case("tags = { team = \"shop\" }", new, field, message, help);
    check(&[
        tags(
            "tags = { \"aws:x\" = \"y\" } # here",
            "environments.dev.tags.\"aws:x\"",
            "a tag's key",
            "the prefix `aws:`",
        ),
        tags(
            "tags = { \"provisioner:address\" = \"y\" } # here",
            "environments.dev.tags.\"provisioner:address\"",
            "a tag's key",
            "the platform writes this tag itself",
        ),
        tags("tags = { Name = \"y\" } # here", "environments.dev.tags.Name", "a tag's key", "choose another key"),
        tags("tags = { team = \"the shop\" } # here", "environments.dev.tags.team", "a tag's value", "API Gateway"),
        tags("tags = { team = \"\" } # here", "environments.dev.tags.team", "a tag's value", "1 to 256"),
        tags("tags = { team = 7 } # here", "environments.dev.tags.team", "`team` is an integer", "`team = \"7\"`"),
    ]);
    let fixture = Fixture::new();
    let tags: Vec<String> = (0..41).map(|n| format!("tag{n} = \"x\"")).collect();
    fixture.change(PLATFORM, "tags = { team = \"shop\" }", &format!("tags = {{ {} }}", tags.join(", ")));
    assert!(fixture.mistakes(None)[0].message.contains("41 tags"));
}

#[test]
fn an_environment_that_does_not_exist() {
    let mistakes = Fixture::new().mistakes(Some("pord"));
    let [mistake] = &mistakes[..] else { panic!("{mistakes:#?}") };
    assert_eq!((mistake.message.as_str(), mistake.file.as_str()), ("there is no environment `pord`", PLATFORM));
    assert_eq!(mistake.help, "did you mean `prod`?");
}

#[test]
fn a_folder_without_a_platform() {
    let fixture = Fixture::new();
    std::fs::remove_file(fixture.root().join(PLATFORM)).expect("it was there");
    let mistakes = fixture.mistakes(None);
    let [mistake] = &mistakes[..] else { panic!("{mistakes:#?}") };
    assert_eq!(mistake.message, "there is no `platform.toml`");
    assert!(mistake.help.contains("`-C`"));
}
