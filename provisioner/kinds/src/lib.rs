//! One file per kind of AWS object: what is wanted of it (always) and how it is read and written (feature `live`).
//!
//! Blueprints use the spec halves only and never see the SDK. Read `subnet.rs` first: every kind file reads the same way,
//! from top to bottom spec, outputs, facts, then `mod live` with read, create, update, delete.

macro_rules! kinds {
    ($($module:ident::$kind:ident,)*) => {
        $(pub mod $module;)*
        $(pub use $module::$kind;)*

        /// The facts of every kind, in alphabetical order.
        pub const ALL: &[&model::Facts] = &[$(&<$kind as model::Kind>::FACTS),*];

        /// A driver for every kind, over the given accounts.
        #[cfg(feature = "live")]
        #[must_use]
        pub fn drivers(accounts: &std::sync::Arc<aws::Accounts>) -> Vec<std::sync::Arc<dyn engine::Driver>> {
            live_kinds(accounts)
        }
    };
}

kinds! {
    api_account::ApiAccount,
    api_body::ApiBody,
    api_deployment::ApiDeployment,
    api_domain::ApiDomain,
    api_stage::ApiStage,
    base_path_mapping::BasePathMapping,
    bucket::Bucket,
    certificate::Certificate,
    flow_log::FlowLog,
    function::Function,
    function_alias::FunctionAlias,
    function_permission::FunctionPermission,
    function_version::FunctionVersion,
    hosted_zone::HostedZone,
    kms_alias::KmsAlias,
    kms_key::KmsKey,
    listener::Listener,
    listener_certificate::ListenerCertificate,
    listener_rule::ListenerRule,
    load_balancer::LoadBalancer,
    log_group::LogGroup,
    prefix_list::PrefixList,
    record_set::RecordSet,
    rest_api::RestApi,
    role::Role,
    route_table::RouteTable,
    route_table_association::RouteTableAssociation,
    secret::Secret,
    security_group::SecurityGroup,
    security_group_rule::SecurityGroupRule,
    shared_secret::SharedSecret,
    subnet::Subnet,
    table::Table,
    target_group::TargetGroup,
    targets::Targets,
    vpc::Vpc,
    vpc_endpoint::VpcEndpoint,
}

pub mod documents;
mod unordered;
pub mod openapi;
pub mod validation;

// While kinds are being written: those with a live half, one per line.
#[cfg(feature = "live")]
fn live_kinds(accounts: &std::sync::Arc<aws::Accounts>) -> Vec<std::sync::Arc<dyn engine::Driver>> {
    macro_rules! live {
        ($($kind:ident,)*) => { vec![$(std::sync::Arc::new(live::Typed::<$kind>::new(accounts.clone()))),*] };
    }
    live! {
        ApiAccount,
        ApiBody,
        ApiDeployment,
        ApiDomain,
        ApiStage,
        BasePathMapping,
        Bucket,
        Certificate,
        FlowLog,
        Function,
        FunctionAlias,
        FunctionPermission,
        FunctionVersion,
        HostedZone,
        KmsAlias,
        KmsKey,
        Listener,
        ListenerCertificate,
        ListenerRule,
        LoadBalancer,
        LogGroup,
        PrefixList,
        RecordSet,
        RestApi,
        Role,
        RouteTable,
        RouteTableAssociation,
        Secret,
        SecurityGroup,
        SecurityGroupRule,
        SharedSecret,
        Subnet,
        Table,
        TargetGroup,
        Targets,
        Vpc,
        VpcEndpoint,
    }
}

#[cfg(feature = "live")]
pub mod aws;
#[cfg(feature = "live")]
mod live;

#[cfg(feature = "live")]
pub use live::{BatchChange, Live, Seen, Wanted};
