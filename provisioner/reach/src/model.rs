//! The world with indexes: every question a hop asks is a look-up.

use std::collections::{BTreeMap, HashMap};

use kinds::{
    ApiBody, ApiDeployment, ApiDomain, ApiStage, BasePathMapping, Certificate, Function, FunctionAlias,
    FunctionPermission, FunctionVersion, HostedZone, Listener, ListenerCertificate, ListenerRule, LoadBalancer,
    PrefixList, RecordSet, RestApi, Role, RolePolicy, RouteTableAssociation, SecurityGroup, SecurityGroupRule, Subnet,
    Table, TargetGroup, Targets, Vpc, VpcEndpoint,
};
use model::{AccountId, Address, Field, Id, Input, Kind, Outputs};
use serde_json::Value;

use crate::{
    mend::Wanted,
    policy,
    request::plain_name,
    world::{Object, Snapshots, State, World},
};

/// One object, typed.
pub(crate) struct Found<K> {
    pub(crate) address: Address,
    pub(crate) account: String,
    pub(crate) account_id: AccountId,
    pub(crate) spec: K,
    pub(crate) outputs: Outputs,
    pub(crate) state: State,
}

impl<K: Kind> Found<K> {
    /// An output's text; empty when it is not known.
    pub(crate) fn output<T>(&self, field: Field<K, T>) -> &str {
        self.outputs.get(field.name).and_then(Value::as_str).unwrap_or_default()
    }

    /// An output that is a list of texts.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.outputs.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Why it does not do its work, if it does not. What is not ours works as well.
    pub(crate) fn trouble(&self) -> Option<String> {
        match &self.state {
            State::Ready | State::Foreign(_) => None,
            State::Pending(why) => Some(format!("it is not ready: {why}")),
            State::Broken(why) | State::Retired(why) => Some(format!("it is broken: {why}")),
        }
    }

    /// `<account id>/<name>`, for names that are unique in their account.
    pub(crate) fn in_account(&self, name: &str) -> String {
        format!("{}/{name}", self.account_id)
    }
}

/// The text of a field; empty when it is an unresolved reference.
pub(crate) fn text<T: Id>(input: &Input<T>) -> &str {
    input.if_known().map_or("", AsRef::as_ref)
}

/// All objects of one kind, by one key.
pub(crate) struct Shelf<K> {
    items: Vec<Found<K>>,
    by: HashMap<String, Vec<usize>>,
}

impl<K> Shelf<K> {
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &Found<K>> + Clone + use<'_, K> {
        self.by.get(key).into_iter().flatten().map(|&at| &self.items[at])
    }

    pub(crate) fn one(&self, key: &str) -> Option<&Found<K>> {
        self.all(key).next()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Found<K>> {
        self.items.iter()
    }
}

impl<K: Kind> Shelf<K> {
    fn take(&mut self, object: &Object) {
        let Ok(spec) = K::deserialize(&object.spec) else { return };
        self.items.push(Found {
            address: object.address.clone(),
            account: object.account.clone(),
            account_id: object.account_id.clone(),
            spec,
            outputs: object.outputs.clone(),
            state: object.state.clone(),
        });
    }

    fn index(&mut self, key: impl Fn(&Found<K>) -> String) {
        for (at, item) in self.items.iter().enumerate() {
            self.by.entry(key(item)).or_default().push(at);
        }
    }
}

macro_rules! shelves {
    ($($shelf:ident: $kind:ident by $key:expr,)*) => {
        /// What exists, in the order of the way a request takes. See [`World`].
        pub struct Model {
            $(pub(crate) $shelf: Shelf<$kind>,)*
            snapshots: Snapshots,
            wanted: Wanted,
        }

        impl Model {
            /// Objects of kinds that no request passes are left out, and those that are going or malformed.
            #[must_use]
            pub fn new(world: &World) -> Self {
                let mut model = Self {
                    $($shelf: Shelf { items: Vec::new(), by: HashMap::new() },)*
                    snapshots: Snapshots::default(),
                    wanted: world.wanted.clone(),
                };
                for object in world.objects.iter().filter(|object| !matches!(object.state, State::Retired(_))) {
                    $(if object.address.kind() == $kind::FACTS.kind { model.$shelf.take(object); })*
                }
                model.rules.items.sort_by_key(priority);
                $(model.$shelf.index($key);)*
                model.snapshots = model.current(&world.snapshots);
                model
            }
        }
    };
}

