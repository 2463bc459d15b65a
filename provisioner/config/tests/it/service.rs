//! Mistakes in `service.toml`.

use crate::fixture::{Case, Fixture, SERVICE, check};

const fn case(
    old: &'static str,
    new: &'static str,
    field: &'static str,
    message: &'static str,
    help: &'static str,
) -> Case {
    Case { file: SERVICE, old, new, field, message, help }
}

#[test]
fn keys_types_and_ranges() {
    let memory = |new, message, help| case("memory_mb = 256", new, "functions.create-order.memory_mb", message, help);
    check(&[
        case(
            "memory_mb = 256",
            "memroy_mb = 256 # here",
            "functions.create-order.memroy_mb",
            "unknown key `memroy_mb`",
            "did you mean `memory_mb`?",
        ),
        memory("memory_mb = 64 # here", "`memory_mb` cannot be 64", "128 to 10240"),
        memory("memory_mb = 10241 # here", "`memory_mb` cannot be 10241", "128 to 10240"),
        memory("memory_mb = 256.5 # here", "`memory_mb` is a float, not an integer", "128 to 10240"),
        memory("memory_mb = true # here", "`memory_mb` is a boolean, not an integer", "128 to 10240"),
        memory("memory_mb = 99999999999999999999 # here", "out of range", "18 digits"),
        memory("memory_mb = 2020-01-01 # here", "a date has no meaning", "in quotes"),
        case(
            "timeout_seconds = 10",
            "timeout_seconds = 30 # here",
            "functions.create-order.timeout_seconds",
            "`timeout_seconds` cannot be 30",
            "the longest a REST API waits",
        ),
        case(
            "throttling = { rate = 100, burst = 50 }",
            "throttling = { rate = 100, burst = 5001 } # here",
            "throttling.burst",
            "`burst` cannot be 5001",
            "1 to 5000",
        ),
        case(
            "throttling = { rate = 100, burst = 50 }",
            "throttling = { rate = 100 } # here",
            "throttling.burst",
            "missing key `burst`",
            "requests at once",
        ),
        case("memory_mb = 256", "memory_mb = 256\nmemory_mb = 512 # here", "", "duplicate key", "keep one"),
    ]);
}

#[test]
fn functions() {
    const BINARY: &str = "binary = \"create-order\"";
    const ENVIRONMENT: &str = "environment = { ORDERS_TABLE = \"${table:orders}\" }";
    const TABLES: &str = "tables = { orders = [\"GetItem\", \"PutItem\"] }";
    let variable = |new, field, message, help| case(ENVIRONMENT, new, field, message, help);
    let action =
        |new, help| case(TABLES, new, "functions.create-order.tables.orders[0]", "is not an action on items", help);
    check(&[
        case(
            "[functions.create-order]\nbinary = \"create-order\"",
            "[functions.create-order] # here",
            "functions.create-order.binary",
            "missing key `binary`",
            "cargo lambda build",
        ),
        case(
            BINARY,
            "binary = \"bin/create\" # here",
            "functions.create-order.binary",
            "not a binary's name",
            "[[bin]]",
        ),
        case(
            "[functions.get-order]",
            "[functions.Spare] # here\nbinary = \"x\"\n[functions.get-order]",
            "functions.Spare",
            "`Spare` cannot name a function",
            "lower-case",
        ),
        case(
            "[functions.get-order]",
            "[functions.api] # here\nbinary = \"x\"\n[functions.get-order]",
            "functions.api",
            "`api` cannot name a function",
            "choose another",
        ),
        variable(
            "environment = { ORDERS_TABLE = \"${table:oders}\" } # here",
            "functions.create-order.environment.ORDERS_TABLE",
            "there is no table `oders`",
            "did you mean `orders`?",
        ),
        variable(
            "environment = { ORDERS_TABLE = \"${orders}\" } # here",
            "functions.create-order.environment.ORDERS_TABLE",
            "refers to nothing",
            "only `${table:<name>}`",
        ),
        variable(
            "environment = { ORDERS_TABLE = \"${table:orders\" } # here",
            "functions.create-order.environment.ORDERS_TABLE",
            "refers to nothing",
            "only `${table:<name>}`",
        ),
        variable(
            "environment = { AWS_REGION = \"x\" } # here",
            "functions.create-order.environment.AWS_REGION",
            "Lambda keeps `AWS_REGION` to itself",
            "another name",
        ),
        variable(
            "environment = { AWS_LAMBDA_RUNTIME_API = \"x\" } # here",
            "functions.create-order.environment.AWS_LAMBDA_RUNTIME_API",
            "Lambda keeps",
            "another name",
        ),
        variable(
            "environment = { \"ORDERS-TABLE\" = \"x\" } # here",
            "functions.create-order.environment.ORDERS-TABLE",
            "cannot name a variable",
            "a letter first",
        ),
        case(
            TABLES,
            "tables = { order = [\"GetItem\"] } # here",
            "functions.create-order.tables.order",
            "there is no table `order`",
            "did you mean `orders`?",
        ),
        case(
            TABLES,
            "tables = { orders = [] } # here",
            "functions.create-order.tables.orders",
            "no actions",
            "`GetItem`",
        ),
        action("tables = { orders = [\"TransactWriteItems\"] } # here", "`ConditionCheckItem`"),
        action("tables = { orders = [\"dynamodb:GetItem\"] } # here", "did you mean `GetItem`?"),
        action("tables = { orders = [\"*\"] } # here", "name each action"),
        action("tables = { orders = [\"CreateTable\"] } # here", "one of: `BatchGetItem`"),
        case(
            TABLES,
            "tables = { orders = [\"GetItem\", \"GetItem\"] } # here",
            "functions.create-order.tables.orders[1]",
            "named twice",
            "keep one",
        ),
    ]);
    let fixture = Fixture::new();
    fixture.change(SERVICE, "\"${table:orders}\"", &format!("\"{}\"", "x".repeat(4000)));
    assert!(fixture.mistakes(None)[0].message.contains("4012 bytes"));
}

