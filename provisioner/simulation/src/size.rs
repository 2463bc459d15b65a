//! Platforms of any size: the repository's own hub, and as many copies of its first service as are asked for.

use std::{collections::BTreeMap, fmt, path::Path, str::FromStr};

use config::{Certificate, Config, Service};
use kinds::{
    certificate::CertificateSource,
    function::{Architecture, Code},
};
use microservice_accounts::Artifact;
use model::{Address, Graph, Node, Sealed};
use platform::Materials;
use serde_json::Value;

/// What a balancer's certificates allow; beyond, one imported certificate has to cover all services.
const MOST_WITH_CERTIFICATES: usize = 24;

/// How many hubs, and how many services each serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub hubs: usize,
    pub services: usize,
    pub form: Form,
}

/// What the services are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Each in an account of its own, with all functions.
    Whole,
    /// The same, with one function.
    Small,
    /// All services of a hub in one account.
    Shared,
}

/// What `docs/performance.md` tells of.
pub const SIZES: [Size; 7] = [
    Size::new(1, 1, Form::Whole),
    Size::new(1, 10, Form::Whole),
    Size::new(1, 50, Form::Whole),
    Size::new(20, 50, Form::Small),
    Size::new(20, 50, Form::Whole),
    Size::new(1, 10, Form::Shared),
    Size::new(1, 50, Form::Shared),
];

/// Those whose plan is measured as well.
pub const PLANS: [Size; 3] =
    [Size::new(1, 50, Form::Whole), Size::new(20, 50, Form::Small), Size::new(20, 50, Form::Whole)];

impl Size {
    #[must_use]
    pub const fn new(hubs: usize, services: usize, form: Form) -> Self {
        Self { hubs, services, form }
    }

    /// The graph over all accounts.
    ///
    /// # Panics
    /// If the repository's own configuration is wrong, or a blueprint is: nothing was asked that could be.
    #[must_use]
    pub fn graph(self) -> Sealed {
        let own = config::load(&root(), Some("dev")).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let graph = (0..self.hubs).fold(Graph::new(), |graph, hub| graph.with(self.platform(&own, hub)));
        graph.seal().unwrap_or_else(|flaws| panic!("{flaws:?}"))
    }

    /// One hub and its services.
    fn platform(self, own: &Config, hub: usize) -> Vec<Node> {
        let config = self.config(own, hub);
        let joined = platform::join(&config, &materials(&config), true);
        let graph = joined.unwrap_or_else(|flaws| panic!("{flaws:?}")).graph;
        let renamed = Renamed { suffix: format!("-{hub}") };
        graph.nodes().map(|node| renamed.node(node)).collect()
    }

    fn config(self, own: &Config, hub: usize) -> Config {
        let mut config = own.clone();
        config.platform = format!("demo{hub}");
        config.domain = format!("hub{hub}.{}", own.domain);
        config.hub.account.id = Some(account(hub, 0));
        if let Some(zone) = &mut config.public_zone {
            zone.account.id = Some(account(hub, 999));
        }
        if self.services > MOST_WITH_CERTIFICATES {
            config.hub.certificate = Some(wildcard());
        }
        let model = own.services.values().next().expect("the repository has a service");
        let service = |n: usize| (format!("s{hub:02}x{n:02}"), self.service(model, hub, n));
        config.services = (0..self.services).map(service).collect();
        config
    }

    fn service(self, model: &Service, hub: usize, n: usize) -> Service {
        let mut service = model.clone();
        service.account.id = Some(account(hub, if self.form == Form::Shared { 1 } else { n + 1 }));
        if self.form == Form::Small {
            let first = service.functions.keys().next().expect("the service has a function").clone();
            service.functions.retain(|name, _| *name == first);
            service.routes.retain(|route| route.function == first);
        }
        service
    }
}

/// The repository's own folder.
#[must_use]
pub fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn account(hub: usize, n: usize) -> String {
    format!("1{hub:05}{n:06}")
}

fn wildcard() -> Certificate {
    let file = |name: &str| format!("{name}.pem");
    Certificate::Import { certificate: file("certificate"), private_key: file("key"), chain: None }
}

/// Code and certificates by name alone: nobody looks into them.
fn materials(config: &Config) -> Materials {
    let functions = config.services.values().flat_map(|service| service.functions.values());
    let code = Code { sha256: "aGFzaA==".to_owned(), zip: "code.zip".to_owned() };
    let artifact = Artifact { code, architecture: Architecture::Arm64 };
    let import = CertificateSource::Import {
        fingerprint: "0".repeat(64),
        certificate: "certificate.pem".to_owned(),
        private_key: "key.pem".to_owned(),
        chain: None,
    };
    Materials {
        artifacts: functions.map(|function| (function.binary.clone(), artifact.clone())).collect(),
        imported: platform::imports(config).into_iter().map(|(host, _)| (host, import.clone())).collect(),
        ..Materials::default()
    }
}

/// Targets and accounts under other names, so that several hubs fit into one graph.
struct Renamed {
    suffix: String,
}

impl Renamed {
    fn node(&self, node: &Node) -> Node {
        let order = |orders: &[(Address, &'static str)]| -> Vec<(Address, &'static str)> {
            orders.iter().map(|(address, why)| (self.address(address), *why)).collect()
        };
        Node {
            address: self.address(&node.address),
            account: self.account(&node.account),
            facts: node.facts,
            spec: self.spec(&node.spec),
            after: order(&node.after),
            outlives: order(&node.outlives),
            on_down: node.on_down,
        }
    }

    fn account(&self, alias: &str) -> String {
        let is_common = alias == config::CONSUMER || alias == config::PUBLIC_ZONE;
        if is_common { format!("{alias}{}", self.suffix) } else { alias.to_owned() }
    }

    fn address(&self, address: &Address) -> Address {
        if address.target() != config::CONSUMER {
            return address.clone();
        }
        Address::new(&format!("{}{}", address.target(), self.suffix), address.kind(), address.name())
    }

    fn spec(&self, spec: &Value) -> Value {
        match spec {
            Value::Array(items) => items.iter().map(|item| self.spec(item)).collect(),
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), self.field(key, value))).collect(),
            other => other.clone(),
        }
    }

    fn field(&self, key: &str, value: &Value) -> Value {
        let reference = value.as_str().filter(|_| key == "$ref").and_then(|text| text.split_once('#'));
        match reference.and_then(|(address, field)| Some((address.parse::<Address>().ok()?, field))) {
            Some((address, field)) => format!("{}#{field}", self.address(&address)).into(),
            None => self.spec(value),
        }
    }
}

/// `20x50`, `1x50-shared`.
impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Whole => "",
            Form::Small => "-small",
            Form::Shared => "-shared",
        };
        write!(out, "{}x{}{form}", self.hubs, self.services)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no size such as `20x50` or `1x10-shared`");
        let (plain, form) = match text.split_once('-') {
            None => (text, Form::Whole),
            Some((plain, "small")) => (plain, Form::Small),
            Some((plain, "shared")) => (plain, Form::Shared),
            Some(_) => return Err(bad()),
        };
        let (hubs, services) = plain.split_once('x').ok_or_else(bad)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| bad());
        Ok(Self::new(number(hubs)?, number(services)?, form))
    }
}

/// How many objects a graph has in each account.
#[must_use]
pub fn accounts(graph: &Sealed) -> BTreeMap<&str, usize> {
    let mut accounts = BTreeMap::new();
    for node in graph.nodes() {
        *accounts.entry(node.account.as_str()).or_default() += 1;
    }
    accounts
}
