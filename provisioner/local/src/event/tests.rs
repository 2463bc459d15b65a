//! Events and responses, against what API Gateway documents and sends.

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::*;

fn head(method: Method, path: &str, query: Option<&str>, headers: &[(&'static str, &str)]) -> Head {
    let pair = |&(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
    };
    Head {
        method,
        host: "food.internal.example:8443".to_owned(),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        headers: headers.iter().map(pair).collect(),
        source_ip: IpAddr::from([10, 0, 0, 9]),
        server_name: None,
    }
}

fn context() -> Context {
    Context {
        account_id: "222222222222".to_owned(),
        api_id: "abc123".to_owned(),
        stage: "live".to_owned(),
        resource_path: "/orders/{orderId}".to_owned(),
        path_parameters: [("orderId".to_owned(), "a%20b".to_owned())].into(),
        vpc_endpoint_id: "vpce-1".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        ..Context::default()
    }
}

fn event(head: &Head, body: &[u8], context: &Context) -> Value {
    let stamp = Stamp { request_id: "r-1".to_owned(), extended_request_id: "x=".to_owned(), time: 1_428_582_896_123 };
    proxy_event(head, body, context, &stamp)
}

#[test]
fn a_request_by_custom_domain_becomes_this_event() {
    let head = head(
        Method::POST,
        "/food/orders/a%20b",
        Some("limit=10&tag=a%26b&tag=c+d&flag"),
        &[("accept", "*/*"), ("x-h", "1"), ("x-h", "2"), ("user-agent", "curl/8"), ("x-amzn-vpce-id", "vpce-forged")],
    );
    let expected = json!({
        "resource": "/orders/{orderId}",
        "path": "/food/orders/a%20b",
        "httpMethod": "POST",
        "headers": {
            "accept": "*/*", "host": "food.internal.example:8443", "user-agent": "curl/8", "x-amzn-vpc-id": "vpc-1",
            "x-amzn-vpce-config": "0", "x-amzn-vpce-id": "vpce-1", "x-h": "2",
        },
        "multiValueHeaders": {
            "accept": ["*/*"], "host": ["food.internal.example:8443"], "user-agent": ["curl/8"],
            "x-amzn-vpc-id": ["vpc-1"], "x-amzn-vpce-config": ["0"], "x-amzn-vpce-id": ["vpce-1"], "x-h": ["1", "2"],
        },
        "queryStringParameters": {"limit": "10", "tag": "c d", "flag": ""},
        "multiValueQueryStringParameters": {"limit": ["10"], "tag": ["a&b", "c d"], "flag": [""]},
        "pathParameters": {"orderId": "a%20b"},
        "stageVariables": null,
        "requestContext": {
            "accountId": "222222222222", "apiId": "abc123", "deploymentId": "",
            "domainName": "food.internal.example", "domainPrefix": "food", "extendedRequestId": "x=",
            "httpMethod": "POST",
            "identity": {
                "accessKey": null, "accountId": null, "caller": null, "cognitoAuthenticationProvider": null,
                "cognitoAuthenticationType": null, "cognitoIdentityId": null, "cognitoIdentityPoolId": null,
                "principalOrgId": null, "sourceIp": "10.0.0.9", "user": null, "userAgent": "curl/8", "userArn": null,
                "vpcId": "vpc-1", "vpceId": "vpce-1",
            },
            "path": "/food/orders/a%20b", "protocol": "HTTP/1.1", "requestId": "r-1",
            "requestTime": "09/Apr/2015:12:34:56 +0000", "requestTimeEpoch": 1_428_582_896_123_u64,
            "resourceId": "", "resourcePath": "/orders/{orderId}", "stage": "live",
        },
        "body": "{\"a\":1}",
        "isBase64Encoded": false,
    });
    assert_eq!(event(&head, br#"{"a":1}"#, &context()), expected);
}

#[test]
fn a_stage_in_the_path_is_not_in_the_events_path() {
    let by_header = Context { stage_in_path: true, ..context() };
    for (sent, path) in [("/live/orders", "/orders"), ("/live", "/"), ("/live/", "/"), ("/lively/x", "/lively/x")] {
        let event = event(&head(Method::GET, sent, None, &[]), b"", &by_header);
        assert_eq!((&event["path"], &event["requestContext"]["path"]), (&json!(path), &json!(sent)));
    }
}

#[test]
fn what_is_not_there_is_null() {
    let bare = Context { path_parameters: BTreeMap::new(), ..context() };
    let event = event(&head(Method::GET, "", Some(""), &[]), b"", &bare);
    for field in
        ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"]
    {
        assert_eq!(event[field], Value::Null, "{field}");
    }
    assert_eq!(event["path"], "/");
}

#[test]
fn bodies_are_base64_only_for_binary_media_types() {
    let images = Context { binary_media_types: vec!["image/png".to_owned()], ..context() };
    let all = Context { binary_media_types: vec!["*/*".to_owned()], ..context() };
    let png = head(Method::POST, "/", None, &[("content-type", "image/PNG; q=1")]);
    let text = head(Method::POST, "/", None, &[("content-type", "text/plain")]);
    let body = |head: &Head, context: &Context| {
        let event = event(head, b"\xff\x00", context);
        (event["body"].as_str().expect("text").to_owned(), event["isBase64Encoded"] == json!(true))
    };
    assert_eq!(body(&png, &images), ("/wA=".to_owned(), true));
    assert_eq!(body(&text, &all), ("/wA=".to_owned(), true));
    assert_eq!(body(&text, &images), ("\u{fffd}\u{0}".to_owned(), false));
    assert_eq!(body(&png, &context()), ("\u{fffd}\u{0}".to_owned(), false));
}

fn response(result: &Value, accept: &str, context: &Context) -> Result<http::Response<bytes::Bytes>, Malformed> {
    proxy_response(result.to_string().as_bytes(), &head(Method::GET, "/", None, &[("accept", accept)]), context)
}

#[test]
fn a_full_result_becomes_a_response() {
    let result = json!({
        "statusCode": 201, "body": "made", "isBase64Encoded": false,
        "headers": {"Location": "/orders/1", "X-Number": 7, "Set-Cookie": "a=1", "Server": "mine"},
        "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]},
    });
    let response = response(&result, "*/*", &context()).expect("well-formed");
    assert_eq!((response.status(), response.body().as_ref()), (StatusCode::CREATED, b"made".as_slice()));
    let values = |name: &str| -> Vec<_> { response.headers().get_all(name).iter().cloned().collect() };
    assert_eq!(values("set-cookie"), ["a=1", "b=2"], "the pair that is in both counts once");
    assert_eq!((values("location"), values("x-number")), (vec![HeaderValue::from_static("/orders/1")], vec![7.into()]));
    assert_eq!(values("content-type"), ["application/json"]);
    assert_eq!((values("x-amzn-remapped-server"), values("server").len()), (vec![HeaderValue::from_static("mine")], 0));
}

#[test]
fn base64_is_decoded_only_for_clients_that_accept_binary() {
    let result = json!({"statusCode": "200", "body": "/wA=", "isBase64Encoded": true});
    let images = Context { binary_media_types: vec!["image/png".to_owned()], ..context() };
    let body = |accept: &str, context: &Context| response(&result, accept, context).expect("well-formed").into_body();
    assert_eq!(body("image/png", &images).as_ref(), b"\xff\x00");
    assert_eq!(body("*/*", &images).as_ref(), b"/wA=");
    assert_eq!(body("image/png", &context()).as_ref(), b"/wA=");
}

#[test]
fn the_least_result_is_an_empty_200() {
    let response = response(&json!({}), "*/*", &context()).expect("well-formed");
    assert_eq!((response.status(), response.body().len()), (StatusCode::OK, 0));
}

#[test]
fn malformed_results_are_told_apart() {
    let binary = Context { binary_media_types: vec!["*/*".to_owned()], ..context() };
    let cases = [
        (json!("text"), "it is not an object"),
        (json!(null), "it is not an object"),
        (json!([1]), "it is not an object"),
        (json!({"statusCode": "OK"}), "`statusCode` is not a status from 200 to 599"),
        (json!({"statusCode": 101}), "`statusCode` is not a status from 200 to 599"),
        (json!({"statusCode": 200.5}), "`statusCode` is not a status from 200 to 599"),
        (json!({"body": {"a": 1}}), "`body` is not a string"),
        (json!({"headers": ["a"]}), "`headers` or `multiValueHeaders` is not an object"),
        (json!({"headers": {"a": null}}), "the value of a header is not text"),
        (json!({"headers": {"a b": "c"}}), "the name of a header has illegal characters"),
        (json!({"headers": {"a": "b\r\nc: d"}}), "the value of a header has illegal characters"),
        (json!({"multiValueHeaders": {"a": "b"}}), "a value of `multiValueHeaders` is not a list"),
        (json!({"isBase64Encoded": true, "body": "?"}), "`body` is not base64"),
        (json!({"isBase64Encoded": "yes", "body": ""}), "`isBase64Encoded` is neither true nor false"),
    ];
    for (result, reason) in cases {
        assert_eq!(response(&result, "*/*", &binary).map(|_| ()), Err(Malformed(reason)), "{result}");
    }
    let no_json = proxy_response(b"{", &head(Method::GET, "/", None, &[]), &context());
    assert_eq!(no_json.map(|_| ()), Err(Malformed("it is not JSON")));
}
