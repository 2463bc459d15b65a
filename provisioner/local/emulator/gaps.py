"""What moto 5.2.5 does differently from AWS and would stop a real local run, closed one small patch each.

A patch wraps one method of moto and says above it what AWS does. Each has a test in provisioner/local/tests/gaps.rs.
"""

import ipaddress

from moto.acm.models import AWSCertificateManagerBackend
from moto.ec2.exceptions import InvalidParameterValueError
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.vpcs import VPCs
from moto.secretsmanager.models import secretsmanager_backends
from moto.secretsmanager.responses import SecretsManagerResponse


def close_all():
    lend_secrets()
    seat_endpoint_interfaces()
    move_endpoint_routes()
    switch_private_dns()
    keep_tags_on_reimport()


def wrap(owner, name):
    """Decorates f(original, *arguments), which then takes the place of owner.name."""

    def replace(patch):
        original = getattr(owner, name)
        setattr(owner, name, lambda *arguments, **named: patch(original, *arguments, **named))

    return replace


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


# --- VPC endpoints -------------------------------------------------------------------------------------------------------


def seat_endpoint_interfaces():
    """AWS: an interface endpoint has one network interface per subnet, with the address that SubnetConfigurations pins or
    else a free one of the subnet, and with the endpoint's security groups; changing the endpoint changes them. moto gives
    random addresses outside the subnet and the default group, and leaves them alone afterwards.
    """

    @wrap(VPCs, "create_vpc_endpoint")
    def create(original, self):
        pins = pinned_addresses(self)
        result = original(self)
        seat(result.result["VpcEndpoint"], pins)
        return result

    @wrap(VPCs, "modify_vpc_endpoint")
    def modify(original, self):
        pins = pinned_addresses(self)
        result = original(self)
        seat(self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")], pins)
        return result

    @wrap(EC2Backend, "delete_vpc_endpoints")
    def delete(original, self, vpce_ids=None):
        for endpoint in filter(None, map(self.vpc_end_points.get, vpce_ids or [])):
            release(self, [self.enis[id] for id in endpoint.network_interface_ids if id in self.enis])
        return original(self, vpce_ids)


def pinned_addresses(request):
    """{subnet id: IPv4 address} from the call's SubnetConfigurations, each inside its subnet."""
    pins = {it["SubnetId"]: it["Ipv4"] for it in request._get_param("SubnetConfigurations", []) if it.get("Ipv4")}
    for subnet_id, address in pins.items():
        if ipaddress.ip_address(address) not in request.ec2_backend.get_subnet(subnet_id).cidr:
            raise InvalidParameterValueError(address)
    return pins


def seat(endpoint: VPCEndPoint, pins):
    """Gives the endpoint exactly one interface per subnet, keeping those that are right already."""
    if (endpoint.vpc_endpoint_type or "").lower() != "interface":
        return
    ec2 = endpoint.ec2_backend
    enis = {ec2.enis[id].subnet_id: ec2.enis[id] for id in endpoint.network_interface_ids if id in ec2.enis}
    right = {subnet: eni for subnet, eni in enis.items() if subnet in endpoint.subnet_ids and is_right(eni, pins.get(subnet))}
    release(ec2, [eni for subnet, eni in enis.items() if subnet not in right])
    for subnet_id in endpoint.subnet_ids:
        eni = right.get(subnet_id) or make_interface(ec2, endpoint, subnet_id, pins.get(subnet_id))
        eni._group_set = [ec2.get_security_group_from_id(group) for group in endpoint.security_group_ids] or eni._group_set
        right[subnet_id] = eni
    endpoint.network_interface_ids = [right[subnet_id].id for subnet_id in endpoint.subnet_ids]


def is_right(eni, pin):
    address = eni.private_ip_address
    return address == pin if pin else ipaddress.ip_address(address) in eni.subnet.cidr


def make_interface(ec2, endpoint, subnet_id, pin):
    subnet = ec2.get_subnet(subnet_id)
    if pin in subnet._subnet_ips:
        raise InvalidParameterValueError(pin)
    address = pin or subnet.get_available_subnet_ip(endpoint)
    subnet._subnet_ips[address] = endpoint
    eni = ec2.create_network_interface(subnet, address, description=f"VPC Endpoint Interface {endpoint.id}")
    eni.status, eni.interface_type, eni.requester_managed = "in-use", "vpc_endpoint", True
    return eni


def release(ec2, enis):
    """Removes interfaces; their addresses are free again."""
    for eni in enis:
        del ec2.enis[eni.id]
        eni.subnet.del_subnet_ip(eni.private_ip_address)


def move_endpoint_routes():
    """AWS: a gateway endpoint has a route in each of its route tables. moto makes them with the endpoint, leaves them alone
    when its tables change, and then cannot delete it.
    """

    @wrap(VPCEndPoint, "modify")
    def modify(original, self, *changes):
        before = list(self.route_table_ids)
        original(self, *changes)
        ec2, to = self.ec2_backend, {"destination_prefix_list_id": self.destination_prefix_list_id}
        for table in set(self.route_table_ids).difference(before):
            ec2.create_route(table, None, gateway_id=self.id, **to)
        for table in set(before).difference(self.route_table_ids):
            ec2.delete_route(table, None, **to)


def switch_private_dns():
    """AWS: changing an endpoint may turn its private DNS name on or off. moto does not look."""

    @wrap(VPCs, "modify_vpc_endpoint")
    def modify(original, self):
        result = original(self)
        if (on := self._get_bool_param("PrivateDnsEnabled")) is not None:
            self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")].private_dns_enabled = on
        return result


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
