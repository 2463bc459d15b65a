//! Whatever the world and the request look like, a trace ends, and says something that fits together.

use proptest::{
    collection::vec,
    prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof},
    proptest,
    sample::Index,
    test_runner::TestCaseError,
};
use reach::{Outcome, Request, State, Trace, Verdict, World};
use serde_json::{Value, json};

use crate::fixture::{healthy, orders};

/// Something that happens to one object of the world.
#[derive(Clone, Debug)]
enum Injury {
    Gone(Index),
    Twice(Index),
    State(Index, u8),
    /// Another value somewhere in the spec.
    Spec(Index, Index, Value),
    /// Another value of an output.
    Output(Index, Index, Value),
    /// The account of somebody else.
    Moved(Index),
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        proptest::strategy::Just(Value::Null),
        proptest::strategy::Just(json!([])),
        proptest::strategy::Just(json!({"$ref": "food/rest-api/main#id"})),
        proptest::strategy::Just(json!({"$join": ["a", {"$ref": "food/rest-api/main#id"}]})),
        any::<u16>().prop_map(|number| json!(number)),
        "[a-z*?.:/{}$+é-]{0,12}".prop_map(|text| json!(text)),
    ]
}

fn injury() -> impl Strategy<Value = Injury> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Injury::Gone),
        index().prop_map(Injury::Twice),
        (index(), any::<u8>()).prop_map(|(at, state)| Injury::State(at, state)),
        (index(), index(), value()).prop_map(|(at, field, value)| Injury::Spec(at, field, value)),
        (index(), index(), value()).prop_map(|(at, field, value)| Injury::Output(at, field, value)),
        index().prop_map(Injury::Moved),
    ]
}

fn hurt(world: &mut World, injury: &Injury) {
    let count = world.objects.len();
    match injury {
        _ if count == 0 => {}
        Injury::Gone(at) => drop(world.objects.remove(at.index(count))),
        Injury::Twice(at) => world.objects.push(world.objects[at.index(count)].clone()),
        Injury::State(at, state) => world.objects[at.index(count)].state = any_state(*state),
        Injury::Moved(at) => world.objects[at.index(count)].account_id = "999999999999".into(),
        Injury::Spec(at, field, value) => {
            let mut leaves = leaves(&mut world.objects[at.index(count)].spec);
            if !leaves.is_empty() {
                let at = field.index(leaves.len());
                *leaves.swap_remove(at) = value.clone();
            }
        }
        Injury::Output(at, field, value) => {
            let outputs = &mut world.objects[at.index(count)].outputs;
            if !outputs.is_empty() {
                let at = field.index(outputs.len());
                outputs.values_mut().nth(at).into_iter().for_each(|output| output.clone_from(value));
            }
        }
    }
}

fn any_state(number: u8) -> State {
    match number % 4 {
        0 => State::Pending("p".to_owned()),
        1 => State::Broken("b".to_owned()),
        2 => State::Retired("r".to_owned()),
        _ => State::Foreign("f".to_owned()),
    }
}

fn leaves(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(items) => items.iter_mut().flat_map(leaves).collect(),
        Value::Object(map) => map.values_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

fn request() -> impl Strategy<Value = Request> {
    let host = prop_oneof!["(food|beverage|FOOD)\\.internal\\.example(:443)?", "[a-z.*:é]{0,20}"];
    let path = prop_oneof!["/orders(/[a-z0-9]{0,3})?/?", "[a-z/{}?#é%]{0,20}"];
    let header = proptest::option::of("api-food|api-x");
    let from = proptest::option::of((any::<u32>(), 0_u8..=32));
    ("GET|POST|ANY", host, path, header, from, any::<bool>()).prop_map(
        |(method, host, path, header, from, insecure)| {
            let mut request = Request::new(&method, &host, &path);
            request.headers.extend(header.map(|api| ("x-apigw-api-id".to_owned(), api)));
            request.from =
                from.and_then(|(ip, length)| format!("{}/{length}", std::net::Ipv4Addr::from(ip)).parse().ok());
            Request { insecure, ..request }
        },
    )
}

fn fits_together(trace: &Trace) -> Result<(), TestCaseError> {
    let last = trace.hops.last().map(|hop| (hop.step, hop.verdict));
    match &trace.outcome {
        Outcome::Reaches(found) => prop_assert!(!found.function_name.is_empty()),
        Outcome::Refused { by, .. } | Outcome::NoConnection { by, .. } => {
            prop_assert_eq!(last, Some((*by, Verdict::Broken)))
        }
        Outcome::Unknown { by, .. } => prop_assert_eq!(last, Some((*by, Verdict::CannotTell))),
    }
    prop_assert_eq!(
        trace.gets_through(),
        trace.status().is_none() && trace.hops.iter().all(|hop| hop.verdict == Verdict::Ok)
    );
    Ok(())
}

proptest! {
    #[test]
    fn every_trace_of_every_world_ends(injuries in vec(injury(), 0..12), request in request()) {
        let mut world = healthy().world;
        injuries.iter().for_each(|injury| hurt(&mut world, injury));
        let model = reach::Model::new(&world);
        fits_together(&model.trace(&request))?;
        world.snapshots = model.snapshots().clone();
        fits_together(&reach::trace(&world, &request))?;
        model.greet(&request.host, request.from).ok();
    }

    #[test]
    fn a_part_of_the_world_reaches_what_the_whole_reaches_or_nothing(gone in vec(any::<Index>(), 0..40)) {
        let mut world = healthy().world;
        for gone in gone {
            world.objects.remove(gone.index(world.objects.len()));
        }
        let trace = reach::trace(&world, &orders());
        fits_together(&trace)?;
        if let Outcome::Reaches(found) = &trace.outcome {
            prop_assert_eq!(found.function.as_str(), "food/function/list-orders");
        }
    }
}
