#!/usr/bin/python3
"""Renders templates of a Kubespray checkout with Ansible itself.

oracle.py CHECKOUT INVENTORY OUT [-e EXTRA]... TEMPLATE...

Variables come from Ansible's own inventory, roles and variable manager, for the first host of
kube_control_plane and the first task of the template's role. OUT gets one file a template: its path
with / as +, .out or .err behind. What other tasks would have left behind (slurped files, facts that
are templates, a loop's item) is rebuilt from the role's tasks, here as there.
"""
import base64
import os
import re
import shutil
import sys

import yaml

CHECKOUT = os.path.abspath(sys.argv[1])
os.environ['ANSIBLE_CONFIG'] = os.path.join(CHECKOUT, 'ansible.cfg')
os.environ['ANSIBLE_ROLES_PATH'] = os.path.join(CHECKOUT, 'roles')
os.environ['ANSIBLE_LIBRARY'] = os.path.join(CHECKOUT, 'library')
os.environ['ANSIBLE_DISPLAY_FAILED_STDERR'] = 'False'
INVENTORY, OUT = os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])

# ansible.utils is a collection of its own: two of its filters stand in for it.
COLLECTIONS = os.path.join(OUT, 'collections')
for collection in ('utils', 'netcommon'):
    plugins = os.path.join(COLLECTIONS, 'ansible_collections/ansible', collection, 'plugins/filter')
    os.makedirs(plugins, exist_ok=True)
    shutil.copy(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'addresses.py'), plugins)
os.environ['ANSIBLE_COLLECTIONS_PATHS'] = COLLECTIONS

from ansible.inventory.manager import InventoryManager  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.play import Play  # noqa: E402
from ansible.playbook.role import Role  # noqa: E402
from ansible.template import AnsibleEnvironment, Templar  # noqa: E402
from ansible.utils.vars import combine_vars, load_extra_vars  # noqa: E402
from ansible.vars.hostvars import HostVars  # noqa: E402
from ansible.vars.manager import VariableManager  # noqa: E402
from ansible import context  # noqa: E402
from ansible.module_utils.common.collections import ImmutableDict  # noqa: E402
from ansible.module_utils.parsing.convert_bool import boolean  # noqa: E402

LOAD_ROLE_FILE = Role._load_role_yaml


def load_without_tasks(self, subdir, *args, **kwargs):
    """Variables alone: tasks may need collections that are not installed."""
    if subdir in ('tasks', 'handlers'):
        return None
    return LOAD_ROLE_FILE(self, subdir, *args, **kwargs)


Role._load_role_yaml = load_without_tasks

MAPPINGS = {
    'kube_control_plane': ['kube-master'],
    'kube_node': ['kube-node'],
    'calico_rr': ['calico-rr'],
    'no_floating': ['no-floating'],
    'k8s_cluster': ['kube_node', 'kube_control_plane', 'calico_rr'],
}


def facts(host):
    """The same host as src/kubespray/facts.c invents."""
    address = '127.0.0.1'
    for name in ('ip', 'ansible_host', 'access_ip'):
        if isinstance(host.vars.get(name), str):
            address = host.vars[name]
            break
    plain = {
        'os_family': 'Debian', 'distribution': 'Debian', 'distribution_version': '12.0',
        'distribution_major_version': '12', 'distribution_release': 'bookworm', 'system': 'Linux',
        'architecture': 'x86_64', 'kernel': '6.1.0-0-amd64', 'service_mgr': 'systemd',
        'pkg_mgr': 'apt', 'hostname': host.name, 'nodename': host.name, 'fqdn': host.name,
        'processor_vcpus': 2, 'memtotal_mb': 4096,
        'default_ipv4': {'address': address, 'interface': 'eth0'}, 'default_ipv6': {},
        'all_ipv4_addresses': [address], 'env': {},
    }
    return {'ansible_' + key: value for key, value in plain.items()}


def find_role(roles, name):
    """The role of that name in a play, however deep among the dependencies."""
    for role in roles:
        if role.get_name() == name:
            return role
        found = find_role(role.get_direct_dependencies(), name)
        if found:
            return found
    return None


def tasks_of(role):
    folder = os.path.join(CHECKOUT, 'roles', role, 'tasks')
    names = sorted(os.listdir(folder), key=lambda n: (n != 'main.yml', n)) if os.path.isdir(folder) else []
    result = []

    def add(tasks):
        for task in tasks or []:
            if isinstance(task, dict):
                add(task.get('block'))
                result.append(task)
    for name in names:
        if name.endswith(('.yml', '.yaml')):
            with open(os.path.join(folder, name)) as file:
                add(yaml.safe_load(file))
    return result


def module(task, name):
    arguments = task.get(name, task.get('ansible.builtin.' + name))
    return arguments if isinstance(arguments, dict) else None


