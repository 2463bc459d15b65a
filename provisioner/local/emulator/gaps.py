"""What moto 5.2.5 does differently from AWS and would stop a real local run, closed one small patch each.

A patch wraps one method of moto and says above it what AWS does. Each has a test in provisioner/local/tests/gaps. Those of
EC2 are in networks.py.
"""

import json
import threading

import xmltodict
from moto.acm.models import AWSCertificateManagerBackend
from moto.apigateway.models import APIGatewayBackend
from moto.apigateway.responses import APIGatewayResponse
from moto.awslambda.models import LambdaFunction
from moto.core.resource_tagging import TaggedResource
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from moto.elbv2.models import ELBv2Backend
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse
from moto.s3.responses import S3Response
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse

import networks
from patching import wrap


def close_all():
    networks.close_all()
    lend_secrets()
    keep_tags_on_reimport()
    import_whole_documents()
    list_no_mappings()
    patch_domain_names()
    change_function_settings()
    keep_log_groups_of_functions()
    tag_new_buckets()
    tell_versioning()
    encrypt_log_groups()
    tell_little_by_pattern()
    encrypt_tables()
    lend_tables_in_turn()
    keep_further_certificates()
    find_listeners_by_tag()
    load_managed_policies_once()


# --- Secrets Manager -----------------------------------------------------------------------------------------------------


def lend_secrets():
    """AWS: another account reads a secret by its full ARN if the secret has a resource policy. moto looks in one account.

    Whether the policy allows this very caller is not evaluated, as nothing in moto is.
    """
    for name in ("get_secret_value", "describe_secret"):

        @wrap(SecretsManagerResponse, name)
        def answer(original, self):
            if at := place_of_shared_secret(self._get_param("SecretId")):
                self.current_account, self.region = at
            return original(self)


def place_of_shared_secret(secret_id):
    """(account, region) of the secret with this full ARN, if it has a policy: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."""
    parts = (secret_id or "").split(":")
    if len(parts) != 7 or parts[0] != "arn":
        return None
    region, account = parts[3], parts[4]
    secret = secretsmanager_backends[account][region].secrets.get(secret_id)
    return (account, region) if secret and secret.arn == secret_id and secret.policy else None


# --- Certificate Manager -------------------------------------------------------------------------------------------------


def keep_tags_on_reimport():
    """AWS: importing again under an existing ARN keeps the certificate's tags. moto drops them."""

    @wrap(AWSCertificateManagerBackend, "import_certificate")
    def reimport(original, self, certificate, private_key, chain, arn, tags):
        earlier = self._certificates.get(arn)
        arn = original(self, certificate, private_key, chain, arn, tags)
        if earlier:
            self._certificates[arn].tags.update(earlier.tags)
            self._certificates[arn].in_use_by = earlier.in_use_by
        return arn


# --- API Gateway ---------------------------------------------------------------------------------------------------------


def import_whole_documents():
    """AWS: putting a document also sets the API's name, description, version and policy and its methods' request validators,
    and one that overwrites takes away what it does not say. moto looks at paths and integrations only, and exports little.

    Here the export is the document that was put last, deployed or not.
    """

    @wrap(APIGatewayBackend, "put_rest_api")
    def put(original, self, function_id, api_doc, *more, **named):
        api = original(self, function_id, api_doc, *more, **named)
        overwrites = named.get("mode") == "overwrite"
        if overwrites:
            api.description = api.policy = None
            api.request_validators.clear()
        api.name = api_doc["info"]["title"]
        api.description = api_doc["info"].get("description", api.description)
        api.version = api_doc["info"]["version"]
        api.imported = api_doc
        if policy := api_doc.get("x-amazon-apigateway-policy"):
            api.policy = json.dumps(policy)
        validate_requests(api, api_doc)
        return api

    @wrap(APIGatewayBackend, "export_api")
    def export(original, self, rest_api_id, export_type):
        imported = getattr(self.apis.get(rest_api_id), "imported", None)
        return imported or original(self, rest_api_id, export_type)


