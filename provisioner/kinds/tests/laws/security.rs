//! Laws of keys, secrets and log groups.

use engine::{RESTORE, State};
use kinds::{
    KmsAlias, KmsKey, KmsKeyRotation, Live, LogGroup, LogRetention, Secret, SecretPolicy, SharedSecret, aws::kms,
};
use model::{Address, Kind, Policy, policy::Statement};

use crate::world::World;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
const OTHER_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/66666666-7777-8888-9999-000000000000";

fn at<K: Kind>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}

fn policy(actions: &[&str]) -> Policy {
    let root = Statement::allow("Root").principal("AWS", "arn:aws:iam::111122223333:root");
    Policy::of([root.actions(actions).on("*")])
}

fn key() -> KmsKey {
    KmsKey { description: "for laws".to_owned(), policy: policy(&["kms:Decrypt", "kms:Encrypt"]), enabled: true }
}

#[tokio::test]
async fn keys_keep_the_laws() {
    let want = key();
    let variations = [
        KmsKey { description: "for other laws".to_owned(), ..want.clone() },
        KmsKey { policy: policy(&["kms:Decrypt"]), ..want.clone() },
        want.clone(),
    ];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn rotation_that_somebody_turned_off_is_turned_on_again() {
    let world = World::new().await;
    let key = world.make(&at::<KmsKey>("main"), &key()).await.output(KmsKey::ID).expect("an id");
    let (address, want) = (at::<KmsKeyRotation>("main"), KmsKeyRotation { key: key.as_str().into() });
    assert!(world.find(&address, &want).await.is_none());
    let seen = world.make(&address, &want).await;
    world.aws.kms.disable_key_rotation().key_id(&key).send().await.expect("no rotation");
    assert!(world.find(&address, &want).await.is_none());
    world.make(&address, &want).await;
    KmsKeyRotation::delete(&world.aws, &seen).await.expect("nothing to do");
    assert!(world.find(&address, &want).await.is_some(), "it goes with its key");
    world.aws.kms.schedule_key_deletion().key_id(&key).pending_window_in_days(7).send().await.expect("a schedule");
    assert!(world.find(&address, &want).await.is_none());
}

#[tokio::test]
async fn a_key_is_found_with_and_without_its_alias() {
    let (world, want) = (World::new().await, key());
    let nameless = world.make(&at::<KmsKey>("main"), &want).await;
    alias(&world, "main", &nameless.output(KmsKey::ID).expect("an id")).await;
    let named = world.find(&at::<KmsKey>("main"), &want).await.expect("the key");
    assert_eq!(named.outputs, nameless.outputs);
}

#[tokio::test]
async fn a_key_pending_deletion_is_brought_back() {
    let (world, want) = (World::new().await, key());
    let made = world.make(&at::<KmsKey>("main"), &want).await;
    KmsKey::delete(&world.aws, &made).await.expect("a delete");
    let retired = world.find(&at::<KmsKey>("main"), &want).await.expect("the key");
    assert!(matches!(retired.state, State::Retired(_)), "{:?}", retired.state);

    let next = KmsKey { description: "back".to_owned(), ..want };
    KmsKey::update(&world.aws, &retired, &next, &[RESTORE.to_owned()]).await.expect("a restore");
    let back = world.find(&at::<KmsKey>("main"), &next).await.expect("the key");
    assert_eq!((back.spec, back.state, back.outputs), (next, State::Ready, made.outputs));
}

#[tokio::test]
async fn a_disabled_key_is_enabled_again() {
    let (world, want) = (World::new().await, key());
    let made = world.make(&at::<KmsKey>("main"), &want).await;
    let disable = world.aws.kms.disable_key().set_key_id(made.output(KmsKey::ID)).send();
    disable.await.expect("a disabled key");
    let disabled = world.find(&at::<KmsKey>("main"), &want).await.expect("the key");
    assert!(!disabled.spec.enabled);
    world.change(disabled, &want).await;
}

#[tokio::test]
async fn a_key_of_somebody_else_behind_our_alias_is_left_alone() {
    let world = World::new().await;
    let theirs = world.aws.kms.create_key().send().await.expect("a key").key_metadata.expect("a key").key_id;
    let name = alias(&world, "main", &theirs).await;
    let seen = world.find(&at::<KmsKey>("main"), &key()).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
    let want = KmsAlias { name, key: "a-key-of-ours".into() };
    let seen = world.find(&at::<KmsAlias>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
}

#[tokio::test]
async fn a_key_of_somebody_else_that_is_as_wanted_is_never_deleted() {
    let world = World::new().await;
    let call = world.aws.kms.create_key().description(key().description).policy(key().policy.document());
    let theirs = call.send().await.expect("a key").key_metadata.expect("a key").key_id;
    let rotation = KmsKeyRotation { key: theirs.as_str().into() };
    let seen = world.find(&at::<KmsKeyRotation>("main"), &rotation).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
    let name = alias(&world, "main", &theirs).await;
    let seen = world.find(&at::<KmsKey>("main"), &key()).await.expect("the key");
    assert_eq!((&seen.spec, &seen.state), (&key(), &State::Ready));
    KmsKey::delete(&world.aws, &seen).await.expect_err("not ours");
    KmsKey::update(&world.aws, &seen, &key(), &["policy".to_owned()]).await.expect_err("not ours");
    let seen = world.find(&at::<KmsAlias>("main"), &KmsAlias { name, key: theirs.into() }).await.expect("the alias");
    KmsAlias::delete(&world.aws, &seen).await.expect_err("not ours");
}

async fn alias(world: &World, name: &str, key: &str) -> String {
    let alias = kms::alias_name(&world.aws, &at::<KmsAlias>(name));
    world.aws.kms.create_alias().alias_name(&alias).target_key_id(key).send().await.expect("an alias");
    alias
}

#[tokio::test]
async fn aliases_keep_the_laws() {
    let world = World::new().await;
    let (one, other) =
        (world.make(&at::<KmsKey>("main"), &key()).await, world.make(&at::<KmsKey>("other"), &key()).await);
    let [one, other] = [one, other].map(|key| key.output(KmsKey::ID).expect("an id"));
    let name = kms::alias_name(&world.aws, &at::<KmsAlias>("main"));
    let want = KmsAlias { name, key: one.into() };
    let variations = [KmsAlias { key: other.into(), ..want.clone() }, want.clone()];
    world.keeps_the_laws("main", want, variations).await;
}

fn secret() -> Secret {
    Secret {
        name: "laws-test/endpoint".to_owned(),
        description: "the endpoint".to_owned(),
        key: KEY.into(),
        value: r#"{"vpc_endpoint_id":"vpce-1"}"#.into(),
    }
}

#[tokio::test]
async fn secrets_keep_the_laws() {
    let want = secret();
    let variations = [
        Secret { description: "an endpoint".to_owned(), ..want.clone() },
        Secret { key: OTHER_KEY.into(), ..want.clone() },
        Secret { value: r#"{"vpc_endpoint_id":"vpce-2"}"#.into(), ..want.clone() },
        want.clone(),
    ];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn secret_policies_keep_the_laws() {
    let world = World::new().await;
    let secret = world.make(&at::<Secret>("main"), &secret()).await.output(Secret::ARN).expect("an ARN");
    let want = SecretPolicy { secret: secret.into(), policy: policy(&["secretsmanager:GetSecretValue"]) };
    let other = SecretPolicy { policy: policy(&["secretsmanager:DescribeSecret"]), ..want.clone() };
    world.keeps_the_laws("main", want.clone(), [other, want]).await;
}

#[tokio::test]
async fn a_secret_scheduled_for_deletion_is_restored() {
    let (world, want) = (World::new().await, secret());
    let made = world.make(&at::<Secret>("main"), &want).await;
    world
        .aws
        .secrets
        .delete_secret()
        .secret_id(&want.name)
        .recovery_window_in_days(7)
        .send()
        .await
        .expect("a schedule");
    let retired = world.find(&at::<Secret>("main"), &want).await.expect("the secret");
    assert!(matches!(retired.state, State::Retired(_)), "{:?}", retired.state);

    Secret::update(&world.aws, &retired, &want, &[RESTORE.to_owned()]).await.expect("a restore");
    let back = world.find(&at::<Secret>("main"), &want).await.expect("the secret");
    assert_eq!((back.spec, back.state, back.outputs), (want, State::Ready, made.outputs));
}

#[tokio::test]
async fn a_namesake_secret_is_left_alone() {
    let (world, want) = (World::new().await, secret());
    world.aws.secrets.create_secret().name(&want.name).secret_string("theirs").send().await.expect("a secret");
    let seen = world.find(&at::<Secret>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
}

#[tokio::test]
async fn another_accounts_secret_is_read_or_the_reason_is_given() {
    let (hub, service) = (World::new().await, World::new().await);
    let made = hub.make(&at::<Secret>("main"), &secret()).await;
    let arn = made.output(Secret::ARN).expect("an ARN");
    let want = SharedSecret { arn: arn.as_str().into() };
    let shut = service.find(&at::<SharedSecret>("hub"), &want).await.expect("the reason");
    assert!(matches!(&shut.state, State::Pending(_)), "{:?}", shut.state);
    let open = SecretPolicy { secret: arn.into(), policy: policy(&["secretsmanager:GetSecretValue"]) };
    hub.make(&at::<SecretPolicy>("main"), &open).await;
    let seen = service.find(&at::<SharedSecret>("hub"), &want).await.expect("the secret");
    assert_eq!(seen.output(SharedSecret::ENDPOINT).as_deref(), Some("vpce-1"));
    assert_eq!(seen.state, State::Ready);

    Secret::delete(&hub.aws, &made).await.expect("a delete");
    let gone = service.find(&at::<SharedSecret>("hub"), &want).await.expect("the reason");
    assert!(
        matches!(&gone.state, State::Pending(why) if why.contains("ResourceNotFoundException")),
        "{:?}",
        gone.state
    );
    assert!(gone.outputs.is_empty());
    SharedSecret::delete(&service.aws, &gone).await.expect_err("somebody else's");
}

fn log_group() -> LogGroup {
    LogGroup { name: "/laws-test/laws/main".to_owned(), key: KEY.into() }
}

#[tokio::test]
async fn log_groups_keep_the_laws() {
    let want = log_group();
    let variations = [LogGroup { key: OTHER_KEY.into(), ..want.clone() }, want.clone()];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn log_retention_is_set_and_changed_and_goes_with_its_group() {
    let world = World::new().await;
    let group = world.make(&at::<LogGroup>("main"), &log_group()).await;
    let (address, arn) = (at::<LogRetention>("main"), group.output(LogGroup::ARN).expect("an ARN"));
    let want = LogRetention { group: arn.into(), days: 30 };
    assert!(world.find(&address, &want).await.is_none());
    let seen = world.make(&address, &want).await;
    let seen = world.change(seen, &LogRetention { days: 90, ..want.clone() }).await;
    LogRetention::delete(&world.aws, &seen).await.expect("nothing to do");
    assert_eq!(world.find(&address, &want).await.expect("the retention").spec.days, 90);
    LogGroup::delete(&world.aws, &group).await.expect("a delete");
    assert!(world.find(&address, &want).await.is_none());
}

#[tokio::test]
async fn the_retention_of_a_namesake_log_group_is_left_alone() {
    let (world, group) = (World::new().await, log_group());
    world.aws.logs.create_log_group().log_group_name(&group.name).send().await.expect("a group");
    let want = LogRetention { group: world.aws.arn("logs", &format!("log-group:{}", group.name)).into(), days: 30 };
    let seen = world.find(&at::<LogRetention>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
    LogRetention::update(&world.aws, &seen, &want, &["days".to_owned()]).await.expect_err("not ours");
}

#[tokio::test]
async fn a_namesake_log_group_is_left_alone() {
    let (world, want) = (World::new().await, log_group());
    world.aws.logs.create_log_group().log_group_name(&want.name).send().await.expect("a group");
    let seen = world.find(&at::<LogGroup>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
    LogGroup::update(&world.aws, &seen, &want, &["key".to_owned()]).await.expect_err("not ours");
    LogGroup::delete(&world.aws, &seen).await.expect_err("not ours");
    assert!(world.find(&at::<LogGroup>("main"), &want).await.is_some());
}

#[tokio::test]
async fn a_log_group_that_nobody_wants_any_more_is_found_beside_a_wanted_one() {
    let (world, want) = (World::new().await, log_group());
    let stray = LogGroup { name: "/laws-test/laws/stray".to_owned(), ..want.clone() };
    world.make(&at::<LogGroup>("stray"), &stray).await;
    let wanted = [kinds::Wanted { address: at::<LogGroup>("main"), spec: want }];
    world.aws.forget().await;
    let found = LogGroup::read(&world.aws, &wanted).await.expect("a reading");
    assert_eq!(found.iter().map(|seen| &seen.address).collect::<Vec<_>>(), [&at::<LogGroup>("stray")]);
}
