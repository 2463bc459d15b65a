//! One service as the breaks see it, and what a row of the tables says.

use futures::future::BoxFuture;
use tests::{Account, Call, Platform};

/// A service, its hub, and the clients of both accounts.
pub(crate) struct World<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) hub: Account,
    pub(crate) own: Account,
    pub(crate) host: String,
    /// Of its API.
    pub(crate) api: String,
}

/// One row: what is broken, and what AWS does then.
#[derive(Clone, Copy)]
pub(crate) struct Break {
    pub(crate) name: &'static str,
    pub(crate) make: Make,
    pub(crate) request: Request,
    pub(crate) end: End,
    /// The hop that a trace blames.
    pub(crate) at: &'static str,
}

pub(crate) type Make = for<'w> fn(&'w World<'_>) -> BoxFuture<'w, ()>;

/// A table of breaks: name, what makes it, the request, its end and the hop.
macro_rules! rows {
    ($($name:literal $make:ident $request:ident $end:expr, $at:literal;)*) => {
        vec![$(Break { name: $name, make: |world| Box::pin($make(world)), request: $request, end: $end, at: $at }),*]
    };
}
pub(crate) use rows;

/// How the request ends on AWS.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// A component answers in the function's place: the status, and words of the body.
    Refused(u16, &'static str),
    /// The function is called and answers with an error.
    Fails(u16),
    /// The function answers as if nothing was broken.
    Works(u16),
    /// The function answers as before, and only what remembers the deployment can tell.
    AsDeployed(u16),
    /// Nobody answers.
    Silence,
    /// The client refuses the certificate.
    WrongCertificate,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    /// By the service's name, as clients do.
    ByName,
    /// With the header that would choose the API whatever the host says.
    NamingTheApi,
}

impl Request {
    /// The status when nothing is broken.
    pub(crate) fn healthy(self) -> u16 {
        match self {
            Self::ByName => 200,
            Self::NamingTheApi => 403,
        }
    }
}

impl<'a> World<'a> {
    pub(crate) async fn new(platform: &'a Platform, service: &str) -> Self {
        Self {
            platform,
            hub: platform.account("consumer").await,
            own: platform.account(service).await,
            host: format!("{service}.internal.example"),
            api: platform.output(&format!("{service}/rest-api/main"), "id"),
        }
    }

    pub(crate) fn call(&self, request: Request) -> Call<'_> {
        match request {
            Request::ByName => Call::get(&self.host, "/orders"),
            // No mapping applies then, so the stage is part of the path.
            Request::NamingTheApi => Call::get(&self.host, "/live/orders").header("x-apigw-api-id", &self.api),
        }
    }

    pub(crate) fn is_whole(&self) -> bool {
        [Request::ByName, Request::NamingTheApi].into_iter().all(|request| {
            self.platform.send(&self.call(request)).is_ok_and(|answer| answer.status == request.healthy())
        })
    }
}