def validate_requests(api, document):
    """Makes the document's validators and gives each method the one that it names, or else the one that the document does."""
    validators = {
        name: api.create_request_validator(name, what["validateRequestBody"], what["validateRequestParameters"])
        for name, what in document.get("x-amazon-apigateway-request-validators", {}).items()
    }
    everywhere = document.get("x-amazon-apigateway-request-validator")
    for path, operations in document["paths"].items():
        methods = api.get_resource_for_path(path).resource_methods
        for name, operation in operations.items():
            validator = validators.get(operation.get("x-amazon-apigateway-request-validator", everywhere))
            methods[name.upper()].request_validator_id = validator and validator.id


def list_no_mappings():
    """AWS: a domain name that never had a mapping has none. moto answers 500."""

    @wrap(APIGatewayBackend, "create_domain_name")
    def create(original, self, domain_name, *more, **named):
        self.base_path_mappings.setdefault(domain_name, {})
        return original(self, domain_name, *more, **named)


def patch_domain_names():
    """AWS: UpdateDomainName changes a domain name, its certificate for one. moto does not know the call."""

    def update_domain_name(self):
        domain = self.backend.get_domain_name(self.path.split("/")[2])
        for patch in self._get_param("patchOperations"):
            if patch["op"] == "replace" and patch["path"] == "/regionalCertificateArn":
                domain.regional_certificate_arn = patch["value"]
        return json.dumps(domain.to_json())

    APIGatewayResponse.update_domain_name = update_domain_name


# --- Lambda --------------------------------------------------------------------------------------------------------------


def change_function_settings():
    """AWS: a function's key and its tracing change like every other setting. moto leaves them as they are."""

    @wrap(LambdaFunction, "update_configuration")
    def update(original, self, config_updates):
        self.kms_key_arn = config_updates.get("KMSKeyArn", self.kms_key_arn)
        self.tracing_config = config_updates.get("TracingConfig", self.tracing_config)
        return original(self, config_updates)


def keep_log_groups_of_functions():
    """AWS: a function tells which log group it writes to, by default /aws/lambda/ and its name. moto drops the setting."""

    @wrap(LambdaFunction, "__init__")
    def make(original, self, account_id, spec, *more, **named):
        original(self, account_id, spec, *more, **named)
        default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}
        self.logging_config = default | (spec.get("LoggingConfig") or {})

    @wrap(LambdaFunction, "update_configuration")
    def update(original, self, config_updates):
        self.logging_config = self.logging_config | (config_updates.get("LoggingConfig") or {})
        return original(self, config_updates)

    @wrap(LambdaFunction, "get_configuration")
    def tell(original, self, *more, **named):
        return original(self, *more, **named) | {"LoggingConfig": self.logging_config}


# --- S3 ------------------------------------------------------------------------------------------------------------------


def tag_new_buckets():
    """AWS: a bucket is made with the tags of the call that makes it. moto does not look."""

    @wrap(S3Response, "_bucket_response_put")
    def put(original, self, request, bucket, querystring):
        answer = original(self, request, bucket, querystring)
        if not querystring and self.body:
            configuration = xmltodict.parse(self.body, force_list=["Tag"])["CreateBucketConfiguration"] or {}
            tags = (configuration.get("Tags") or {}).get("Tag", [])
            self.backend.put_bucket_tagging(bucket, {tag["Key"]: tag["Value"] for tag in tags})
        return answer


def tell_versioning():
    """AWS: the answer is a VersioningConfiguration. moto gives it a name that strict clients refuse."""

    @wrap(S3Response, "get_bucket_versioning")
    def get(original, self):
        status, headers, body = original(self)
        return status, headers, body.replace("GetBucketVersioningResponse", "VersioningConfiguration")


# --- Keys of log groups and tables ---------------------------------------------------------------------------------------


