//! The doors to DynamoDB, and the environment variables that lead through each.

use std::path::Path;

use crate::Failed;
use crate::instance::Setup;
use crate::stub::Stub;

/// How a function reaches DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Http,
    Tls,
    /// TLS, and connected before the first `next`: as shipped.
    Preconnected,
}

impl Door {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Tls => "TLS",
            Self::Preconnected => "TLS, connected ahead",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Setups {
    http: String,
    https: String,
    /// A file with Amazon's roots and the stub's.
    roots: String,
}

impl Setups {
    /// Functions parse as many roots as in Lambda, and the stub's.
    pub(crate) fn new(stub: &Stub, root: &Path, folder: &Path) -> Result<Self, Failed> {
        let mut roots = std::fs::read_to_string(root.join("functions/shared/src/amazon-roots.pem"))?;
        roots.push_str(&stub.authority);
        std::fs::create_dir_all(folder)?;
        let file = folder.join("roots.pem");
        std::fs::write(&file, roots)?;
        let roots = file.to_str().ok_or("the target folder is not named in UTF-8")?.to_owned();
        Ok(Self { http: stub.http.clone(), https: stub.https.clone(), roots })
    }

    pub(crate) fn of(&self, door: Option<Door>) -> Setup {
        let endpoint = if door == Some(Door::Http) { &self.http } else { &self.https };
        let preconnect = if door == Some(Door::Preconnected) { "on" } else { "off" };
        Setup {
            variables: vec![
                ("AWS_CA_BUNDLE", self.roots.clone()),
                ("AWS_ENDPOINT_URL", endpoint.clone()),
                ("PRECONNECT", preconnect.to_owned()),
                ("TRUST_STORE", self.roots.clone()),
            ],
        }
    }
}
