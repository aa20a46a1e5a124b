using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Builds the environment of a container. <c>env</c> overrides <c>envFrom</c>, which overrides the variables of services; values can refer to earlier ones. Pure.</summary>
internal static partial class EnvironmentBuilder
{
    public static ImmutableArray<KeyValuePair<string, string>> Build(PodManifest pod, V1Container container, LaunchFacts facts)
    {
        var order = new List<string>();
        var values = new Dictionary<string, string>();
        void Set(string name, string value)
        {
            if (!values.ContainsKey(name))
            {
                order.Add(name);
            }

            values[name] = value;
        }

        foreach (var (name, value) in ServiceVariables.Of(pod.Metadata.NamespaceProperty, pod.Spec.EnableServiceLinks != false, facts.Services))
        {
            Set(name, value);
        }

        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (key, value) in From(source, facts))
            {
                if (Name().IsMatch(source.Prefix + key))
                {
                    Set(source.Prefix + key, value);
                }
            }
        }

        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is null ? Expansion.Expand(variable.Value ?? "", values) : Resolve(pod, container, variable.ValueFrom, facts);
            if (value is not null)
            {
                Set(variable.Name, value);
            }
        }

        return [.. order.Select(name => KeyValuePair.Create(name, values[name]))];
    }

    private static IEnumerable<KeyValuePair<string, string>> From(V1EnvFromSource source, LaunchFacts facts)
    {
        if (source.ConfigMapRef is { } config)
        {
            return facts.ConfigMaps.TryGetValue(config.Name, out var map) ? map.Data?.OrderBy(p => p.Key, StringComparer.Ordinal).AsEnumerable() ?? []
                : config.Optional == true ? [] : throw new LaunchException($"configmap \"{config.Name}\" not found");
        }

        if (source.SecretRef is { } reference)
        {
            return facts.Secrets.TryGetValue(reference.Name, out var secret)
                ? (secret.Data ?? new Dictionary<string, byte[]>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Encoding.UTF8.GetString(p.Value)))
                : reference.Optional == true ? [] : throw new LaunchException($"secret \"{reference.Name}\" not found");
        }

        return [];
    }

    /// <summary>Resolves valueFrom; null if it is optional and missing.</summary>
    private static string? Resolve(PodManifest pod, V1Container container, V1EnvVarSource source, LaunchFacts facts)
    {
        if (source.FieldRef is { } field)
        {
            return FieldPath.Read(pod, field.FieldPath, facts);
        }

        if (source.ResourceFieldRef is { } resource)
        {
            return FieldPath.Read(pod, container, resource, facts);
        }

        if (source.ConfigMapKeyRef is { } config)
        {
            if (!facts.ConfigMaps.TryGetValue(config.Name, out var map))
            {
                return config.Optional == true ? null : throw new LaunchException($"configmap \"{config.Name}\" not found");
            }

            return map.Data is not null && map.Data.TryGetValue(config.Key, out var value) ? value
                : config.Optional == true ? null : throw new LaunchException($"couldn't find key {config.Key} in ConfigMap {pod.Metadata.NamespaceProperty}/{config.Name}");
        }

        if (source.SecretKeyRef is { } reference)
        {
            if (!facts.Secrets.TryGetValue(reference.Name, out var secret))
            {
                return reference.Optional == true ? null : throw new LaunchException($"secret \"{reference.Name}\" not found");
            }

            return secret.Data is not null && secret.Data.TryGetValue(reference.Key, out var value) ? Encoding.UTF8.GetString(value)
                : reference.Optional == true ? null : throw new LaunchException($"couldn't find key {reference.Key} in Secret {pod.Metadata.NamespaceProperty}/{reference.Name}");
        }

        return null;
    }

    [GeneratedRegex("^[-._a-zA-Z][-._a-zA-Z0-9]*\\z")]
    private static partial Regex Name();
}
