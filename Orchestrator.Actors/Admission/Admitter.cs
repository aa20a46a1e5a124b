using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Admission;

/// <summary>Prepares objects for storage: applies defaults, admission and validation, and asks whether the
/// cluster permits them, in this order. It runs in front of the entity where the sender needs
/// its outcome, and in the entity for everyone else. Pure.</summary>
public static class Admitter
{
    /// <summary>Completes and checks a new object.</summary>
    /// <param name="kind">The kind of the object.</param>
    /// <param name="o">The object, with the types of its schema. It is modified.</param>
    /// <param name="view">What admission may look up.</param>
    /// <returns>The error; null if the object may be stored.</returns>
    public static ApiError? Create(ResourceDefinition kind, JsonObject o, IAdmissionView view)
    {
        if (Refused(kind, o) is { } refused)
        {
            return refused;
        }

        kind.Strategy.Default(o);
        return kind.Strategy.Admit(o, view) is { } why ? Forbidden(kind, o, why)
            : Checked(kind, o, errors =>
            {
                Check(kind, o, mayGenerateName: true, errors);
                foreach (var member in kind.SpecParts.Values.Select(p => p.AddedLater).OfType<string>().Where(m => o["spec"]?[m] is JsonArray { Count: > 0 }))
                {
                    errors.Forbidden($"spec.{member}", "cannot be set on create");
                }
            })
            ?? (kind.Strategy.Permit(o, null, view) is { } objection ? Forbidden(kind, o, objection) : null);
    }

    /// <summary>Completes and checks the new version of an object.</summary>
    /// <param name="kind">The kind of the object.</param>
    /// <param name="o">The new version, with the types of its schema. It is modified.</param>
    /// <param name="current">The stored version.</param>
    /// <param name="view">What admission may look up.</param>
    /// <returns>The error; null if the object may be stored.</returns>
    public static ApiError? Update(ResourceDefinition kind, JsonObject o, KubeObject current, IAdmissionView view)
    {
        if (Refused(kind, o) is { } refused)
        {
            return refused;
        }

        JsonFilling.Set((JsonObject)o["metadata"]!, "uid", current.Uid);
        kind.Strategy.Default(o);

        // An object stored by an earlier version may lack defaults that were added since.
        var old = current.ToNode();
        kind.Strategy.Default(old);
        kind.Strategy.Carry(o, old);
        return Checked(kind, o, errors => Check(kind, o, mayGenerateName: false, errors)) ?? Checked(kind, o, errors =>
        {
            MetadataValidation.CheckUpdate(errors, (JsonObject)o["metadata"]!, (JsonObject)old["metadata"]!);
            kind.Strategy.ValidateUpdate(o, old, errors);
        }) ?? (kind.Strategy.Permit(o, old, view) is { } objection ? Forbidden(kind, o, objection) : null);
    }

    /// <summary>Checks a status that is written.</summary>
    /// <param name="kind">The kind of the object.</param>
    /// <param name="o">The object with the new status, with the types of its schema.</param>
    /// <returns>The error; null if the status may be stored.</returns>
    public static ApiError? UpdateStatus(ResourceDefinition kind, JsonObject o) => Checked(kind, o, errors => kind.Strategy.ValidateStatus(o["status"] as JsonObject ?? [], errors));

    /// <summary>Returns the warnings for the client that writes the object.</summary>
    public static IEnumerable<string> Warnings(ResourceDefinition kind, JsonObject o) =>
        [.. kind.Support.Warning is { } warning ? [$"{kind.Kind}: {warning}"] : Array.Empty<string>(), .. kind.Strategy.Warnings(o), .. AnnotationWarnings.Of(kind, o)];

    /// <summary>Creates the error 422 with all invalid fields, in Kubernetes' format.</summary>
    public static ApiError Invalid(ResourceDefinition kind, string? name, IReadOnlyList<ApiCause> causes)
    {
        var list = string.Join(", ", causes.Select(c => $"{c.Field}: {c.Message}"));
        return new ApiError(ApiReason.Invalid,
            $"{kind.Kind}{(kind.Group.Length > 0 ? "." + kind.Group : "")} \"{name}\" is invalid: {(causes.Count > 1 ? $"[{list}]" : list)}", [.. causes]);
    }

    private static ApiError? Refused(ResourceDefinition kind, JsonObject o) => kind.Support.Refusal is { } why ? Forbidden(kind, o, why) : null;

    private static ApiError Forbidden(ResourceDefinition kind, JsonObject o, string why) =>
        new(ApiReason.Forbidden, $"{kind.Resource} \"{(string?)o["metadata"]?["name"]}\" is forbidden: {why}");

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