shelves! {
    zones: HostedZone by |zone| zone.output(HostedZone::ID).to_owned(),
    records: RecordSet by |record| plain_name(text(&record.spec.name)),
    balancers: LoadBalancer by |balancer| balancer_name(balancer.output(LoadBalancer::DNS_NAME)),
    listeners: Listener by |listener| text(&listener.spec.load_balancer).to_owned(),
    listener_certificates: ListenerCertificate by |more| text(&more.spec.listener).to_owned(),
    certificates: Certificate by |certificate| certificate.output(Certificate::ARN).to_owned(),
    rules: ListenerRule by |rule| text(&rule.spec.listener).to_owned(),
    target_groups: TargetGroup by |group| group.output(TargetGroup::ARN).to_owned(),
    targets: Targets by |targets| text(&targets.spec.target_group).to_owned(),
    vpcs: Vpc by |vpc| vpc.output(Vpc::ID).to_owned(),
    subnets: Subnet by |subnet| subnet.output(Subnet::ID).to_owned(),
    security_groups: SecurityGroup by |group| group.output(SecurityGroup::ID).to_owned(),
    security_group_rules: SecurityGroupRule by |rule| text(&rule.spec.group).to_owned(),
    route_table_associations: RouteTableAssociation by |association| text(&association.spec.subnet).to_owned(),
    prefix_lists: PrefixList by |list| list.output(PrefixList::ID).to_owned(),
    endpoints: VpcEndpoint by |endpoint| text(&endpoint.spec.vpc).to_owned(),
    domains: ApiDomain by |domain| plain_name(domain.spec.name.as_str()),
    mappings: BasePathMapping by |mapping| plain_name(text(&mapping.spec.domain)),
    apis: RestApi by |api| api.output(RestApi::ID).to_owned(),
    stages: ApiStage by |stage| text(&stage.spec.api).to_owned(),
    deployments: ApiDeployment by |deployment| deployment.output(ApiDeployment::ID).to_owned(),
    bodies: ApiBody by |body| text(&body.spec.api).to_owned(),
    aliases: FunctionAlias by |alias| alias.output(FunctionAlias::ARN).to_owned(),
    versions: FunctionVersion by |version| version.in_account(text(&version.spec.function)),
    permissions: FunctionPermission by |permission| text(&permission.spec.alias).to_owned(),
    functions: Function by |function| function.in_account(function.spec.name.as_str()),
    roles: Role by |role| role.output(Role::ARN).to_owned(),
    role_policies: RolePolicy by |access| text(&access.spec.role).to_owned(),
    tables: Table by |table| table.in_account(table.spec.name.as_str()),
}

impl Model {
    /// What this world shows to be current, and what the one before knew of copies that still exist.
    #[must_use]
    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// The VPC of the first subnet that is known.
    pub(crate) fn vpc_of(&self, subnets: &[Input<model::SubnetId>]) -> Option<&str> {
        subnets.iter().find_map(|subnet| self.subnets.one(text(subnet))).map(|subnet| text(&subnet.spec.vpc))
    }

    /// The target that should answer for a host: whose domain, rule or own name it is.
    pub(crate) fn owner(&self, host: &str) -> Option<&str> {
        let ruled = |rule: &&Found<ListenerRule>| match &rule.spec.condition {
            kinds::listener_rule::RuleCondition::Host(hosts) => {
                hosts.iter().any(|pattern| pattern.eq_ignore_ascii_case(host))
            }
            kinds::listener_rule::RuleCondition::Header { .. } => false,
        };
        let label = host.split('.').next().unwrap_or_default();
        let domain = self.domains.one(host).map(|domain| &domain.address);
        let rule = || {
            self.rules.iter().filter(|rule| !matches!(rule.state, State::Foreign(_))).find(ruled).map(|it| &it.address)
        };
        let api = || self.apis.iter().map(|api| &api.address).find(|address| address.target() == label);
        domain.or_else(rule).or_else(api).map(Address::target)
    }

    fn current(&self, before: &Snapshots) -> Snapshots {
        let known = |id: &str| self.deployments.one(id).is_some();
        let mut deployments: BTreeMap<_, _> = before
            .deployments
            .iter()
            .filter(|(id, _)| known(id))
            .map(|(id, body)| (id.clone(), body.clone()))
            .collect();
        for deployment in self.deployments.iter() {
            let live = self.bodies.one(text(&deployment.spec.api));
            if let Some(body) = live.filter(|body| body.output(ApiBody::REVISION) == text(&deployment.spec.revision)) {
                let id = deployment.output(ApiDeployment::ID).to_owned();
                deployments.entry(id).or_insert_with(|| absolute(body));
            }
        }
        Snapshots { deployments, versions: self.current_versions(before) }
    }

    fn current_versions(&self, before: &Snapshots) -> BTreeMap<String, Function> {
        let mut versions = BTreeMap::new();
        for version in self.versions.iter() {
            let key = version_key(version);
            let function = self.functions.one(&version.in_account(text(&version.spec.function)));
            let live = function.filter(|live| live.output(Function::REVISION) == text(&version.spec.revision));
            let held = before.versions.get(&key).or(live.map(|live| &live.spec));
            versions.extend(held.map(|held| (key, held.clone())));
        }
        versions
    }
}

/// What a version's copy is remembered under.
pub(crate) fn version_key(version: &Found<FunctionVersion>) -> String {
    let number = version.output(FunctionVersion::NUMBER);
    format!("{}:{number}", version.in_account(text(&version.spec.function)))
}

/// A body whose policy names its API in full: `execute-api:/…` is short for it.
pub(crate) fn absolute(body: &Found<ApiBody>) -> ApiBody {
    let policy = policy::expanded(&body.spec.policy, text(&body.spec.api));
    ApiBody { policy, ..body.spec.clone() }
}

/// A balancer's DNS name as records may write it: any case, with `dualstack.` in front, with a dot at the end.
pub(crate) fn balancer_name(name: &str) -> String {
    let name = plain_name(name);
    name.strip_prefix("dualstack.").map_or_else(|| name.clone(), str::to_owned)
}

/// A rule's place among the others; a rule that does not say comes last.
fn priority(rule: &Found<ListenerRule>) -> u64 {
    let reported =
        rule.outputs.get("priority").and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
    reported.or(rule.spec.priority.map(u64::from)).unwrap_or(u64::MAX)
}
