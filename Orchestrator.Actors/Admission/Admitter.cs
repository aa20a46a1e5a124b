using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Admission;

/// <summary>The way of every object into the cluster, whoever writes it: defaults, admission, validation, in this order. Pure.</summary>
public static class Admitter
{
    /// <summary>Completes and checks a new object.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="o">The object, of its schema's types; is changed.</param>
    /// <returns>The refusal; null when it may be stored.</returns>
    public static ApiError? Create(ResourceDefinition kind, JsonObject o)
    {
        if (Refused(kind, o) is { } refused)
        {
            return refused;
        }

        kind.Strategy.Default(o);
        kind.Strategy.Admit(o);
        return Checked(kind, o, errors => Check(kind, o, mayGenerateName: true, errors));
    }

    /// <summary>Completes and checks an object that is to take another's place.</summary>
    /// <param name="o">The object as it is to be, of its schema's types; is changed.</param>
    /// <param name="current">The object as it is.</param>
    /// <returns>The refusal; null when it may be stored.</returns>
    public static ApiError? Update(JsonObject o, KubeObject current)
    {
        var kind = current.Kind;
        if (Refused(kind, o) is { } refused)
        {
            return refused;
        }

        kind.Strategy.Default(o);
        return Checked(kind, o, errors => Check(kind, o, mayGenerateName: false, errors)) ?? Checked(kind, o, errors =>
        {
            // What a former version stored may lack defaults that came since.
            var old = current.ToNode();
            kind.Strategy.Default(old);
            kind.Strategy.ValidateUpdate(o, old, errors);
        });
    }

    /// <summary>What the writer of an object is told though it is stored.</summary>
    public static IEnumerable<string> Warnings(ResourceDefinition kind, JsonObject o) =>
        kind.Support.Warning is { } warning ? kind.Strategy.Warnings(o).Prepend(warning) : kind.Strategy.Warnings(o);

    /// <summary>422 with every field that is wrong, in Kubernetes' form.</summary>
    public static ApiError Invalid(ResourceDefinition kind, string? name, IReadOnlyList<ApiCause> causes)
    {
        var list = string.Join(", ", causes.Select(c => $"{c.Field}: {c.Message}"));
        return new ApiError(ApiReason.Invalid,
            $"{kind.Kind}{(kind.Group.Length > 0 ? "." + kind.Group : "")} \"{name}\" is invalid: {(causes.Count > 1 ? $"[{list}]" : list)}", [.. causes]);
    }

    private static ApiError? Refused(ResourceDefinition kind, JsonObject o) => kind.Support.Refusal is { } why
        ? new ApiError(ApiReason.Forbidden, $"{kind.Resource} \"{(string?)o["metadata"]?["name"]}\" is forbidden: {why}") : null;

    private static void Check(ResourceDefinition kind, JsonObject o, bool mayGenerateName, FieldErrors errors)
    {
        MetadataValidation.Check(errors, kind, (JsonObject)o["metadata"]!, mayGenerateName);
        kind.Strategy.Validate(o, errors);
    }

    private static ApiError? Checked(ResourceDefinition kind, JsonObject o, Action<FieldErrors> check)
    {
        var errors = new FieldErrors();
        check(errors);
        return errors.All.Count > 0 ? Invalid(kind, (string?)o["metadata"]?["name"], errors.All) : null;
    }
}
