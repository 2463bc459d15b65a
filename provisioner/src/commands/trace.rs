//! `trace`: a request over what exists, hop by hop.

use reach::{Outcome, Request, Verdict};

use crate::{
    cli::{Global, Trace},
    environment::Surroundings,
    failure::{Exit, Failure},
    report::Printer,
    session::{Code, Session},
    world,
};

pub(crate) async fn trace(args: &Trace, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let request = request(args)?;
    let session = Session::open(global, surroundings, &[], Code::Ignored).await?;
    let (world, errors) = world::compare(&session).await;
    if !errors.is_empty() {
        return Err(crate::report::unreadable(&session.config, &errors));
    }
    let trace = reach::trace(&world, &request);
    Printer::new(global, surroundings).trace(&trace);
    let whole = trace.hops.iter().all(|hop| hop.verdict != Verdict::Broken);
    let good = whole && matches!(trace.outcome, Outcome::Reaches(_));
    Ok(if good { Exit::Good } else { Exit::NotReady })
}

fn request(args: &Trace) -> Result<Request, Failure> {
    let bad =
        || Failure::usage(format!("`{}` is not an address such as https://food.internal.example/orders", args.url));
    let rest = args.url.strip_prefix("https://").ok_or_else(bad)?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.strip_suffix(":443").unwrap_or(authority);
    if host.is_empty() || host.contains(['@', ':', ' ']) {
        return Err(bad());
    }
    let path = format!("/{}", path.split(['?', '#']).next().unwrap_or_default());
    let mut request = Request::new(&args.method.to_uppercase(), &host.to_lowercase(), &path);
    for header in &args.headers {
        let (name, value) =
            header.split_once(':').ok_or_else(|| Failure::usage(format!("`{header}` is not `name: value`")))?;
        request = request.header(name.trim(), value.trim());
    }
    if let Some(from) = &args.from {
        let cidr = if from.contains('/') { from.clone() } else { format!("{from}/32") };
        request.from = Some(
            cidr.parse()
                .map_err(|_| Failure::usage(format!("`--from {from}` is no IPv4 block such as 10.0.0.0/24")))?,
        );
    }
    Ok(request)
}
