using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.CustomMetrics;

/// <summary>Reads what a client pushes: the document that it would get, a <c>MetricValueList</c> or an <c>ExternalMetricValueList</c>. Pure.</summary>
internal static class MetricPush
{
    private const int MaxItems = 10_000;
    private const int MaxName = 253;

    /// <summary>Reads the values.</summary>
    /// <param name="body">The document.</param>
    /// <param name="path">The path to which it was sent.</param>
    /// <param name="registry">The kinds that are served.</param>
    /// <param name="now">The time of values that say none; a later one is not believed.</param>
    /// <exception cref="ApiException">Something in it is wrong: 400, or 422 with the fields.</exception>
    public static PushedMetrics Read(JsonNode? body, MetricsPath path, ResourceRegistry registry, DateTimeOffset now)
    {
        if (body is not JsonObject document || document["items"] is not JsonArray items)
        {
            throw new ApiException(ApiReason.BadRequest, "the body of the request must be one object with items");
        }

        if (items.Count > MaxItems)
        {
            throw new ApiException(ApiReason.RequestEntityTooLarge, $"a push has at most {MaxItems} values");
        }

        var (errors, values) = (new FieldErrors(), ImmutableArray.CreateBuilder<PushedMetric>(items.Count));
        for (var i = 0; i < items.Count && !errors.IsFull; i++)
        {
            var at = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"items[{i}]");
            if (items[i] is not JsonObject item)
            {
                errors.Invalid(at, items[i]?.DeepClone(), "must be an object");
            }
            else if (path.IsExternal)
            {
                values.Add(Value(item, at, "", path.Namespace, "", Name(item["metricName"], $"{at}.metricName", errors), Labels(item["metricLabels"], $"{at}.metricLabels", errors), errors, now));
            }
            else
            {
                var (resource, name) = Described(item["describedObject"] as JsonObject, $"{at}.describedObject", path, registry, errors);
                values.Add(Value(item, at, resource?.Resource ?? "", resource?.Namespaced == false ? "" : path.Namespace, name, Name(item["metric"]?["name"], $"{at}.metric.name", errors),
                    Labels(item["metric"]?["selector"]?["matchLabels"], $"{at}.metric.selector.matchLabels", errors), errors, now));
            }
        }

        return errors.All.Count == 0 ? new PushedMetrics(values.ToImmutable())
            : throw new ApiException(new ApiError(ApiReason.Invalid, $"the values are invalid: {string.Join(", ", errors.All.Select(e => $"{e.Field}: {e.Message}"))}", [.. errors.All]));
    }

    private static PushedMetric Value(JsonObject item, string at, string resource, string ns, string name, string metric, ImmutableSortedDictionary<string, string> labels, FieldErrors errors, DateTimeOffset now)
    {
        var amount = Quantity.Read(item["value"]);
        if (item["value"] is null)
        {
            errors.Required($"{at}.value");
        }
        else if (amount is null)
        {
            errors.Invalid($"{at}.value", item["value"]!.DeepClone(), "must be a quantity");
        }

        var time = item["timestamp"] is JsonValue said && said.TryGetValue<string>(out var text) ? KubeTime.Read(text) : null;
        if (item["timestamp"] is { } given && time is null)
        {
            errors.Invalid($"{at}.timestamp", given.DeepClone(), "must be a time such as 2006-01-02T15:04:05Z");
        }

        var milli = (long)Int128.Clamp(amount.GetValueOrDefault().RoundedToMilli().Nanos / 1_000_000, long.MinValue, long.MaxValue);
        var window = TimeSpan.FromSeconds(Math.Clamp(item["windowSeconds"].AsInt64() ?? 0, 0, int.MaxValue));
        return new PushedMetric(resource, ns, name, metric, labels, milli, time is { } measured && measured < now ? measured : now, window);
    }

    private static (ResourceDefinition? Kind, string Name) Described(JsonObject? described, string at, MetricsPath path, ResourceRegistry registry, FieldErrors errors)
    {
        var (kind, version) = (Text(described?["kind"]), Text(described?["apiVersion"]));
        if (kind.Length == 0)
        {
            errors.Required($"{at}.kind");
        }
        else if (registry.ByGroupKind(version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "", kind) is { } found)
        {
            if (found.Namespaced && Text(described?["namespace"]) is { Length: > 0 } ns && ns != path.Namespace)
            {
                errors.Invalid($"{at}.namespace", ns, $"must be {path.Namespace}, as in the URL");
            }

            return (found, Name(described?["name"], $"{at}.name", errors));
        }
        else
        {
            errors.NotFound($"{at}.kind", kind);
        }

        return (null, "");
    }

    private static string Name(JsonNode? node, string at, FieldErrors errors)
    {
        var name = Text(node);
        if (name.Length == 0)
        {
            errors.Required(at);
        }
        else if (name.Length > MaxName || name.Contains('/', StringComparison.Ordinal) || name is "." or ".." or "*")
        {
            errors.Invalid(at, name, $"must be a part of a path of at most {MaxName} characters");
        }

        return name;
    }

    private static ImmutableSortedDictionary<string, string> Labels(JsonNode? node, string at, FieldErrors errors)
    {
        MetadataValidation.Map(errors, at, node as JsonObject);
        return node is JsonObject labels ? labels.ToImmutableSortedDictionary(l => l.Key, l => Text(l.Value), StringComparer.Ordinal) : ImmutableSortedDictionary<string, string>.Empty;
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
