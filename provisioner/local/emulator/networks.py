"""What moto 5.2.5's EC2 does differently from AWS and would stop a real local run: see gaps.py."""

import hashlib
import ipaddress

from moto.ec2.exceptions import InvalidParameterValueError
from moto.ec2.models import EC2Backend
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from patching import wrap


def close_all():
    seat_endpoint_interfaces()
    move_endpoint_routes()
    switch_private_dns()
    forget_subnets()
    share_prefix_lists()


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


def forget_subnets():
    """AWS: a subnet that is deleted takes its association with a route table along. moto keeps it, and with it the table."""

    @wrap(EC2Backend, "delete_subnet")
    def delete(original, self, subnet_id):
        subnet = original(self, subnet_id)
        for table in self.route_tables.values():
            table._associations = {id: target for id, target in table._associations.items() if target != subnet_id}
        return subnet


def share_prefix_lists():
    """AWS: its own prefix lists have the same ids in every account of a Region. moto makes them up for each account."""

    @wrap(ManagedPrefixListBackend, "_create_aws_managed_prefix_list")
    def make(original, self, name, *more, **named):
        known = set(self.managed_prefix_lists)
        original(self, name, *more, **named)
        for made in set(self.managed_prefix_lists) - known:
            prefix_list = self.managed_prefix_lists.pop(made)
            prefix_list.id = f"pl-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
            self.managed_prefix_lists[prefix_list.id] = prefix_list
