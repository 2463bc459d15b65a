//! What the door asks about every connection and request, answered by the same path model that `trace` prints.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use kinds::{Certificate, certificate::CertificateSource};
use local::{
    artifacts::Artifacts,
    authority::Authority,
    door::{Context, Destination, Head, Identity, Platform, Refusal, Routed},
    emulator::{self, Emulator},
    runtime::{Credentials, Function},
};
use reach::{Model, Outcome, Request, Step, Trace, Verdict};
use tokio::sync::Mutex;

use super::documents::{self, Documents};
use crate::{artifacts::zip_path, environment::state_dir, session::Session, world};

/// Without a generation to ask (another emulator than ours), what was read is believed this long.
const BELIEVED: Duration = Duration::from_secs(2);
/// STS gives an hour; functions get fresh credentials well before.
const CREDENTIALS_LIFE: Duration = Duration::from_secs(1800);

pub(super) struct Gateway {
    session: Session,
    state: PathBuf,
    authority: Authority,
    /// Where calls are refused.
    denial: String,
    view: Mutex<Option<Arc<View>>>,
    credentials: Mutex<HashMap<String, (Credentials, Instant)>>,
}

/// One reading of the world.
struct View {
    model: Model,
    certificates: HashMap<String, String>,
    documents: Documents,
    generation: Option<emulator::Generation>,
    /// Something becomes ready by time alone, which no generation counts.
    unsettled: bool,
    read: Instant,
}

impl Gateway {
    pub(super) fn new(session: Session, authority: Authority, denial: String) -> Self {
        let state = state_dir(&session.config.root);
        let (view, credentials) = (Mutex::default(), Mutex::default());
        Self { session, state, authority, denial, view, credentials }
    }

    /// What exists now; read anew only if something was changed since.
    async fn view(&self) -> Arc<View> {
        let mut view = self.view.lock().await;
        let generation = self.generation().await;
        if let Some(current) = view.as_ref().filter(|view| view.is_current(generation)) {
            return current.clone();
        }
        let fresh = Arc::new(self.read(view.as_deref(), generation).await);
        *view = Some(fresh.clone());
        fresh
    }

    async fn generation(&self) -> Option<emulator::Generation> {
        let state = self.state.clone();
        let asked = tokio::task::spawn_blocking(move || Emulator::status(&state).ok()??.generation().ok()).await;
        asked.ok().flatten()
    }

    async fn read(&self, earlier: Option<&View>, generation: Option<emulator::Generation>) -> View {
        let (mut world, errors) = world::read(&self.session).await;
        for error in errors {
            tracing::warn!(%error, "could not read");
        }
        world.snapshots = earlier.map(|view| view.model.snapshots().clone()).unwrap_or_default();
        let none = Documents::new();
        let documents = documents::read(&self.session, &world, earlier.map_or(&none, |view| &view.documents)).await;
        let certificates = world.objects.iter().filter(|object| object.address.kind() == "certificate");
        let fingerprints = certificates.filter_map(|object| {
            let arn = object.outputs.get(Certificate::ARN.name)?.as_str()?.to_owned();
            let spec: Certificate = serde_json::from_value(object.spec.clone()).ok()?;
            match spec.source {
                CertificateSource::Import { fingerprint, .. } => Some((arn, fingerprint)),
                _ => None,
            }
        });
        View {
            certificates: fingerprints.collect(),
            documents,
            model: Model::new(&world),
            generation,
            unsettled: world.objects.iter().any(|object| matches!(object.state, reach::State::Pending(_))),
            read: Instant::now(),
        }
    }

    async fn destination(&self, view: &View, trace: &Trace, to: &reach::Destination) -> Result<Destination, String> {
        let artifacts = Artifacts::new(&self.state);
        let bootstrap =
            artifacts.bootstrap_path(&to.code_sha256).or_else(|| self.unpacked(&artifacts, &to.code_sha256));
        let bootstrap = bootstrap.ok_or("the provisioned code is not on this machine: run `provisioner up` here")?;
        let mut environment = to.environment.clone();
        if denied(trace) {
            environment.insert("AWS_ENDPOINT_URL".to_owned(), self.denial.clone());
        }
        let function = Function {
            account_id: to.account_id.to_string(),
            region: to.region.clone(),
            name: to.function_name.clone(),
            version: to.version.clone(),
            invoked_arn: to.alias_arn.clone(),
            handler: "bootstrap".to_owned(),
            code_sha256: to.code_sha256.clone(),
            bootstrap,
            environment,
            log_group: to.log_group.clone(),
            memory_mb: to.memory_mb,
            timeout: Duration::from_secs(u64::from(to.timeout_seconds)),
            credentials: self.credentials(&to.account, &to.role_arn).await?,
        };
        let integration_timeout = Duration::from_secs(u64::from(to.integration_timeout_seconds));
        let document = view.documents.get(&to.api_id).map(|(_, document)| document.clone()).unwrap_or_default();
        Ok(Destination { function, context: context(to), document, integration_timeout })
    }