class Renderer:
    def __init__(self, extra):
        context.CLIARGS = ImmutableDict(extra_vars=extra, syntax=False, start_at_task=None,
                                        verbosity=0, check=False, diff=False, tags=['all'],
                                        skip_tags=[], module_path=None, forks=1)
        self.loader = DataLoader()
        # As ansible-playbook does for the plays of an imported playbook.
        self.folder = CHECKOUT
        if os.path.exists(os.path.join(CHECKOUT, 'playbooks/cluster.yml')):
            self.folder = os.path.join(CHECKOUT, 'playbooks')
        self.loader.set_basedir(self.folder)
        self.inventory = InventoryManager(loader=self.loader, sources=[INVENTORY])
        for _ in range(2):
            for group, members in MAPPINGS.items():
                for member in members:
                    if member in self.inventory.groups:
                        for host in self.inventory.groups[member].get_hosts():
                            self.inventory.add_group(group)
                            self.inventory.add_host(host.name, group)
        self.inventory.reconcile_inventory()
        self.manager = VariableManager(loader=self.loader, inventory=self.inventory)
        self.manager._extra_vars = load_extra_vars(self.loader)
        known_to_all = {}
        common = os.path.join(CHECKOUT, 'roles/kubespray-defaults/tasks')
        old = os.path.exists(os.path.join(common, 'fallback_ips.yml'))
        if old:
            known_to_all['fallback_ips'] = {
                host.name: facts(host)['ansible_default_ipv4']['address']
                for group in ('k8s_cluster', 'etcd', 'calico_rr')
                if group in self.inventory.groups
                for host in self.inventory.groups[group].get_hosts()}
        for host in self.inventory.get_hosts():
            known = {**facts(host), **known_to_all}
            if not old and os.path.exists(os.path.join(common, 'main.yaml')):
                known['fallback_ip'] = known['ansible_default_ipv4']['address']
            plain = Templar(loader=self.loader, variables=self.manager.get_vars(host=host))
            address = known['ansible_default_ipv4']['address']
            known['main_ip'] = plain.template("{{ ip | default('%s') }}" % address)
            known['main_access_ip'] = plain.template(
                "{{ access_ip | default(ip | default('%s')) }}" % address)
            known['main_ips'], known['main_access_ips'] = [known['main_ip']], [
                known['main_access_ip']]
            self.manager.set_host_facts(host, {**known, 'ansible_facts': {}})
            self.manager._fact_cache[host.name] = known
        self.host = self.inventory.groups['kube_control_plane'].get_hosts()[0]
        self.plays = {}

    def play_of(self, role):
        for book in ('playbooks/cluster.yml', 'cluster.yml', 'playbooks/install_etcd.yml'):
            path = os.path.join(CHECKOUT, book)
            if not os.path.exists(path):
                continue
            if book not in self.plays:
                self.loader.set_basedir(os.path.dirname(path))
                self.plays[book] = [
                    Play.load(data, variable_manager=self.manager, loader=self.loader)
                    for data in self.loader.load_from_file(path) if 'roles' in data]
                self.loader.set_basedir(self.folder)
            for play in self.plays[book]:
                found = find_role(play.get_roles(), role)
                if found:
                    return play, found
        common = 'kubespray_defaults'
        if not os.path.isdir(os.path.join(CHECKOUT, 'roles', common)):
            common = 'kubespray-defaults'
        data = {'name': 'p', 'hosts': 'all', 'gather_facts': False, 'roles': [common, role]}
        play = Play.load(data, variable_manager=self.manager, loader=self.loader)
        return play, find_role(play.get_roles(), role)

    def variables(self, role):
        play, found = self.play_of(role)
        variables = self.manager.get_vars(play=play, host=self.host, include_hostvars=True)
        # What VariableManager.get_vars() does for a task of the role, without the task.
        top = combine_vars(found.get_vars(found.get_dep_chain(), include_params=False), {})
        low = found.get_default_vars(dep_chain=found.get_dep_chain())
        play_low = {}
        for each in play.get_roles():
            play_low = combine_vars(play_low, each.get_default_vars())
        high = self.manager.get_vars(host=self.host, include_hostvars=True)
        merged = combine_vars(play_low, low)
        merged = combine_vars(merged, high)
        for each in play.get_roles():
            merged = combine_vars(merged, each.get_vars(include_params=False))
        merged = combine_vars(merged, top)
        merged = combine_vars(merged, self.manager._extra_vars)
        for magic in ('groups', 'group_names', 'inventory_hostname', 'inventory_hostname_short',
                      'hostvars', 'omit', 'playbook_dir', 'inventory_dir'):
            if magic in variables:
                merged[magic] = variables[magic]
        merged['hostvars'] = HostVars(self.inventory, self.manager, self.loader)
        merged['role_path'] = os.path.join(CHECKOUT, 'roles', role)
        merged['role_name'] = role
        merged['ansible_search_path'] = [merged['role_path'], CHECKOUT]
        return merged

    def templar(self, role, variables):
        folders = [os.path.join(CHECKOUT, 'roles', role, 'templates'),
                   os.path.join(CHECKOUT, 'roles', role)]
        return Templar(loader=self.loader, variables=variables).copy_with_new_env(
            environment_class=AnsibleEnvironment, searchpath=folders, newline_sequence='\n',
            trim_blocks=True, lstrip_blocks=False, available_variables=variables)

    def source_for(self, role, variables, task, wanted):
        """The loop's item with which the task renders the template, as (found, item)."""
        if not module(task, 'template'):
            return self.looked_up(variables, task, wanted)
        source = module(task, 'template').get('src', '')
        items = task.get('loop', task.get('with_items', task.get('with_list')))
        if '{{' not in source:
            return source == wanted, None
        for item in items if isinstance(items, list) else []:
            try:
                name = Templar(loader=self.loader,
                               variables={**variables, 'item': item}).template(source)
            except Exception:
                continue
            if name == wanted:
                return True, item
        return False, None

    def looked_up(self, variables, task, wanted):
        """The same for `stdin: lookup('template', item)` in a loop."""
        for name in ('command', 'shell', 'copy'):
            text = (module(task, name) or {}).get('stdin', '')
            if "lookup('template', item)" in text and isinstance(task.get('loop'), str):
                try:
                    names = Templar(loader=self.loader, variables=variables).template(task['loop'])
                except Exception:
                    return False, None
                if isinstance(names, list) and wanted in names:
                    return True, wanted
        return False, None

    def prepare(self, role, name, text, variables):
        tasks = tasks_of(role)
        for task in tasks:
            found, item = self.source_for(role, variables, task, name)
            if found:
                own = task.get('vars') or {}
                text += '\n' + '\n'.join(str(value) for value in own.values())
                variables.update({**own, **self.manager._extra_vars})
                if item is not None:
                    variables['item'] = item
                break
        wanted, before = text, None
        while wanted != before:
            before = wanted
            for task in tasks:
                for key, value in (module(task, 'set_fact') or {}).items():
                    if isinstance(value, str) and key in wanted and value not in wanted:
                        wanted += '\n' + value
        for task in tasks:
            for key, value in (module(task, 'set_fact') or {}).items():
                if key in wanted and key not in self.manager._extra_vars:
                    self.set_fact(variables, task, key, value)
            if module(task, 'slurp') and task.get('register') and task['register'] in wanted:
                self.read_back(role, tasks, task, variables)

    def set_fact(self, variables, task, key, value):
        """As the task would; what it could only know by running a command stays undefined."""
        when = task.get('when', [])
        for condition in when if isinstance(when, list) else [when]:
            text = str(condition)
            try:
                holds = Templar(loader=self.loader, variables=variables).template(
                    '{%% if %s %%}True{%% else %%}False{%% endif %%}' % text)
            except Exception:
                variables[key] = '{{ %s }}' % text
                return
            if not holds:
                return
        if any(name == 'loop' or name.startswith('with_') for name in task):
            variables[key] = '{{ undef(hint="\'%s\' is undefined: set in a loop") }}' % key
            return
        try:
            result = Templar(loader=self.loader, variables=variables).template(value)
        except Exception:
            variables[key] = value
            return
        if isinstance(result, str) and result.lower() in ('true', 'false', 'yes', 'no'):
            result = boolean(result)
        variables[key] = result

    def read_back(self, role, tasks, task, variables):
        slurp, register = module(task, 'slurp'), task['register']
        for writer in tasks:
            arguments = module(writer, 'template') or module(writer, 'copy')
            if not arguments or arguments.get('dest') != slurp.get('src'):
                continue
            try:
                if module(writer, 'template'):
                    path = os.path.join(CHECKOUT, 'roles', role, 'templates', arguments['src'])
                    with open(path, encoding='utf-8', newline='') as file:
                        content = self.templar(role, variables).do_template(
                            file.read(), escape_backslashes=False)
                    content = content.encode()
                else:
                    path = Templar(loader=self.loader, variables=variables).template(
                        arguments['src'])
                    with open(path, 'rb') as file:
                        content = file.read()
            except Exception as error:
                reason = re.search(r"'([^' ]+)' is undefined", str(error))
                if reason:
                    variables[register] = '{{ %s }}' % reason.group(1)
                break
            variables[register] = {'content': base64.b64encode(content).decode(),
                                   'encoding': 'base64'}
            break

    def render(self, template):
        role, name = template[len('roles/'):].split('/templates/', 1)
        variables = self.variables(role)
        with open(os.path.join(CHECKOUT, template), encoding='utf-8', newline='') as file:
            text = file.read()
        self.prepare(role, name, text, variables)
        return self.templar(role, variables).do_template(
            text, preserve_trailing_newlines=True, escape_backslashes=False)


def main():
    arguments, extra = sys.argv[4:], []
    while arguments[:1] == ['-e']:
        extra.append(arguments[1])
        arguments = arguments[2:]
    renderer = Renderer(extra)
    for template in arguments:
        base = os.path.join(OUT, template.replace('/', '+'))
        try:
            result = renderer.render(template)
        except Exception as error:
            with open(base + '.err', 'w', encoding='utf-8') as file:
                file.write('%s: %s\n' % (type(error).__name__, error))
            continue
        with open(base + '.out', 'w', encoding='utf-8', newline='') as file:
            file.write(result)


main()
