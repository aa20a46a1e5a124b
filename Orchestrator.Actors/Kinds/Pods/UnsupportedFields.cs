using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Finds fields of a pod's spec that have no effect here. None is silently ignored: it is rejected, or stored with a warning.</summary>
internal static class UnsupportedFields
{
    /// <summary>Returns a warning for each field of a pod's spec that is stored without effect.</summary>
    public static IEnumerable<string> Warnings(string path, JsonObject? spec) => Parts(path, spec).SelectMany(p => p.Support.Warnings(p.Path, p.Part));

    /// <summary>Adds an error for each field without effect that users rely on for isolation or ordering.</summary>
    public static void Refuse(FieldErrors causes, string path, JsonObject? spec)
    {
        foreach (var (support, at, part) in Parts(path, spec))
        {
            support.Refuse(causes, at, part);
        }
    }

    // All objects in a pod's spec that have fields without effect.
    private static IEnumerable<(FieldSupport Support, string Path, JsonObject Part)> Parts(string path, JsonObject? spec)
    {
        if (spec is null)
        {
            return [];
        }

        return
        [
            (PodFields.Spec, path, spec),
            .. Child(PodFields.PodSecurity, path, spec, "securityContext"),
            .. Child(PodFields.Affinity, path, spec, "affinity"),
            .. Children(spec, "volumes").SelectMany(v => OfVolume($"{path}.volumes[{v.Index}]", v.Item)),
            .. ((string[])["initContainers", "containers", EphemeralContainers.Member]).SelectMany(list => Children(spec, list).SelectMany(c => OfContainer($"{path}.{list}[{c.Index}]", c.Item))),
        ];
    }

    private static IEnumerable<(FieldSupport, string, JsonObject)> OfVolume(string path, JsonObject volume) =>
    [
        (PodFields.Volume, path, volume),
        .. (string?)volume["emptyDir"]?["medium"] == "Memory" ? [] : Child(PodFields.EmptyDir, path, volume, "emptyDir"),
        .. Children(volume["projected"] as JsonObject, "sources").Select(s => (PodFields.ProjectedSource, $"{path}.projected.sources[{s.Index}]", s.Item)),
    ];

    private static IEnumerable<(FieldSupport, string, JsonObject)> OfContainer(string path, JsonObject container) =>
    [
        (PodFields.Container, path, container),
        .. Child(PodFields.Security, path, container, "securityContext"),
        .. Child(PodFields.Lifecycle, path, container, "lifecycle"),
        .. Child(PodFields.Resources, path, container, "resources"),
        .. ((string[])["livenessProbe", "readinessProbe", "startupProbe"]).SelectMany(probe => Child(PodFields.Probe, path, container, probe)),
        .. Children(container, "volumeMounts").Select(m => (PodFields.Mount, $"{path}.volumeMounts[{m.Index}]", m.Item)),
        .. Children(container, "env").SelectMany(e => Child(PodFields.VariableSource, $"{path}.env[{e.Index}]", e.Item, "valueFrom")),
    ];

    private static IEnumerable<(FieldSupport, string, JsonObject)> Child(FieldSupport support, string path, JsonObject o, string name) =>
        o[name] is JsonObject child ? [(support, $"{path}.{name}", child)] : [];

    private static IEnumerable<(JsonObject Item, int Index)> Children(JsonObject? o, string name) => o is null ? [] : JsonFilling.Items(o, name).Select((item, i) => (item, i));
}
