using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Kinds.Services.ServiceForm;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Rules of the addresses of a service and of their families, as far as they do not depend on what the cluster has (Kubernetes, ValidateServiceClusterIPsRelatedFields).</summary>
internal static class ServiceAddressValidation
{
    /// <summary>Checks a spec whose defaults were set.</summary>
    public static void Validate(JsonObject spec, FieldErrors errors)
    {
        if (Text(spec, "type") == "ExternalName")
        {
            None(spec, errors);
            return;
        }

        Families(spec, errors);
        Addresses(spec, errors);
    }

    private static void None(JsonObject spec, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[name] is JsonArray { Count: > 0 } || spec[name] is JsonValue value && value.ToString().Length > 0)
            {
                errors.Forbidden($"spec.{name}", "may not be set for ExternalName services");
            }
        }
    }

    private static void Families(JsonObject spec, FieldErrors errors)
    {
        errors.OneOf("spec.ipFamilyPolicy", (string?)spec["ipFamilyPolicy"], PreferDualStack, RequireDualStack, SingleStack);
        var families = Texts(spec, "ipFamilies");
        for (var i = 0; i < families.Count; i++)
        {
            errors.OneOf($"spec.ipFamilies[{i}]", families[i], IpFamilies.V4, IpFamilies.V6);
            if (families.Take(i).Contains(families[i]))
            {
                errors.Duplicate($"spec.ipFamilies[{i}]", families[i]);
            }
        }
    }

    private static void Addresses(JsonObject spec, FieldErrors errors)
    {
        var (type, first, all) = (Text(spec, "type"), Text(spec, "clusterIP"), Texts(spec, "clusterIPs"));
        if (IsHeadless(spec) && type is "NodePort" or "LoadBalancer" && first == NoAddress)
        {
            errors.Invalid("spec.clusterIPs[0]", NoAddress, $"may not be set to 'None' for {type} services");
        }

        if (all.Count > 0 && first.Length == 0)
        {
            Wrong("must be empty when `clusterIP` is not specified");
        }
        else if (all.Count > 0 && all[0] != first)
        {
            Wrong("first value must match `clusterIP`");
        }

        if (all.Count > 2)
        {
            Wrong("may only hold up to 2 values");
        }

        if (all.Count > 1 && all[0] == NoAddress)
        {
            Wrong("'None' must be the first and only value");
        }
        else if (!IsHeadless(spec))
        {
            Each(spec, ClusterIPs(spec), errors);
        }

        void Wrong(string why) => errors.Invalid("spec.clusterIPs", spec["clusterIPs"], why);
    }

    private static void Each(JsonObject spec, IReadOnlyList<string> addresses, FieldErrors errors)
    {
        var wrong = addresses.Index().Where(a => !IpAddresses.IsAddress(a.Item)).ToList();
        foreach (var (i, address) in wrong)
        {
            errors.Invalid($"spec.clusterIPs[{i}]", address, IpAddresses.NoAddress);
        }

        if (wrong.Count > 0)
        {
            return; // What follows would only repeat it.
        }

        if (addresses.DistinctBy(IpFamilies.Of).Count() < addresses.Count)
        {
            errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "may specify no more than one IP for each IP family");
        }

        foreach (var (i, family) in Texts(spec, "ipFamilies").Index().Take(addresses.Count))
        {
            if (IpFamilies.Of(addresses[i]) != family && family is IpFamilies.V4 or IpFamilies.V6)
            {
                errors.Invalid($"spec.clusterIPs[{i}]", addresses[i], $"expected an {family} value as indicated by `ipFamilies[{i}]`");
            }
        }
    }
}
