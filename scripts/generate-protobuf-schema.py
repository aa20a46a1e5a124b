#!/usr/bin/env python3
"""Writes the table of field numbers that protobuf request bodies are read with.

usage: generate-protobuf-schema.py API_GIT_DIR APIMACHINERY_GIT_DIR > Orchestrator.Node/ApiServer/Protobuf/schema.txt

Reads the struct tags of k8s.io/api and k8s.io/apimachinery, from git, and keeps names, numbers and types only.
One line a message: its name, then number:jsonName:flags+type a field. Flags: ^ inlined, * list, % map, ? pointer,
! written by JSON even when zero. Types: s text, b bool, i integer, f double, y bytes, q quantity, t time, u time with
microseconds, d duration, n number or text, r raw object, F managed fields, S list of text as a message; else a message.
"""
import re
import subprocess
import sys

GROUPS = """core/v1 apps/v1 batch/v1 policy/v1 autoscaling/v1 autoscaling/v2 networking/v1 rbac/v1 storage/v1 coordination/v1
discovery/v1 events/v1 authorization/v1 authentication/v1 scheduling/v1 node/v1""".split()
SCALARS = {'string': 's', 'bool': 'b', 'int32': 'i', 'int64': 'i', 'int': 'i', 'uint32': 'i', 'uint64': 'i', 'uint8': 'i',
           'float64': 'f', '[]byte': 'y'}
WELL_KNOWN = {'k8s.io/apimachinery/pkg/api/resource.Quantity': 'q', 'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'n',
              'k8s.io/apimachinery/pkg/runtime.RawExtension': 'r', 'k8s.io/apimachinery/pkg/types.UID': 's',
              'k8s.io/apimachinery/pkg/types.NodeName': 's', 'meta/v1.Time': 't', 'meta/v1.MicroTime': 'u', 'meta/v1.Duration': 'd',
              'meta/v1.FieldsV1': 'F'}
FIELD = re.compile(r'^\s+(?:(\w+)\s+)?([\w.\[\]*]+)\s+`([^`]*)`')


def git(directory, path):
    return subprocess.run(['git', '-C', directory, 'show', 'HEAD:' + path], check=True, capture_output=True, text=True).stdout


def main():
    api, machinery = sys.argv[1:]
    structs, aliases = {}, {}
    sources = [(g, git(api, g + '/types.go')) for g in GROUPS] + [('meta/v1', git(machinery, 'pkg/apis/meta/v1/types.go'))]
    for package, text in sources:
        imports = {}
        for alias, path in re.findall(r'^\s+(?:(\w+)\s+)?"(k8s\.io/[^"]+)"', text, re.M):
            short = path.removeprefix('k8s.io/api/').replace('k8s.io/apimachinery/pkg/apis/', '')
            imports[alias or path.rsplit('/', 1)[1]] = short

        def qualify(name):
            if name in SCALARS:
                return name
            alias, dot, rest = name.partition('.')
            return f'{imports[alias]}.{rest}' if dot else f'{package}.{name}'

        current = None
        for line in text.splitlines():
            if m := re.match(r'type (\w+) struct \{', line):
                current = structs.setdefault(f'{package}.{m[1]}', [])
            elif m := re.match(r'type (\w+) =? ?([\w.\[\]]+)\s*(?://.*)?$', line):
                parts = re.match(r'(map\[[\w.]+\]|\[\](?!byte))?(.*)', m[2])
                aliases[f'{package}.{m[1]}'] = (parts[1] or '', qualify(parts[2]))
            elif line.startswith('}'):
                current = None
            elif current is not None and (m := FIELD.match(line)):
                number = re.search(r'protobuf:"\w+,(\d+)', m[3])
                json = re.search(r'json:"([^"]*)"', m[3])
                if number and json:
                    name, *options = json[1].split(',')
                    shape, inner = re.match(r'(\*?(?:map\[[\w.]+\]|\[\](?!byte))?\*?)(.*)', m[2]).groups()
                    current.append((int(number[1]), name, options, shape, qualify(inner)))

    def resolve(shape, name):
        if name in SCALARS:
            return shape, SCALARS[name]
        if name in WELL_KNOWN:
            return shape, WELL_KNOWN[name]
        if name in structs:
            return shape, name
        if name not in aliases:
            return shape, None
        inner, target = aliases[name]
        if inner == '[]' and target == 'string':
            return shape, 'S'
        return resolve(shape + inner, target)

    for message in sorted(structs):
        fields = []
        for number, name, options, shape, go in structs[message]:
            shape, kind = resolve(shape, go)
            if kind is None:  # Of a group that is not read: alpha versions.
                print(f'left out: {message} {name or go}', file=sys.stderr)
                continue
            flags = '^' if not name else ''
            if 'map[' in shape:
                flags += '%'
            elif '[]' in shape:
                flags += '*'
            elif '*' in shape:
                flags += '?'
            if name and not {'omitempty', 'omitzero'} & set(options):
                flags += '!'
            fields.append(f'{number}:{name}:{flags}{kind}')
        if fields:
            print(message, *fields)


main()
