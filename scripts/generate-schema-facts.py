#!/usr/bin/env python3
"""Writes what the model classes do not say of their fields: one table of facts for the folder of each kind.

usage: generate-schema-facts.py MODELS_JSON TAG API_GIT_DIR APIMACHINERY_GIT_DIR APIEXTENSIONS_GIT_DIR AGGREGATOR_GIT_DIR

MODELS_JSON is the output of list-model-classes.cs. The git directories are those of k8s.io/api, apimachinery, apiextensions-apiserver and
kube-aggregator; TAG is their version, which must not be older than the package (the tables in the tree: a commit after v0.37.0-beta.0). Of them
only names, tags and constants are read. A class that several kinds use stands with the first that reaches it, pods before all others; what every
kind has stands in Schema/CommonSchema.
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys

ACTORS = os.path.join(os.path.dirname(__file__), '..', 'Orchestrator.Actors')
PREFIX = re.compile(r'^([A-Z][a-z]+)?[Vv][0-9]+(?:(?:alpha|beta)[0-9]+)?(?=[A-Z])')
COMMON = ['ObjectMeta', 'ListMeta', 'LabelSelector', 'Condition', 'DeleteOptions', 'Status', 'Scale', 'Eviction']
MAX_ENUM = 20  # A longer one, such as all signals, helps no reader.
PACKAGES = {'': 'core', 'rbac.authorization.k8s.io': 'rbac', 'apiextensions.k8s.io': 'apiextensions', 'apiregistration.k8s.io': 'apiregistration'}


def git(directory, tag, path):
    return subprocess.run(['git', '-C', directory, 'show', f'{tag}:{path}'], check=True, capture_output=True, text=True).stdout


def parse(text):
    """Struct name → {JSON name: (Go type, required, marker lines, tag)}; and enum type → values."""
    structs, enums, constants = {}, set(), collections.defaultdict(list)
    name, comments = None, []
    for line in text.split('\n'):
        bare = line.strip()
        if bare.startswith('//'):
            comments.append(bare[2:].strip())
            continue
        if match := re.match(r'type (\w+) struct \{', bare):
            name = match[1]
            structs[name] = {}
        elif match := re.match(r'type (\w+) string', bare):
            if '+enum' in comments:
                enums.add(match[1])
        elif bare == '}':
            name = None
        elif name and (match := re.match(r'(?:(\w+)\s+)?([\w.\[\]*]+)\s+`([^`]*)`', bare)):
            json_tag = re.search(r'json:"([^"]*)"', match[3])
            parts = json_tag[1].split(',') if json_tag else ['']
            if parts[0] and parts[0] != '-':
                optional = 'omitempty' in parts or 'omitzero' in parts or any(c == '+optional' or c.startswith('+optional') for c in comments)
                structs[name][parts[0]] = (match[2], not optional, list(comments), match[3])
        if match := re.match(r'(\w+)\s+(\w+)\s*=\s*"([^"]*)"', bare.removeprefix('const ')):
            constants[match[2]].append(match[3])
        comments = []
    return structs, {e: constants[e] for e in enums if constants[e]}


def marker(comments, name):
    return [c.split('=', 1)[1] for c in comments if c.startswith(f'+{name}=')]


def facts(field, go, enums):
    typ, required, comments, tag = go
    found = ['required'] if required else []
    if marker(comments, 'listType'):
        keys = marker(comments, 'listMapKey')
        kind = marker(comments, 'listType')[0]
        if kind == 'map' and keys:
            found.append('list=' + ','.join(keys))
        elif kind == 'set':
            found.append('set')
    if strategy := re.search(r'patchStrategy:"([^"]*)"', tag):
        key = re.search(r'patchMergeKey:"([^"]*)"', tag)
        words = strategy[1].split(',')
        if 'merge' in words:
            found.append('merge' + (f'={key[1]}' if key else ''))
        if 'retainKeys' in words:
            found.append('retainKeys')
    base = typ.lstrip('*').removeprefix('[]').lstrip('*')
    if base in enums:
        values = sorted({v for v in enums[base] if v})
        if len(values) <= MAX_ENUM:
            found.append('enum=' + '|'.join(values))
    if base.endswith('MicroTime'):
        found.append('microTime')
    return found


def main():
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    models_path, tag, api, machinery, extensions, aggregator = sys.argv[1:]
    models = json.load(open(models_path))
    refs = {c: [n for t in p.values() for n in re.findall(r'\w+', t) if n in models] for c, p in models.items()}
    homes, groups = [], {}
    for path in sorted(glob.glob(f'{ACTORS}/Kinds/*/*Definition.cs')):
        text = open(path).read()
        group = (re.search(r'Group = "([^"]*)"', text) or [None, ''])[1]
        for model in re.findall(r'Model = typeof\((\w+)\)', text):
            homes.append((path, model))
            groups[model] = group
    homes.sort(key=lambda h: ('/Pods/' not in h[0], '/Jobs/' not in h[0], h[0]))
    packages = {}

    def package(name):
        if name not in packages:
            source = {'meta/v1': (machinery, 'pkg/apis/meta/v1/types.go'), 'apiextensions/v1': (extensions, 'pkg/apis/apiextensions/v1/types.go'),
                      'apiregistration/v1': (aggregator, 'pkg/apis/apiregistration/v1/types.go')}.get(name, (api, f'{name}/types.go'))
            text = git(source[0], tag, source[1])
            if name == 'apiextensions/v1':
                text += git(extensions, tag, 'pkg/apis/apiextensions/v1/types_jsonschema.go')
            packages[name] = parse(text)
        return packages[name]

    owner, tables = {}, collections.defaultdict(dict)

    def claim(model, home, group):
        open_ = [model]
        while open_:
            model = open_.pop()
            if model in owner:
                continue
            owner[model] = home
            short = PREFIX.sub('', model)
            short = {'Corev1Event': 'Event', 'Eventsv1Event': 'Event'}.get(model, short)
            version = re.search(r'[Vv]([0-9]+(?:(?:alpha|beta)[0-9]+)?)', model)
            version = 'v' + version[1] if version else 'v1'
            own = PACKAGES.get(group, group.split('.')[0])
            for name in dict.fromkeys([f'{own}/{version}', 'core/v1', 'meta/v1', f'scheduling/{version}']):
                try:
                    structs, enums = package(name)
                except subprocess.CalledProcessError:
                    continue
                if short in structs:
                    lines = {f: facts(f, structs[short][f], enums) for f in sorted(models[model]) if f in structs[short]}
                    tables[home][model] = {f: w for f, w in lines.items() if w}
                    break
            else:
                print(f'no struct for {model} of {home}', file=sys.stderr)
            open_ += refs[model]

    for name in COMMON:
        for model in (f'V1{name}',):
            if model in models:
                claim(model, f'{ACTORS}/Schema/CommonSchema.cs', {'Scale': 'autoscaling', 'Eviction': 'policy'}.get(name, ''))
    for path, model in homes:
        claim(model, path.replace('Definition.cs', 'Schema.cs'), groups[model])
    for path, classes in tables.items():
        write(path, classes)


def write(path, classes):
    classes = {c: f for c, f in classes.items() if f}
    if not classes:
        return
    folder = os.path.basename(os.path.dirname(path))
    name = os.path.basename(path).removesuffix('.cs')
    common = folder == 'Schema'
    with open(path, 'w') as out:
        out.write('' if common else 'using Orchestrator.Actors.Schema;\n\n')
        out.write(f'namespace Orchestrator.Actors.{"Schema" if common else f"Kinds.{folder}"};\n\n')
        what = 'classes that every kind uses' if common else f'model classes of {folder}'
        out.write(f'/// <summary>What the {what} do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>\n')
        out.write(f'internal static class {name}\n{{\n    public static readonly SchemaFacts Facts = SchemaFacts.Read("""\n')
        for model in sorted(classes):
            out.write(f'        {model}\n')
            for field, words in classes[model].items():
                out.write(f'          {field} {" ".join(words)}\n')
        out.write('        """);\n}\n')


main()
