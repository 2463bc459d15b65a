"""The routes of `functions/orders` as one writes them in Python: boto3, one client for all calls, no framework.

It is here to be compared with: it checks less than the functions do and has no idempotency keys.
"""

import base64
import hashlib
import json
import os
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKBACK = 31

config = Config(connect_timeout=0.7, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 4})
table = boto3.resource("dynamodb", config=config).Table(os.environ["ORDERS_TABLE"])


def create_order(event, context):
    try:
        order = read(event)
    except (KeyError, TypeError, ValueError) as error:
        return problem(400, f"the order was not placed: {error}")
    order = {"order_id": new_id(), "status": "placed", **order}
    day = datetime.now(timezone.utc).date().isoformat()
    keys = {"pk": f"order#{order['order_id']}", "day_shard": f"{day}#0", "status_day_shard": f"placed#{day}#0"}
    table.put_item(Item={**order, **keys}, ConditionExpression="attribute_not_exists(pk)")
    location = f"{event['requestContext']['path'].rstrip('/')}/{order['order_id']}"
    return answer(201, document(order), location=location)


def get_order(event, context):
    order_id = event["pathParameters"]["orderId"]
    if len(order_id) != 26 or any(character not in ALPHABET for character in order_id):
        return problem(400, "the path does not end in an order id")
    found = table.get_item(Key={"pk": f"order#{order_id}"}, ConsistentRead=True).get("Item")
    if found is None:
        return problem(404, f"there is no order `{order_id}`")
    return answer(200, document(found))


def list_orders(event, context):
    query = event["queryStringParameters"] or {}
    try:
        limit = int(query.get("limit", 20))
    except ValueError:
        return problem(400, "`limit` is not a number")
    if not 1 <= limit <= 100:
        return problem(400, "`limit` must be from 1 to 100")
    orders, today = [], datetime.now(timezone.utc).date()
    for back in range(LOOKBACK):
        condition = Key("day_shard").eq(f"{today - timedelta(days=back)}#0")
        if "cursor" in query:
            condition &= Key("order_id").lt(query["cursor"])
        found = table.query(
            IndexName="by-day", KeyConditionExpression=condition, ScanIndexForward=False, Limit=limit + 1 - len(orders)
        )
        orders += found["Items"]
        if len(orders) > limit:
            break
    following = orders[limit - 1]["order_id"] if len(orders) > limit else None
    return answer(200, {"orders": [document(order) for order in orders[:limit]], "next": following})


def read(event):
    """The order in a request's body."""
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
    sent = json.loads(body)
    items = [
        {
            "sku": item["sku"],
            "quantity": int(item["quantity"]),
            "minor_units": int(item["unit_price"]["minor_units"]),
            "currency": item["unit_price"]["currency"],
        }
        for item in sent["items"]
    ]
    if not 1 <= len(items) <= 50:
        raise ValueError("an order has 1 to 50 items")
    note = {"note": sent["note"]} if "note" in sent else {}
    return {"customer_id": sent["customer_id"], "items": items, **note}


def document(order):
    """An order as it is answered."""
    items = [
        {
            "sku": item["sku"],
            "quantity": item["quantity"],
            "unit_price": {"minor_units": item["minor_units"], "currency": item["currency"]},
        }
        for item in order["items"]
    ]
    total = sum(item["quantity"] * item["minor_units"] for item in order["items"])
    return {
        "order_id": order["order_id"],
        "status": order["status"],
        "total": {"minor_units": total, "currency": order["items"][0]["currency"]},
        "customer_id": order["customer_id"],
        "items": items,
        **({"note": order["note"]} if "note" in order else {}),
    }


def new_id():
    """A ULID."""
    number = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10))
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def answer(status, body, **headers):
    text = json.dumps(body, default=lambda value: int(value) if isinstance(value, Decimal) else str(value))
    tag = hashlib.sha256(text.encode()).hexdigest()[:32]
    headers = {"content-type": "application/json", "etag": f'"{tag}"', **headers}
    return {"statusCode": status, "headers": headers, "body": text}


def problem(status, detail):
    headers = {"content-type": "application/problem+json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"status": status, "detail": detail})}
