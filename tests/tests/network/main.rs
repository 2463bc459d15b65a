//! The way to AWS: proxies, certificate authorities, other endpoints, and accounts that are not the configured ones.

mod stand_ins;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use stand_ins::{Front, Proxy};
use tests::{Folder, Platform, Run};

const HUB: &str = "consumer-account/account.toml";
const FOOD: &str = "microservice-accounts/food/service.toml";
const DEV: &str = r#"
[environments.dev]
account = { id = "222222222222", role = "platform-provisioner" }
certificate = { source = "request" }
"#;
const PLAN: &str = "plan --env dev";

/// What AWS's certificates cover, one label at each star.
const AWS_NAMES: [&str; 4] =
    ["*.amazonaws.com", "*.eu-west-1.amazonaws.com", "*.ddb.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com"];

/// The smallest platform, whose environment `dev` is at AWS, with credentials that AWS does not know: without any, the program
/// would look for some outside this machine.
fn folder(test: &str) -> Folder {
    let folder = Folder::small(test, &["food"]);
    folder.write(FOOD, &(folder.read(FOOD) + DEV));
    folder.with("AWS_ACCESS_KEY_ID", "somebody").with("AWS_SECRET_ACCESS_KEY", "somebody")
}

/// The same with an emulator.
fn platform(test: &str) -> Platform {
    Platform::new(folder(test))
}

/// Runs the program with these variables set, too.
fn run(folder: &Folder, arguments: &str, environment: &[(&str, &str)]) -> Run {
    let mut command = folder.command(arguments);
    command.envs(environment.iter().copied());
    Run::of(arguments, command.output().expect("the program runs"))
}

/// The authority that vouches for a front of this folder.
fn authority(folder: &Path) -> PathBuf {
    folder.join("local/ca/ca.pem")
}

#[test]
fn an_endpoint_with_a_certificate_of_ones_own_needs_the_bundle() {
    let platform = platform("bundle");
    let trust = platform.path().join("trust");
    let front = Front::new(&trust, &["localhost"], &platform.endpoint());
    let (url, bundle) = (front.url(), authority(&trust).display().to_string());
    let warning = format!("WARNING: AWS_ENDPOINT_URL is set: every call of `dev` goes to {url}");

    let distrusting = run(&platform, PLAN, &[("AWS_ENDPOINT_URL", &url)]).exits(1).says(&warning);
    let _ = distrusting.says("invalid peer certificate: UnknownIssuer");
    assert_eq!(front.services(), BTreeSet::new(), "a request was sent to somebody who is not trusted");

    let trusting = run(&platform, PLAN, &[("AWS_ENDPOINT_URL", &url), ("AWS_CA_BUNDLE", &bundle)]).exits(2);
    assert!(trusting.says(&warning).out.contains("consumer/vpc/main create"));
    let called = front.services();
    for service in ["sts", "ec2", "route53", "lambda", "s3", "apigateway"] {
        assert!(called.contains(service), "{service} was not called there: {called:?}");
    }
}

#[test]
fn a_bundle_that_cannot_be_used_is_said() {
    let folder = folder("no-bundle");
    let proxy = Proxy::refusing();
    folder.write("empty.pem", "no certificate at all\n");
    folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for file in ["missing.pem", "empty.pem", "broken.pem"] {
        let path = folder.path().join(file).display().to_string();
        let refused = run(&folder, PLAN, &[("AWS_CA_BUNDLE", &path), ("HTTPS_PROXY", &proxy.url())]).exits(1);
        let _ = refused.says(&format!("AWS_CA_BUNDLE `{path}`: "));
    }
    assert_eq!(proxy.asked(), BTreeSet::new(), "somebody was called");
}

/// By AWS's own names, which nobody looks up: the proxy leads them to the emulator.
#[test]
fn everything_goes_through_the_proxy() {
    let platform = platform("proxy");
    let trust = platform.path().join("trust");
    let front = Front::new(&trust, &AWS_NAMES, &platform.endpoint());
    let proxy = Proxy::to(front.port());
    let bundle = authority(&trust).display().to_string();
    let plan = run(&platform, PLAN, &[("HTTPS_PROXY", &proxy.url()), ("AWS_CA_BUNDLE", &bundle)]).exits(2);
    assert!(plan.out.contains("consumer/vpc/main create") && !plan.err.contains("WARNING"), "{}", plan.err);
    let asked = proxy.asked();
    for host in ["sts.eu-west-1", "ec2.eu-west-1", "route53", "lambda.eu-west-1", "apigateway.eu-west-1"] {
        let line = format!("CONNECT {host}.amazonaws.com:443 HTTP/1.1");
        assert!(asked.contains(&line), "not asked for {host}: {asked:#?}");
    }
}

