#!/usr/bin/python3
"""Renders templates with Ansible itself: oracle.py CASES OUT.

CASES holds NAME.j2 (the template) and NAME.yml (its variables, may be missing). For each, OUT gets
NAME.out with the bytes that the template module would write, or NAME.err with the reason why it
would not.
"""
import os
import sys

from ansible.parsing.dataloader import DataLoader
from ansible.template import AnsibleEnvironment, Templar
from ansible.utils.display import Display


def render(folder, name):
    """What the template module's action does with a source file."""
    loader = DataLoader()
    loader.set_basedir(folder)
    variables = {}
    path = os.path.join(folder, name + '.yml')
    if os.path.exists(path):
        variables = loader.load_from_file(path) or {}
    with open(os.path.join(folder, name + '.j2'), encoding='utf-8', newline='') as source:
        text = source.read()
    variables['ansible_search_path'] = [folder]
    templar = Templar(loader=loader, variables=variables).copy_with_new_env(
        environment_class=AnsibleEnvironment,
        searchpath=[folder],
        newline_sequence='\n',
        trim_blocks=True,
        lstrip_blocks=False,
        available_variables=variables,
    )
    return templar.do_template(text, preserve_trailing_newlines=True, escape_backslashes=False)


def main():
    cases, out = os.path.abspath(sys.argv[1]), sys.argv[2]
    Display().verbosity = 0
    for entry in sorted(os.listdir(cases)):
        name, extension = os.path.splitext(entry)
        if extension != '.j2' or name.startswith('_'):
            continue
        try:
            result = render(cases, name)
        except Exception as error:  # every failure of a template is its result
            with open(os.path.join(out, name + '.err'), 'w', encoding='utf-8') as file:
                file.write('%s: %s\n' % (type(error).__name__, error))
            continue
        with open(os.path.join(out, name + '.out'), 'w', encoding='utf-8', newline='') as file:
            file.write(result if isinstance(result, str) else str(result))


main()
