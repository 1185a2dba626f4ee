"""The two filters of the collection ansible.utils that the templates use, for a machine that lacks
it: by Python's own ipaddress."""
import ipaddress


def ipwrap(value, query=''):
    if isinstance(value, (list, tuple)):
        return [ipwrap(each) for each in value]
    try:
        interface = ipaddress.ip_interface(value)
    except ValueError:
        return value
    if interface.version == 4:
        return value
    wrapped = '[%s]' % interface.ip
    return wrapped + '/%d' % interface.network.prefixlen if '/' in value else wrapped


def ipaddr(value, query=''):
    try:
        interface = ipaddress.ip_interface(value)
    except ValueError:
        return False
    network, single = interface.network, interface.network.num_addresses == 1
    if isinstance(query, int):
        return str(interface.ip) if single else '%s/%d' % (network[query], network.prefixlen)
    if query == 'net':
        return str(network) if not single and interface.ip == network.network_address else False
    if query == 'address':
        return str(interface.ip) if single or interface.ip != network.network_address else False
    answers = {'': value, 'network': str(network.network_address), 'netmask': str(network.netmask),
               'prefix': network.prefixlen, 'broadcast': str(network.broadcast_address)}
    if query in answers:
        return answers[query]
    return value if interface.ip in ipaddress.ip_network(query) else False


class FilterModule:
    def filters(self):
        return {'ipwrap': ipwrap, 'ipaddr': ipaddr}