    /// The zip that `up` shipped lies beside the unpacked code, under the same hash.
    fn unpacked(&self, artifacts: &Artifacts, code_sha256: &str) -> Option<PathBuf> {
        let zip = std::fs::read(zip_path(&self.state.join("artifacts"), code_sha256)).ok()?;
        artifacts.bootstrap_path(&artifacts.put(&zip).ok()?)
    }

    /// Those of the function's role, as Lambda gets them.
    async fn credentials(&self, account: &str, role: &str) -> Result<Credentials, String> {
        let mut known = self.credentials.lock().await;
        if let Some((credentials, since)) = known.get(role).filter(|(_, since)| since.elapsed() < CREDENTIALS_LIFE) {
            let _ = since;
            return Ok(credentials.clone());
        }
        let call = self.session.accounts.at(account).sts.assume_role().role_arn(role).role_session_name("lambda");
        let answer = call.send().await.map_err(|error| format!("the role cannot be assumed: {error}"))?;
        let given = answer.credentials.ok_or("STS answered without credentials")?;
        let credentials = Credentials {
            access_key_id: given.access_key_id,
            secret_access_key: given.secret_access_key,
            session_token: given.session_token,
        };
        known.insert(role.to_owned(), (credentials.clone(), Instant::now()));
        Ok(credentials)
    }
}

impl View {
    fn is_current(&self, generation: Option<emulator::Generation>) -> bool {
        let recent = self.read.elapsed() < BELIEVED;
        match generation {
            Some(now) => self.generation == Some(now) && (recent || !self.unsettled),
            None => recent,
        }
    }
}

impl Platform for Gateway {
    async fn certificate(&self, server_name: Option<&str>) -> Result<Identity, String> {
        let view = self.view().await;
        let greeting = view.model.greet(server_name.unwrap_or_default(), None)?;
        let fingerprint = view.certificates.get(&greeting.certificate);
        let fingerprint = fingerprint.ok_or("the listener's certificate was not imported: nobody here has its key")?;
        let issued = self.authority.find(fingerprint).map_err(|error| error.to_string())?;
        let issued = issued.ok_or("the key of the listener's certificate is not on this machine")?;
        let chain_pem = format!("{}{}", issued.certificate_pem, issued.chain_pem);
        Ok(Identity { chain_pem, private_key_pem: issued.private_key_pem })
    }

    async fn route(&self, head: &Head) -> Routed {
        let view = self.view().await;
        let trace = view.model.trace(&request(head));
        match &trace.outcome {
            Outcome::Reaches(to) => match self.destination(&view, &trace, to).await {
                Ok(destination) => Routed::Invoke(Box::new(destination)),
                Err(reason) => Routed::NoAnswer { reason },
            },
            Outcome::Refused { by, answer } => Routed::Refuse(Refusal {
                status: answer.status,
                content_type: answer.content_type.to_owned(),
                error_type: answer.error_type.map(str::to_owned),
                body: answer.body.clone(),
                reason: why(&trace, *by),
            }),
            Outcome::NoConnection { by, why } | Outcome::Unknown { by, why } => {
                Routed::NoAnswer { reason: format!("{}: {why}", by.as_str()) }
            }
        }
    }
}

/// The client made up its mind about the certificate when it was shown.
fn request(head: &Head) -> Request {
    let mut request = Request::new(head.method.as_str(), &head.host, &head.path);
    request.insecure = true;
    request.server_name = head.server_name.clone();
    for (name, value) in &head.headers {
        request = request.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    request
}

fn why(trace: &Trace, by: Step) -> String {
    let hop = trace.hops.iter().rev().find(|hop| hop.step == by);
    format!("{}: {}", by.as_str(), hop.map_or("", |hop| hop.why.as_str()))
}

/// Whether AWS would keep the function from its tables, which the emulator does not.
fn denied(trace: &Trace) -> bool {
    let guards = [Step::TableAccess, Step::GatewayEndpoint, Step::RolePolicy];
    trace.hops.iter().any(|hop| hop.verdict == Verdict::Broken && guards.contains(&hop.step))
}

fn context(to: &reach::Destination) -> Context {
    Context {
        account_id: to.account_id.to_string(),
        api_id: to.api_id.clone(),
        stage: to.stage.clone(),
        deployment_id: to.deployment_id.clone(),
        resource_id: model::short_hash(&to.resource_path),
        resource_path: to.resource_path.clone(),
        path_parameters: to.path_parameters.clone(),
        stage_in_path: to.domain.is_none(),
        vpc_endpoint_id: to.vpc_endpoint_id.clone(),
        vpc_id: to.vpc_id.clone(),
        ..Context::default()
    }
}