#[test]
fn routes() {
    let path = |new, help| case("\"/orders/{orderId}\"", new, "routes[1].path", "is not a path", help);
    check(&[
        case("method = \"GET\"", "method = \"GTE\" # here", "routes[1].method", "`method` cannot be `GTE`", "`GET`?"),
        case(
            "\"/orders/{orderId}\"",
            "\"orders\" # here",
            "routes[1].path",
            "`path` cannot be `orders`",
            "starts with `/`",
        ),
        path("\"/orders/\" # here", "no `/` at the end"),
        path("\"/orders/{orderId\" # here", "neither a word"),
        path("\"/orders/{id}/{id}\" # here", "its own name"),
        path("\"/{all+}/orders\" # here", "comes last"),
        path("\"/orders?page={page}\" # here", "leave the query out"),
        path("\"/ping\" # here", "API Gateway answers this path itself"),
        case(
            "function = \"get-order\"",
            "function = \"get-orders\" # here",
            "routes[1].function",
            "there is no function `get-orders`",
            "did you mean `get-order`?",
        ),
        case(
            "function = \"get-order\"",
            "function = \"get-order\"\n[[routes]]\nmethod = \"POST\"\npath = \"/orders\" # here\nfunction = \"get-order\"",
            "routes[2].path",
            "two routes for the same method on `/orders`",
            "remove one",
        ),
        case(
            "function = \"get-order\"",
            "function = \"get-order\"\n[[routes]]\nmethod = \"GET\"\npath = \"/orders/{id}/items\" # here\nfunction = \"get-order\"",
            "routes[2].path",
            "`{id}` and `{orderId}` stand at the same place after `/orders/`",
            "use the same name",
        ),
        case("\"/orders/{orderId}\"", "7 # here", "routes[1].path", "`path` is an integer", "`path = \"7\"`"),
    ]);
    let fixture = Fixture::new();
    let many: Vec<String> = (0..300)
        .map(|n| format!("[[routes]]\nmethod = \"GET\"\npath = \"/r{n}\"\nfunction = \"get-order\"\n"))
        .collect();
    fixture.change(SERVICE, "[environments.dev]", &format!("{}[environments.dev]", many.concat()));
    assert!(fixture.mistakes(None)[0].message.contains("303 resources"));
}

#[test]
fn a_service_without_routes_or_functions() {
    let fixture = Fixture::new();
    fixture.write(SERVICE, "functions = {}\nroutes = []\n[environments.dev]\naccount = { id = '222222222222' }\ncertificate = { source = 'request' }\n");
    let messages: Vec<String> = fixture.mistakes(None).into_iter().map(|one| one.message).collect();
    assert_eq!(messages, ["missing key `network`", "a service needs a function", "`routes` needs at least 1"]);
}

