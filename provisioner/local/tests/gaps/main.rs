//! Each patch of `emulator/gaps.py` and `networks.py`, seen through the API it changes.

mod networks;
#[path = "../support/mod.rs"]
mod support;

use local::authority::Authority;
use networks::Network;
use support::{Account, OwnEmulator, between};

const HUB: &str = "111111111111";
const SERVICE: &str = "222222222222";

#[test]
fn a_secret_is_lent_to_another_account_by_its_arn_if_it_has_a_policy() {
    let own = OwnEmulator::start();
    let (hub, service) = (Account::new(&own.emulator, HUB), Account::new(&own.emulator, SERVICE));
    let call = |account: &Account, action: &str, body: String| {
        account.json("secretsmanager", &format!("secretsmanager.{action}"), &body)
    };
    let made = call(&hub, "CreateSecret", r#"{"Name":"endpoint","SecretString":"vpce-1"}"#.to_owned());
    let arn = between(&made, r#""ARN": ""#, "\"");
    let by_arn = format!(r#"{{"SecretId":"{arn}"}}"#);

    let without_policy = call(&service, "GetSecretValue", by_arn.clone());
    assert!(without_policy.contains("ResourceNotFoundException"), "{without_policy}");

    call(&hub, "PutResourcePolicy", format!(r#"{{"SecretId":"{arn}","ResourcePolicy":"{{}}"}}"#));
    assert!(call(&service, "GetSecretValue", by_arn.clone()).contains("vpce-1"));
    assert!(call(&service, "DescribeSecret", by_arn.clone()).contains(arn));
    let by_name = call(&service, "GetSecretValue", r#"{"SecretId":"endpoint"}"#.to_owned());
    assert!(by_name.contains("ResourceNotFoundException"), "by name each account has its own: {by_name}");
    let written = call(&service, "PutSecretValue", format!(r#"{{"SecretId":"{arn}","SecretString":"x"}}"#));
    assert!(written.contains("ResourceNotFoundException"), "only reading is lent: {written}");
}

/// The table `leases`, whose ARN it gives.
fn leases(account: &Account) -> String {
    let table = r#"{"TableName":"leases","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}]}"#;
    let made = account.json("dynamodb", "DynamoDB_20120810.CreateTable", table);
    between(&made, r#""TableArn": ""#, "\"").to_owned()
}

fn take(account: &Account, table: &str) -> String {
    let put = format!(
        r#"{{"TableName":"{table}","Item":{{"k":{{"S":"one"}}}},"ConditionExpression":"attribute_not_exists(k)"}}"#
    );
    let transaction = format!(r#"{{"TransactItems":[{{"Put":{put}}}]}}"#);
    account.json("dynamodb", "DynamoDB_20120810.TransactWriteItems", &transaction)
}

#[test]
fn of_many_who_write_on_one_condition_one_does() {
    let own = OwnEmulator::start();
    leases(&Account::new(&own.emulator, HUB));
    let answers: Vec<String> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| take(&Account::new(&own.emulator, HUB), "leases"))).collect();
        tries.into_iter().map(|it| it.join().expect("an answer")).collect()
    });
    let refused = answers.iter().filter(|answer| answer.contains("ConditionalCheckFailed")).count();
    assert_eq!(refused, answers.len() - 1, "{answers:#?}");
}

#[test]
fn a_table_is_lent_to_another_account_by_its_arn_if_it_has_a_policy() {
    let own = OwnEmulator::start();
    let (hub, service) = (Account::new(&own.emulator, HUB), Account::new(&own.emulator, SERVICE));
    let arn = leases(&hub);
    assert!(take(&service, &arn).contains("ResourceNotFoundException"));
    let policy = format!(r#"{{"ResourceArn":"{arn}","Policy":"{{}}"}}"#);
    hub.json("dynamodb", "DynamoDB_20120810.PutResourcePolicy", &policy);
    assert!(take(&service, "leases").contains("ResourceNotFoundException"), "by name each account has its own");
    assert!(!take(&service, &arn).contains("__type"), "it is lent");
    assert!(take(&hub, "leases").contains("ConditionalCheckFailed"), "the hub sees it, too");
    let look = format!(r#"{{"RequestItems":{{"{arn}":{{"Keys":[{{"k":{{"S":"one"}}}}]}}}}}}"#);
    assert!(service.json("dynamodb", "DynamoDB_20120810.BatchGetItem", &look).contains("one"));
}

#[test]
fn importing_a_certificate_again_keeps_its_tags() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, HUB);
    let authority = Authority::open(own.state.path()).expect("an authority");
    let import = |name: &str, more: &str| {
        let issued = authority.issue(&[name.to_owned()]).expect("a certificate");
        let [certificate, key] = [&issued.certificate_pem, &issued.private_key_pem].map(|pem| base64(pem));
        let body = format!(r#"{{"Certificate":"{certificate}","PrivateKey":"{key}",{more}}}"#);
        account.json("acm", "CertificateManager.ImportCertificate", &body)
    };
    let made = import("a.example", r#""Tags":[{"Key":"owner","Value":"platform"}]"#);
    let arn = between(&made, r#""CertificateArn": ""#, "\"");
    let again = import("b.example", &format!(r#""CertificateArn":"{arn}""#));
    assert!(again.contains(arn), "{again}");
    let by_arn = format!(r#"{{"CertificateArn":"{arn}"}}"#);
    let tags = account.json("acm", "CertificateManager.ListTagsForCertificate", &by_arn);
    assert!(tags.contains("owner") && tags.contains("platform"), "{tags}");
    let seen = account.json("acm", "CertificateManager.DescribeCertificate", &by_arn);
    assert!(seen.contains("b.example"), "the certificate itself is the new one: {seen}");
}

#[test]
fn a_bucket_is_made_with_its_tags_and_says_whether_it_is_versioned() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, HUB);
    let call = |method: &str, path: &str, body: &str| account.send(method, path, "s3", "", body);
    let place = "<LocationConstraint>eu-west-1</LocationConstraint>";
    let tags = "<Tags><Tag><Key>owner</Key><Value>platform</Value></Tag></Tags>";
    let made = |inside: &str| format!("<CreateBucketConfiguration>{inside}</CreateBucketConfiguration>");
    call("PUT", "/tagged", &made(&format!("{place}{tags}")));
    call("PUT", "/plain", &made(place));
    assert!(call("GET", "/tagged?tagging", "").contains("<Value>platform</Value>"));
    assert!(call("GET", "/plain?tagging", "").contains("NoSuchTagSet"));

    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    call("PUT", "/tagged?versioning", enabled);
    let seen = call("GET", "/tagged?versioning", "");
    assert!(seen.contains("<VersioningConfiguration") && seen.contains("<Status>Enabled</Status>"), "{seen}");
    let never = call("GET", "/plain?versioning", "");
    assert!(never.contains("<VersioningConfiguration") && !never.contains("Status>"), "{never}");
}

#[test]
fn log_groups_and_tables_take_another_key() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, HUB);
    let logs = |action: &str, body: &str| account.json("logs", &format!("Logs_20140328.{action}"), body);
    logs("CreateLogGroup", r#"{"logGroupName":"group","kmsKeyId":"one"}"#);
    logs("AssociateKmsKey", r#"{"logGroupName":"group","kmsKeyId":"other"}"#);
    assert!(logs("DescribeLogGroups", "{}").contains(r#""kmsKeyId": "other""#));
    let missing = logs("AssociateKmsKey", r#"{"logGroupName":"none","kmsKeyId":"other"}"#);
    assert!(missing.contains("ResourceNotFoundException"), "{missing}");

    let tables = |action: &str, body: &str| account.json("dynamodb", &format!("DynamoDB_20120810.{action}"), body);
    let keys = r#""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST","#;
    let attributes = r#""AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]"#;
    tables("CreateTable", &format!(r#"{{"TableName":"table",{keys}{attributes}}}"#));
    let encryption = r#""SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"other"}"#;
    tables("UpdateTable", &format!(r#"{{"TableName":"table",{encryption}}}"#));
    let seen = tables("DescribeTable", r#"{"TableName":"table"}"#);
    assert!(seen.contains(r#""KMSMasterKeyArn": "other""#) || seen.contains(r#""KMSMasterKeyArn":"other""#), "{seen}");
}

const JSON: &str = "Content-Type: application/json\r\n";

fn api(account: &Account, method: &str, path: &str, body: &str) -> String {
    account.send(method, path, "apigateway", JSON, body)
}

#[test]
fn a_whole_document_is_imported() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, SERVICE);
    let made = api(&account, "POST", "/restapis", r#"{"name":"before","description":"before","policy":"before"}"#);
    let path = format!("/restapis/{}", between(&made, r#""id": ""#, "\""));
    let operation = r#"{"responses":{"200":{"description":"ok"}},"x-amazon-apigateway-request-validator":"all"}"#;
    let document = |more: &str| {
        let info = r#""info":{"title":"after","version":"1a2b"}"#;
        format!(r#"{{"openapi":"3.0.1",{info},"paths":{{"/orders":{{"get":{operation}}}}}{more}}}"#)
    };
    let validators = r#"{"all":{"validateRequestBody":true,"validateRequestParameters":true}}"#;
    let more = format!(
        r#","x-amazon-apigateway-policy":{{"Statement":[]}},"x-amazon-apigateway-request-validators":{validators}"#
    );
    api(&account, "PUT", &format!("{path}?mode=overwrite"), &document(&more));
    let seen = api(&account, "GET", &path, "");
    assert!(seen.contains(r#""name": "after""#) && seen.contains("Statement"), "{seen}");
    assert!(seen.contains(r#""version": "1a2b""#), "{seen}");
    assert!(seen.contains(r#""description": null"#), "what the document does not say is taken away: {seen}");
    let exported = api(&account, "GET", &format!("{path}/stages/live/exports/oas30"), "");
    assert!(exported.contains(r#""x-amazon-apigateway-request-validator": "all""#), "{exported}");
    let known = api(&account, "GET", &format!("{path}/requestvalidators"), "");
    let validator = between(&known, r#""id": ""#, "\"");
    let resources = api(&account, "GET", &format!("{path}/resources?embed=methods"), "");
    assert_eq!(between(&resources, r#""requestValidatorId": ""#, "\""), validator);

    api(&account, "PUT", &format!("{path}?mode=overwrite"), &document(""));
    let seen = api(&account, "GET", &path, "");
    assert!(seen.contains(r#""policy": null"#), "{seen}");
}

#[test]
fn a_domain_name_has_no_mappings_at_first_and_takes_another_certificate() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, SERVICE);
    let domain = r#"{"domainName":"food.example","regionalCertificateArn":"arn:one"}"#;
    api(&account, "POST", "/domainnames", domain);
    let mappings = api(&account, "GET", "/domainnames/food.example/basepathmappings", "");
    assert!(mappings.contains(r#"{"item": []}"#), "{mappings}");

    let patch = r#"{"patchOperations":[{"op":"replace","path":"/regionalCertificateArn","value":"arn:two"}]}"#;
    for answer in
        [("PATCH", patch), ("GET", "")].map(|(how, body)| api(&account, how, "/domainnames/food.example", body))
    {
        assert!(answer.contains("arn:two"), "{answer}");
    }
}

#[test]
fn a_functions_key_tracing_and_log_group_change() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, SERVICE);
    account.query("iam", "CreateRole", "2010-05-08", "RoleName=orders&AssumeRolePolicyDocument=%7B%7D");
    let call = |method: &str, path: &str, body: &str| {
        account.send(method, &format!("/2015-03-31/functions{path}"), "lambda", JSON, body)
    };
    let role = format!("arn:aws:iam::{SERVICE}:role/orders");
    let code = base64("no zip");
    call("POST", "", &format!(r#"{{"FunctionName":"orders","Role":"{role}","Code":{{"ZipFile":"{code}"}}}}"#));
    let first = call("GET", "/orders/configuration", "");
    assert!(first.contains(r#""LogGroup": "/aws/lambda/orders""#), "{first}");
    call("PUT", "/orders/configuration", r#"{"KMSKeyArn":"arn:key","TracingConfig":{"Mode":"Active"}}"#);
    call("PUT", "/orders/configuration", r#"{"LoggingConfig":{"LogGroup":"/demo/orders"}}"#);
    call("PUT", "/orders/configuration", r#"{"MemorySize":256}"#);
    let seen = call("GET", "/orders/configuration", "");
    for part in ["arn:key", r#""LogGroup": "/demo/orders""#, r#""Mode": "Active""#, r#""MemorySize": 256"#] {
        assert!(seen.contains(part), "{part} is in {seen}");
    }
}

#[test]
fn a_listeners_further_certificates_outlive_its_default_one() {
    let own = OwnEmulator::start();
    let Network { account, subnets: [subnet, _], .. } = Network::new(&own);
    let elb = |action: &str, parameters: &str| account.query("elasticloadbalancing", action, "2015-12-01", parameters);
    let [one, further, other] = ["one", "further", "other"].map(|name| {
        let request = format!(r#"{{"DomainName":"{name}.example"}}"#);
        let made = account.json("acm", "CertificateManager.RequestCertificate", &request);
        between(&made, r#""CertificateArn": ""#, "\"").to_owned()
    });
    let made = elb("CreateLoadBalancer", &format!("Name=hub&Subnets.member.1={subnet}"));
    let balancer = between(&made, "<LoadBalancerArn>", "</LoadBalancerArn>");
    let with = |certificate: &str| format!("Certificates.member.1.CertificateArn={certificate}");
    let answer =
        "DefaultActions.member.1.Type=fixed-response&DefaultActions.member.1.FixedResponseConfig.StatusCode=404";
    let listener = format!("LoadBalancerArn={balancer}&Protocol=HTTPS&Port=443&{answer}&{}", with(&one));
    let made = elb("CreateListener", &listener);
    let listener = format!("ListenerArn={}", between(&made, "<ListenerArn>", "</ListenerArn>"));
    let tag = "Tags.member.1.Key=platform&Tags.member.1.Value=demo";
    let arn = listener.trim_start_matches("ListenerArn=");
    elb("AddTags", &format!("ResourceArns.member.1={arn}&{tag}"));
    let search =
        r#"{"TagFilters":[{"Key":"platform","Values":["demo"]}],"ResourceTypeFilters":["elasticloadbalancing"]}"#;
    let found = account.json("tagging", "ResourceGroupsTaggingAPI_20170126.GetResources", search);
    assert!(found.contains(arn), "a search by tag finds listeners: {found}");

    elb("AddListenerCertificates", &format!("{listener}&{}", with(&further)));
    elb("ModifyListener", &format!("{listener}&{}", with(&other)));
    let seen = elb("DescribeListenerCertificates", &listener);
    assert!(seen.contains(&other) && seen.contains(&further) && !seen.contains(&one), "{seen}");
}

fn base64(text: &str) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(text)
}
