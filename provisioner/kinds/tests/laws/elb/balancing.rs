//! Load balancers, target groups, targets and listeners.

use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, LoadBalancerAttribute};
use engine::State;
use kinds::{
    Listener, ListenerCertificate, Live, LoadBalancer, LoadBalancerAttributes, TargetGroup, TargetGroupAttributes,
    Targets,
};
use serde_json::json;

use super::hub::{Hub, at};

#[tokio::test]
async fn load_balancers_keep_the_laws() {
    let hub = Hub::new("balancer").await;
    let want = hub.load_balancer();
    let variations = [
        LoadBalancer { subnets: hub.subnets[1..].to_vec(), ..want.clone() },
        LoadBalancer { security_groups: hub.groups.clone(), ..want.clone() },
        want.clone(),
    ];
    hub.world.keeps_the_laws("balancer", want, variations).await;
}

#[tokio::test]
async fn attributes_of_a_load_balancer_are_set_and_changed_and_let_it_go() {
    let hub = Hub::new("attributes").await;
    let balancer = hub.world.make(&at::<LoadBalancer>("attributes"), &hub.load_balancer()).await;
    let address = at::<LoadBalancerAttributes>("attributes");
    let want = LoadBalancerAttributes {
        load_balancer: balancer.output(LoadBalancer::ARN).expect("an ARN").into(),
        access_logs: "laws-test-logs".into(),
        drop_invalid_headers: true,
        preserve_host: true,
        deletion_protection: true,
    };
    let mut seen = hub.world.make(&address, &want).await;
    let variations = [
        LoadBalancerAttributes { access_logs: "laws-test-other-logs".into(), ..want.clone() },
        LoadBalancerAttributes { drop_invalid_headers: false, preserve_host: false, ..want.clone() },
        LoadBalancerAttributes { deletion_protection: false, ..want.clone() },
        want.clone(),
    ];
    for next in variations {
        seen = hub.world.change(seen, &next).await;
    }
    LoadBalancerAttributes::delete(&hub.world.aws, &seen).await.expect("a delete");
    assert!(!hub.world.find(&address, &want).await.expect("the balancer").spec.deletion_protection);
    LoadBalancer::delete(&hub.world.aws, &balancer).await.expect("a delete");
    assert!(hub.world.find(&address, &want).await.is_none());
    LoadBalancerAttributes::delete(&hub.world.aws, &seen).await.expect("a delete of what is gone");
}

#[tokio::test]
async fn a_load_balancer_whose_protection_was_not_lifted_goes_as_well() {
    let hub = Hub::new("protected").await;
    let balancer = hub.world.make(&at::<LoadBalancer>("protected"), &hub.load_balancer()).await;
    let on = LoadBalancerAttribute::builder().key("deletion_protection.enabled").value("true").build();
    let call = hub.world.aws.elb.modify_load_balancer_attributes().attributes(on);
    call.set_load_balancer_arn(balancer.output(LoadBalancer::ARN)).send().await.expect("a protection");
    LoadBalancer::delete(&hub.world.aws, &balancer).await.expect("a delete");
    assert!(hub.world.find(&at::<LoadBalancer>("protected"), &hub.load_balancer()).await.is_none());
}

#[tokio::test]
async fn a_load_balancer_changed_by_hand_is_seen_and_mended() {
    let hub = Hub::new("balancer-by-hand").await;
    let want = hub.load_balancer();
    let seen = hub.world.make(&at::<LoadBalancer>("balancer-by-hand"), &want).await;
    let arn = seen.output(LoadBalancer::ARN).expect("an ARN");
    let call = hub.world.aws.elb.set_security_groups().load_balancer_arn(arn);
    call.security_groups(hub.groups[1].as_str()).send().await.expect("a change");
    let seen = hub.world.find(&at::<LoadBalancer>("balancer-by-hand"), &want).await.expect("the load balancer");
    assert_eq!(seen.spec.security_groups, [hub.groups[1].clone()]);
    hub.world.change(seen, &want).await;
}

#[tokio::test]
async fn a_load_balancer_of_somebody_else_is_not_touched() {
    let hub = Hub::new("balancer-of-others").await;
    let want = hub.load_balancer();
    let call = hub.world.aws.elb.create_load_balancer().name(&want.name).subnets(hub.subnets[0].as_str());
    call.send().await.expect("a load balancer");
    let seen = hub.world.find(&at::<LoadBalancer>("balancer-of-others"), &want).await.expect("what is in the way");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
}

#[tokio::test]
async fn target_groups_keep_the_laws() {
    let hub = Hub::new("group").await;
    let want = hub.target_group();
    let variations = [
        TargetGroup { matcher: "200-499".to_owned(), ..want.clone() },
        TargetGroup { health_path: "/ping".to_owned(), ..want.clone() },
        TargetGroup { interval_seconds: 5, ..want.clone() },
        TargetGroup { healthy_threshold: 5, unhealthy_threshold: 2, ..want.clone() },
        want.clone(),
    ];
    hub.world.keeps_the_laws("group", want, variations).await;
}

#[tokio::test]
async fn attributes_of_a_target_group_are_set_and_changed_and_go_with_it() {
    let hub = Hub::new("delay").await;
    let group = hub.world.make(&at::<TargetGroup>("delay"), &hub.target_group()).await;
    let (address, target_group) =
        (at::<TargetGroupAttributes>("delay"), group.output(TargetGroup::ARN).expect("an ARN").into());
    let want = TargetGroupAttributes { target_group, deregistration_delay_seconds: 30 };
    let seen = hub.world.make(&address, &want).await;
    let next = TargetGroupAttributes { deregistration_delay_seconds: 0, ..want.clone() };
    let seen = hub.world.change(seen, &next).await;
    TargetGroupAttributes::delete(&hub.world.aws, &seen).await.expect("nothing to do");
    TargetGroup::delete(&hub.world.aws, &group).await.expect("a delete");
    assert!(hub.world.find(&address, &want).await.is_none());
}