#[test]
fn tables() {
    const KEY: &str = "partition_key = { name = \"pk\", type = \"string\" }";
    const TTL: &str = "ttl_attribute = \"expires_at\"";
    check(&[
        case(
            KEY,
            "partition_key = { name = \"pk\", type = \"text\" } # here",
            "tables.orders.partition_key.type",
            "`type` cannot be `text`",
            "one of: `binary`, `number`, `string`",
        ),
        case(
            "[tables.orders]\npartition_key = { name = \"pk\", type = \"string\" }",
            "[tables.orders] # here",
            "tables.orders.partition_key",
            "missing key `partition_key`",
            "spreads the items",
        ),
        case(
            KEY,
            "partition_key = { name = \"pk\", type = \"string\" }\nsort_key = { name = \"pk\", type = \"string\" } # here",
            "tables.orders.sort_key",
            "both the partition key and the sort key",
            "leave out `sort_key`",
        ),
        case(
            "sort_key = { name = \"order_id\", type = \"string\" }",
            "sort_key = { name = \"pk\", type = \"number\" } # here",
            "tables.orders.indexes.by-day.sort_key.type",
            "`pk` has two types",
            "one type in a table",
        ),
        case(
            "{ name = \"day\", type = \"string\" }",
            "{ name = \"\", type = \"string\" } # here",
            "tables.orders.indexes.by-day.partition_key.name",
            "cannot name a key",
            "1 to 255",
        ),
        case(TTL, "ttl_attribute = \"pk\" # here", "tables.orders.ttl_attribute", "is a key of the table", "expire"),
        case(
            TTL,
            "ttl_attribute = \"day\" # here",
            "tables.orders.ttl_attribute",
            "is not a number",
            "number of seconds",
        ),
        case(
            "[tables.orders.indexes.by-day]",
            "[tables.orders.indexes.\"by day\"] # here",
            "tables.orders.indexes.\"by day\"",
            "cannot name an index",
            "3 to 255",
        ),
        case(
            "[tables.orders]",
            "[tables.\"a/b\"] # here\npartition_key = { name = \"pk\", type = \"string\" }\n[tables.orders]",
            "tables.\"a/b\"",
            "cannot name a table",
            "lower-case",
        ),
    ]);
    let fixture = Fixture::new();
    let many: Vec<String> =
        (0..20).map(|n| format!("[tables.orders.indexes.i-{n}]\n{}\n", KEY.replace("pk", &format!("k{n}")))).collect();
    fixture.change(SERVICE, "[functions.create-order]", &format!("{}[functions.create-order]", many.concat()));
    assert!(fixture.mistakes(None)[0].message.contains("21 indexes"));
}

#[test]
fn certificates_and_the_hubs_secret() {
    const DEV: &str = "external_id = \"platform\" }\ncertificate = { source = \"request\" }";
    let secret =
        |new| case(DEV, new, "environments.dev.hub_secret_arn", "is not a secret in eu-west-1", "6 characters");
    check(&[
        case(
            DEV,
            "external_id = \"platform\" }\ncertificate = { source = \"private-ca\", authority_arn = \"x\" } # here",
            "environments.dev.certificate.source",
            "`private-ca` serves the hub's listener only",
            "`request` or `import`",
        ),
        case(
            DEV,
            "external_id = \"p\" } # here\ncertificate = { source = \"request\" }",
            "environments.dev.account.external_id",
            "`external_id` cannot be `p`",
            "2 to 1224",
        ),
        secret(
            "external_id = \"platform\" }\ncertificate = { source = \"request\" }\nhub_secret_arn = \"endpoint\" # here",
        ),
        secret(
            "external_id = \"platform\" }\ncertificate = { source = \"request\" }\nhub_secret_arn = \"arn:aws:secretsmanager:eu-west-1:111111111111:secret:endpoint\" # here",
        ),
        secret(
            "external_id = \"platform\" }\ncertificate = { source = \"request\" }\nhub_secret_arn = \"arn:aws:secretsmanager:us-east-1:111111111111:secret:endpoint-AbCdEf\" # here",
        ),
    ]);
}

#[test]
fn the_folder_names_the_service() {
    let fixture = Fixture::new();
    let names = ["consumer", "public-zone", "all", "local", "Tea", "1-tea", "tea_room", "a-tea-house-with-a-long-name"];
    for name in names {
        fixture.write(&format!("microservice-accounts/{name}/service.toml"), &fixture.read(SERVICE));
    }
    let mistakes = fixture.mistakes(None);
    let mut found: Vec<&str> = mistakes.iter().filter_map(|one| one.file.split('/').nth(1)).collect();
    found.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(found, names, "{mistakes:#?}");
    assert!(mistakes.iter().all(|one| one.help.contains("rename the folder") && one.line.is_none()));
}

#[test]
fn one_hub_serves_so_many_services() {
    let fixture = Fixture::new();
    for n in 0..24 {
        fixture.write(&format!("microservice-accounts/s{n}/service.toml"), &fixture.read(SERVICE));
    }
    let mistakes = fixture.mistakes(None);
    let [mistake] = &mistakes[..] else { panic!("{mistakes:#?}") };
    assert_eq!(mistake.message, "25 services, but one hub serves at most 24");
    assert!(mistake.help.contains("25 certificates"));
}

#[test]
fn services_that_share_an_account_share_no_name() {
    let fixture = Fixture::new();
    let text = fixture.read(SERVICE);
    fixture
        .write("microservice-accounts/food-get/service.toml", &text.replace("functions.get-order", "functions.order"));
    let mistakes = fixture.mistakes(None);
    let names: Vec<&str> = mistakes.iter().map(|one| one.message.as_str()).collect();
    assert!(
        names.contains(&"a function of `food-get` and one of `food` are both called `food-get-order`"),
        "{names:?}"
    );
    assert!(mistakes.iter().all(|one| !one.message.contains("both called") || one.help.contains("share an account")));

    let apart = text.replace("functions.get-order", "functions.order").replace("\"get-order\"", "\"order\"");
    fixture.write("microservice-accounts/food-get/service.toml", &apart.replace("222222222222", "333333333333"));
    assert_eq!(fixture.mistakes(None), []);
}