#[test]
fn a_proxy_that_refuses_is_said_and_not_gone_around() {
    let folder = folder("refused");
    let proxy = Proxy::refusing();
    for command in [PLAN, "up --yes --env dev"] {
        let refused = run(&folder, command, &[("HTTPS_PROXY", &proxy.url())]).exits(1);
        let _ = refused.says("no credentials for account").says("tunnel error");
    }
    assert_eq!(proxy.asked(), ["CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1".to_owned()].into());
}

#[test]
fn what_no_proxy_names_is_called_directly() {
    let platform = platform("direct");
    let trust = platform.path().join("trust");
    let front = Front::new(&trust, &["localhost"], &platform.endpoint());
    let proxy = Proxy::refusing();
    let (url, bundle, through) = (front.url(), authority(&trust).display().to_string(), proxy.url());
    let variables = [("AWS_ENDPOINT_URL", &*url), ("AWS_CA_BUNDLE", &*bundle), ("HTTPS_PROXY", &*through)];

    for names in ["localhost", "example.com, localhost", "*"] {
        let _ = run(&platform, PLAN, &[&variables[..], &[("NO_PROXY", names)]].concat()).exits(2);
    }
    assert_eq!(proxy.asked(), BTreeSet::new(), "the proxy was asked for what NO_PROXY names");

    let _ = run(&platform, PLAN, &[&variables[..], &[("NO_PROXY", "example.com")]].concat()).exits(1);
    assert_eq!(proxy.asked(), [format!("CONNECT localhost:{} HTTP/1.1", front.port())].into());
}

#[test]
fn local_knows_no_proxy() {
    let platform = platform("no-proxy");
    let proxy = Proxy::refusing();
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"] {
        let _ = run(&platform, "plan", &[(variable, &proxy.url())]).exits(2);
    }
    assert_eq!(proxy.asked(), BTreeSet::new(), "a call of `local` left this machine");

    // Elsewhere the same variable is honoured.
    let variables = [("HTTP_PROXY", &*proxy.url()), ("AWS_ENDPOINT_URL", &*platform.endpoint())];
    let _ = run(&platform, PLAN, &variables).exits(1);
    assert!(proxy.asked().iter().all(|line| line.contains("http://127.0.0.1")) && !proxy.asked().is_empty());
}

#[test]
fn local_refuses_an_endpoint_elsewhere_before_any_call() {
    let folder = folder("elsewhere");
    let proxy = Proxy::refusing();
    for url in ["http://10.0.0.1", "https://ec2.eu-west-1.amazonaws.com", "http://127.0.0.1:80@aws.example"] {
        for command in ["plan", "up --yes", "down --all --yes", "status"] {
            let refused = run(&folder, command, &[("AWS_ENDPOINT_URL", url), ("ALL_PROXY", &proxy.url())]).exits(64);
            let _ = refused.says(&format!("AWS_ENDPOINT_URL is `{url}`, but `local` never leaves this machine"));
        }
    }
    assert_eq!(proxy.asked(), BTreeSet::new(), "somebody was called");
}

#[test]
fn credentials_of_another_account_read_nothing() {
    let platform = platform("wrong");
    let trust = platform.path().join("trust");
    let front = Front::new(&trust, &["localhost"], &platform.endpoint());
    let bundle = authority(&trust).display().to_string();
    // Without a role the credentials are taken as they are, and the emulator's belong to its first account.
    platform.edit(HUB, ", role = \"platform-provisioner\"", "");
    let before = platform.generation();
    for command in [PLAN, "up --yes --env dev", "down --all --yes --env dev", "status --env dev", "outputs --env dev"] {
        let refused = run(&platform, command, &[("AWS_ENDPOINT_URL", &front.url()), ("AWS_CA_BUNDLE", &bundle)]);
        let refused = refused.exits(1).says("`consumer` is configured as 111111111111");
        let _ = refused.says("the credentials belong to 123456789012");
    }
    assert_eq!(front.services(), ["sts".to_owned()].into(), "something was read");
    assert_eq!(platform.generation(), before, "something was changed");
}
