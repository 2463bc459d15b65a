//! One file per kind of AWS object: what is wanted of it (always) and how it is read and written (feature `live`).
//!
//! Blueprints use the spec halves only and never see the SDK. Read `subnet.rs` first: every kind file reads the same way,
//! from top to bottom spec, outputs, facts, then `mod live` with read, create, update, delete.
//!
//! References are typed, so the two mistakes that text would allow do not compile. Asking a kind for another's output:
//!
//! ```compile_fail,E0308
//! use kinds::{RestApi, Vpc};
//! use model::Handle;
//! let api: Handle<RestApi> = Handle::declare("food", "main");
//! let id = api.get(Vpc::ID);
//! ```
//!
//! And giving a reference where another type of id belongs:
//!
//! ```compile_fail,E0308
//! use kinds::{RouteTable, Subnet};
//! use model::Handle;
//! let subnet: Handle<Subnet> = Handle::declare("food", "main");
//! let table = RouteTable { vpc: subnet.get(Subnet::ID) };
//! ```

macro_rules! kinds {
    ($($module:ident::$kind:ident,)*) => {
        $(pub mod $module;)*
        $(pub use $module::$kind;)*

        /// The facts of every kind, in alphabetical order.
        pub const ALL: &[&model::Facts] = &[$(&<$kind as model::Kind>::FACTS),*];

        /// A spec of this kind in the form that reads come in, so that equal meanings compare equal.
        ///
        /// # Errors
        /// If a spec without references is not of this kind's shape.
        ///
        /// # Panics
        /// If there is no such kind.
        pub fn normalize(kind: &str, spec: &serde_json::Value) -> Result<serde_json::Value, serde_json::Error> {
            $(if kind == <$kind as model::Kind>::FACTS.kind {
                return normal::<$kind>(spec);
            })*
            panic!("there is no kind `{kind}`");
        }

        /// A driver for every kind, over the given accounts.
        #[cfg(feature = "live")]
        #[must_use]
        pub fn drivers(accounts: &std::sync::Arc<aws::Accounts>) -> Vec<std::sync::Arc<dyn engine::Driver>> {
            vec![$(std::sync::Arc::new(live::Typed::<$kind>::new(accounts.clone()))),*]
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
    bucket_lifecycle::BucketLifecycle,
    bucket_policy::BucketPolicy,
    bucket_public_access::BucketPublicAccess,
    bucket_versioning::BucketVersioning,
    certificate::Certificate,
    default_security_group::DefaultSecurityGroup,
    flow_log::FlowLog,
    function::Function,
    function_alias::FunctionAlias,
    function_permission::FunctionPermission,
    function_version::FunctionVersion,
    hosted_zone::HostedZone,
    kms_alias::KmsAlias,
    kms_key::KmsKey,
    kms_key_rotation::KmsKeyRotation,
    listener::Listener,
    listener_certificate::ListenerCertificate,
    listener_rule::ListenerRule,
    load_balancer::LoadBalancer,
    load_balancer_attributes::LoadBalancerAttributes,
    log_group::LogGroup,
    log_retention::LogRetention,
    prefix_list::PrefixList,
    record_set::RecordSet,
    rest_api::RestApi,
    role::Role,
    role_policy::RolePolicy,
    role_policy_attachment::RolePolicyAttachment,
    route_table::RouteTable,
    route_table_association::RouteTableAssociation,
    secret::Secret,
    secret_policy::SecretPolicy,
    security_group::SecurityGroup,
    security_group_rule::SecurityGroupRule,
    shared_secret::SharedSecret,
    subnet::Subnet,
    table::Table,
    table_expiry::TableExpiry,
    table_recovery::TableRecovery,
    target_group::TargetGroup,
    target_group_attributes::TargetGroupAttributes,
    targets::Targets,
    vpc::Vpc,
    vpc_endpoint::VpcEndpoint,
}

/// As [`normalize`], where the kind is known.
pub(crate) fn normal<K: model::Kind>(spec: &serde_json::Value) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<K>(spec.clone())?)
}

pub mod documents;
pub mod openapi;
pub mod rates;
pub mod revision;
mod unordered;
pub mod validation;

#[cfg(feature = "live")]
pub mod aws;
#[cfg(feature = "live")]
mod live;

#[cfg(feature = "live")]
pub use live::{BatchChange, Live, Seen, Wanted};