#[tokio::test]
async fn targets_keep_the_laws() {
    let hub = Hub::new("targets").await;
    let group = hub.world.make(&at::<TargetGroup>("targets"), &hub.target_group()).await;
    let group = group.output(TargetGroup::ARN).expect("an ARN");
    let of = |addresses: &[&str]| Targets {
        target_group: group.as_str().into(),
        addresses: addresses.iter().map(|&address| address.into()).collect(),
    };
    let (want, other) = (of(&["10.0.0.9", "10.0.0.10"]), of(&["10.0.0.9", "10.0.1.9"]));
    hub.world.keeps_the_laws("targets", want.clone(), [other, want]).await;
}

#[tokio::test]
async fn targets_tell_how_they_are() {
    let hub = Hub::new("health").await;
    let group = hub.world.make(&at::<TargetGroup>("health"), &hub.target_group()).await;
    let group = group.output(TargetGroup::ARN).expect("an ARN").into();
    let want = Targets { target_group: group, addresses: vec!["10.0.0.9".into()] };
    let seen = hub.world.make(&at::<Targets>("health"), &want).await;
    assert_eq!(seen.state, State::Ready);
    assert_eq!(seen.outputs["health"], json!({"10.0.0.9": "healthy"}));
}

#[tokio::test]
async fn listeners_keep_the_laws() {
    let hub = Hub::new("listener").await;
    let want = hub.listener().await;
    let variations = [
        Listener { port: 8443, ..want.clone() },
        Listener { tls_policy: "ELBSecurityPolicy-TLS13-1-3-2021-06".to_owned(), ..want.clone() },
        Listener { certificate: hub.world.certificate("other.internal.example").await.into(), ..want.clone() },
        Listener { default_status: 503, ..want.clone() },
        want.clone(),
    ];
    hub.world.keeps_the_laws("listener", want, variations).await;
}

#[tokio::test]
async fn a_listener_that_forwards_by_default_has_drifted() {
    let hub = Hub::new("listener-by-hand").await;
    let want = hub.listener().await;
    let listener =
        hub.world.make(&at::<Listener>("listener-by-hand"), &want).await.output(Listener::ARN).expect("an ARN");
    let group = hub.world.make(&at::<TargetGroup>("listener-by-hand"), &hub.target_group()).await;
    let group = group.output(TargetGroup::ARN).expect("an ARN");
    let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(group).build();
    let call = hub.world.aws.elb.modify_listener().listener_arn(listener).default_actions(forward);
    call.send().await.expect("a change");
    let seen = hub.world.find(&at::<Listener>("listener-by-hand"), &want).await.expect("the listener");
    assert_eq!(seen.spec.default_status, 0);
    hub.world.change(seen, &want).await;
}

#[tokio::test]
async fn listener_certificates_keep_the_laws() {
    let hub = Hub::new("sni").await;
    let listener = hub.world.make(&at::<Listener>("sni"), &hub.listener().await).await;
    let listener = listener.output(Listener::ARN).expect("an ARN");
    let certificate = hub.world.certificate("food.internal.example").await;
    let want = ListenerCertificate { listener: listener.into(), certificate: certificate.into() };
    hub.world.keeps_the_laws("sni", want, []).await;
}

#[tokio::test]
async fn a_listener_tells_all_its_certificates_the_default_one_first() {
    let hub = Hub::new("certificates").await;
    let want = hub.listener().await;
    let listener = hub.world.make(&at::<Listener>("certificates"), &want).await.output(Listener::ARN).expect("an ARN");
    let further = hub.world.certificate("food.internal.example").await;
    let extra = ListenerCertificate { listener: listener.into(), certificate: further.as_str().into() };
    hub.world.make(&at::<ListenerCertificate>("certificates"), &extra).await;
    let seen = hub.world.find(&at::<Listener>("certificates"), &want).await.expect("the listener");
    assert_eq!(seen.outputs["certificates"], json!([want.certificate.as_str(), further]));
}

#[tokio::test]
async fn a_new_default_certificate_leaves_the_further_ones_alone() {
    let hub = Hub::new("new-default").await;
    let want = hub.listener().await;
    let seen = hub.world.make(&at::<Listener>("new-default"), &want).await;
    let further = hub.world.certificate("further.internal.example").await;
    let listener = seen.output(Listener::ARN).expect("an ARN").into();
    let extra = ListenerCertificate { listener, certificate: further.into() };
    hub.world.make(&at::<ListenerCertificate>("new-default"), &extra).await;
    let certificate = hub.world.certificate("new.internal.example").await.into();
    hub.world.change(seen, &Listener { certificate, ..want }).await;
    assert!(hub.world.find(&at::<ListenerCertificate>("new-default"), &extra).await.is_some());
}

#[tokio::test]
async fn the_default_certificate_is_not_a_further_one() {
    let hub = Hub::new("default").await;
    let want = hub.listener().await;
    let listener = hub.world.make(&at::<Listener>("default"), &want).await.output(Listener::ARN).expect("an ARN");
    let default = ListenerCertificate { listener: listener.into(), certificate: want.certificate };
    assert!(hub.world.find(&at::<ListenerCertificate>("default"), &default).await.is_none());
}
