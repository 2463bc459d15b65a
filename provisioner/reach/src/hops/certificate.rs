//! The certificate: which of the listener's it shows, and whether that one covers the name.

use kinds::{Certificate, Listener};

use crate::{
    model::{Found, text},
    pattern::covers,
    trace::Step,
    walk::{At, Next, Walk},
};

/// Of the listener's certificates one that covers the name, or else the default one. The ARN is what is shown.
pub(super) fn follow<'a>(walk: &mut Walk<'a>, listener: &'a Found<Listener>) -> Next<&'a str> {
    let (model, name) = (walk.model, walk.request.dialed());
    let default = text(&listener.spec.certificate);
    let further = model.listener_certificates.all(listener.output(Listener::ARN));
    let arns = [default].into_iter().chain(further.map(|more| text(&more.spec.certificate)));
    let attached: Vec<_> = arns.map(|arn| model.certificates.one(arn)).collect();
    let known = attached.iter().copied().flatten();
    let covering = known.filter_map(|found| Some((names(found).into_iter().find(|own| covers(own, &name))?, found)));
    // Of several the balancer takes the best for the client; they all cover the name.
    if let Some((own, found)) = covering.max_by_key(|(own, found)| (found.trouble().is_none(), !own.starts_with("*.")))
    {
        return shown(walk, found, &format!("`{own}` covers `{name}`"), found.trouble());
    }
    if let (Some(Some(found)), false) = (attached.first(), attached.iter().any(Option::is_none)) {
        let own = names(found).join("`, `");
        let why = format!("only the default certificate is shown (`{own}`): it does not cover `{name}`");
        return shown(walk, found, "", Some(why));
    }
    walk.cannot_tell(Step::Certificate, At::missing(default), "the listener has a certificate that was not read");
    Ok(default)
}

fn shown<'a>(walk: &mut Walk<'a>, found: &'a Found<Certificate>, fine: &str, trouble: Option<String>) -> Next<&'a str> {
    let (at, arn) = (At::of(found, Certificate::ARN), found.output(Certificate::ARN));
    let Some(why) = trouble else {
        walk.ok(Step::Certificate, at, fine);
        return Ok(arn);
    };
    let mend = walk.mend_service();
    if walk.request.insecure {
        walk.broken(Step::Certificate, at, why, mend);
        return Ok(arn);
    }
    Err(walk.drop(Step::Certificate, at, format!("{why}: the client breaks off"), mend))
}

/// The names as AWS reports them, or else as they were asked for.
fn names(certificate: &Found<Certificate>) -> Vec<&str> {
    let reported = certificate.list("names");
    if !reported.is_empty() {
        return reported;
    }
    let asked = certificate.spec.names.iter().map(AsRef::as_ref);
    asked.chain([certificate.spec.domain.as_str()]).collect()
}