def encrypt_log_groups():
    """AWS: a log group may be given another key. moto has no such call."""

    def associate_kms_key(self):
        group = self.logs_backend.groups.get(self._get_param("logGroupName"))
        if group is None:
            raise ResourceNotFoundException()
        group.kms_key_id = self._get_param("kmsKeyId")
        return ""

    LogsResponse.associate_kms_key = associate_kms_key


def tell_little_by_pattern():
    """AWS: groups that are listed by a pattern come without key and retention. moto tells all."""

    @wrap(LogsResponse, "describe_log_groups")
    def describe(original, self):
        answer = original(self)
        if not self._get_param("logGroupNamePattern"):
            return answer
        told = ("arn", "creationTime", "logGroupName")
        found = json.loads(answer)
        found["logGroups"] = [{key: group[key] for key in told} for group in found["logGroups"]]
        return json.dumps(found)


def encrypt_tables():
    """AWS: a table may be given another key. moto does not look."""

    @wrap(DynamoHandler, "update_table")
    def update(original, self):
        result = original(self)
        if encryption := self.body.get("SSESpecification"):
            self.dynamodb_backend.get_table(self.body["TableName"]).sse_specification = encryption
        return result


def lend_tables_in_turn():
    """AWS: a condition and its write are one; a table with a resource policy is reached from other accounts by its ARN."""
    turn = threading.Lock()

    @wrap(DynamoHandler, "call_action")
    def call(original, self):
        with turn:
            changes = [change for item in self.params.get("TransactItems", []) for change in item.values()]
            for request in (it for it in [self.params, *changes] if "TableName" in it):
                request["TableName"] = lent_table(self, request["TableName"])
            if asked := self.params.get("RequestItems"):
                self.params["RequestItems"] = {lent_table(self, table): items for table, items in asked.items()}
            return original(self)


def lent_table(request, table):
    """The table's name, after entering the account of arn:aws:dynamodb:REGION:ACCOUNT:table/NAME if that lends it."""
    parts = table.split(":")
    if len(parts) == 6 and table in dynamodb_backends[parts[4]][parts[3]].resource_policies:
        request.region, request.current_account, table = parts[3], parts[4], parts[5].removeprefix("table/")
    return table


# --- Load balancing ------------------------------------------------------------------------------------------------------


def keep_further_certificates():
    """AWS: a listener's new default certificate leaves its further ones alone. moto drops them."""

    @wrap(ELBv2Backend, "modify_listener")
    def modify(original, self, arn, *changes):
        further = self.describe_listeners(None, [arn])[0].certificates[1:]
        listener = original(self, arn, *changes)
        listener.certificates = listener.certificates[:1] + further
        return listener


def find_listeners_by_tag():
    """AWS: a search by tag finds listeners and their rules. moto finds load balancers and target groups only."""

    @wrap(ELBv2Backend, "iter_tagged_resources")
    def search(original, self):
        yield from original(self)
        for balancer in self.load_balancers.values():
            for listener in balancer.listeners.values():
                yield tagged(self, listener.arn, "listener")
                for rule in listener.rules.values():
                    yield tagged(self, rule.arn, "listener-rule")


def tagged(elb, arn, sort):
    tags = elb.tagging_service.get_tag_dict_for_resource(arn)
    return TaggedResource(arn=arn, tags=tags, resource_type=f"elasticloadbalancing:{sort}")


# --- IAM -----------------------------------------------------------------------------------------------------------------


def load_managed_policies_once():
    """AWS: every account sees the same managed policies. moto reads all 1,400 anew for each account: 36 MB and half a second.

    Only those for the roles of AWS services are kept, which is what roles made by a platform attach.
    """
    everything = json.loads(aws_managed_policies_data)
    for_services = {name: data for name, data in everything.items() if data.get("Path") == "/service-role/"}

    def managed_policies(self):
        return [
            AWSManagedPolicy.from_data(name, self.account_id, self.region_name, data)
            for name, data in for_services.items()
        ]

    IAMBackend._init_aws_policies = managed_policies
