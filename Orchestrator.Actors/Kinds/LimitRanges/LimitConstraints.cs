using System.Globalization;
using Orchestrator.Actors.Api;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>Compares requests and limits with one item of a LimitRange, in the words of Kubernetes' plugin LimitRanger. Pure.</summary>
internal static class LimitConstraints
{
    /// <summary>Adds the reasons why a container, or all containers of a pod together, do not keep within a range.</summary>
    public static void Check(List<string> reasons, V1LimitRangeItem item, ResourceAmounts requests, ResourceAmounts limits)
    {
        foreach (var (name, least) in ResourceAmounts.Read(item.Min))
        {
            AtLeast(reasons, item.Type, name, least, requests, limits);
        }

        foreach (var (name, most) in ResourceAmounts.Read(item.Max))
        {
            AtMost(reasons, $"maximum {name} usage per {item.Type} is {most}", name, most, requests, limits);
        }

        foreach (var (name, ratio) in ResourceAmounts.Read(item.MaxLimitRequestRatio))
        {
            Ratio(reasons, $"{name} max limit to request ratio per {item.Type} is {ratio}", ratio, requests.GetValueOrDefault(name), limits.GetValueOrDefault(name));
        }
    }

    /// <summary>Adds the reasons why a claim, which has requests only, does not keep within a range.</summary>
    public static void CheckStorage(List<string> reasons, V1LimitRangeItem item, ResourceAmounts requests)
    {
        foreach (var (name, least) in ResourceAmounts.Read(item.Min))
        {
            AtLeast(reasons, item.Type, name, least, requests, new ResourceAmounts());
        }

        foreach (var (name, most) in ResourceAmounts.Read(item.Max))
        {
            if (!requests.TryGetValue(name, out var request))
            {
                reasons.Add($"maximum {name} usage per {item.Type} is {most}.  No request is specified");
            }
            else if (request.Nanos > most.Nanos)
            {
                reasons.Add($"maximum {name} usage per {item.Type} is {most}, but request is {request}");
            }
        }
    }

    private static void AtLeast(List<string> reasons, string type, string name, Quantity least, ResourceAmounts requests, ResourceAmounts limits)
    {
        var rule = $"minimum {name} usage per {type} is {least}";
        if (!requests.TryGetValue(name, out var request))
        {
            reasons.Add($"{rule}.  No request is specified");
        }
        else if (request.Nanos < least.Nanos)
        {
            reasons.Add($"{rule}, but request is {request}");
        }
        else if (limits.TryGetValue(name, out var limit) && limit.Nanos < least.Nanos)
        {
            reasons.Add($"{rule}, but limit is {limit}");
        }
    }

    private static void AtMost(List<string> reasons, string rule, string name, Quantity most, ResourceAmounts requests, ResourceAmounts limits)
    {
        if (!limits.TryGetValue(name, out var limit))
        {
            reasons.Add($"{rule}.  No limit is specified");
        }
        else if (limit.Nanos > most.Nanos)
        {
            reasons.Add($"{rule}, but limit is {limit}");
        }
        else if (requests.TryGetValue(name, out var request) && request.Nanos > most.Nanos)
        {
            reasons.Add($"{rule}, but request is {request}");
        }
    }

    private static void Ratio(List<string> reasons, string rule, Quantity ratio, Quantity request, Quantity limit)
    {
        if (request.Nanos == 0)
        {
            reasons.Add($"{rule}, but no request is specified or request is 0");
        }
        else if (limit.Nanos == 0)
        {
            reasons.Add($"{rule}, but no limit is specified or limit is 0");
        }
        else if ((double)limit.Nanos / (double)request.Nanos is var provided && provided > (double)ratio.Nanos / 1e9)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{rule}, but provided ratio is {provided:F6}"));
        }
    }
}
